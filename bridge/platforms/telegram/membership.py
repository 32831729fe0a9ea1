"""Groups in which the bot comes to be, ceases to be, or that change their id. Pure."""

import telegram
from telegram.constants import ChatMemberStatus, ChatType

from bridge.core.model import Address, Message, User

_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_OUT = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


def membership(change: telegram.ChatMemberUpdated, id_: str, channel: str) -> Message | None:
    """The bot was "added" to a group, or has "left" it, of its own accord or not.

    Channels are none of its business: nobody talks there.
    """
    was, is_ = (_in(member) for member in (change.old_chat_member, change.new_chat_member))
    if change.chat.type not in _GROUPS or was == is_:
        return None
    by = change.from_user
    return Message(
        id=id_,
        address=Address(channel, str(change.chat.id)),
        user=User(str(by.id), by.full_name, by.language_code or "en"),
        text="",
        command="added" if is_ else "left",
        private=False,
        chat_title=change.chat.effective_name or "",
    )


def _in(member: telegram.ChatMember) -> bool:
    """Whether somebody is in a chat."""
    if isinstance(member, telegram.ChatMemberRestricted):
        return member.is_member
    return member.status not in _OUT


def moved(message: telegram.Message, id_: str, channel: str) -> Message | None:
    """A group has "moved", to the id that is the text. Both tell it, the old and the new."""
    old, new = message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id:
        old, new = message.migrate_from_chat_id, message.chat.id
    if not new:
        return None
    return Message(
        id=id_,
        address=Address(channel, str(old)),
        user=User(""),
        text=str(new),
        command="moved",
        private=False,
    )
