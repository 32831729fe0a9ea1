"""From a Telegram update to what it means to the bridge. Pure."""

import re

import telegram
from telegram.constants import ChatType, MessageEntityType

from bridge.core.commands import COMMANDS, pressed
from bridge.core.model import Address, Message, User


def parse(update: telegram.Update, channel: str, me: telegram.User) -> Message | None:
    """The message of an update; None when it is not for the bot."""
    if update.callback_query:
        id_ = _id(update, me, update.callback_query.id)
        return _press(update.callback_query, id_, channel)
    if update.message:
        id_ = _id(update, me, f"{update.message.date.timestamp():.0f}")
        return _message(update.message, id_, channel, me)
    return None


def _id(update: telegram.Update, me: telegram.User, when: str) -> str:
    """The same for each delivery of an update, and of no other.

    Its number alone would not do: after a week of silence Telegram begins anew, at random.
    """
    return f"tg:{me.id}:{update.update_id}:{when}"


def _press(query: telegram.CallbackQuery, id_: str, channel: str) -> Message | None:
    """A pressed button is the command that it stands for."""
    on = query.message
    if on is None or not query.data:
        return None
    command, argument = pressed(query.data)
    thread = isinstance(on, telegram.Message) and on.is_topic_message and on.message_thread_id
    return Message(
        id=id_,
        address=Address(channel, str(on.chat.id), str(thread) if thread else None),
        user=_user(query.from_user),
        text=argument,
        command=command,
        private=on.chat.type == ChatType.PRIVATE,
        chat_title=on.chat.effective_name or "",
    )


def _message(
    message: telegram.Message, id_: str, channel: str, me: telegram.User
) -> Message | None:
    sender = message.from_user
    if sender is None or sender.is_bot or _is_service(message):
        return None
    private = message.chat.type == ChatType.PRIVATE
    command, text = _command(message, me)
    if not (private or command or _meant_for(message, me)):
        return None
    if message.text is None:
        command, text = "unsupported", ""
    elif not (command or text):
        command = "help"
    in_topic = message.is_topic_message and message.message_thread_id
    return Message(
        id=id_,
        address=Address(
            channel,
            str(message.chat.id),
            str(message.message_thread_id) if in_topic else None,
            reply_to=None if private else str(message.message_id),
        ),
        user=_user(sender),
        text=text,
        command=command,
        private=private,
        chat_title="" if private else message.chat.effective_name or "",
    )


def _command(message: telegram.Message, me: telegram.User) -> tuple[str, str]:
    """The bridge's command that a message gives, if any, and the rest of the text."""
    text = message.text or ""
    for entity in message.entities:
        if entity.type == MessageEntityType.BOT_COMMAND and entity.offset == 0:
            word = message.parse_entity(entity)
            name, _, to = word[1:].partition("@")
            if to and to.lower() != (me.username or "").lower():
                return "", text
            rest = text[len(word) :].strip()
            if name.lower() in COMMANDS:
                return name.lower(), rest
            return "", f"/{name} {rest}".strip()  # perhaps one that the bot knows
    return "", _without_mention(text, me)


def _meant_for(message: telegram.Message, me: telegram.User) -> bool:
    """Whether a group's message speaks to the bot: by mention, by command, or as a reply."""
    replied = message.reply_to_message
    if replied and replied.from_user and replied.from_user.id == me.id:
        return True
    name = f"@{me.username}".lower()
    written = message.text is not None
    entities = message.parse_entities() if written else message.parse_caption_entities()
    return any(
        (entity.type == MessageEntityType.MENTION and text.lower() == name)
        or (entity.type == MessageEntityType.BOT_COMMAND and text.lower().endswith(name))
        or (entity.user is not None and entity.user.id == me.id)
        for entity, text in entities.items()
    )


def _without_mention(text: str, me: telegram.User) -> str:
    """The text without the bot's name, which is only there to call it."""
    found = re.search(rf"(?<!\w)@{re.escape(me.username or '')}(?!\w)", text, re.IGNORECASE)
    if not found:
        return text
    return (text[: found.start()].rstrip() + " " + text[found.end() :].lstrip()).strip(" ,:")


def _is_service(message: telegram.Message) -> bool:
    """Whether nobody said anything: somebody joined, a message was pinned, and the like."""
    return message.text is None and message.effective_attachment is None


def _user(user: telegram.User) -> User:
    return User(str(user.id), user.full_name, user.language_code or "en")
