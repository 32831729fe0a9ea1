"""A Slack adapter in front of a simulated Slack."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from bridge.core.model import Address
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackSimulator
from bridge.wire.serve import serve

GENERAL, DIRECT, ANN, BOT = "C0GENERAL", "D0ANN", "U0ANN", "<@U0BOT>"


@contextlib.asynccontextmanager
async def adapter_at(
    url: str, *, bot: str = "xoxb-sandbox", app: str = "xapp-sandbox", **settings: Any
) -> AsyncIterator[SlackAdapter]:
    """An adapter of the Slack at `url`."""
    adapter = SlackAdapter("slack", bot, app, api_base=f"{url}/api/", **settings)
    try:
        yield adapter
    finally:
        await adapter.aclose()


@contextlib.asynccontextmanager
async def adapter_of(slack: SlackSimulator, **settings: Any) -> AsyncIterator[SlackAdapter]:
    """Serves `slack` and yields an adapter of it."""
    async with serve(slack.app) as url, adapter_at(url, **settings) as adapter:
        yield adapter


def to(thread: str | None = None, *, chat: str = GENERAL, only_for: str | None = None) -> Address:
    """An address in the workspace."""
    return Address("slack", chat, thread, only_for=only_for)
