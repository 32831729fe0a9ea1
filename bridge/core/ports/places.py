"""Where the bot is spoken to, and what it has heard there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    """A thread of a chat, or what is said in the chat outside of threads."""

    team: str  # the workspace through which it is heard
    chat: str
    thread: str = ""


class Places(Protocol):
    """Shared by all replicas. Raises StoreUnavailable.

    A moment is a Unix time to the microsecond; no two messages of a chat have the same.
    """

    async def heard(
        self, channel: str, at: float, places: Sequence[Place], *, whole: bool
    ) -> None:
        """Note a message after it was stored, or found to be for others. Idempotent.

        The first of `places` is its thread. They are kept if the bot takes part in it; where
        not the `whole` is heard, something older may be missing.
        """

    async def known(self, channel: str) -> Mapping[Place, float]:
        """The places that are kept, the liveliest first; what was said before is heard."""

    async def unheard(self, channel: str, chat: str, moments: Sequence[float]) -> set[float]:
        """Those of the messages of a chat that were not heard lately."""
