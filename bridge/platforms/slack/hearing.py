"""Who is told of deliveries, whichever way they come."""

from typing import Protocol

from bridge.core.ports import Accept
from bridge.platforms.slack.behind import Behind
from bridge.platforms.slack.parse import Body
from bridge.wire.patience import Patience


class Hears(Protocol):
    """An app in one workspace (`arrival`), or in many (`deliveries`)."""

    channel: str
    patience: Patience
    behind: Behind

    async def whoami(self) -> str:
        """Who the app is, and where; raises like a call of the adapter."""

    async def meet(self) -> None:
        """Find out what has to be known before anything can be taken. Raises Denied."""

    async def take(self, body: Body, accept: Accept) -> bool:
        """Store what a delivery means; False if it is not stored, and has to come again."""
