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

GENERAL, DIRECT = "C0GENERAL", "D0ANN"
ANN, BO, TEAM = 501, 502, -1001
STOP = {"type": "button", "text": {"type": "plain_text", "text": "Stop"}, "value": "7"}

File = tuple[str, str, bytes]
"""Name, media type and content."""


@contextlib.asynccontextmanager
async def page_of(
    telegram: TelegramSimulator, slack: SlackSimulator
) -> AsyncIterator[httpx.AsyncClient]:
    """Serves the page of both simulators and yields a client of it."""
    app = page_app(telegram, slack, note="simulated Coze")
    async with serve(app) as url, httpx.AsyncClient(base_url=url, timeout=30.0) as page:
        yield page


async def done(page: httpx.AsyncClient, path: str, /, **body: object) -> None:
    """Does something at the page."""
    response = await page.post(path, json=body)
    assert response.status_code == 204, response.text


async def bring(
    page: httpx.AsyncClient,
    path: str,
    /,
    *files: File,
    headers: dict[str, str] | None = None,
    **body: Any,
) -> httpx.Response:
    """Posts files behind a line of JSON."""
    told = [{"name": name, "type": kind, "size": len(data)} for name, kind, data in files]
    content = b"".join(data for _, _, data in files)
    return await page.post(
        path,
        content=json.dumps({**body, "files": told}).encode() + b"\n" + content,
        headers={"Content-Type": "application/octet-stream"} | (headers or {}),
    )


async def send(page: httpx.AsyncClient, path: str, /, *files: File, **body: Any) -> None:
    """Likewise, and it is taken."""
    response = await bring(page, path, *files, **body)
    assert response.status_code == 204, response.text


async def snapshots(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """The snapshots of a stream as they come."""
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))
