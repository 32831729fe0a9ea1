"""Drafts: what a bot is writing, shown in a private chat before there is a message."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bridge.sandbox.telegram.chats import Chat, Chats
from bridge.sandbox.telegram.errors import bad_request
from bridge.sandbox.telegram.params import Json, Params
from bridge.sandbox.telegram.text import clean_draft
from bridge.sandbox.telegram.writer import Writer, refuse_parse_mode, thread_of

LIFE = 30.0  # seconds after which clients drop a draft that is not sent again


@dataclass(frozen=True)
class Draft:
    """A draft as its reader sees it; without a text it says "Thinking…".

    `can_stop` tells of a Stop button, and `keep_on_stop` what its press does to the draft.
    """

    id: int
    text: str
    entities: list[Json]
    can_stop: bool
    keep_on_stop: bool
    thread: int | None = None
    at: float = field(default=0.0, repr=False)  # when it was sent last, on the simulator's clock
    after: int = field(default=0, repr=False)  # the bot's last message before it

    def wire(self, chat: Chat) -> Json:
        """What the bot is told of a pressed Stop; the real server, too, writes the id as text."""
        topic = {"message_thread_id": self.thread} if self.thread else {}
        return {"chat": chat.wire(), "draft_id": str(self.id), **topic}


class Drafts:
    """At most one draft in each topic of each private chat."""

    def __init__(
        self, chats: Chats, writer: Writer, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._chats, self._writer, self._clock = chats, writer, clock
        self._sent: dict[tuple[int, int | None], Draft] = {}

    def send_message_draft(self, params: Params) -> bool:
        """The method sendMessageDraft. No budget of sends and edits is drawn on.

        The words of the refusals are those of the real servers.
        """
        refuse_parse_mode(params.get("parse_mode"))
        text, entities = clean_draft(params.text("text"), params.get("entities"))
        chat = self._writer.writable(params)
        if not chat.private:
            raise bad_request("TEXTDRAFT_PEER_INVALID")
        if not params.integer("draft_id"):
            raise bad_request("RANDOM_ID_INVALID")
        if params.get("reply_markup"):
            # The server silently ignores it; nobody should rely on that.
            raise bad_request("a draft has no reply markup")
        thread = thread_of(chat, params)
        self._sent[chat.id, thread] = Draft(
            params.integer("draft_id"),
            text,
            entities,
            can_stop=bool(params.get("can_stop")),
            keep_on_stop=bool(params.get("keep_on_stop")),
            thread=thread,
            at=self._clock(),
            after=_last_of_bot(chat, thread),
        )
        return True

    def shown(self, chat: int, thread: int | None) -> Draft | None:
        """What is shown now: a message of the bot, or time, puts an end to a draft."""
        room, draft = self._chats.get(chat), self._sent.get((chat, thread))
        if room is None or draft is None or self._clock() >= draft.at + LIFE:
            return None
        return None if _last_of_bot(room, thread) > draft.after else draft

    def stop(self, chat: int, thread: int | None) -> Json:
        """Press Stop; returns what the bot is told. Later drafts are shown again.

        Raises:
            LookupError: there is no draft with a Stop button.
        """
        room, draft = self._chats.get(chat), self.shown(chat, thread)
        if room is None or draft is None or not draft.can_stop:
            raise LookupError(f"no draft to stop in chat {chat}")
        if draft.keep_on_stop:
            self._sent[chat, thread] = replace(draft, can_stop=False)
        else:
            del self._sent[chat, thread]
        return draft.wire(room)


def _last_of_bot(chat: Chat, thread: int | None) -> int:
    return max(
        (m.id for m in chat.messages.values() if m.from_bot and m.thread == thread), default=0
    )
