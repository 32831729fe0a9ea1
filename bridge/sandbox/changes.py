"""Wait for something to become true in a simulator, without polling."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """A bell that a simulator rings whenever what a user could see has changed."""

    def __init__(self) -> None:
        self._watchers: set[asyncio.Event] = set()

    def notify(self) -> None:
        """Wake everyone who waits."""
        for watcher in self._watchers:
            watcher.set()

    async def next(self) -> None:
        """Wait for the next change."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            await watcher.wait()
        finally:
            self._watchers.discard(watcher)

    async def until(self, predicate: Callable[[], T], *, within: float = 20.0) -> T:
        """Return the first true value of `predicate`, asked anew after each change.

        Raises:
            TimeoutError: it did not become true `within` so many seconds.
        """
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            async with asyncio.timeout(within):
                while not (value := predicate()):
                    await watcher.wait()
                    watcher.clear()
                return value
        finally:
            self._watchers.discard(watcher)
