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
    team: str = ""  # the workspace, where the channel of the configuration has several

    @property
    def where(self) -> str:
        """The chat, unlike any of another workspace."""
        return f"{self.team}/{self.chat}" if self.team else self.chat


@dataclass(frozen=True, slots=True)
class User:
    """Who speaks. `id` is the platform's own and leaves the bridge only as a hash."""

    id: str
    name: str = ""
    language: str = "en"  # an IETF tag, as far as the platform tells
    team: str = ""  # the workspace whose member they are, as far as the platform tells
    guest: bool = False  # let into that workspace for a few of its channels


Kind: TypeAlias = Literal["image", "audio", "video", "file", "voice"]
"""What a file is; a voice is an audio that somebody spoke just now."""


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file that a user sent, while its bytes are still at the platform."""

    id: str  # the adapter's own
    kind: Kind
    name: str
    size: int | None = None  # bytes, as far as the platform tells


@dataclass(frozen=True, slots=True)
class Quote:
    """What a message answers."""

    text: str
    by: str = ""  # the name of who said it
    of: str = ""  # the id of the message, where it is the bot's own
    exact: bool = False  # its user chose these very words


@dataclass(frozen=True, slots=True)
class Message:
    """A user said something, gave a command, or pressed a button (which is a command).

    `id` is the key of de-duplication: the same gesture, delivered again or as two
    events, has the same id. Messages of one `group` that follow one another are parts of
    one, as the photos of an album are; so is one that `joins` it, for which none waits.
    """

    id: str
    address: Address
    user: User
    text: str
    command: str = ""  # without its slash; `text` is then what followed it
    private: bool = True  # nobody else is in this chat
    addressed: bool = True  # False: meant for the bot only in a thread it takes part in
    chat_title: str = ""
    files: tuple[FileRef, ...] = ()
    group: str = ""
    joins: str = ""
    sent: int = 0  # Unix time; parts that join are sent within seconds of one another
    cut: bool = False  # the next part goes on in the same line
    quote: Quote | None = None
    posted: str = ""  # the platform's id of it, by which it can be edited
    edits: bool = False  # what `posted` says now, in place of what it said before
    on: str = ""  # the id of the message whose button was pressed, or that was reacted to
    home: str = ""  # the id that the chat had before it moved; its sessions go by that
    team: str = ""  # the workspace through which it came
    external: bool = False  # other companies are in this chat
    trigger: str = ""  # opens a form for who pressed a button, within seconds
    enters: bool = False  # the bot takes part in this thread from here on


@dataclass(frozen=True, slots=True)
class Upload:
    """A file at Coze."""

    id: str
    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What Coze is asked, without the circumstances: enough to ask it again."""

    text: str
    files: tuple[Upload, ...] = ()
    shortcut: str = ""  # command_id of a shortcut of the bot
    inputs: tuple[tuple[str, str], ...] = ()  # of the shortcut or workflow: name, value
    workflow: str = ""  # the command of a workflow, to which `text` is the input
    context: str = ""  # stands before the text: who asks, and what others said before


@dataclass(frozen=True, slots=True)
class Media:
    """A file on our disk, on its way to a chat."""

    path: str
    kind: Kind
    name: str
    type: str  # MIME
    size: int  # bytes


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
class Heard:
    """What is being asked, where the user did not type it: a voice message, a pressed button."""

    text: str
    spoken: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """A sentence for the user that stands above the answer."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Thought:
    """More of the reasoning that leads to the answer; or all of it, which overrules the rest."""

    delta: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Doing:
    """What the bot is at, until it says something: a tool, a step of a workflow, thinking."""

    what: Literal["thinking", "tool", "step"]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A workflow waits for an answer of its user; nothing follows until there is one."""

    question: str
    options: tuple[str, ...] = ()
    resume: str = ""  # with what to go on; the backend's own
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete; nothing that follows changes it."""

    usage: Usage | None = None


ReplyEvent: TypeAlias = (
    Started | Said | Answered | Suggested | Heard | Noted | Thought | Doing | Asked | Finished
)

Status: TypeAlias = Literal["working", "done", "stopped", "failed", "waiting"]


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a message; `command` is what a press stands for.

    `command` has at most 64 bytes, the least of the platforms (Telegram's
    `callback_data`): a command's name, and after a colon its argument.
    """

    label: str
    command: str
    wide: bool = False  # a row of its own, where the platform has rows


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
    heard: Heard | None = None
    notes: tuple[str, ...] = ()  # sentences for the user, above what was said
    thought: str = ""
    doing: Doing | None = None
    asked: Asked | None = None
    turn: str = ""  # the short id of the turn, for the buttons below its answer
    rateable: bool = False  # the user may say how good the answer is
    after: tuple[str, ...] = ()  # commands that have a button below it
    hushed: bool = False  # nothing of it is to be seen: its chat has just been told the same
    choices: tuple[Button, ...] = ()  # of a reply of the bridge's own
    enclosure: str = ""  # the address of a file that comes last

    @property
    def text(self) -> str:
        """Everything that was said, one answer after another."""
        return "\n\n".join(answer.text for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Piece:
    """One platform message as it should look."""

    text: str  # Markdown; of a file its caption
    buttons: tuple[Button, ...] = ()
    plain: bool = False  # the platform refused it as Markdown: send it as it stands
    aside: bool = False  # reasoning: shown collapsed, or small
    media: str = ""  # the address of a file that the message is


@dataclass(frozen=True, slots=True)
class Shown:
    """One platform message as last confirmed; `piece` is None when that is not known."""

    id: str
    piece: Piece | None = None
    media: str = ""  # the address of a file that the message is
