"""The people, chats and messages that a simulated bot lives among."""

import itertools
import time
from dataclasses import dataclass, field
from functools import cached_property

from bridge.sandbox.telegram.files import Media
from bridge.sandbox.telegram.keyboards import Keyboard
from bridge.sandbox.telegram.params import Json


@dataclass(frozen=True)
class Shown:
    """A message as people see it now.

    `text` is the caption where there is `media`; `buttons` are rows of (text, callback_data),
    the latter empty for a button that opens a link; `edits` counts successful edits; `reply_to`
    and `thread` are ids; `reaction` is the bot's, `reactions` are those of people by their ids;
    messages of one album have the same `album`.
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
    media: Media | None = None
    album: str = ""
    forces_reply: bool = False
    reactions: dict[int, str] = field(default_factory=dict)

    @property
    def caption(self) -> str:
        """The words below the media."""
        return self.text if self.media else ""


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


@dataclass(frozen=True)
class Body:
    """What a message says; below `media`, the text is its caption."""

    text: str
    entities: list[Json]
    media: Media | None = None

    def wire(self) -> Json:
        """The fields that a message of the API has for it."""
        names = ("caption", "caption_entities") if self.media else ("text", "entities")
        said = dict(zip(names, (self.text, self.entities), strict=True))
        shown = self.media.wire if self.media else {}
        return shown | {name: value for name, value in said.items() if value}


@dataclass
class Message:
    """A message of a chat; change it through `edit`, `react` and `react_as` only."""

    chat: "Chat"
    id: int
    sender: User
    body: Body
    thread: int | None = None
    reply_to: int | None = None
    keyboard: Keyboard | None = None
    album: str = ""
    date: int = field(default_factory=lambda: int(time.time()))
    edited_at: int = 0
    edits: int = 0
    reaction: str = ""
    reactions: dict[int, str] = field(default_factory=dict)
    more: Json = field(default_factory=dict)  # what the API shows of it besides

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
            text=self.body.text,
            from_bot=self.from_bot,
            name=self.sender.name,
            buttons=[[(b["text"], b.get("callback_data", "")) for b in row] for row in rows],
            thread=self.thread,
            reply_to=self.reply_to,
            edits=self.edits,
            entities=self.body.entities,
            reaction=self.reaction,
            media=self.body.media,
            album=self.album,
            forces_reply=bool(self.keyboard and self.keyboard.forces_reply),
            reactions=dict(self.reactions),
        )

    def edit(self, body: Body, keyboard: Keyboard | None) -> None:
        """Replace what the message shows."""
        self.body, self.keyboard = body, keyboard
        self.edits += 1
        self.edited_at = int(time.time())
        self.__dict__.pop("shown", None)

    def react(self, emoji: str) -> None:
        """Set the bot's reaction; an empty one takes it back."""
        self.reaction = emoji
        self.__dict__.pop("shown", None)

    def react_as(self, user: int, emoji: str) -> None:
        """Set a person's reaction; an empty one takes it back."""
        self.reactions.pop(user, None)
        if emoji:
            self.reactions[user] = emoji
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
        if self.album:
            shown["media_group_id"] = self.album
        shown |= self.body.wire() | self.more
        if self.inline_keyboard:
            shown["reply_markup"] = self.inline_keyboard
        return shown


@dataclass
class Chat:
    """A private chat (its id is the user's) or a group (its id is negative).

    A `basic` group becomes a supergroup with another id, `moved_to`. `out` says how the bot
    has ceased to be a member: it has "left", or was "kicked".
    """

    id: int
    title: str
    messages: dict[int, Message] = field(default_factory=dict)
    threads: set[int] = field(default_factory=set)
    admins: set[int] = field(default_factory=set)
    blocked: bool = False
    deactivated: bool = False
    basic: bool = False
    moved_to: int = 0
    out: str = ""
    actions: list[str] = field(default_factory=list)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    @property
    def private(self) -> bool:
        """Whether only one person and the bot are in it."""
        return self.id > 0

    @property
    def kind(self) -> str:
        """What kind of group it is."""
        return "group" if self.basic else "supergroup"

    def post(
        self,
        sender: User,
        body: Body,
        *,
        thread: int | None = None,
        reply_to: int | None = None,
        keyboard: Keyboard | None = None,
        album: str = "",
        more: Json | None = None,
    ) -> Message:
        """Add a message at the end."""
        number = next(self._ids)
        message = Message(self, number, sender, body, thread, reply_to, keyboard, album)
        message.more = more or {}
        self.messages[number] = message
        return message

    def wire(self) -> Json:
        """The chat as the API shows it."""
        if self.private:
            return {"id": self.id, "first_name": self.title, "type": "private"}
        shown: Json = {"id": self.id, "title": self.title, "type": self.kind}
        if self.threads:
            shown["is_forum"] = True
        return shown


@dataclass(frozen=True)
class Toast:
    """What the bot told the person who pressed a button; an `alert` covers the chat."""

    query: str
    text: str
    alert: bool = False


class Chats:
    """Everything that people and the bot have said to each other."""

    def __init__(self, bot: User) -> None:
        self.bot = bot
        self.open_queries: set[str] = set()
        self.answered_queries: set[str] = set()
        self.toasts: list[Toast] = []
        self._chats: dict[int, Chat] = {}
        self._users: dict[int, User] = {}
        self._query_ids = itertools.count(4_000_000_001)
        self._albums = itertools.count(13_000_000_000_000_001)

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

    def new_album(self) -> str:
        """The id of a new album."""
        return str(next(self._albums))
