"""From a Telegram update to what it means to the bridge. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import telegram
from telegram.constants import ChatType, MessageEntityType, MessageLimit

from bridge.core.commands import Menu, pressed
from bridge.core.model import Address, Message, User
from bridge.core.texts import say
from bridge.platforms.telegram.drafts import STOPPED, stop_of
from bridge.platforms.telegram.files import held
from bridge.platforms.telegram.markup import units
from bridge.platforms.telegram.membership import membership, moved
from bridge.platforms.telegram.quotes import origin, quote, replied_file
from bridge.platforms.telegram.told import told

GENERAL = "1"
"""The topic that every forum has, and that no message says it is in."""

_ALSO_SENT = ("checklist", "giveaway", "live_photo")  # beside what is an attachment
_RATINGS = {"👍": "up", "👎": "down"}


def parse(update: telegram.Update, channel: str, me: telegram.User, menu: Menu) -> Message | None:
    """The message of an update; None when it is not for the bot."""
    if stopped := update.api_kwargs.get(STOPPED):
        return stop_of(stopped, _id(update, me, f"{stopped['draft_id']}"), channel, me)
    if update.message:
        id_ = _id(update, me, f"{update.message.date.timestamp():.0f}")
        change = moved(update.message, id_, channel)
        return change or _message(update.message, id_, channel, me, menu)
    if update.edited_message:
        return _edit(update, update.edited_message, channel, me, menu)
    return _gesture(update, channel, me)


def _gesture(update: telegram.Update, channel: str, me: telegram.User) -> Message | None:
    """What is done without a word."""
    if update.callback_query:
        id_ = _id(update, me, update.callback_query.id)
        return _press(update.callback_query, id_, channel)
    if update.message_reaction:
        id_ = _id(update, me, f"{update.message_reaction.date.timestamp():.0f}")
        return _reaction(update.message_reaction, id_, channel)
    if update.my_chat_member:
        id_ = _id(update, me, f"{update.my_chat_member.date.timestamp():.0f}")
        return membership(update.my_chat_member, id_, channel)
    return None


def _edit(
    update: telegram.Update,
    edited: telegram.Message,
    channel: str,
    me: telegram.User,
    menu: Menu,
) -> Message | None:
    """What a message says now; a place that moves says nothing new."""
    if edited.location:
        return None
    id_ = _id(update, me, f"{(edited.edit_date or edited.date).timestamp():.0f}")
    message = _message(edited, id_, channel, me, menu)
    return message and replace(message, group="", joins="", edits=True)


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

    Each part of an album is a message, and only one of them has the caption. In a group the
    others, and the rest of a text that was cut, are for the bot as parts of what speaks to it.
    """
    sender = _speaker(message)
    if sender is None or _is_service(message):
        return None
    private = message.chat.type == ChatType.PRIVATE
    command, text = _said(message, sender.language, me, menu)
    addressed = bool(private or command or _meant_for(message, me))
    answers = quote(message, me, sender.language)
    files = tuple(filter(None, (held(message), replied_file(message, me))))
    if not addressed:  # as it was said to others
        text, files = _words(message)[0], files if message.media_group_id else ()
    elif not (command or text or files or answers):
        command = "help" if message.text is not None else "unsupported"
    address = _address(message, channel)
    group, joins = _belongs(message, me, address.thread or "", sender.id)
    return Message(
        id=id_,
        address=address,
        user=sender,
        text=text,
        command=command,
        private=private,
        addressed=addressed,
        chat_title="" if private else message.chat.effective_name or "",
        files=files,
        group=group,
        joins="" if command else joins,
        sent=int(message.date.timestamp()),
        cut=units(message.text or "") >= MessageLimit.MAX_TEXT_LENGTH,
        quote=answers,
        posted=str(message.message_id),
    )


def _address(message: telegram.Message, channel: str) -> Address:
    """Where a message was said; in a group the answer to it says what it answers."""
    private = message.chat.type == ChatType.PRIVATE
    reply_to = None if private else str(message.message_id)
    return Address(channel, str(message.chat.id), _topic(message), reply_to=reply_to)


def _said(
    message: telegram.Message, language: str, me: telegram.User, menu: Menu
) -> tuple[str, str]:
    """The command that a message gives, if any, and what it says in words."""
    if not message.forward_origin:
        command, text = _command(message, me, menu)
        return command, text or told(message, language)
    words = message.text or message.caption or told(message, language)  # of somebody else
    name = origin(message.forward_origin)
    return "", words and f"{say('told.forwarded', language, name=name)}\n{words}"


def _belongs(
    message: telegram.Message, me: telegram.User, thread: str, writer: str
) -> tuple[str, str]:
    """The group that a message is a part of, and the one that it joins.

    A client cuts a long paste into messages, and sends what is forwarded behind the comment
    on it. Clients look for a good place to cut in the second half of what fits.
    """
    chat, album = f"tg:{me.id}:{message.chat.id}", message.media_group_id
    theirs = f"{chat}:{thread}:{writer}"
    if message.forward_origin or units(message.text or "") > MessageLimit.MAX_TEXT_LENGTH // 2:
        return theirs, theirs
    if album:
        return f"{chat}:{album}", ""
    return "", theirs if message.text else ""


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
                return name.lower(), "" if name.lower() == "stop" else rest  # all, not a turn
            return "", f"/{name} {rest}".strip()  # perhaps one that the bot knows
    return "", _without_mention(text, me)


def _meant_for(message: telegram.Message, me: telegram.User) -> bool:
    """Whether a group's message speaks to the bot: by mention, by command, or as a reply."""
    replied = message.reply_to_message
    ours = replied and replied.from_user and replied.from_user.id == me.id
    if replied and ours and not replied.forum_topic_created:  # which all in a topic reply to
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
    sent = message.effective_attachment or any(getattr(message, kind) for kind in _ALSO_SENT)
    return message.text is None and not sent


def _user(user: telegram.User) -> User:
    return User(str(user.id), user.full_name, user.language_code or "en")
