"""Between who reads an answer and who draws it."""

import asyncio

from bridge.core.model import Reply


class Latest:
    """A slot that keeps only the newest snapshot: who fills it never waits for who draws."""

    def __init__(self) -> None:
        self.reply = Reply()
        self._news = asyncio.Event()

    def put(self, reply: Reply) -> None:
        """Replace the snapshot."""
        self.reply = reply
        self._news.set()

    def nudge(self) -> None:
        """The same snapshot may look different now."""
        self._news.set()

    async def changed(self) -> None:
        """Wait until a snapshot has been put since the last call."""
        await self._news.wait()
        self._news.clear()
