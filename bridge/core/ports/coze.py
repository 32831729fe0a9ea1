"""Coze, as the flow sees it."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal, Protocol

from bridge.core.model import Kind, Media, Prompt, ReplyEvent, Run, Upload


@dataclass(frozen=True, slots=True)
class Question:
    """One question for Coze."""

    job: str  # travels in `meta_data`, so that the run can be found again
    user: str  # Coze user_id
    conversation: str | None
    prompt: Prompt
    variables: Mapping[str, str]


class Backend(Protocol):
    """One Coze bot.

    Raises (every method):
        Retryable: Coze is out of reach or too busy, after the client's own retries.
        Fatal: Coze refused; Gone when it does not know the conversation.
    """

    async def open(self) -> str | None:
        """Begin a conversation and return its id; None where Coze begins it by itself."""

    def ask(self, question: Question) -> AsyncGenerator[ReplyEvent, None]:
        """Ask, and yield the answer as it arrives. The first event is `Started`.

        Raises Uncertain before the first event when the question may have arrived.
        """

    async def find(self, conversation: str, job: str) -> Run | None:
        """The run that `job` began in this conversation, if there is one."""

    def resume(self, run: Run) -> AsyncGenerator[ReplyEvent, None]:
        """Yield the whole answer of a run that somebody began."""

    async def cancel(self, run: Run) -> None:
        """Stop a run. Idempotent; a finished run is success."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A command that the bot defines at Coze."""

    id: str  # command_id
    name: str  # as it is typed, without a slash
    description: str
    inputs: tuple[str, ...] = ()  # their names
    files: tuple[str, ...] = ()  # the names of inputs that are files


@dataclass(frozen=True, slots=True)
class About:
    """What Coze says of a bot."""

    name: str = ""
    prologue: str = ""  # may hold {{user_name}}
    questions: tuple[str, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a stored conversation."""

    role: Literal["user", "assistant"]
    text: str
    at: float  # Unix time; 0 when it is not known


class Services(Protocol):
    """What Coze offers beside answers, for one bot. Raises like `Backend`."""

    async def upload(self, file: BinaryIO, name: str, kind: Kind) -> Upload:
        """Store a file at Coze, from its beginning. Each call makes another."""

    async def transcribe(self, file: BinaryIO, name: str) -> str:
        """The words that are spoken in a recording; nothing where there are none."""

    async def speak(self, text: str, language: str) -> Media:
        """The text, spoken; the caller removes the file."""

    async def about(self) -> About:
        """What Coze says of the bot, at most ten minutes old."""

    async def rate(
        self, run: Run, answer: str, *, good: bool, reasons: Sequence[str] = (), words: str = ""
    ) -> None:
        """Tell Coze how good an answer was; the last word counts."""

    async def variables(self, user: str) -> Mapping[str, str]:
        """What the bot remembers of a Coze user."""

    async def set_variable(self, user: str, name: str, value: str) -> None:
        """Have the bot remember something else. Idempotent."""

    def history(self, conversation: str) -> AsyncGenerator[Line, None]:
        """All that was said in a conversation, oldest first."""

    async def report(self, run: Run) -> Sequence[str]:
        """What Coze says of a run now: lines for the operator."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input of a workflow."""

    name: str
    type: str = "string"  # Coze's word: string, integer, number, boolean, object, array, file...
    required: bool = False
    description: str = ""
    default: str = ""


class Workflow(Protocol):
    """One workflow of the configuration. Raises like `Backend`.

    `run` and `resume` yield `Started` first where Coze names a run that can be found again.
    """

    async def parameters(self) -> Sequence[Parameter]:
        """What it takes, as configured or as Coze declares it."""

    def run(self, user: str, inputs: Mapping[str, object]) -> AsyncGenerator[ReplyEvent, None]:
        """Run it, and yield its output as it arrives. Not idempotent."""

    def resume(self, asked: str, answer: str) -> AsyncGenerator[ReplyEvent, None]:
        """Go on with the user's answer to an `Asked`, by its `resume`. Not idempotent."""

    def pick_up(self, run: Run) -> AsyncGenerator[ReplyEvent, None]:
        """The output of a run that somebody began; waits for its end."""
