"""What stands below the newest answer: it goes when something newer is asked."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace

from bridge.core.errors import Fatal, RateLimited, Retryable, StoreUnavailable
from bridge.core.layout import rating
from bridge.core.model import Address, Message, Piece, Reply, Shown
from bridge.core.ports import Offer, Records
from bridge.flow.present import Screen, Stage
from bridge.flow.throttle import Rank

log = logging.getLogger(__name__)

AFTER = frozenset({"retry", "new"})
"""Commands of buttons that are about the answer above them, and only while it is the newest."""

OTHERS = frozenset({"ask", "answer", "bot", "retry"})
"""Commands of our other buttons that wait for their turn; any more are of a bot before us."""

PAUSES = (2.0, 10.0, 60.0)  # seconds before what could not be taken away is tried again


async def offer(reply: Reply, screen: Screen, to: Address, session: str, records: Records) -> None:
    """Remember what an answer shows, and what stands below it that is not to stay."""
    with suppress(StoreUnavailable):
        if reply.turn and reply.status in ("done", "waiting"):
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


async def leads_nowhere(press: Message, session: str, records: Records, turn: str) -> bool:
    """Whether a button was pressed that is of no use (any more), in the order of its session.

    The turn that takes the buttons away may run again. Raises StoreUnavailable.
    """
    if not _below_an_answer(press):
        return bool(press.on) and press.command not in OTHERS
    made = await records.offer(session)
    return made is None or made.turn != press.text or made.taken_by not in ("", turn)


async def surely_late(press: Message, session: str, records: Records) -> bool:
    """The same, as far as it is known at once: an answer that has just ended is not kept yet."""
    made = await records.offer(session) if _below_an_answer(press) else None
    if made is None or made.taken_by == press.text:
        return False
    return made.turn != press.text or bool(made.taken_by)


def _below_an_answer(press: Message) -> bool:
    return bool(press.on and press.text) and press.command in AFTER


async def withdraw(made: Offer, session: str, stage: Stage, records: Records) -> None:
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
            with suppress(StoreUnavailable):
                if await records.offer(session) == made:
                    await records.offered(session, replace(made, id=""))
            return
    log.info("old buttons stay", extra={"turn": made.turn})
