"""What stands below the newest answer: it goes when something newer is asked."""

import asyncio
import logging
from contextlib import suppress

from bridge.core.errors import Fatal, RateLimited, Retryable, StoreUnavailable
from bridge.core.layout import rating
from bridge.core.model import Address, Message, Piece, Reply, Shown
from bridge.core.ports import Offer, Records
from bridge.flow.present import Screen, Stage
from bridge.flow.throttle import Rank

log = logging.getLogger(__name__)

AFTER = frozenset({"retry", "new"})
"""Commands of buttons that are about the answer above them, and only while it is the newest."""

PAUSES = (2.0, 10.0, 60.0)  # seconds before what could not be taken away is tried again


async def offer(reply: Reply, screen: Screen, to: Address, session: str, records: Records) -> None:
    """Remember what an answer shows, and what stands below it that is not to stay."""
    with suppress(StoreUnavailable):
        if reply.turn:
            await records.showed(to, [shown.id for shown in screen.shown], reply.turn)
        below = _below(screen.shown)
        if below and below.piece and {*below.piece.buttons} - {*rating(reply.turn)}:
            text, plain = below.piece.text, below.piece.plain
            rateable = reply.rateable
            made = Offer(to, below.id, text, reply.turn, rateable=rateable, plain=plain)
            await records.offered(session, made)


def _below(shown: list[Shown]) -> Shown | None:
    """The message that has the buttons."""
    return next((each for each in reversed(shown) if each.piece and each.piece.buttons), None)


async def late(press: Message, session: str, records: Records, turn: str = "") -> bool:
    """Whether a button was pressed that stood below an answer which is the newest no more.

    The turn that takes the buttons away may run again. Raises StoreUnavailable.
    """
    if not (press.on and press.text and press.command in AFTER):
        return False
    made = await records.offer(session)
    return made is None or made.turn != press.text or made.taken_by not in ("", turn)


async def withdraw(made: Offer, stage: Stage) -> None:
    """Take away what stands below an answer; 👍 and 👎 stay. It may fail."""
    piece = Piece(made.text, rating(made.turn) if made.rateable else (), plain=made.plain)
    budgets = stage.adapter.budgets("edit", made.to)
    for pause in PAUSES:
        await stage.throttle.admit(budgets, Rank.EDIT)
        try:
            with suppress(Fatal):  # it is gone, or too old: that will not change
                await stage.adapter.edit(made.to, made.id, piece)
        except RateLimited as limit:
            await stage.throttle.close(budgets[0], limit.retry_after)
        except Retryable:
            await asyncio.sleep(pause)
        else:
            return
    log.info("old buttons stay", extra={"turn": made.turn})
