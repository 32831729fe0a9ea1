"""Calls a simulated Slack with the real SDK, and holds plain Socket Mode sockets."""

import contextlib
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bridge.sandbox.slack import SlackSimulator
from bridge.wire.serve import serve

GENERAL = "C0GENERAL"


@contextlib.asynccontextmanager
async def client_of(slack: SlackSimulator) -> AsyncIterator[AsyncWebClient]:
    """Serves `slack` and yields the app's client of it."""
    async with serve(slack.app) as url:
        yield AsyncWebClient("xoxb-sandbox", base_url=f"{url}/api/")


async def call(client: AsyncWebClient, method: str, /, **args: object) -> Any:
    """The answer to a call with JSON; the SDK's own methods warn about calls without text."""
    return await client.api_call(method, json=args)


async def refused(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """The answer that refuses `call`."""
    with pytest.raises(SlackApiError) as caught:
        await call
    response = caught.value.response
    assert isinstance(response, AsyncSlackResponse)
    return response


async def error(call: Awaitable[AsyncSlackResponse]) -> str:
    """The code with which `call` is refused."""
    return str((await refused(call))["error"])


@contextlib.asynccontextmanager
async def bolt(app: AsyncApp) -> AsyncIterator[None]:
    """Runs `app` on one Socket Mode connection."""
    handler = AsyncSocketModeHandler(app, "xapp-sandbox")
    await handler.connect_async()
    try:
        yield
    finally:
        await handler.close_async()


class Socket:
    """One Socket Mode connection that acknowledges only what it is told to."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self.websocket = websocket

    async def frame(self) -> dict[str, Any]:
        """The next frame."""
        frame = await self.websocket.receive_json(timeout=30)
        assert isinstance(frame, dict)
        return frame

    async def ack(self, frame: dict[str, Any], **payload: object) -> None:
        """Acknowledges `frame`, with a payload if there is one."""
        answer = {"envelope_id": frame["envelope_id"]}
        await self.websocket.send_json(answer | ({"payload": payload} if payload else {}))


@contextlib.asynccontextmanager
async def socket(client: AsyncWebClient, url: str | None = None) -> AsyncIterator[Socket]:
    """A socket at a fresh URL, or at `url`, before its hello."""
    if url is None:
        url = (await client.apps_connections_open(app_token="xapp-sandbox"))["url"]
    async with aiohttp.ClientSession() as session, session.ws_connect(str(url)) as websocket:
        yield Socket(websocket)


@contextlib.asynccontextmanager
async def listening(client: AsyncWebClient) -> AsyncIterator[Socket]:
    """A socket that has been greeted."""
    async with socket(client) as ear:
        assert (await ear.frame())["type"] == "hello"
        yield ear


def events(slack: SlackSimulator, *types: str) -> list[dict[str, Any]]:
    """The events of these types, or of all, that left for the app, oldest first."""
    bodies = [sent.envelope.payload for sent in slack.deliveries if sent.envelope.event_id]
    return [body["event"] for body in bodies if not types or body["event"]["type"] in types]


def payload(slack: SlackSimulator) -> dict[str, Any]:
    """What left for the app last."""
    return slack.deliveries[-1].envelope.payload


def plain(text: str) -> dict[str, Any]:
    """A text object."""
    return {"type": "plain_text", "text": text}
