"""What Slack delivers, whichever way it comes: understood, completed, and stored."""

import asyncio
import contextlib
import logging
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.commands import Menu
from bridge.core.errors import BridgeError, Denied, Retryable
from bridge.core.model import Message
from bridge.core.ports import Accept, Place, Places
from bridge.platforms.slack.about import About
from bridge.platforms.slack.api import TOKENS, translated
from bridge.platforms.slack.behind import Behind
from bridge.platforms.slack.order import Order
from bridge.platforms.slack.parse import Body, asks_about, opens_pane, parse
from bridge.platforms.slack.people import People
from bridge.platforms.slack.transfer import Transfer
from bridge.wire.patience import Patience

log = logging.getLogger(__name__)

_GLANCE = 2.0  # seconds for a look into a chat


class Arrivals:
    """What one app hears, and why it may not hear anything."""

    def __init__(
        self,
        channel: str,
        client: AsyncWebClient,
        *,
        menu: Menu,
        people: People,
        transfer: Transfer,
        places: Places,
        about: About,
    ) -> None:
        self.patience, self.behind = Patience(channel), Behind()
        self.me = ""  # the bot's user id
        self.menu = menu
        self.channel, self._client = channel, client
        self._people, self._transfer, self._about = people, transfer, about
        self._places, self._order = places, Order()
        self._telling: set[asyncio.Task[None]] = set()  # a press has to be confirmed meanwhile

    async def aclose(self) -> None:
        """Tell nobody anything any more."""
        for telling in self._telling:
            telling.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def whoami(self) -> str:
        """The bot's name and workspace; raises like a call of the adapter."""
        with translated():
            me = await self._client.auth_test()
        return f"{me['user']} in {me['team']}"

    async def take(self, body: Body, accept: Accept) -> bool:
        """Store what a delivery means; False if it is not stored, and has to come again."""
        if asks_about(body):
            await self._open_form(body)
            return True
        message = self._understood(body)
        if message is None:
            return True
        refusal, chat = None, message.address.chat
        try:
            async with self._order.place(chat) as first:
                wanted = not opens_pane(message) or await self._empty(message)
                message = await self._completed(message)
                if not message.command:  # which overtakes what people say
                    await self.behind.leave(chat)
                await first()
                if wanted:
                    refusal = await accept(message)
                await self._note(body, message, whole=chat not in self.behind)
        except Retryable as error:
            log.warning("not stored", extra={"channel": self.channel, "error": str(error)})
            self.behind.suspect()  # Slack does not bring it again for ever
            return False
        except Exception:
            log.exception("a fault in the bridge", extra={"channel": self.channel})
            return False
        if refusal:
            telling = asyncio.create_task(self._tell(message, refusal))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)
        return True

    async def recover(self, body: Body, accept: Accept) -> bool:
        """Store a message that was missed; whether it is for the bot. Raises like `accept`."""
        message = self._understood(body)
        if message is None:
            return False
        await accept(await self._completed(message))
        await self._note(body, message, whole=True)
        return True

    async def _open_form(self, body: Body) -> None:
        """Somebody wants to ask about a message: the form is gone within seconds, or it is not."""
        try:
            await self._about.open(body, self.me)
        except Exception:
            log.exception("a form cannot be opened", extra={"channel": self.channel})

    def _understood(self, body: Body) -> Message | None:
        """What a delivery means; to refuse what cannot be read would only bring it back."""
        try:
            return parse(body, self.channel, self.me, self.menu, self._people.name)
        except Exception:
            log.exception("a delivery cannot be read", extra={"channel": self.channel})
            return None

    async def _note(self, body: Body, message: Message, *, whole: bool) -> None:
        """Note that something was said, and where, so that it is not fetched."""
        said, to = body.get("event") or {}, message.address
        if not to.thread or "ts" not in said:
            return
        team = body.get("team_id") or ""
        places = [Place(team, to.chat, to.thread)]
        if to.thread == said["ts"]:
            places.append(Place(team, to.chat))
        await self._places.heard(self.channel, float(said["ts"]), places, whole=whole)

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

    async def meet(self) -> None:
        """Ask Slack who we are, until it answers.

        Raises:
            Denied: the bot's token is wrong.
        """
        await self.patience.insist(self._ask)

    async def _ask(self) -> None:
        with translated():
            me = await self._client.auth_test()
        if not me.get("user_id"):  # it is the app's own token
            raise Denied(f"Slack: {TOKENS}")
        self.me = me["user_id"]
