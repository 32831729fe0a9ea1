"""Between who reads an answer and who draws it."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from bridge.core.model import Reply


class Latest:
    """A slot that keeps only the newest snapshot: who fills it never waits for who draws."""

    def __init__(self) -> None:
        self.reply = Reply()
        self._news, self._words = asyncio.Event(), asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None

    def put(self, reply: Reply) -> None:
        """Replace the snapshot."""
        self.reply = reply
        self._news.set()
        if reply.answers:
            self._words.set()

    def nudge(self) -> None:
        """The same snapshot may look different now."""
        self._news.set()

    def nudge_in(self, seconds: float) -> None:
        """... or will, in so many seconds; this takes the place of what was said before."""
        self.be_quiet()
        self._alarm = asyncio.get_running_loop().call_later(seconds, self.nudge)

    def be_quiet(self) -> None:
        """Forget what `nudge_in` promised."""
        if self._alarm:
            self._alarm.cancel()

    async def changed(self) -> None:
        """Wait until a snapshot has been put since the last call."""
        await self._news.wait()
        self._news.clear()

    async def words(self) -> None:
        """Wait until a snapshot says something."""
        await self._words.wait()


async def before(
    reading: asyncio.Task[Reply],
    step: Awaitable[None],
    overtaken: asyncio.Future[None] | None = None,
) -> bool:
    """Await `step`, unless something ends first: the final text waits for nothing."""
    task = asyncio.ensure_future(step)
    try:
        ends: set[asyncio.Future[Any]] = {task, reading}
        if overtaken:
            ends.add(overtaken)
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        return task.done() and not reading.done()
    finally:
        task.cancel()
