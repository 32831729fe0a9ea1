"""The follow-up questions below the last answer: they go when something newer is asked."""

import logging
from contextlib import suppress

from bridge.core.errors import BridgeError, Fatal, StoreUnavailable
from bridge.core.layout import rating
from bridge.core.model import Address, Piece, Reply, Shown
from bridge.core.ports import Offer, Records
from bridge.flow.present import Screen, Stage
from bridge.flow.throttle import Rank

log = logging.getLogger(__name__)


async def offer(reply: Reply, screen: Screen, to: Address, session: str, records: Records) -> None:
    """Remember what an answer shows, and the questions or options that stand below it."""
    with suppress(StoreUnavailable):
        if reply.turn:
            await records.showed(to, [shown.id for shown in screen.shown], reply.turn)
        below = _below(screen.shown)
        if below and below.piece and (reply.suggestions or reply.asked):
            made = Offer(to, below.id, below.piece.text, reply.turn, rateable=reply.rateable)
            await records.offered(session, made)


def _below(shown: list[Shown]) -> Shown | None:
    """The message that has the buttons."""
    return next((each for each in reversed(shown) if each.piece and each.piece.buttons), None)


async def withdraw(made: Offer, session: str, stage: Stage, records: Records) -> None:
    """Take questions or options away; 👍 and 👎 stay. It may fail."""
    try:
        await stage.throttle.admit(stage.adapter.budgets("edit", made.to), Rank.EDIT)
        piece = Piece(made.text, rating(made.turn) if made.rateable else ())
        with suppress(Fatal):  # it is gone, or too old: that will not change
            await stage.adapter.edit(made.to, made.id, piece)
        if await records.offer(session) == made:
            await records.offered(session, None)
    except BridgeError as error:
        log.info("old buttons stay", extra={"error": str(error)})
