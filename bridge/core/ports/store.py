"""What is kept, as the flow sees it: jobs, sessions, budgets."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bridge.core.model import Address, Message, Prompt, Run, Shown
from bridge.core.ports.platform import Budget


@dataclass(frozen=True, slots=True)
class Progress:
    """What must survive a crash in the middle of a turn."""

    asked: bool = False  # the question may have been sent
    conversation: str | None = None  # ... in this conversation
    prompt: Prompt | None = None  # ... and these are its words
    run: Run | None = None  # Coze took it
    shown: tuple[Shown, ...] = ()  # the messages on the screen, without what they look like
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

    async def asking(self, conversation: str | None, prompt: Prompt) -> None:
        """Store that this is about to be asked."""

    async def began(self, run: Run) -> None:
        """Store that Coze took the question."""

    async def posting(self) -> None:
        """Store that one more message is about to be posted."""

    async def shows(self, shown: Sequence[Shown]) -> None:
        """Store which messages are on the screen."""

    async def superseded(self) -> bool:
        """Whether the next job takes the place of this one, and draws over what it shows."""

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
        """Store a message; False if it is no job of its own: seen, or part of one. Idempotent.

        An edit changes the message that waits, or takes the place of the lane's newest one;
        what is not `addressed` is stored only as a part of what is. Else: False.

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
        """Mark jobs of a lane as stopped: ALL, its HEAD, or those whose id begins so.

        Returns how many.
        """

    async def message(self, id_: str) -> Message | None:
        """A message that waits, or is worked on, by its id."""

    def stops(self) -> AsyncGenerator[str, None]:
        """Yield the ids of messages that are stopped, on any replica, as it happens."""


ALL, HEAD = "*", "^"
"""Which jobs of a lane: all that are there, or the one that is worked on."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What a session remembers."""

    user: str  # Coze user_id under which the conversation was begun
    conversation: str  # conversation_id


@dataclass(frozen=True, slots=True)
class Waiting:
    """A workflow that waits for its user: for an answer, or for an input that it needs."""

    workflow: str  # its command
    options: tuple[str, ...] = ()
    resume: str = ""  # `Asked.resume`; empty while inputs are missing
    inputs: Mapping[str, str] = field(default_factory=dict)  # as typed
    missing: str = ""  # the input that the next message is
    turn: str = ""  # that asks, and what: it may have to say so again after a crash
    question: str = ""


class Memory(Protocol):
    """Sessions, shared by all replicas. Raises StoreUnavailable."""

    async def talk(self, session: str) -> Talk | None:
        """The conversation of a session, if it has one."""

    async def remember(self, session: str, talk: Talk, prompt: Prompt) -> None:
        """Store it, and what was asked in it; their clock starts anew. Idempotent."""

    async def forget(self, session: str) -> None:
        """The next question begins a new conversation. Idempotent."""

    async def prompt(self, session: str) -> Prompt | None:
        """What was asked last."""

    async def asked(self, session: str, prompt: Prompt) -> None:
        """Store what is being asked. Idempotent."""

    async def waiting(self, session: str) -> Waiting | None:
        """What a workflow waits for, if one does."""

    async def wait_for(self, session: str, what: Waiting | None) -> None:
        """Store what a workflow waits for, or that none does. Idempotent."""

    async def bot(self, session: str) -> str | None:
        """The bot that was chosen for a session."""

    async def choose(self, session: str, bot: str) -> None:
        """Have another bot answer in a session. Idempotent."""

    async def join(self, to: Address, user: str) -> None:
        """Note that the bot takes part in this thread, and that `user` spoke there last."""

    async def takes_part(self, to: Address) -> bool:
        """Whether the bot takes part in this thread."""

    async def mute(self, to: Address, *, on: bool) -> None:
        """Note that the bot is to be quiet in this thread unless it is mentioned, or no longer."""

    async def muted(self, to: Address) -> bool:
        """Whether the bot is to be quiet in this thread."""

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
