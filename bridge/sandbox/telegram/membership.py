"""Groups into which people bring the bot, from which they remove it, and that they upgrade."""

import time

from bridge.sandbox.changes import Changes
from bridge.sandbox.telegram.chats import Body, Chat, Chats, User
from bridge.sandbox.telegram.errors import ApiError, bad_request
from bridge.sandbox.telegram.params import Json, Params
from bridge.sandbox.telegram.senders import Where
from bridge.sandbox.telegram.updates import UpdateQueue
from bridge.sandbox.telegram.writer import Writer

ANONYMOUS = {
    "id": 1087968824,
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}
CHANNEL = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}


class Membership:
    """In which groups the bot is; where nobody has said anything of it, it is a member."""

    changes: Changes
    _chats: Chats
    _updates: UpdateQueue
    _writer: Writer

    def add_bot(self, chat: int, *, user: int = 501, title: str = "", basic: bool = False) -> int:
        """Let a person bring the bot into a group, a `basic` one or a supergroup.

        Returns the update's id.
        """
        room = self._chats.get(chat)
        if room is None:
            room = self._chats.enter(chat, title)
            room.basic, room.out = basic, "left"
        return self._become(room, "", self._chats.user(user))

    def kick_bot(self, chat: int, *, user: int = 501) -> int:
        """Let a person remove the bot from a group; returns the update's id.

        Raises:
            LookupError: it is in no such group.
        """
        return self._become(self._group(chat), "kicked", self._chats.user(user))

    def upgrade(self, chat: int, to: int, *, user: int = 501) -> list[int]:
        """Let a basic group become the supergroup `to`; returns the ids of the updates.

        Raises:
            LookupError: the bot is in no such group.
            ValueError: it is a supergroup already.
        """
        old = self._group(chat)
        if not old.basic:
            raise ValueError(f"group {chat} is a supergroup already")
        new, by = self._chats.enter(to, old.title), self._chats.user(user)
        new.admins |= old.admins
        told = [(old, {"migrate_to_chat_id": to}), (new, {"migrate_from_chat_id": chat})]
        notes = [room.post(by, Body("", []), more=note).wire() for room, note in told]
        old.moved_to = to
        ids = [self._updates.add("message", note) for note in notes]
        self.changes.notify()
        return ids

    def leave_chat(self, params: Params) -> bool:
        """The method leaveChat."""
        room = self._writer.chat(params)
        if room.private:
            raise bad_request("chat member status can't be changed in private chats")
        if room.out or room.blocked:
            raise ApiError(403, f"Forbidden: bot is not a member of the {room.kind} chat")
        self._become(room, "left", self._chats.bot)
        return True

    def _group(self, chat: int) -> Chat:
        room = self._chats.get(chat)
        if room is None or room.private or room.out or room.moved_to:
            raise LookupError(f"the bot is in no group {chat}")
        return room

    def _become(self, room: Chat, out: str, by: User) -> int:
        """Make the bot a member, or none any more, and tell it."""
        update = {
            "chat": room.wire(),
            "from": by.wire(),
            "date": int(time.time()),
            "old_chat_member": self._member(room.out),
            "new_chat_member": self._member(out),
        }
        room.out = out
        told = self._updates.add("my_chat_member", update)
        self.changes.notify()
        return told

    def _member(self, out: str) -> Json:
        """The bot as a member of a chat."""
        shown: Json = {"user": self._chats.bot.wire(), "status": out or "member"}
        return shown | ({"until_date": 0} if out == "kicked" else {})


def guise(chat: Chat, sender: User, where: Where) -> Json:
    """How a message shows its sender, who may speak as the group or as a channel."""
    if channel := where.get("as_channel"):
        return {
            "from": CHANNEL,
            "sender_chat": {"id": channel, "title": "A channel", "type": "channel"},
        }
    if not where.get("anonymous"):
        return {}
    if sender.id not in chat.admins:
        raise ValueError("nobody but an administrator can stay anonymous")
    return {"from": ANONYMOUS, "sender_chat": chat.wire()}
