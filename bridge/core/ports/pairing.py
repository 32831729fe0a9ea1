"""Who was let in by the operator, and who waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Applicant:
    """A user of a channel, and the private chat with them."""

    channel: str
    user: str
    chat: str
    name: str = ""
    language: str = "en"


class Pairing(Protocol):
    """Shared by all replicas. Raises StoreUnavailable."""

    async def paired(self, channel: str, user: str) -> bool:
        """Whether this user was let in."""

    async def apply(self, who: Applicant, code: str) -> str | None:
        """Keep `code` for an hour, unless they have one: that is returned, and kept anew.

        None: too many are waiting.
        """

    async def admit(self, code: str) -> Applicant | None:
        """Let in whoever has this code, until they are removed; None if nobody has."""

    async def everyone(self) -> Sequence[Applicant]:
        """All who were let in."""

    async def remove(self, user: str) -> int:
        """Take back that a user was let in, in every channel; returns in how many."""
