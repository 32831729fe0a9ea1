"""Shows that the bot is at work."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from bridge.core.errors import BridgeError
from bridge.core.model import Address
from bridge.core.ports import Adapter
from bridge.flow.present import Screen


@asynccontextmanager
async def typing(adapter: Adapter, to: Address, screen: Screen) -> AsyncGenerator[None, None]:
    """While the block runs, show that the bot is at work, until there is something to read."""
    task = asyncio.create_task(_keep_typing(adapter, to, screen))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_typing(adapter: Adapter, to: Address, screen: Screen) -> None:
    every = adapter.limits(to).typing_every
    while not screen.shown:
        with suppress(BridgeError):  # it is only a courtesy
            await adapter.typing(to)
        await asyncio.sleep(every)
