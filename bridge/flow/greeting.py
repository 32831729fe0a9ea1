"""The first words of a bot, as it has them at Coze, and what it suggests to ask."""

import logging
import time

from bridge.core.errors import BridgeError
from bridge.core.model import Answer, Message, Reply
from bridge.core.ports import Adapter, Record, Records
from bridge.core.routing import coze_user, person, turn_id
from bridge.core.texts import say
from bridge.flow.bot import Bot, filled

log = logging.getLogger(__name__)


async def greeting(message: Message, bot: Bot, adapter: Adapter, records: Records) -> Reply | None:
    """The greeting of a bot; None where it has none, or where Coze does not tell it.

    Raises:
        StoreUnavailable: its buttons would lead nowhere.
    """
    try:
        about = await bot.services.about()
    except BridgeError as error:
        log.warning("no greeting from Coze", extra={"bot": bot.name, "error": str(error)})
        return None
    prologue = filled(about.prologue, {"user_name": message.user.name})
    if not (prologue.strip() or about.questions):
        return None
    questions = about.questions
    try:
        if questions and await adapter.prompts(message.address, questions):
            questions = ()  # the platform shows them in its own way
    except BridgeError as error:
        log.warning("prompts are refused", extra={"error": str(error)})
    if not prologue.strip():
        prologue = say("start", message.user.language)
    turn = turn_id(message.id)
    await records.note(_record(message, bot, adapter.platform, turn, questions))
    return Reply(status="done", answers=(Answer("", prologue),), suggestions=questions, turn=turn)


def _record(
    message: Message, bot: Bot, platform: str, turn: str, questions: tuple[str, ...]
) -> Record:
    return Record(
        turn=turn,
        message=message.id,
        channel=message.address.channel,
        chat=message.address.where,
        session="",
        bot=bot.name,
        user=coze_user(platform, person(message)),
        asked_at=time.time(),
        status="done",
        suggestions=questions,
    )
