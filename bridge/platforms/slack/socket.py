"""Messages in: Socket Mode, where an envelope is confirmed only once it is stored."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.commands import Menu
from bridge.core.errors import BridgeError, Denied, Fatal, Retryable, Unavailable
from bridge.core.model import Message
from bridge.core.ports import Accept
from bridge.platforms.slack.api import TOKENS, translated
from bridge.platforms.slack.order import Order
from bridge.platforms.slack.parse import Body, opens_pane, parse
from bridge.platforms.slack.people import People
from bridge.platforms.slack.transfer import Transfer

log = logging.getLogger(__name__)
_bolt_log = logging.getLogger("slack_bolt.bridge")
_bolt_log.setLevel(logging.ERROR)  # below, it tells of tokens in the environment and of sessions

_AGAIN = 5.0  # seconds before Slack is called again
_LOOK_EVERY = 2.0  # seconds between two looks at the connection
_PATIENCE = 20.0  # seconds without a connection after which a new handler is made
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
        self.trouble = "not connected yet"
        self.me = ""  # the bot's user id
        self.menu = menu
        self._channel, self._client, self._app_token = channel, client, app_token
        self._people, self._transfer = people, transfer
        self._order = Order()

    async def whoami(self) -> str:
        """The bot's name and workspace, by both tokens; raises like a call of the adapter."""
        with translated():
            me = await self._client.auth_test()
            await self._client.apps_connections_open(app_token=self._app_token)
        return f"{me['user']} in {me['team']}"

    async def run(self, accept: Accept) -> None:
        """Pass on deliveries until cancelled.

        Raises:
            Denied: a token is wrong.
        """
        await self._patiently(self._meet)

        async def take(body: Body) -> BoltResponse:
            return await self._take(body, accept)

        app = AsyncApp(
            client=self._client,
            before_authorize=take,
            request_verification_enabled=False,
            logger=_bolt_log,
        )
        while True:
            handler = AsyncSocketModeHandler(app, self._app_token)
            try:
                await self._patiently(lambda: self._connect(handler))  # noqa: B023 - awaited here
                await self._until_lost(handler)
            except asyncio.CancelledError:
                self.trouble = "disconnected"
                raise
            finally:
                with contextlib.suppress(Exception):
                    await handler.close_async()

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

    async def _patiently(self, step: Callable[[], Awaitable[Any]]) -> None:
        """Do a step, again and again while Slack is away."""
        while True:
            try:
                await step()
            except Fatal as error:
                self.trouble = str(error)
                raise Denied(self.trouble) from error
            except Retryable as error:
                if str(error) != self.trouble:
                    log.warning("%s; trying again", error, extra={"channel": self._channel})
                self.trouble = str(error)
                await asyncio.sleep(_AGAIN)
            else:
                return

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
        clock = asyncio.get_running_loop().time
        seen = clock()
        while clock() - seen < _PATIENCE:
            if await handler.client.is_connected():
                seen, self.trouble = clock(), ""
            else:
                self.trouble = "the Socket Mode connection is lost"
            await asyncio.sleep(_LOOK_EVERY)
        log.warning("%s; making another", self.trouble, extra={"channel": self._channel})
