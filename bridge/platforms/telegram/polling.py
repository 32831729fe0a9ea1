"""Messages in: long polling that confirms an update only once it is stored."""

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any

import telegram
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import Updater

from bridge.core.commands import Menu
from bridge.core.errors import Denied, Retryable
from bridge.core.model import Message
from bridge.core.ports import Accept
from bridge.core.texts import say
from bridge.platforms.telegram.api import OUT_OF_REACH, POLL, UNKNOWN_BOT, make_bot, translated
from bridge.platforms.telegram.menu import Board
from bridge.platforms.telegram.parse import parse
from bridge.wire import never_sent

log = logging.getLogger(__name__)

_AGAIN = 5.0  # seconds before Telegram is called again at the start
_STOP_WITHIN = 0.2  # seconds
_WANTED = ["message", "callback_query", "message_reaction", "my_chat_member"]
_PATIENCE = 1.0  # seconds that a press waits to be told what is wrong with it
_THANKED = ("up", "why")  # presses that are answered beside the button; 👎 is asked for a reason


class Polling:
    """Fetches the updates of one bot."""

    def __init__(self, channel: str, token: str, api_base: str, menu: Menu) -> None:
        self.trouble = "not connected yet"
        self.bot = make_bot(token, api_base, self._all_is_well)
        self._channel = channel
        self._menu, self._connected = menu, False
        self._board = Board(self.bot)
        self._background: set[asyncio.Task[None]] = set()

    async def whoami(self) -> str:
        """The bot's name; raises like a call of the adapter."""
        with translated():
            return f"@{(await self.bot.get_me()).username}"

    async def run(self, accept: Accept) -> None:
        """Pass on updates until cancelled.

        Raises:
            Denied: the token is wrong.
        """
        await self._meet()
        updater = Updater(self.bot, _Inlet(self, accept))
        await updater.initialize()
        await updater.start_polling(
            timeout=POLL,
            bootstrap_retries=-1,
            allowed_updates=_WANTED,
            error_callback=self._in_trouble,
        )
        self._all_is_well()
        self._connected = True
        self._soon(self._board.show(self._menu))
        try:
            await asyncio.Event().wait()
        finally:
            self.trouble = "stopped"
            # It polls once more to confirm what it has, which Telegram may hold for a while;
            # what is not confirmed comes again, and is known.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STOP_WITHIN):
                    await updater.stop()
            self.trouble = "stopped"  # that poll may have come back well

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

    def confirm(self, query: str, message: Message, taken: asyncio.Future[str | None]) -> None:
        """Answer a press, with what there is to say to it, once it is taken in: at once."""
        self._soon(self._confirm(query, message, taken))

    async def show_menu(self, menu: Menu) -> None:
        """Know these commands, and show them; before there is a connection, once there is one."""
        self._menu = menu
        if self._connected:
            with translated():
                await self._board.show(menu)

    async def _meet(self) -> None:
        """Ask Telegram who we are, until it answers."""
        while True:
            try:
                await self.bot.initialize()
            except InvalidToken as error:
                self.trouble = UNKNOWN_BOT
                raise Denied(self.trouble) from error
            except TelegramError as error:
                self._in_trouble(error)
                await asyncio.sleep(_AGAIN)
            else:
                return

    def _all_is_well(self) -> None:
        self.trouble = ""

    def _in_trouble(self, error: TelegramError) -> None:
        """Keep why nothing arrives, and log it when it is news."""
        if isinstance(error, Conflict):
            why = "another program polls for this bot: stop it, or make another bot"
        else:
            why = f"Telegram {OUT_OF_REACH}" if never_sent(error) else f"Telegram: {error}"
        if why != self.trouble:
            log.warning("%s; trying again", why, extra={"channel": self._channel})
        self.trouble = why

    async def _confirm(
        self, query: str, message: Message, taken: asyncio.Future[str | None]
    ) -> None:
        """Take the waiting mark off a pressed button."""
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


class _Inlet(asyncio.Queue[Any]):
    """What python-telegram-bot takes for a queue: `put` returns once the update is stored.

    Its poller confirms updates to Telegram with the next poll, which comes after the last
    `put`; it repeats a poll when `put` raises NetworkError, and dies of anything else.
    """

    def __init__(self, polling: Polling, accept: Accept) -> None:
        super().__init__()
        self._polling, self._accept = polling, accept

    async def put(self, item: object) -> None:
        """Store an update.

        Raises:
            NetworkError: it is not stored, and must come again.
        """
        if not isinstance(item, telegram.Update):
            return
        message = self._polling.understand(item)
        if message is None:
            return
        taken = asyncio.ensure_future(self._accept(message))
        if item.callback_query:
            self._polling.confirm(item.callback_query.id, message, taken)
        try:
            await taken
        except Retryable as error:
            raise NetworkError(f"not stored: {error}") from error
        except Exception as error:
            log.exception("a fault in the bridge", extra={"update": item.update_id})
            raise NetworkError(f"not stored: {error!r}") from error
