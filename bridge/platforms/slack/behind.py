"""In which chats something may be missing."""

import asyncio
import contextlib
from collections.abc import Collection

_PATIENCE = 1.5  # seconds that a message waits for what was said before it; Slack waits for three


class Behind:
    """What `Backfill` has to do, and what waits for it."""

    def __init__(self) -> None:
        self.doubt = asyncio.Event()  # something may be missing anywhere
        self._chats: Collection[str] = ()
        self._until = 0.0  # on the clock of the loop
        self._fewer = asyncio.Event()

    def suspect(self) -> None:
        """Something may have been said that did not come, anywhere."""
        self.doubt.set()
        self._until = asyncio.get_running_loop().time() + _PATIENCE

    def only(self, chats: Collection[str]) -> None:
        """Of those that were known something may still be missing in these."""
        self._chats = chats
        fewer, self._fewer = self._fewer, asyncio.Event()
        fewer.set()

    def __contains__(self, chat: str) -> bool:
        return self.doubt.is_set() or chat in self._chats

    async def leave(self, chat: str) -> None:
        """Return when nothing is missing in a chat, but soon after a doubt arose at the latest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._until):
                while chat in self:
                    await self._fewer.wait()
