"""The nouns of the bridge: frozen, slotted, free of I/O.

An identifier is minted and understood by one adapter only; everywhere else it
is an opaque string that may be stored and compared, never parsed.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Address:
    """Where to speak: a channel of the configuration, a chat, maybe a thread in it."""

    channel: str
    chat: str
    thread: str | None = None
    reply_to: str | None = None  # the message that the first post answers
    only_for: str | None = None  # a user id: posts are for their eyes only, where possible


@dataclass(frozen=True, slots=True)
class User:
    """Who speaks. `id` is the platform's own and leaves the bridge only as a hash."""

    id: str
    name: str = ""
    language: str = "en"  # an IETF tag, as far as the platform tells


@dataclass(frozen=True, slots=True)
class Message:
    """A user said something, gave a command, or pressed a button (which is a command).

    `id` is the key of de-duplication: the same gesture, delivered again or as two
    events, has the same id.
    """

    id: str
    address: Address
    user: User
    text: str
    command: str = ""  # without its slash; `text` is then what followed it
    private: bool = True  # nobody else is in this chat
    addressed: bool = True  # False: meant for the bot only in a thread it takes part in
    chat_title: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One answer in the making at Coze."""

    chat: str  # chat_id
    conversation: str  # conversation_id


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as Coze counts them."""

    total: int
    input: int
    output: int


@dataclass(frozen=True, slots=True)
class Started:
    """Coze accepted the question; from here on a crash can be resumed."""

    run: Run


@dataclass(frozen=True, slots=True)
class Said:
    """More text of one answer message."""

    answer: str  # the id of Coze's message
    delta: str


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer message, whole; it overrules the deltas."""

    answer: str
    text: str


@dataclass(frozen=True, slots=True)
class Suggested:
    """A follow-up question that the user may want to ask."""

    question: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete; nothing that follows changes it."""

    usage: Usage | None = None


ReplyEvent: TypeAlias = Started | Said | Answered | Suggested | Finished

Status: TypeAlias = Literal["working", "done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One message of the bot: a reply may consist of several."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """All that is known of the reply so far: a snapshot, never a delta."""

    status: Status = "working"
    answers: tuple[Answer, ...] = ()
    suggestions: tuple[str, ...] = ()
    run: Run | None = None
    usage: Usage | None = None
    trouble: str = ""  # a sentence for the user, below what was said

    @property
    def text(self) -> str:
        """Everything that was said, one answer after another."""
        return "\n\n".join(answer.text for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a message; `command` is what a press stands for.

    `command` has at most 64 bytes, the least of the platforms (Telegram's
    `callback_data`): a command's name, and after a colon its argument.
    """

    label: str
    command: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One platform message as it should look."""

    text: str  # Markdown
    buttons: tuple[Button, ...] = ()
    plain: bool = False  # the platform refused it as Markdown: send it as it stands


@dataclass(frozen=True, slots=True)
class Shown:
    """One platform message as last confirmed; `piece` is None when that is not known."""

    id: str
    piece: Piece | None = None
