"""A Telegram adapter in front of a simulated Telegram."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from bridge.core.model import Address
from bridge.ops.http import operators_app
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve
from tests.platforms.waiting import free_port

TOKEN = "100:sandbox-token"
ANN = 501
TEAM = -1001
PRIVATE = Address("telegram", str(ANN))
DOOR = "/telegram/telegram"
GROUP = Address("telegram", str(TEAM))


@contextlib.asynccontextmanager
async def adapter_at(url: str, token: str = TOKEN, **how: Any) -> AsyncIterator[TelegramAdapter]:
    """An adapter of the Bot API at `url`."""
    adapter = TelegramAdapter("telegram", token, api_base=url, **how)
    try:
        yield adapter
    finally:
        await adapter.aclose()


@contextlib.asynccontextmanager
async def adapter_of(
    telegram: TelegramSimulator, token: str = TOKEN, **how: Any
) -> AsyncIterator[TelegramAdapter]:
    """Serves `telegram` and yields an adapter of it."""
    async with serve(telegram.app) as url, adapter_at(url, token, **how) as adapter:
        yield adapter


@contextlib.asynccontextmanager
async def hooked(telegram: TelegramSimulator) -> AsyncIterator[TelegramAdapter]:
    """An adapter that `telegram`, which takes webhooks anywhere, posts to."""

    async def nothing() -> dict[str, Any]:
        return {}

    port = free_port()
    webhook = f"http://127.0.0.1:{port}{DOOR}"
    async with adapter_of(telegram, webhook=webhook) as adapter:
        assert adapter.http
        async with serve(operators_app(nothing, nothing, {DOOR: adapter.http}), port=port):
            yield adapter
