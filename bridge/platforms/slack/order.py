"""What came first is passed on first, however long it takes to find out more about it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable


class Order:
    """The order of arrival, in each chat of its own."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Event] = {}

    @contextlib.asynccontextmanager
    async def place(self, chat: str) -> AsyncGenerator[Callable[[], Awaitable[object]], None]:
        """Take the last place in a chat; await what is yielded for it to be the first."""
        before, mine = self._last.get(chat, _nobody()), asyncio.Event()
        self._last[chat] = mine
        try:
            yield before.wait
        finally:
            mine.set()
            if self._last.get(chat) is mine:
                del self._last[chat]


def _nobody() -> asyncio.Event:
    gone = asyncio.Event()
    gone.set()
    return gone
