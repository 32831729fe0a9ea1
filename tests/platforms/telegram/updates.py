"""Updates as Telegram sends them, and what they mean to the bridge."""

from typing import Any

import telegram

from bridge.core.commands import Menu
from bridge.core.model import Message
from bridge.platforms.telegram.parse import parse

OURS = Menu()
ME = telegram.User(100, "Coze", is_bot=True, username="coze_bot")
ANN = {"id": 501, "is_bot": False, "first_name": "Ann", "last_name": "Lee", "language_code": "zh"}
PRIVATE = {"id": 501, "type": "private", "first_name": "Ann"}
TEAM = {"id": -1001, "type": "supergroup", "title": "Team"}
MESSAGE = {"message_id": 1, "date": 1, "chat": PRIVATE, "from": ANN}
PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def entity(kind: str, whole: str, part: str, **more: Any) -> dict[str, Any]:
    """An entity over the first `part` of `whole`."""
    at = units(whole[: whole.index(part)])
    return {"type": kind, "offset": at, "length": units(part), **more}


def read(update: dict[str, Any], id_: int = 7, menu: Menu = OURS) -> Message | None:
    """What an update means, if it is for the bot."""
    message = overheard(update, id_, menu)
    return message if message and message.addressed else None


def overheard(update: dict[str, Any], id_: int = 7, menu: Menu = OURS) -> Message | None:
    """What an update means, also if it is for others."""
    made = telegram.Update.de_json({"update_id": id_, **update})
    return parse(made, "tg", ME, menu)


def said(
    text: str | None,
    *,
    chat: dict[str, Any] = PRIVATE,
    id_: int = 7,
    menu: Menu = OURS,
    **more: Any,
) -> Message | None:
    """What a message of Ann's means."""
    body = {"message_id": 42, "date": 1, "chat": chat, "from": ANN, **more}
    return read({"message": body | ({} if text is None else {"text": text})}, id_, menu)


def heard(text: str | None, **more: Any) -> Message:
    """What a message of Ann's means, which is something."""
    message = said(text, **more)
    assert message
    return message


def command(text: str, word: str, **more: Any) -> Message | None:
    """What a message that begins with a command means."""
    return said(text, entities=[entity("bot_command", text, word)], **more)


def pressed(data: str | None, on: dict[str, Any] | None) -> Message | None:
    """What a press of Ann's means."""
    query = {"id": "9", "from": ANN, "chat_instance": "1", "data": data, "message": on}
    return read({"callback_query": {k: v for k, v in query.items() if v is not None}})
