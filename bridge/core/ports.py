"""What the flow needs from the outside world, as Protocols.

Adapters translate and decide nothing; the flow decides and translates nothing.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from bridge.core.layout import Size
from bridge.core.model import Address, Message, Piece, ReplyEvent, Run

Call: TypeAlias = Literal["post", "edit", "delete"]

Accept: TypeAlias = Callable[[Message], Awaitable[None]]
"""Takes a message in. Returns once it is durable, and only then may the platform be
told so. Idempotent by `Message.id`. Raises Retryable when it could not be stored."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A share of the platform's patience: on average a call `every` so many seconds.

    Any window of W seconds sees at most `burst + W / every` calls.
    """

    key: str
    every: float  # seconds
    burst: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What one chat allows; data, so that the flow can pace and split."""

    size: Size
    edit_every: float  # seconds between two edits of one message
    typing_every: float  # seconds for which the platform shows that the bot is at work


class Adapter(Protocol):
    """One bot account on one chat platform.

    Every method makes at most one call to the platform and returns when the
    platform has confirmed it. No retries, no pacing, no splitting: those live in
    the flow, once, for all platforms.

    Raises (every method):
        RateLimited: the platform named a pause.
        Unavailable: no connection, or a 5xx.
        Uncertain: no answer came; the call may have had its effect.
        Denied, Rejected, Gone: the platform refused; trying again will not help.
    """

    channel: str  # the key under `channels:`
    platform: str

    def limits(self, to: Address) -> Limits:
        """What the platform allows in this chat. Pure: a table, not a call."""

    def budgets(self, call: Call, to: Address) -> tuple[Budget, ...]:
        """What a call draws on. A 429 closes the first of them. Pure."""

    def commands(self, names: Sequence[str]) -> Mapping[str, str]:
        """How a user of this platform types each of these commands. Pure."""

    async def post(self, to: Address, piece: Piece, *, mark: str) -> str:
        """Send a new message and return its id. Not idempotent.

        `mark` is kept with the message where the platform allows, for `find`.
        """

    async def find(self, to: Address, *, mark: str) -> str | None:
        """The id of the message posted with `mark`; None if there is none, or no telling."""

    async def edit(self, to: Address, id_: str, piece: Piece) -> None:
        """Make a message look like `piece`. Idempotent; "not modified" is success."""

    async def delete(self, to: Address, id_: str) -> None:
        """Remove a message. Idempotent; an absent message is success."""

    async def typing(self, to: Address) -> None:
        """Show that the bot is at work, for as long as the platform shows it."""

    async def whoami(self) -> str:
        """Who the platform says we are; checks every token. Changes nothing."""

    async def aclose(self) -> None:
        """Close all connections."""

    async def listen(self, accept: Accept) -> None:
        """Pass on every message until cancelled, reconnecting as needed.

        A message is confirmed to the platform when `accept` has returned, never before.
        """

    @property
    def trouble(self) -> str:
        """Why messages cannot arrive at the moment; empty when all is well."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question for Coze."""

    job: str  # travels in `meta_data`, so that the run can be found again
    user: str  # Coze user_id
    conversation: str | None
    text: str
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
class Progress:
    """What must survive a crash in the middle of a turn."""

    asked: bool = False  # the question may have been sent
    conversation: str | None = None  # ... in this conversation
    run: Run | None = None  # Coze took it
    shown: tuple[str, ...] = ()  # ids of the messages on the screen
    posting: bool = False  # one more may have been posted
    stop: bool = False  # the user wants no more of it


class Lease(Protocol):
    """The exclusive right to work on the oldest job of one lane.

    Raises (every method):
        LeaseLost: another replica owns it now.
        StoreUnavailable: Redis did not answer.
    """

    lane: str
    message: Message
    attempt: int  # starts at 1
    progress: Progress

    def check(self) -> None:
        """Raise LeaseLost if the lease may have run out. Costs nothing; call it often."""

    async def asking(self, conversation: str | None) -> None:
        """Store that the question is about to be sent."""

    async def began(self, run: Run) -> None:
        """Store that Coze took the question."""

    async def posting(self) -> None:
        """Store that one more message is about to be posted."""

    async def shows(self, ids: Sequence[str]) -> None:
        """Store which messages are on the screen."""

    async def finish(self) -> None:
        """Remove the job and let the next of its lane begin."""

    async def retry_later(self, delay: float) -> None:
        """Leave the job at the head of its lane for `delay` seconds."""

    async def hand_back(self) -> None:
        """Let another worker have the job at once; does not count as an attempt."""

    async def give_up(self, why: str) -> None:
        """Move the job to the dead letters and let the next of its lane begin."""


class Inbox(Protocol):
    """Durable jobs, in order within a lane, side by side across lanes and replicas."""

    async def add(self, lane: str, message: Message) -> bool:
        """Store a message; False if it was stored before. Idempotent.

        Raises:
            LaneFull: this lane has too many waiting.
            StoreUnavailable: it is not stored.
        """

    async def claim(self, most: int) -> list[Lease]:
        """Lease at most `most` lanes that have a job due."""

    async def wait(self) -> None:
        """Return when there may be something to claim, after a second at the latest."""

    async def renew(self, held: Sequence[Lease]) -> list[str]:
        """Keep the leases; return the ids of messages whose users want no more of them.

        A lease that is lost raises LeaseLost at its next use.
        """

    async def stop(self, lane: str, which: str) -> int:
        """Mark jobs of a lane as stopped: ALL, its HEAD, or a message's id. Returns how many."""

    def stops(self) -> AsyncGenerator[str, None]:
        """Yield the ids of messages that are stopped, on any replica, as it happens."""


ALL, HEAD = "*", "^"
"""Which jobs of a lane: all that are there, or the one that is worked on."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What a session remembers."""

    user: str  # Coze user_id under which the conversation was begun
    conversation: str  # conversation_id


class Memory(Protocol):
    """Sessions, shared by all replicas. Raises StoreUnavailable."""

    async def talk(self, session: str) -> Talk | None:
        """The conversation of a session, if it has one."""

    async def remember(self, session: str, talk: Talk, question: str) -> None:
        """Store it, and the question asked in it; their clock starts anew. Idempotent."""

    async def forget(self, session: str) -> None:
        """The next question begins a new conversation. Idempotent."""

    async def question(self, session: str) -> str | None:
        """The question that was asked last."""

    async def asked(self, session: str, question: str) -> None:
        """Store the question that is being asked. Idempotent."""

    async def join(self, to: Address, user: str) -> None:
        """Note that the bot takes part in this thread, and that `user` spoke there last."""

    async def takes_part(self, to: Address) -> bool:
        """Whether the bot takes part in this thread."""

    async def last_thread(self, to: Address, user: str) -> str | None:
        """The thread of this chat in which `user` spoke to the bot last."""


class Limiter(Protocol):
    """Budgets shared by all replicas. Raises StoreUnavailable."""

    async def take(self, budgets: Sequence[Budget], reserve: Sequence[int]) -> tuple[float, int]:
        """Draw one call on all of the budgets, or on none.

        `reserve` says for each how much of its burst to leave alone. Returns the
        seconds to wait and the index of the budget that asks for it; (0.0, 0) means
        that the call may be made now.
        """

    async def close(self, budget: Budget, seconds: float) -> None:
        """Let nobody draw on this budget for so long."""
