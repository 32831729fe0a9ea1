"""What the simulated Coze remembers: conversations, their chats and messages."""

import itertools
import random
import time
from dataclasses import dataclass, field


@dataclass
class Message:
    """A stored message; `chat_id` and `user_id` are empty when no chat brought it."""

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


@dataclass
class Chat:
    """One call of the bot; `messages` is all that it said, `inserted` what it was told."""

    id: str
    conversation_id: str
    section_id: str
    bot_id: str
    user_id: str
    saved: bool
    meta_data: dict[str, str]
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


@dataclass
class Conversation:
    """Messages in order, of which those of the present section are the bot's context."""

    id: str
    section_id: str
    bot_id: str = ""
    name: str = ""
    meta_data: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    chats: dict[str, Chat] = field(default_factory=dict)
    running: Chat | None = None
    created_at: int = field(default_factory=lambda: int(time.time()))

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
            and (not message.chat_id or self.chats[message.chat_id].status == "completed")
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

    def open(self, bot_id: str = "", name: str = "") -> Conversation:
        """Store a new conversation."""
        conversation = Conversation(self.new_id(), self.new_id(), bot_id, name)
        self.conversations[conversation.id] = conversation
        return conversation
