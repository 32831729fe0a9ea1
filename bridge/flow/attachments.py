"""The files of an answer: fetched while it grows, gone from our disk when it is shown."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TypeAlias

from bridge.core.errors import BridgeError, Rejected
from bridge.core.model import Media

log = logging.getLogger(__name__)

Fetch: TypeAlias = Callable[[str], Awaitable[Media]]
"""Brings what is behind an address to our disk; raises BridgeError where it cannot."""


class Attachments:
    """What is behind the links of one reply."""

    def __init__(self, fetch: Fetch | None, shown: Iterable[str] = ()) -> None:
        self._fetch = fetch
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._media: dict[str, Media] = {}
        self._fetched = dict.fromkeys(shown, True)

    @property
    def fetched(self) -> dict[str, bool] | None:
        """Of each address that is decided whether there is a file; None: nothing is fetched."""
        return self._fetched if self._fetch else None

    def want(self, urls: Iterable[str], changed: Callable[[], None]) -> None:
        """Begin to fetch what is new; `changed` is called as each is decided."""
        if self._fetch:
            for url in urls:
                if url not in self._tasks and url not in self._fetched:
                    task = asyncio.create_task(self._bring(self._fetch, url))
                    task.add_done_callback(lambda _: changed())
                    self._tasks[url] = task

    async def decided(self, urls: Iterable[str]) -> None:
        """Wait until these are there, or will not come."""
        if tasks := [self._tasks[url] for url in urls if url in self._tasks]:
            await asyncio.wait(tasks)

    def media(self, url: str) -> Media:
        """The file behind an address, once it is there.

        Raises:
            Rejected: it is not; the one that stood in the chat was another process's.
        """
        if url not in self._media:
            raise Rejected("not on our disk")
        return self._media[url]

    def refuse(self, url: str) -> None:
        """The platform does not take this file: the link stays a link."""
        self._fetched[url] = False

    async def close(self) -> None:
        """Fetch no more, and remove what was fetched."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._remove()

    def _remove(self) -> None:
        for media in self._media.values():
            with contextlib.suppress(OSError):
                Path(media.path).unlink()
        self._media.clear()

    async def _bring(self, fetch: Fetch, url: str) -> None:
        try:
            self._media[url] = await fetch(url)
        except BridgeError as error:
            log.info("a link stays a link", extra={"error": str(error)})
            self._fetched[url] = False
        else:
            self._fetched[url] = True
