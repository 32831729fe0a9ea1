"""Whose message it is: which bot answers, in which conversation, under which Coze user."""

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bridge.core.model import Message

Sharing: TypeAlias = Literal["auto", "user", "thread", "chat"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Messages that match all that is not None go to `bot`."""

    bot: str
    channel: str | None = None
    chat: str | None = None
    user: str | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What the configuration says of one channel."""

    platform: str
    bot: str
    session: Sharing = "auto"
    group_session: Literal["user", "thread"] = "user"  # what `auto` is in a group
    rules: tuple[Rule, ...] = ()  # the first match wins, and over `bot`
    users: frozenset[str] = frozenset()  # empty: everyone
    chats: frozenset[str] = frozenset()
    closed: bool = False  # an empty list lets nobody in


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes."""

    bot: str
    session: str  # who shares one conversation
    user: str  # Coze user_id


def route(message: Message, policy: Policy) -> Route:
    """Where this message goes. Pure and stable: conversations are stored under it."""
    to, sharing = message.address, policy.session
    if sharing == "auto":
        sharing = "thread" if message.private else policy.group_session
        thread, user = to.thread, message.user.id if sharing == "user" else None
    else:
        thread = to.thread if sharing == "thread" else None
        user = message.user.id if sharing == "user" else None
    session = ":".join((to.channel, to.chat, thread or "", user or ""))
    return Route(_bot(message, policy), session, coze_user(policy.platform, message.user.id))


def _bot(message: Message, policy: Policy) -> str:
    to = message.address
    return next(
        (
            rule.bot
            for rule in policy.rules
            if rule.channel in (None, to.channel)
            and rule.chat in (None, to.chat)
            and rule.user in (None, message.user.id)
            and rule.command in (None, message.command)
        ),
        policy.bot,
    )


def coze_user(platform: str, user: str) -> str:
    """The `user_id` under which Coze knows a chat user: stable, and not the platform's id."""
    return hashlib.sha256(f"coze-bridge:{platform}:{user}".encode()).hexdigest()[:32]


_LETTERS = "bcdfghjkmnpqrstvwxyz"  # which make no words, and are not taken for one another


def turn_id(message: str) -> str:
    """The short id of the turn that a message began: eight letters, always the same."""
    number = int.from_bytes(hashlib.sha256(message.encode()).digest()[:8])
    return "".join(_LETTERS[number // 20**place % 20] for place in range(8))


def may_talk(message: Message, policy: Policy) -> bool:
    """Whether the operator lets this user, in this chat, talk to the bot."""
    if not (policy.users or policy.chats):
        return not policy.closed
    return message.user.id in policy.users or message.address.chat in policy.chats
