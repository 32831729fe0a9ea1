"""Shows that the bot is at work."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bridge.core.errors import BridgeError, RateLimited
from bridge.core.model import Address
from bridge.flow.present import Screen, Stage


@asynccontextmanager
async def typing(stage: Stage, to: Address, screen: Screen) -> AsyncGenerator[None, None]:
    """While the block runs, show that the bot is at work, until there is something to read."""
    task = asyncio.create_task(_keep_typing(stage, to, screen))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_typing(stage: Stage, to: Address, screen: Screen) -> None:
    every, budgets = stage.adapter.limits(to).typing_every, stage.adapter.budgets("post", to)
    while not screen.begun:
        if not stage.throttle.pauses(budgets):
            try:
                await stage.adapter.typing(to)
            except RateLimited as limit:
                await stage.throttle.close(budgets[0], limit.retry_after)
            except BridgeError:
                pass  # it is only a courtesy
        await asyncio.sleep(every)
