"""A stream of server-sent events, as an endpoint gives it back."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Self


class EventStream(AsyncIterator[bytes]):
    """The events of something that goes on by itself; for one reader."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()  # None: there are no more

    @property
    def headers(self) -> Mapping[str, str]:
        """Those of the response."""
        return {"content-type": "text/event-stream"}

    def die(self) -> None:
        """End as failed at once."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """The next event."""
        if (event := await self._queue.get()) is None:
            raise StopAsyncIteration
        return event
