"""What users think of an answer, passed on to Coze."""

import logging

from bridge.core.commands import FORM, REASONS
from bridge.core.errors import BridgeError
from bridge.core.model import Answer, Button, Message, Reply
from bridge.core.ports import Record, Records
from bridge.core.texts import say
from bridge.flow.bot import Bot

log = logging.getLogger(__name__)


async def rate(message: Message, bot: Bot, records: Records) -> Reply | None:
    """Pass on 👍 or 👎, or the reason for one.

    `message.text` is "turn", "turn:reason" or "turn:reason:words"; a reaction tells only the
    message it is on.
    """
    turn, _, rest = message.text.partition(":")
    reason, _, words = rest.partition(":")
    turn = turn or await records.behind(message.address, message.on) or ""
    record = await records.record(turn) if turn else None
    if record is None or record.run is None or not (record.answers and bot.rateable):
        return None if not message.text else _said("rate.late", message)
    good = message.command == "up"
    reasons = (say(f"reason.{reason}", message.user.language),) if reason in REASONS else ()
    try:
        for answer in record.answers:
            await bot.services.rate(
                record.run, answer, good=good, reasons=reasons, words=words.strip()
            )
    except BridgeError as error:
        log.warning("feedback is not passed on", extra={"turn": turn, "error": str(error)})
        return _said("rate.failed", message)
    if reason == FORM:
        return None
    if rest or (good and message.address.only_for):
        return _said("rate.thanks", message)
    return None if good else _why(message, record)  # thanks need not be a message for all


def _said(key: str, message: Message) -> Reply:
    return Reply(status="done", answers=(Answer("", say(key, message.user.language)),))


def _why(message: Message, record: Record) -> Reply:
    """Ask what was wrong; it need not be answered."""
    language = message.user.language
    choices = (Button(say(f"reason.{r}", language), f"why:{record.turn}:{r}") for r in REASONS)
    answers = (Answer("", say("rate.why", language)),)
    return Reply(status="done", answers=answers, choices=tuple(choices))
