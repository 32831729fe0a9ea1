"""What is kept of turns after they ended: for their buttons, for the operator, for budgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bridge.core.model import Address, Run, Status, Usage


@dataclass(frozen=True, slots=True)
class Record:
    """One turn, after it was read to its end."""

    turn: str  # its short id, which a user sees beside an error
    message: str  # the id of the message that began it
    channel: str
    chat: str
    session: str
    bot: str
    user: str  # Coze user_id
    asked_at: float  # Unix time
    status: Status
    run: Run | None = None
    answers: tuple[str, ...] = ()  # ids of Coze's messages
    suggestions: tuple[str, ...] = ()
    usage: Usage | None = None
    error: str = ""  # for the operator, with Coze's log id
    workflow: str = ""  # the command of the workflow that was run


@dataclass(frozen=True, slots=True)
class Offer:
    """The buttons below the newest answer of a session, which the next turn takes away."""

    to: Address
    id: str  # of the platform's message; empty once they are taken away
    text: str  # what the message says
    turn: str
    rateable: bool = False
    plain: bool = False  # `Piece.plain`
    taken_by: str = ""  # the turn that takes them away


@dataclass(frozen=True, slots=True)
class Spent:
    """What somebody used in one day (UTC)."""

    turns: int = 0
    tokens: int = 0


class Records(Protocol):
    """Shared by all replicas. Raises StoreUnavailable."""

    async def note(self, record: Record) -> None:
        """Store a turn, and count what it used: once, however often it is stored."""

    async def record(self, turn: str) -> Record | None:
        """A turn by its short id, if it is remembered."""

    async def last(self, talk: str) -> str | None:
        """The short id of the last turn that was noted of a session with a bot."""

    async def showed(self, to: Address, ids: Sequence[str], turn: str) -> None:
        """Store which messages of a chat show the answer of a turn. Idempotent."""

    async def behind(self, to: Address, id_: str) -> str | None:
        """The short id of the turn that a message of a chat shows."""

    async def offered(self, session: str, offer: Offer | None) -> None:
        """Store the buttons that a session has below its last answer, or that it has none."""

    async def offer(self, session: str) -> Offer | None:
        """The buttons that a session has below its last answer."""

    async def spent(self, who: str, days: int = 1) -> Sequence[Spent]:
        """What `who` ("user:…", "chat:…", "bot:…") used, today first."""

    async def first(self, what: str, seconds: int) -> bool:
        """Whether nobody asked this about `what` for so many seconds."""
