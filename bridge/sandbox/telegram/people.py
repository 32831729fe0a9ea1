"""The people's side of the simulated Telegram: they write, attach, edit, react and press."""

import time
from collections.abc import Sequence
from typing import Unpack

from bridge.sandbox.changes import Changes
from bridge.sandbox.telegram.attach import Attachment
from bridge.sandbox.telegram.chats import Body, Chat, Chats, Message, Shown, User
from bridge.sandbox.telegram.errors import ApiError
from bridge.sandbox.telegram.files import FileStore, Media
from bridge.sandbox.telegram.inputs import ALBUM_KINDS
from bridge.sandbox.telegram.membership import Membership, guise
from bridge.sandbox.telegram.params import Json
from bridge.sandbox.telegram.senders import Senders, Where, context
from bridge.sandbox.telegram.text import clean, clean_caption, found, piece
from bridge.sandbox.telegram.updates import UpdateQueue
from bridge.sandbox.telegram.vocabulary import REACTIONS


class People(Membership, Senders):
    """Everybody but the bot.

    In groups the bot sees only what concerns it, unless `privacy` is turned off or it is an
    administrator.
    """

    def __init__(
        self, chats: Chats, store: FileStore, updates: UpdateQueue, changes: Changes
    ) -> None:
        self.privacy = True
        self.changes = changes
        self._chats = chats
        self._store = store
        self._updates = updates

    def say(self, text: str, *, via_edit_of: int | None = None, **where: Unpack[Where]) -> int:
        """Let a person write, or change what they wrote; returns the update's id.

        The id is 0 if the bot does not get to see it. `Where` tells of the other arguments.
        Writing in a blocked chat unblocks it.

        Raises:
            ValueError: no client sends such a text.
            LookupError: there is no message to reply to, or none of this person's to edit.
        """
        body = _body(text, [])
        chat, sender = self._enter(where)
        if via_edit_of is None:
            return self._deliver("message", self._post(chat, sender, body, where))
        if self._message(via_edit_of, chat.id).sender.id != sender.id:
            raise LookupError(f"{sender.name} wrote no message {via_edit_of} in chat {chat.id}")
        return self.edit(via_edit_of, text, chat=chat.id)

    def edit(self, message_id: int, text: str, *, chat: int = 501) -> int:
        """Let its author change a text or a caption; returns the update's id, as `say` does.

        Raises:
            ValueError: no client sends such a text.
            LookupError: no person wrote such a message.
        """
        message = self._message(message_id, chat)
        if message.from_bot:
            raise LookupError(f"the bot wrote message {message_id}")
        media = message.body.media
        if media and not media.takes_caption:
            raise ValueError(f"a {media.kind} has no words to edit")
        message.edit(_body(text, [], media), None)
        return self._deliver("edited_message", message)

    def send(self, attachment: Attachment, **where: Unpack[Where]) -> int:
        """Let a person send a file or the like; returns the update's id, as `say` does.

        Raises:
            ValueError: no client sends such a caption.
            LookupError: there is no message to reply to.
        """
        body = self._attached(attachment)
        chat, sender = self._enter(where)
        return self._deliver("message", self._post(chat, sender, body, where))

    def send_album(
        self, attachments: Sequence[Attachment], *, caption: str = "", **where: Unpack[Where]
    ) -> list[int]:
        """Let a person send several files at once; returns the ids of the updates.

        `caption` goes below the first, unless the attachments have their own.

        Raises:
            ValueError: no client sends such an album.
            LookupError: there is no message to reply to.
        """
        kinds = {attachment.kind for attachment in attachments}
        if not 2 <= len(attachments) <= 10 or not kinds <= ALBUM_KINDS:
            raise ValueError(
                "an album has two to ten photos, videos, documents or pieces of music"
            )
        if len(kinds) > 1 and kinds & {"audio", "document"}:
            raise ValueError("documents and music can't be mixed with others")
        bodies = [self._attached(attachment) for attachment in attachments]
        if caption:
            bodies[0] = _body(caption, [], bodies[0].media)
        chat, sender = self._enter(where)
        album = self._chats.new_album()
        messages = [self._post(chat, sender, body, where, album) for body in bodies]
        return [self._deliver("message", message) for message in messages]

    def move(self, message_id: int, latitude: float, longitude: float, *, chat: int = 501) -> int:
        """Let a person's live location be another; returns the update's id, as `say` does.

        Raises:
            LookupError: there is no such message.
            ValueError: it is no live location.
        """
        message = self._message(message_id, chat)
        media = message.body.media
        if not media or "live_period" not in media.details:
            raise ValueError(f"message {message_id} does not move")
        moved = media.details | {"latitude": latitude, "longitude": longitude}
        media = self._store.keep(Attachment("location", details=moved))
        message.edit(Body("", [], media), None)
        return self._deliver("edited_message", message)

    def react(self, message_id: int, emoji: str, *, chat: int = 501, user: int = 501) -> int:
        """Let a person react to a message, or with "" take that back; returns the update's id.

        The id is 0 if the bot does not get to see it: it has not asked for `message_reaction`,
        is no administrator of the group, or nothing has changed.

        Raises:
            ValueError: there is no such reaction.
            LookupError: there is no such message.
        """
        if emoji and emoji.replace("\ufe0f", "") not in REACTIONS:
            raise ValueError(f"nobody can react with {emoji!r}")
        message = self._message(message_id, chat)
        person = self._chats.user(chat if chat > 0 else user)
        old = message.reactions.get(person.id, "")
        if emoji == old:
            return 0
        message.react_as(person.id, emoji)
        update = {
            "chat": message.chat.wire(),
            "message_id": message.id,
            "user": person.wire(),
            "date": int(time.time()),
            "old_reaction": _reaction(old),
            "new_reaction": _reaction(emoji),
        }
        self.changes.notify()
        if not (message.chat.private or self._chats.bot.id in message.chat.admins):
            return 0
        return self._updates.add("message_reaction", update)

    def press(self, message_id: int, label: str, *, chat: int, user: int = 501) -> str:
        """Press the button of a message that is, or contains, `label`; returns the query's id.

        Raises:
            LookupError: there is no such button now.
        """
        message = self._message(message_id, chat)
        query: Json = {
            "id": "",
            "from": self._chats.user(chat if chat > 0 else user).wire(),
            "message": message.wire(),
            "chat_instance": str(chat),
            "data": _data(message.shown, label),
        }
        query["id"] = self._chats.open_query()
        self._updates.add("callback_query", query)
        self.changes.notify()
        return str(query["id"])

    def block(self, chat: int) -> None:
        """Let the person block the bot, or the group remove it, until somebody writes again.

        Raises:
            LookupError: nobody has written in that chat.
        """
        self._chat(chat).blocked = True
        self.changes.notify()

    def deactivate(self, chat: int) -> None:
        """Let the person delete their account.

        Raises:
            LookupError: nobody has written in that chat.
        """
        self._chat(chat).deactivated = True
        self.changes.notify()

    def promote(self, chat: int, *, user: int | None = None) -> None:
        """Make a person, or else the bot, an administrator of a group.

        Raises:
            LookupError: nobody has written in that group.
        """
        self._chat(chat).admins.add(self._chats.bot.id if user is None else user)

    def _chat(self, chat: int) -> Chat:
        room = self._chats.get(chat)
        if room is None:
            raise LookupError(f"no chat {chat}")
        return room

    def _message(self, message_id: int, chat: int) -> Message:
        room = self._chats.get(chat)
        message = room.messages.get(message_id) if room else None
        if message is None:
            raise LookupError(f"no message {message_id} in chat {chat}")
        return message

    def _enter(self, where: Where) -> tuple[Chat, User]:
        chat, name = where.get("chat", 501), where.get("name", "Ann")
        user = chat if chat > 0 else where.get("user", 501)
        sender = self._chats.meet(User(user, name, where.get("language", "en")))
        room = self._chats.enter(chat, name if chat > 0 else where.get("title") or "")
        if room.moved_to:
            raise LookupError(f"group {chat} is {room.moved_to} now")
        room.blocked = False
        return room, sender

    def _post(
        self, chat: Chat, sender: User, body: Body, where: Where, album: str = ""
    ) -> Message:
        thread, reply_to = where.get("thread"), where.get("reply_to")
        if reply_to is not None and reply_to not in chat.messages:
            raise LookupError(f"no message {reply_to} in chat {chat.id}")
        if thread is not None:
            chat.threads.add(thread)
        answered = chat.messages[reply_to].body.text if reply_to else ""
        more = guise(chat, sender, where) | context(where, answered)
        message = chat.post(sender, body, thread=thread, reply_to=reply_to, album=album, more=more)
        message.date = where.get("date", message.date)
        return message

    def _attached(self, attachment: Attachment) -> Body:
        if attachment.caption and not attachment.takes_caption:
            raise ValueError(f"nothing can be written below a {attachment.kind}")
        media = self._store.keep(attachment)
        return _body(attachment.caption, attachment.caption_entities, media)

    def _deliver(self, kind: str, message: Message) -> int:
        update = self._updates.add(kind, message.wire()) if self._sees(message) else 0
        self.changes.notify()
        return update

    def _sees(self, message: Message) -> bool:
        chat, body = message.chat, message.body
        if chat.out:
            return False
        if chat.private or not self.privacy or self._chats.bot.id in chat.admins:
            return True
        replied = chat.messages.get(message.reply_to or 0)
        return bool(replied and replied.from_bot) or any(
            self._addresses(entity["type"], piece(body.text, entity)) for entity in body.entities
        )

    def _addresses(self, kind: str, words: str) -> bool:
        _, at, username = words.partition("@")
        if kind == "bot_command" and not at:
            return True
        mine = username.lower() == self._chats.bot.bot_name.lower()
        return mine and kind in {"bot_command", "mention"}


def _body(text: str, entities: list[Json], media: Media | None = None) -> Body:
    try:
        text, entities = clean_caption(text, entities) if media else clean(text, entities)
    except ApiError as error:
        raise ValueError(error.description) from error
    # Clients mark only what people format; the rest is found.
    marked = sorted(entities + found(text), key=lambda entity: int(entity["offset"]))
    return Body(text, marked, media)


def _reaction(emoji: str) -> list[Json]:
    return [{"type": "emoji", "emoji": emoji}] if emoji else []


def _data(message: Shown, label: str) -> str:
    buttons = {text: data for row in message.buttons for text, data in row if data}
    texts = [text for text in buttons if text == label]
    texts += [text for text in buttons if label in text]
    if not texts:
        raise LookupError(f"message {message.id} has no button {label!r}")
    return buttons[texts[0]]
