"""From a Telegram update to what it means to the bridge. Pure."""

import re
from collections.abc import Mapping, Sequence

import telegram
from telegram.constants import ChatType, MessageEntityType

from bridge.core.commands import Menu, pressed
from bridge.core.model import Address, Message, User
from bridge.platforms.telegram.files import held
from bridge.platforms.telegram.membership import membership, moved

GENERAL = "1"
"""The topic that every forum has, and that no message says it is in."""

_RATINGS = {"👍": "up", "👎": "down"}


def parse(update: telegram.Update, channel: str, me: telegram.User, menu: Menu) -> Message | None:
    """The message of an update; None when it is not for the bot."""
    if update.callback_query:
        id_ = _id(update, me, update.callback_query.id)
        return _press(update.callback_query, id_, channel)
    if update.message_reaction:
        id_ = _id(update, me, f"{update.message_reaction.date.timestamp():.0f}")
        return _reaction(update.message_reaction, id_, channel)
    if update.my_chat_member:
        id_ = _id(update, me, f"{update.my_chat_member.date.timestamp():.0f}")
        return membership(update.my_chat_member, id_, channel)
    if update.message:
        id_ = _id(update, me, f"{update.message.date.timestamp():.0f}")
        change = moved(update.message, id_, channel)
        return change or _message(update.message, id_, channel, me, menu)
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
    thread = _topic(on) if isinstance(on, telegram.Message) else None
    return Message(
        id=id_,
        address=Address(channel, str(on.chat.id), thread),
        user=_user(query.from_user),
        text=argument,
        command=command,
        private=on.chat.type == ChatType.PRIVATE,
        chat_title=on.chat.effective_name or "",
        on=str(on.message_id),
    )


def _reaction(reaction: telegram.MessageReactionUpdated, id_: str, channel: str) -> Message | None:
    """A new 👍 or 👎 is what the buttons of that name stand for. Topics are not told."""
    by, chat = reaction.user, reaction.chat
    if by is None or by.is_bot:
        return None
    added = _emoji(reaction.new_reaction) - _emoji(reaction.old_reaction)
    rating = next((command for emoji, command in _RATINGS.items() if emoji in added), None)
    if rating is None:
        return None
    private = chat.type == ChatType.PRIVATE
    return Message(
        id=id_,
        address=Address(channel, str(chat.id)),
        user=_user(by),
        text="",
        command=rating,
        private=private,
        chat_title="" if private else chat.effective_name or "",
        on=str(reaction.message_id),
    )


def _emoji(reactions: Sequence[telegram.ReactionType]) -> set[str]:
    return {each.emoji for each in reactions if isinstance(each, telegram.ReactionTypeEmoji)}


def _message(
    message: telegram.Message, id_: str, channel: str, me: telegram.User, menu: Menu
) -> Message | None:
    """What somebody wrote or sent.

    Of an album each part is a message of its own, and only one of them has the caption. In
    a group the others are for the bot only if they reply to it: where an album's caption
    mentions the bot, it gets that one part.
    """
    sender = _speaker(message)
    if sender is None or _is_service(message):
        return None
    private = message.chat.type == ChatType.PRIVATE
    command, text = _command(message, me, menu)
    addressed = bool(private or command or _meant_for(message, me))
    file, album = held(message) if addressed else None, message.media_group_id
    if not addressed:
        text, _ = _words(message)  # as it was said to others
    elif message.text is None and file is None:
        command, text = "unsupported", ""
    elif not (command or text or file):
        command = "help"
    posted = str(message.message_id)
    to = Address(channel, str(message.chat.id), _topic(message), None if private else posted)
    return Message(
        id=id_,
        address=to,
        user=sender,
        text=text,
        command=command,
        private=private,
        addressed=addressed,
        chat_title="" if private else message.chat.effective_name or "",
        files=(file,) if file else (),
        group=f"tg:{me.id}:{message.chat.id}:{album}" if album else "",
        posted=posted,
    )


def _speaker(message: telegram.Message) -> User | None:
    """Who says something; None for bots.

    Who speaks as a chat is that chat: an administrator who stays anonymous is the group,
    others may be a channel of theirs. What a channel posts, its group gets on its own.
    """
    chat, sender = message.sender_chat, message.from_user
    if chat:
        name = message.author_signature or chat.effective_name or ""
        return None if message.is_automatic_forward else User(str(chat.id), name)
    return None if sender is None or sender.is_bot else _user(sender)


def _topic(message: telegram.Message) -> str | None:
    """The topic that a message is in, if its chat has any."""
    if message.is_topic_message and message.message_thread_id:
        return str(message.message_thread_id)
    return GENERAL if message.chat.is_forum else None


def _words(message: telegram.Message) -> tuple[str, Mapping[telegram.MessageEntity, str]]:
    """A text or a caption, and what is marked in it."""
    if message.text is not None:
        return message.text, message.parse_entities()
    return message.caption or "", message.parse_caption_entities()


def _command(message: telegram.Message, me: telegram.User, menu: Menu) -> tuple[str, str]:
    """The command of the menu that a message gives, if any, and the rest of the text."""
    text, marked = _words(message)
    for entity, word in marked.items():
        if entity.type == MessageEntityType.BOT_COMMAND and entity.offset == 0:
            name, _, to = word[1:].partition("@")
            if to and to.lower() != (me.username or "").lower():
                return "", text
            rest = text[len(word) :].strip()
            if name.lower() in menu:
                return name.lower(), rest
            return "", f"/{name} {rest}".strip()  # perhaps one that the bot knows
    return "", _without_mention(text, me)


def _meant_for(message: telegram.Message, me: telegram.User) -> bool:
    """Whether a group's message speaks to the bot: by mention, by command, or as a reply."""
    replied = message.reply_to_message
    if replied and replied.from_user and replied.from_user.id == me.id:
        return True
    name = f"@{me.username}".lower()
    _, marked = _words(message)
    return any(
        (entity.type == MessageEntityType.MENTION and text.lower() == name)
        or (entity.type == MessageEntityType.BOT_COMMAND and text.lower().endswith(name))
        or (entity.user is not None and entity.user.id == me.id)
        for entity, text in marked.items()
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
