"""What Telegram tells a bot, whichever way it comes: understood, and stored."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import telegram
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bridge.core.commands import Menu
from bridge.core.errors import Denied, RateLimited, Retryable, Unavailable
from bridge.core.model import Message
from bridge.core.ports import Accept
from bridge.core.texts import say
from bridge.platforms.telegram.api import OUT_OF_REACH, UNKNOWN_BOT, make_bot, pause_of, translated
from bridge.platforms.telegram.drafts import STOPPED
from bridge.platforms.telegram.menu import Board
from bridge.platforms.telegram.parse import parse
from bridge.wire import never_sent
from bridge.wire.patience import Patience

log = logging.getLogger(__name__)

T = TypeVar("T")

WANTED = [
    *("message", "edited_message", "callback_query", "message_reaction", "my_chat_member"),
    STOPPED,
]
_PATIENCE = 1.0  # seconds that a press waits to be told what is wrong with it
_THANKED = ("up", "why")  # presses that are answered beside the button; 👎 is asked for a reason


class NotStored(Exception):
    """An update is not stored: Telegram must not be told that it has arrived."""


class Updates:
    """What one bot hears, and why it may not hear anything."""

    def __init__(self, channel: str, token: str, api_base: str, menu: Menu) -> None:
        self.patience = Patience(channel)
        self.bot = make_bot(token, api_base)
        self._channel = channel
        self._menu, self._connected = menu, False
        self._board = Board(self.bot)
        self._background: set[asyncio.Task[None]] = set()

    async def whoami(self) -> str:
        """The bot's name; raises like a call of the adapter."""
        with translated():
            return f"@{(await self.bot.get_me()).username}"

    async def meet(self) -> None:
        """Ask Telegram who we are, until it answers.

        Raises:
            Denied: the token is wrong.
        """
        await self.insist(self.bot.initialize)

    def ready(self) -> None:
        """From here on updates arrive."""
        self.patience.tell("")
        self._connected = True
        self._soon(self._board.show(self._menu))

    async def insist(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do what may fail, again and again until it succeeds, and tell why it does not.

        Raises:
            Denied: the token is wrong.
        """

        async def step() -> T:
            try:
                return await work()
            except InvalidToken as error:
                raise Denied(UNKNOWN_BOT) from error
            except RetryAfter as error:
                raise RateLimited(_why(error), retry_after=pause_of(error)) from error
            except (TelegramError, NotStored) as error:
                raise Unavailable(_why(error)) from error

        return await self.patience.insist(step)

    async def take(self, update: telegram.Update, accept: Accept) -> None:
        """Store what an update means; return once it is durable.

        Raises:
            NotStored: it is not, and must come again.
        """
        message = self.understand(update)
        if message is None:
            return
        taken = asyncio.ensure_future(accept(message))
        if update.callback_query:
            self._soon(self._confirm(update.callback_query.id, message, taken))
        try:
            await taken
        except Retryable as error:
            raise NotStored(f"a message could not be stored: {error}") from error
        except Exception as error:
            log.exception("a fault in the bridge", extra={"update": update.update_id})
            raise NotStored(f"a message could not be stored: {error!r}") from error

    def understand(self, update: telegram.Update) -> Message | None:
        """What an update means; nothing, where it cannot be read."""
        message = None
        try:
            message = parse(update, self._channel, self.bot.bot, self._menu)
        except Exception:
            # To refuse it would only bring it back, before everybody else's messages.
            log.exception("an update cannot be read", extra={"update": update.update_id})
        if update.callback_query and message is None:
            self._soon(self.bot.answer_callback_query(update.callback_query.id))
        return message

    async def show_menu(self, menu: Menu) -> None:
        """Know these commands, and show them; before there is a connection, once there is one."""
        self._menu = menu
        if self._connected:
            with translated():
                await self._board.show(menu)

    async def _confirm(
        self, query: str, message: Message, taken: asyncio.Future[str | None]
    ) -> None:
        """Take the waiting mark off a pressed button, with what there is to say to it."""
        await asyncio.wait({taken}, timeout=_PATIENCE)
        stored = taken.done() and not taken.cancelled() and not taken.exception()
        text = taken.result() if stored else None
        if message.command in _THANKED:
            text = text or say("rate.thanks", message.user.language)
        await self.bot.answer_callback_query(query, text)

    def _soon(self, work: Coroutine[Any, Any, object]) -> None:
        """Do something that nobody waits for, and that may fail."""

        async def try_it() -> None:
            try:
                await work
            except TelegramError as error:
                log.warning("Telegram: %s", error, extra={"channel": self._channel})

        task = asyncio.create_task(try_it())
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _why(error: Exception) -> str:
    """Why nothing arrives, for the operator."""
    if isinstance(error, NotStored):
        return str(error)
    if isinstance(error, Conflict) and "webhook" in str(error).lower():
        return "another program has set a webhook for this bot: stop it, then restart the bridge"
    if isinstance(error, Conflict):
        return "another program polls for this bot: stop it, or make another bot"
    return f"Telegram {OUT_OF_REACH}" if never_sent(error) else f"Telegram: {error}"
