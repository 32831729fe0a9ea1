"""Tells the operator of what only they can settle: once, not with each message."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bridge.core.errors import BridgeError, StoreUnavailable
from bridge.core.ports import Records

log = logging.getLogger(__name__)

AGAIN = 12 * 3600  # seconds after which what is still not settled is told again


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs the bridge: reads its log, and a chat if one is configured."""

    records: Records
    tell: Callable[[str], Awaitable[None]] | None = None  # says it in that chat

    async def hear(self, error: BridgeError, bot: str) -> None:
        """Tell of an error that is the operator's matter; others are none of theirs."""
        if not error.alert:
            return
        try:
            if not await self.records.first(f"alert:{bot}:{error.alert}", AGAIN):
                return
            log.error("needs the operator: %s", error, extra={"bot": bot})
            if self.tell:
                await self.tell(f"⚠️ {bot}: {error}")
        except StoreUnavailable:
            log.error("needs the operator: %s", error, extra={"bot": bot})  # noqa: TRY400
        except BridgeError as unsaid:
            log.warning("the operator's chat cannot be reached", extra={"error": str(unsaid)})

    async def tell_of(self, what: str) -> None:
        """Say something in the operator's chat, if there is one."""
        if self.tell:
            try:
                await self.tell(what)
            except BridgeError as unsaid:
                log.warning("the operator's chat cannot be reached", extra={"error": str(unsaid)})
