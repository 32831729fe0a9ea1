"""Whom a message quotes: what it replies to, and whom it was forwarded from. Pure."""

import telegram
from telegram.constants import FileSizeLimit

from bridge.core.model import FileRef, Quote
from bridge.platforms.telegram.files import held
from bridge.platforms.telegram.told import told

MOST = 1000  # characters of a message that is replied to


def quote(message: telegram.Message, me: telegram.User, language: str) -> Quote | None:
    """What a message answers: the words that its user chose, or else all of them."""
    chosen, replied, other = message.quote, message.reply_to_message, message.external_reply
    exact = chosen is not None and bool(chosen.is_manual)
    if replied:
        text = replied.text or replied.caption or told(replied, language)
        by, of = _writer(replied), str(replied.message_id) if _is(replied, me) else ""
    elif other:
        text, by, of = told(other, language), origin(other.origin), ""
    else:
        return None
    if chosen and (exact or not text):
        text = chosen.text
    if len(text) > MOST:
        text = text[:MOST].rstrip() + "…"
    return Quote(text, by, of, exact) if text.strip() else None


def replied_file(message: telegram.Message, me: telegram.User) -> FileRef | None:
    """The file of the message that this one answers, if it is somebody's and may be fetched."""
    replied = message.reply_to_message
    if replied and _is(replied, me):
        return None
    holder = replied or message.external_reply
    file = held(holder) if holder else None
    return file if file and (file.size or 0) <= FileSizeLimit.FILESIZE_DOWNLOAD else None


def origin(of: telegram.MessageOrigin) -> str:
    """The name of who wrote something that was forwarded, or that is in another chat."""
    match of:
        case telegram.MessageOriginUser():
            return of.sender_user.full_name
        case telegram.MessageOriginHiddenUser():
            return of.sender_user_name
        case telegram.MessageOriginChat():
            return of.sender_chat.effective_name or ""
        case telegram.MessageOriginChannel():
            return of.chat.effective_name or ""
        case _:
            return ""


def _writer(message: telegram.Message) -> str:
    if message.forward_origin:
        return origin(message.forward_origin)
    writer = message.sender_chat or message.from_user
    if isinstance(writer, telegram.Chat):
        return writer.effective_name or ""
    return writer.full_name if writer else ""


def _is(message: telegram.Message, me: telegram.User) -> bool:
    return message.from_user is not None and message.from_user.id == me.id
