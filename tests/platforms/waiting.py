"""Wait for what rings no bell, reach nobody, and listen for a while."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from bridge.core.model import Message
from bridge.core.ports import Accept, Adapter

T = TypeVar("T")


async def until(predicate: Callable[[], T], *, within: float = 20.0) -> T:
    """The first true value of `predicate`."""
    async with asyncio.timeout(within):
        while not (value := predicate()):  # noqa: ASYNC110 - it rings no bell
            await asyncio.sleep(0.01)
    return value


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


class Heard:
    """An `Accept` that keeps what it is given; `refuse` is raised first, one by one."""

    def __init__(self, *refuse: Exception) -> None:
        self.messages: list[Message] = []
        self.offered: list[str] = []
        self._refuse = [*refuse]

    async def __call__(self, message: Message) -> None:
        self.offered.append(message.text)
        if self._refuse:
            raise self._refuse.pop(0)
        self.messages.append(message)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages]


@contextlib.asynccontextmanager
async def listening(adapter: Adapter, accept: Accept) -> AsyncIterator[asyncio.Task[None]]:
    """Listens until the block ends."""
    task = asyncio.create_task(adapter.listen(accept))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
