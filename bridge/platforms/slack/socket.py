"""Messages in: Socket Mode, where an envelope is confirmed only once it is stored."""

import asyncio
import contextlib
import logging

from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.errors import Unavailable
from bridge.core.ports import Accept
from bridge.platforms.slack.api import translated
from bridge.platforms.slack.arrival import Arrivals
from bridge.platforms.slack.parse import Body

log = logging.getLogger(__name__)
_bolt_log = logging.getLogger("slack_bolt.bridge")
_bolt_log.setLevel(logging.ERROR)  # below, it tells of tokens in the environment and of sessions

_LOOK_EVERY = 2.0  # seconds between two looks at the connection
_PATIENCE = 20.0  # seconds without a connection after which a new handler is made
_STORED = BoltResponse(status=200, body="")
_NOT_STORED = BoltResponse(status=503, body="")  # no confirmation: Slack sends it again


class Socket:
    """Receives the deliveries of one app.

    slack-bolt confirms an event before its listeners run, so there are none: what
    arrives is stored in `before_authorize`, which is awaited before the confirmation.
    """

    def __init__(self, arrivals: Arrivals, client: AsyncWebClient, app_token: str) -> None:
        self._arrivals, self._client, self._app_token = arrivals, client, app_token

    async def whoami(self) -> str:
        """The bot's name and workspace, by both tokens; raises like a call of the adapter."""
        me = await self._arrivals.whoami()
        with translated():
            await self._client.apps_connections_open(app_token=self._app_token)
        return me

    async def run(self, accept: Accept) -> None:
        """Pass on deliveries until cancelled.

        Raises:
            Denied: a token is wrong.
        """
        arrivals = self._arrivals
        await arrivals.meet()

        async def take(body: Body) -> BoltResponse:
            return _STORED if await arrivals.take(body, accept) else _NOT_STORED

        app = AsyncApp(
            client=self._client,
            before_authorize=take,
            request_verification_enabled=False,
            logger=_bolt_log,
        )
        while True:
            handler = AsyncSocketModeHandler(app, self._app_token)
            try:
                await arrivals.patiently(lambda: self._connect(handler))  # noqa: B023 - awaited here
                await self._until_lost(handler)
            except asyncio.CancelledError:
                arrivals.trouble = "disconnected"
                raise
            finally:
                with contextlib.suppress(Exception):
                    await handler.close_async()

    async def _connect(self, handler: AsyncSocketModeHandler) -> None:
        """Connect to a fresh address; slack_sdk would try a refused one for ever."""
        with translated():
            opened = await self._client.apps_connections_open(app_token=self._app_token)
        handler.client.wss_uri = opened["url"]
        try:
            async with asyncio.timeout(_PATIENCE):
                await handler.connect_async()
        except TimeoutError as error:
            raise Unavailable("Slack: the Socket Mode connection is refused") from error

    async def _until_lost(self, handler: AsyncSocketModeHandler) -> None:
        """Watch the connection; return once the handler does not bring it back by itself.

        It may try one single-use address for ever; only a new handler asks for another.
        """
        arrivals, clock = self._arrivals, asyncio.get_running_loop().time
        seen = clock()
        while clock() - seen < _PATIENCE:
            if await handler.client.is_connected():
                seen, arrivals.trouble = clock(), ""
            else:
                arrivals.trouble = "the Socket Mode connection is lost"
            await asyncio.sleep(_LOOK_EVERY)
        log.warning("%s; making another", arrivals.trouble, extra={"channel": arrivals.channel})
