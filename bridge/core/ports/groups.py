"""What is kept of groups as such, whoever speaks in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bridge.core.model import Address


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said in a group, but not to the bot."""

    id: str  # of the message: the same remark may arrive again
    name: str
    text: str
    at: float  # Unix time


class Groups(Protocol):
    """Shared by all replicas. Raises StoreUnavailable.

    `place` is a chat or a thread of it (`routing.place`).
    """

    async def overhear(self, place: str, remark: Remark, most: int) -> None:
        """Keep a remark, for a while, as one of the `most` last."""

    async def overheard(self, place: str) -> Sequence[Remark]:
        """The remarks that are kept, oldest first; from now on none of them is."""

    async def move(self, to: Address, chat: str) -> None:
        """Note that a chat has another id now. Idempotent."""

    async def home(self, to: Address) -> str:
        """The first id that a chat had, if that was another."""

    async def end(self, to: Address) -> None:
        """Forget every session of a chat, unless it has only moved. Idempotent."""
