"""Messages in: Socket Mode, where an envelope is confirmed only once it is stored."""

import asyncio
import contextlib
import logging
from dataclasses import replace

from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.commands import Menu
from bridge.core.errors import BridgeError, Denied, Retryable
from bridge.core.model import Message
from bridge.core.ports import Accept
from bridge.platforms.slack.api import TOKENS, translated
from bridge.platforms.slack.connections import Connections
from bridge.platforms.slack.order import Order
from bridge.platforms.slack.parse import Body, opens_pane, parse
from bridge.platforms.slack.patience import Patience
from bridge.platforms.slack.people import People
from bridge.platforms.slack.transfer import Transfer

log = logging.getLogger(__name__)
_bolt_log = logging.getLogger("slack_bolt.bridge")
_bolt_log.setLevel(logging.ERROR)  # below, it tells of tokens in the environment and of sessions

_GLANCE = 2.0  # seconds for a look into a chat
_STORED = BoltResponse(status=200, body="")
_NOT_STORED = BoltResponse(status=503, body="")  # no confirmation: Slack sends it again


class Socket:
    """Receives the deliveries of one app.

    slack-bolt confirms an event before its listeners run, so there are none: what
    arrives is stored in `before_authorize`, which is awaited before the confirmation.
    """

    def __init__(
        self,
        channel: str,
        client: AsyncWebClient,
        app_token: str,
        *,
        menu: Menu,
        people: People,
        transfer: Transfer,
    ) -> None:
        self.me = ""  # the bot's user id
        self.menu = menu
        self._channel, self._client = channel, client
        self._people, self._transfer = people, transfer
        self._order, self._patience = Order(), Patience(channel)
        self._connections = Connections(client, app_token, self._patience)

    @property
    def trouble(self) -> str:
        """Why no connection works; empty as long as one does."""
        return "" if self._connections.open else self._patience.trouble

    async def whoami(self) -> str:
        """The bot's name and workspace, by both tokens; raises like a call of the adapter."""
        with translated():
            me = await self._client.auth_test()
        await self._connections.address()
        return f"{me['user']} in {me['team']}"

    async def run(self, accept: Accept) -> None:
        """Pass on deliveries until cancelled.

        Raises:
            Denied: a token is wrong.
        """
        await self._patience.insist(self._meet)

        async def take(body: Body) -> BoltResponse:
            return await self._take(body, accept)

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
            self._patience.trouble = "disconnected"
            raise

    async def _take(self, body: Body, accept: Accept) -> BoltResponse:
        """Store what a delivery means; only then is it confirmed."""
        try:
            message = parse(body, self._channel, self.me, self.menu, self._people.name)
        except Exception:
            log.exception("a delivery cannot be read", extra={"channel": self._channel})
            return _STORED  # to refuse it would only bring it back
        if message is None:
            return _STORED
        refusal = None
        try:
            async with self._order.place(message.address.chat) as first:
                wanted = not opens_pane(message) or await self._empty(message)
                message = await self._completed(message)
                await first()
                if wanted:
                    refusal = await accept(message)
        except Retryable as error:
            log.warning("not stored", extra={"channel": self._channel, "error": str(error)})
            return _NOT_STORED
        if refusal:
            await self._tell(message, refusal)
        return _STORED

    async def _tell(self, message: Message, sentence: str) -> None:
        """Say something to who pressed a button, for their eyes alone. It may fail."""
        to = message.address
        with contextlib.suppress(BridgeError, TimeoutError), translated():
            async with asyncio.timeout(_GLANCE):
                await self._client.chat_postEphemeral(
                    channel=to.chat, thread_ts=to.thread, user=message.user.id, text=sentence
                )

    async def _completed(self, message: Message) -> Message:
        """The message, with what Slack tells of its writer and its files when it is asked.

        Nobody is asked for who may not even speak to the bot.
        """
        user, files = await asyncio.gather(
            self._people.introduced(message.user, ask=message.addressed),
            self._transfer.told(message.files),
        )
        return replace(message, user=user, files=files)

    async def _empty(self, message: Message) -> bool:
        """Whether nothing was said yet in a chat: only then is somebody welcomed who opens it."""
        try:
            async with asyncio.timeout(_GLANCE):
                with translated("im:history"):
                    said = await self._client.conversations_history(
                        channel=message.address.chat, limit=1
                    )
        except (BridgeError, TimeoutError) as error:
            log.info("nobody is welcomed", extra={"error": str(error)})
            return False
        return not said["messages"]

    async def _meet(self) -> None:
        """Ask Slack who we are."""
        with translated():
            me = await self._client.auth_test()
        if not me.get("user_id"):  # it is the app's own token
            raise Denied(f"Slack: {TOKENS}")
        self.me = me["user_id"]
