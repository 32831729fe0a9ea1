"""The people, chats and messages that a simulated bot lives among."""

import itertools
import time
from dataclasses import dataclass, field
from functools import cached_property

from bridge.sandbox.telegram.keyboards import Keyboard
from bridge.sandbox.telegram.params import Json


@dataclass(frozen=True)
class Shown:
    """A message as people see it now.

    `buttons` are rows of (text, callback_data), the latter empty for a button that opens a link;
    `edits` counts successful edits; `reply_to` and `thread` are ids; `reaction` is the bot's.
    """

    id: int
    text: str
    from_bot: bool
    name: str
    buttons: list[list[tuple[str, str]]]
    thread: int | None
    reply_to: int | None
    edits: int
    entities: list[Json]
    reaction: str


@dataclass(frozen=True)
class User:
    """A person, or the bot itself."""

    id: int
    name: str
    language: str = ""
    bot_name: str = ""

    def wire(self) -> Json:
        """The user as the API shows it."""
        shown: Json = {"id": self.id, "is_bot": bool(self.bot_name), "first_name": self.name}
        if self.bot_name:
            shown["username"] = self.bot_name
        if self.language:
            shown["language_code"] = self.language
        return shown


@dataclass
class Message:
    """A message of a chat; change it through `edit` and `react` only."""

    chat: "Chat"
    id: int
    sender: User
    text: str
    entities: list[Json]
    thread: int | None = None
    reply_to: int | None = None
    keyboard: Keyboard | None = None
    date: int = field(default_factory=lambda: int(time.time()))
    edited_at: int = 0
    edits: int = 0
    reaction: str = ""

    @property
    def from_bot(self) -> bool:
        """Whether the bot wrote it."""
        return bool(self.sender.bot_name)

    @property
    def inline_keyboard(self) -> Json | None:
        """The inline keyboard as the API shows it, if there is one."""
        return self.keyboard.wire() if self.keyboard and self.keyboard.rows else None

    @cached_property
    def shown(self) -> Shown:
        """The message as people see it."""
        rows = self.keyboard.rows if self.keyboard else []
        return Shown(
            id=self.id,
            text=self.text,
            from_bot=self.from_bot,
            name=self.sender.name,
            buttons=[[(b["text"], b.get("callback_data", "")) for b in row] for row in rows],
            thread=self.thread,
            reply_to=self.reply_to,
            edits=self.edits,
            entities=self.entities,
            reaction=self.reaction,
        )

    def edit(self, text: str, entities: list[Json], keyboard: Keyboard | None) -> None:
        """Replace what the message shows."""
        self.text, self.entities, self.keyboard = text, entities, keyboard
        self.edits += 1
        self.edited_at = int(time.time())
        self.__dict__.pop("shown", None)

    def react(self, emoji: str) -> None:
        """Set the bot's reaction; an empty one takes it back."""
        self.reaction = emoji
        self.__dict__.pop("shown", None)

    def wire(self, *, with_reply: bool = True) -> Json:
        """The message as the API shows it."""
        shown: Json = {
            "message_id": self.id,
            "from": self.sender.wire(),
            "chat": self.chat.wire(),
            "date": self.date,
        }
        if self.edited_at:
            shown["edit_date"] = self.edited_at
        if self.thread is not None:
            shown |= {"message_thread_id": self.thread, "is_topic_message": True}
        replied = self.chat.messages.get(self.reply_to or 0)
        if with_reply and replied:
            shown["reply_to_message"] = replied.wire(with_reply=False)
        shown["text"] = self.text
        if self.entities:
            shown["entities"] = self.entities
        if self.inline_keyboard:
            shown["reply_markup"] = self.inline_keyboard
        return shown


@dataclass
class Chat:
    """A private chat (its id is the user's) or a supergroup (its id is negative)."""

    id: int
    title: str
    messages: dict[int, Message] = field(default_factory=dict)
    threads: set[int] = field(default_factory=set)
    blocked: bool = False
    actions: int = 0
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def private(self) -> bool:
        """Whether only one person and the bot are in it."""
        return self.id > 0

    def post(
        self,
        sender: User,
        text: str,
        entities: list[Json],
        *,
        thread: int | None = None,
        reply_to: int | None = None,
        keyboard: Keyboard | None = None,
    ) -> Message:
        """Add a message at the end."""
        message = Message(
            self, next(self._ids), sender, text, entities, thread, reply_to, keyboard
        )
        self.messages[message.id] = message
        return message

    def wire(self) -> Json:
        """The chat as the API shows it."""
        if self.private:
            return {"id": self.id, "first_name": self.title, "type": "private"}
        shown: Json = {"id": self.id, "title": self.title, "type": "supergroup"}
        if self.threads:
            shown["is_forum"] = True
        return shown


class Chats:
    """Everything that people and the bot have said to each other."""

    def __init__(self, bot: User) -> None:
        self.bot = bot
        self.open_queries: set[str] = set()
        self.answered_queries: set[str] = set()
        self._chats: dict[int, Chat] = {}
        self._users: dict[int, User] = {}
        self._query_ids = itertools.count(4_000_000_001)

    def get(self, chat: int) -> Chat | None:
        """The chat, if anybody has written in it."""
        return self._chats.get(chat)

    def enter(self, chat: int, title: str) -> Chat:
        """The chat, opened if it is new; an empty title leaves the one it has."""
        entered = self._chats.setdefault(chat, Chat(chat, title or "Group"))
        entered.title = title or entered.title
        return entered

    def meet(self, user: User) -> User:
        """Remember what a person is called now."""
        self._users[user.id] = user
        return user

    def user(self, user: int) -> User:
        """The person of that id, also one who has never written."""
        return self._users.get(user) or User(user, "Ann", "en")

    def open_query(self) -> str:
        """The id of a new callback query that awaits its one answer."""
        query = str(next(self._query_ids))
        self.open_queries.add(query)
        return query
