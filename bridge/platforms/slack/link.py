"""One WebSocket of Socket Mode."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self, TypeAlias

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.errors import Unavailable

log = logging.getLogger(__name__)

Envelope: TypeAlias = Mapping[str, Any]
Hear: TypeAlias = Callable[[Envelope], Awaitable[bool]]

_PATIENCE = 20.0  # seconds for a handshake, and for Slack to greet
_PING = 20.0  # seconds between two pings; without an answer in half of them Slack is gone
_FAREWELL = 10.0  # seconds in which a connection that was replaced may still confirm
_REFUSED = "Slack: the Socket Mode connection is refused"


class Link:
    """A connection that Slack has greeted; once it is `spent` another must take its place."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        self.spent = asyncio.Event()
        self.deaf = False  # it answers pings, but brings nothing
        self.silent = True  # it has brought nothing yet
        self.since = time.time()
        self._websocket = websocket

    @classmethod
    async def open(cls, url: str, client: AsyncWebClient) -> Self:
        """Connect to an address, which is good for one try.

        Raises:
            Unavailable: Slack does not let us in.
        """
        assert client.session  # noqa: S101 - see `make_client`
        try:
            async with asyncio.timeout(_PATIENCE):
                websocket = await client.session.ws_connect(
                    url, heartbeat=_PING, proxy=client.proxy, ssl=client.ssl or True
                )
                link = cls(websocket)
                try:
                    await link._greet()
                except BaseException:
                    await link.close()
                    raise
        except (TimeoutError, OSError, aiohttp.ClientError, ValueError) as error:
            raise Unavailable(_REFUSED) from error
        return link

    async def _greet(self) -> None:
        greeting = await self._websocket.receive_json()
        if greeting.get("type") != "hello":
            raise Unavailable(f"{_REFUSED}: {greeting.get('reason')}")

    async def read(self, hear: Hear) -> None:
        """Pass on what arrives until the connection ends; what `hear` takes is confirmed."""
        async with asyncio.TaskGroup() as hearing:
            async for frame in self._websocket:
                match _body(frame):
                    case {"type": "disconnect", **said}:
                        log.info("Slack ends a connection: %s", said.get("reason"))
                        self.spent.set()
                    case {"envelope_id": str(), "payload": dict()} as envelope:
                        self.silent = False
                        hearing.create_task(self._answer(envelope, hear))
            self.spent.set()
        await self.close()

    async def _answer(self, envelope: Envelope, hear: Hear) -> None:
        try:
            taken = await hear(envelope)
        except Exception:
            log.exception("a fault in the bridge")
            return
        if taken:
            # Of a connection that has ended Slack sends again what was not confirmed.
            with contextlib.suppress(OSError, aiohttp.ClientError):
                await self._websocket.send_json({"envelope_id": envelope["envelope_id"]})

    async def leave(self) -> None:
        """Close the connection, but not before what it has brought can be confirmed."""
        await asyncio.sleep(0 if self.deaf else _FAREWELL)
        await self.close()

    async def close(self) -> None:
        """Close the connection now. Idempotent."""
        with contextlib.suppress(OSError, aiohttp.ClientError):
            await self._websocket.close()


def _body(frame: aiohttp.WSMessage) -> Envelope:
    """What a frame says; nothing where Slack only chats: "Ping from …"."""
    with contextlib.suppress(ValueError):
        said = json.loads(frame.data) if frame.type is aiohttp.WSMsgType.TEXT else None
        return said if isinstance(said, dict) else {}
    return {}
