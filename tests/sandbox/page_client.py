"""Asks the sandbox's page as its browser would."""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from bridge.sandbox.page import page_app
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve

GENERAL = "C0GENERAL"
STOP = {"type": "button", "text": {"type": "plain_text", "text": "Stop"}, "value": "7"}


@contextlib.asynccontextmanager
async def page_of(
    telegram: TelegramSimulator, slack: SlackSimulator
) -> AsyncIterator[httpx.AsyncClient]:
    """Serves the page of both simulators and yields a client of it."""
    app = page_app(telegram, slack, note="simulated Coze")
    async with serve(app) as url, httpx.AsyncClient(base_url=url, timeout=30.0) as page:
        yield page


async def snapshots(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The snapshots of a stream as they come."""
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))
