"""Shows that the bot is at work."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from bridge.core.errors import BridgeError, RateLimited
from bridge.core.model import Address
from bridge.flow.present import Screen, Stage


@asynccontextmanager
async def typing(stage: Stage, to: Address, screen: Screen) -> AsyncGenerator[None, None]:
    """While the block runs, show that the bot is at work, until there is something to read."""
    task, leaving = asyncio.create_task(_keep_typing(stage, to, screen)), False
    try:
        yield
    except asyncio.CancelledError:  # a successor goes on at once
        leaving = True
        raise
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if not (screen.begun or leaving):
            with suppress(BridgeError):
                await stage.adapter.idle(to)


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
