"""In which workspaces an app is installed, where one channel serves many of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Installation:
    """An app in one workspace, or in a whole organisation of them."""

    id: str  # of the workspace, or of the organisation
    name: str
    bot: str  # the user id of the bot there
    token: str = field(repr=False)
    refresh: str = field(default="", repr=False)  # what a new token is had for
    expires: float = 0.0  # Unix time at which the token ends; 0: it does not
    at: float = 0.0  # Unix time at which it was installed


class Installations(Protocol):
    """The installations of one channel, shared by all replicas. Raises StoreUnavailable.

    Raises (every method that reads):
        Denied: what is stored was encrypted with another key.
    """

    async def get(self, id_: str) -> Installation | None:
        """The installation in a workspace, or organisation."""

    async def everyone(self) -> Sequence[Installation]:
        """All of them."""

    async def put(self, installation: Installation) -> None:
        """Store an installation, for ever, in place of the one that was there."""

    async def swap(self, old: Installation, new: Installation) -> bool:
        """Store `new` if `old` is what is stored."""

    async def rotate(self) -> None:
        """Encrypt with the first key what still is encrypted with another."""

    async def erase(self, id_: str) -> None:
        """Forget a workspace, and what was said in it. Idempotent."""

    async def begin(self, state: str) -> None:
        """Note that somebody is about to install the app."""

    async def redeem(self, state: str) -> bool:
        """Whether that was noted a short while ago; true but once."""

    async def alone(self, id_: str) -> bool:
        """Whether nobody else renews the token of an installation, from now for a minute."""
