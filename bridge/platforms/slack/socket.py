"""Messages in: Socket Mode, where an envelope is confirmed only once it is stored."""

import asyncio
import logging

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.ports import Accept
from bridge.platforms.slack.connections import Connections
from bridge.platforms.slack.hearing import Hears
from bridge.platforms.slack.parse import Body

log = logging.getLogger(__name__)
_bolt_log = logging.getLogger("slack_bolt.bridge")
_bolt_log.setLevel(logging.ERROR)  # below, it tells of tokens in the environment and of sessions

_STORED = BoltResponse(status=200, body="")
_NOT_STORED = BoltResponse(status=503, body="")  # no confirmation: Slack sends it again


class Socket:
    """Receives the deliveries of one app.

    slack-bolt confirms an event before its listeners run, so there are none: what
    arrives is stored in `before_authorize`, which is awaited before the confirmation.
    """

    def __init__(self, arrivals: Hears, client: AsyncWebClient, app_token: str) -> None:
        self._arrivals, self._client = arrivals, client
        self._connections = Connections(client, app_token, arrivals.patience, arrivals.behind)

    @property
    def trouble(self) -> str:
        """Why no connection works; empty as long as one does."""
        return "" if self._connections.open else self._arrivals.patience.trouble

    async def whoami(self) -> str:
        """The bot's name and workspace, by both tokens; raises like a call of the adapter."""
        me = await self._arrivals.whoami()
        await self._connections.address()
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

        async def hear(body: Body) -> bool:
            request = AsyncBoltRequest(mode="socket_mode", body={**body})
            return (await app.async_dispatch(request)).status == _STORED.status

        try:
            await self._connections.run(hear)
        except asyncio.CancelledError:
            arrivals.patience.trouble = "disconnected"
            raise
