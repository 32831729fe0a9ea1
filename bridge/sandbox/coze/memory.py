"""What the simulated Coze remembers: conversations, their chats and messages."""

import itertools
import random
import time
from dataclasses import dataclass, field

from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.script import Require


@dataclass
class Message:
    """A stored message; `chat_id` and `user_id` are empty when no chat brought it.

    `type` is empty when it was created on its own.
    """

    id: str
    role: str
    type: str
    content: str
    section_id: str
    content_type: str = "text"
    chat_id: str = ""
    user_id: str = ""
    reasoning: str = ""
    meta_data: dict[str, str] = field(default_factory=dict)
    created_at: int = field(default_factory=lambda: int(time.time()))
    changed_at: int = 0

    @property
    def updated_at(self) -> int:
        """When it was last changed, or else made."""
        return self.changed_at or self.created_at


@dataclass
class Chat:
    """One call of the bot; `messages` is all that it said, `inserted` what it was told.

    `pending` is what it waits for. It `shows_cards` if it was asked to, and was `spoken_to` if
    there was audio in the question.
    """

    id: str
    conversation_id: str
    section_id: str
    bot_id: str
    user_id: str
    saved: bool
    meta_data: dict[str, str]
    shows_cards: bool = False
    spoken_to: bool = False
    pending: Require | None = None
    inserted: list[Message] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    status: str = "created"
    created_at: int = field(default_factory=lambda: int(time.time()))
    completed_at: int = 0
    failed_at: int = 0
    error: tuple[int, str] = (0, "")
    usage: dict[str, int] = field(
        default_factory=lambda: {"token_count": 0, "output_count": 0, "input_count": 0}
    )

    @property
    def active(self) -> bool:
        """Whether it still runs; only such a chat can be cancelled."""
        return self.status in {"created", "in_progress"}

    @property
    def remembered(self) -> bool:
        """Whether what was said is context of later chats."""
        return self.status in {"completed", "requires_action", "required_action"}


@dataclass
class Conversation:
    """Messages in order, of which those of the present section are the bot's context."""

    id: str
    section_id: str
    bot_id: str = ""
    name: str = ""
    connector_id: str = "1024"
    meta_data: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    chats: dict[str, Chat] = field(default_factory=dict)
    running: Chat | None = None
    created_at: int = field(default_factory=lambda: int(time.time()))
    updated_at: int = field(default_factory=lambda: int(time.time()))

    @property
    def busy(self) -> bool:
        """Whether a chat is running in it."""
        return self.running is not None and self.running.active

    def context(self, user_id: str | None) -> list[Message]:
        """What the bot knows of the present section, of one user or of all.

        Rounds that failed or were cancelled are not part of it.
        """
        return [
            message
            for message in self.messages
            if message.section_id == self.section_id
            and (user_id is None or message.user_id in {"", user_id})
            and (not message.chat_id or self.chats[message.chat_id].remembered)
        ]


class Memory:
    """All conversations of one Coze account."""

    def __init__(self) -> None:
        self.conversations: dict[str, Conversation] = {}
        steps = iter(lambda: random.randrange(1 << 10, 1 << 24), None)
        self._ids = itertools.accumulate(steps, initial=int(time.time()) << 32)

    def new_id(self) -> str:
        """An id like Coze's: 19 digits, rising, not to be guessed from the one before."""
        return str(next(self._ids))

    def find(self, conversation_id: str) -> Conversation:
        """A conversation.

        Raises:
            Refused: there is none.
        """
        conversation = self.conversations.get(conversation_id)
        if conversation is None:
            raise Refused(Why.NO_CONVERSATION)
        return conversation

    def open(self, bot_id: str = "", name: str = "") -> Conversation:
        """Store a new conversation."""
        conversation = Conversation(self.new_id(), self.new_id(), bot_id, name)
        self.conversations[conversation.id] = conversation
        return conversation
