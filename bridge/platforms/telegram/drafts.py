"""Previews of an answer that is being written: Telegram's message drafts, and their Stop."""

from collections.abc import Mapping
from typing import Any

import telegram

from bridge.core.errors import Fatal, Rejected
from bridge.core.model import Address, Message, Piece, User
from bridge.platforms.telegram.api import Bot, translated
from bridge.platforms.telegram.markup import rendered

STOPPED = "stopped_message_generation"
"""The update that tells of a pressed Stop; it must be asked for."""

# Refusals that are about one user, and say nothing of other chats.
_OF_A_USER = ("blocked by the user", "user is deactivated", "chat not found")


class DraftCalls:
    """`sendMessageDraft` of one bot; off for good once Telegram refuses it."""

    def __init__(self, bot: Bot, *, on: bool) -> None:
        self._bot, self.on = bot, on

    async def show(self, to: Address, piece: Piece, turn: str) -> None:
        """See `ports.Adapter.draft`. Without a text Telegram says "Thinking…" by itself."""
        if not self.on:
            raise Rejected("Telegram: drafts are off")
        text, marked = rendered(piece)
        try:
            with translated():
                await self._bot.send_message_draft(
                    int(to.chat),
                    _number(turn),
                    text or None,
                    message_thread_id=int(to.thread) if to.thread else None,
                    entities=marked or None,
                    api_kwargs={"can_stop": True, "keep_on_stop": True},  # of Bot API 10.3
                )
        except Fatal as refused:
            self.on = any(words in str(refused) for words in _OF_A_USER)
            raise


def _number(turn: str) -> int:
    """The draft_id of a turn: the number of the update that began it (`parse`)."""
    return int(turn.split(":")[2])


def stop_of(stopped: Mapping[str, Any], id_: str, channel: str, me: telegram.User) -> Message:
    """A pressed Stop is the command, about the turn whose draft it was.

    Drafts are in private chats only, whose ids are those of their users. Telegram's own server
    writes the number of the draft as text, and does not tell the user's language.
    """
    chat, thread = stopped["chat"], stopped.get("message_thread_id")
    return Message(
        id=id_,
        address=Address(channel, str(chat["id"]), str(thread) if thread else None),
        user=User(str(chat["id"]), chat.get("first_name", ""), language=""),
        text=f"tg:{me.id}:{int(stopped['draft_id'])}:",
        command="stop",
    )
