"""What was said in a thread before the bot was spoken to in it."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from bridge.core.errors import BridgeError, StoreUnavailable
from bridge.core.model import Message
from bridge.core.ports import Adapter, Records, Remark

log = logging.getLogger(__name__)

LAST = 30  # remarks, beside the first of the thread
LONGEST, ALL = 1000, 6000  # characters of one remark, and of all
PATIENCE = 5.0  # seconds for which an answer may be held up
AGAIN = 86_400  # seconds for which it is not logged again why a thread cannot be read


@dataclass(frozen=True, slots=True)
class Recall:
    """Looks back into the threads of one channel."""

    adapter: Adapter
    records: Records

    async def before(self, message: Message) -> Sequence[Remark]:
        """What was said, oldest first; only for the message by which the bot enters a thread."""
        if message.private or not message.enters:
            return ()
        try:
            async with asyncio.timeout(PATIENCE):
                said = await self.adapter.earlier(message.address, before=message.id, most=LAST)
        except (BridgeError, TimeoutError) as error:
            await self._log(str(error) or "no answer")
            return ()
        quote = message.quote.text if message.quote else None
        return capped([remark for remark in said if remark.text != quote])

    async def _log(self, why: str) -> None:
        channel = self.adapter.channel
        with suppress(StoreUnavailable):
            if await self.records.first(f"unread:{channel}", AGAIN):
                log.warning("threads cannot be read", extra={"channel": channel, "error": why})


def capped(said: Sequence[Remark]) -> Sequence[Remark]:
    """The first, which the others are about, and as many of the last as there is room for."""
    short = [replace(each, text=_cut(each.text)) for each in said]
    first, last = short[:1], short[1:]
    room, kept = ALL - sum(len(each.text) for each in first), 0
    for each in reversed(last):
        room -= len(each.text)
        if room < 0:
            break
        kept += 1
    return [*first, *last[len(last) - kept :]]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
