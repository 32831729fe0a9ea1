"""Whose message it is: which bot answers, in which conversation, under which Coze user."""

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bridge.core.model import Message

Sharing: TypeAlias = Literal["auto", "user", "thread", "chat"]
Standing: TypeAlias = Literal["welcome", "stranger", "unlisted", "external"]


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
    workspaces: frozenset[str] = frozenset()
    external: bool = False  # guests, and whoever is of another workspace, may be let in
    whispers: bool = False  # in a group strangers are told so too, for their eyes alone
    closed: bool = False  # an empty list lets nobody in
    pairing: bool = False  # strangers get a code, with which the operator lets them in
    leaves: bool = False  # groups that are not on the list
    names: bool = False  # a bot is told who asks, where several people share a conversation
    context: int = 0  # how many messages of a group, not meant for the bot, it is told


@dataclass(frozen=True, slots=True)
class Route:
    """Where a message goes."""

    bot: str
    session: str  # who shares one conversation
    user: str  # Coze user_id


def route(message: Message, policy: Policy) -> Route:
    """Where this message goes. Pure and stable: conversations are stored under it."""
    to, sharing = message.address, _sharing(message, policy)
    thread = to.thread if policy.session == "auto" or sharing == "thread" else None
    user = message.user.id if sharing == "user" else None
    session = ":".join((to.channel, home(message), thread or "", user or ""))
    return Route(_bot(message, policy), session, coze_user(policy.platform, person(message)))


def _sharing(message: Message, policy: Policy) -> Sharing:
    if policy.session != "auto":
        return policy.session
    return "thread" if message.private else policy.group_session


def shared(message: Message, policy: Policy) -> bool:
    """Whether several people may speak in the conversation of this message."""
    return not message.private and _sharing(message, policy) != "user"


def home(message: Message) -> str:
    """The id under which a chat's sessions are kept: the first that it had."""
    return message.home or message.address.where


def person(message: Message) -> str:
    """Who speaks, unlike anybody of another workspace."""
    team, user = message.address.team, message.user.id
    return f"{team}/{user}" if team else user


def place(message: Message) -> str:
    """The chat of a message, or the thread of it, whoever speaks there."""
    to = message.address
    return ":".join((to.channel, home(message), to.thread or ""))


def _bot(message: Message, policy: Policy) -> str:
    to = message.address
    return next(
        (
            rule.bot
            for rule in policy.rules
            if rule.channel in (None, to.channel)
            and rule.chat in (None, to.chat, home(message))
            and rule.user in (None, message.user.id)
            and rule.command in (None, message.command)
        ),
        policy.bot,
    )


def coze_user(platform: str, user: str) -> str:
    """The `user_id` under which Coze knows a chat user: stable, and not the platform's id."""
    return hashlib.sha256(f"coze-bridge:{platform}:{user}".encode()).hexdigest()[:32]


LETTERS = "bcdfghjkmnpqrstvwxyz"  # which make no words, and are not taken for one another


def turn_id(message: str) -> str:
    """The short id of the turn that a message began: eight letters, always the same."""
    number = int.from_bytes(hashlib.sha256(message.encode()).digest()[:8])
    return "".join(LETTERS[number // 20**place % 20] for place in range(8))


def standing(message: Message, policy: Policy) -> Standing:
    """Whether the operator lets this user, in this chat, talk to the bot.

    To be on the list of users, or paired, opens no group that is left for not being listed.
    A chat that is listed lets nobody in who is external; a user who is listed is let in.
    """
    user = message.user
    if _external(message) and not policy.external and user.id not in policy.users:
        return "external"
    if message.address.chat in policy.chats or home(message) in policy.chats:
        return "welcome"
    if policy.leaves and not message.private and (policy.chats or policy.closed):
        return "unlisted"
    if policy.users or policy.chats or policy.workspaces or policy.closed:
        member = (user.team or message.team) in policy.workspaces
        return "welcome" if member or user.id in policy.users else "stranger"
    return "welcome"


def _external(message: Message) -> bool:
    """Whether somebody who is no full member of the workspace speaks here, or reads along."""
    user = message.user
    return message.external or user.guest or user.team not in ("", message.team)
