"""What people do on the page, in the shape in which the page reports it."""

from typing import Protocol, TypeVar

import msgspec

from bridge.sandbox.page.cast import (
    GROUP_TITLE,
    TELEGRAM_NAMES,
    SlackChannel,
    SlackUser,
    TelegramChat,
    TelegramUser,
)
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator

S_contra = TypeVar("S_contra", contravariant=True)


class Deed(Protocol[S_contra]):
    """Something that a person does in a simulator."""

    def do(self, simulator: S_contra, /) -> None:
        """Do it.

        Raises:
            LookupError, ValueError: nobody could do that; the text says why.
        """


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    pass


class TelegramSay(_Body):
    """Write a message; in a private chat it is its owner who writes."""

    text: str
    chat: TelegramChat
    user: TelegramUser

    def do(self, telegram: TelegramSimulator, /) -> None:
        """See `Deed`."""
        name = TELEGRAM_NAMES[self.chat if self.chat > 0 else self.user]
        telegram.say(self.text, chat=self.chat, user=self.user, name=name, title=GROUP_TITLE)


class TelegramPress(_Body):
    """Press a button under a message."""

    chat: TelegramChat
    message_id: int
    label: str
    user: TelegramUser = 501

    def do(self, telegram: TelegramSimulator, /) -> None:
        """See `Deed`."""
        telegram.press(self.message_id, self.label, chat=self.chat, user=self.user)


class SlackSay(_Body):
    """Write a message, in a thread if there is a `thread_ts`."""

    text: str
    channel: SlackChannel
    user: SlackUser
    thread_ts: str | None = None

    def do(self, slack: SlackSimulator, /) -> None:
        """See `Deed`."""
        if not self.text.strip():
            raise ValueError("a message needs a text")
        slack.say(self.text, channel=self.channel, user=self.user, thread_ts=self.thread_ts)


class SlackPress(_Body):
    """Press a button under a message."""

    channel: SlackChannel
    ts: str
    label: str
    user: SlackUser = "U0ANN"

    def do(self, slack: SlackSimulator, /) -> None:
        """See `Deed`."""
        if all(shown.ts != self.ts for shown in slack.messages(self.channel)):
            raise LookupError(f"no message {self.ts} in {self.channel}")
        slack.press(self.ts, self.label, channel=self.channel, user=self.user)


class SlackCommand(_Body):
    """Send `/coze` with this text."""

    text: str
    channel: SlackChannel
    user: SlackUser = "U0ANN"

    def do(self, slack: SlackSimulator, /) -> None:
        """See `Deed`."""
        slack.command(self.text, channel=self.channel, user=self.user)
