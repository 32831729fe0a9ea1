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
from bridge.sandbox.telegram.senders import Where

S_contra = TypeVar("S_contra", contravariant=True)


class Deed(Protocol[S_contra]):
    """Something that a person does in a simulator."""

    def do(self, simulator: S_contra, /) -> None:
        """Do it.

        Raises:
            LookupError, ValueError: nobody could do that; the text says why.
        """


class Body(msgspec.Struct, forbid_unknown_fields=True):
    """The JSON that reports a deed."""


class InTelegram(Body, kw_only=True):
    """Somebody writes in a chat; in a private one it is its owner."""

    chat: TelegramChat
    user: TelegramUser

    def where(self) -> Where:
        """Who writes, and where, in the simulator's words."""
        name = TELEGRAM_NAMES[self.chat if self.chat > 0 else self.user]
        return Where(chat=self.chat, user=self.user, name=name, title=GROUP_TITLE)


class TelegramSay(InTelegram):
    """Write a message."""

    text: str

    def do(self, telegram: TelegramSimulator, /) -> None:
        """See `Deed`."""
        telegram.say(self.text, **self.where())


class TelegramPress(Body):
    """Press a button under a message."""

    chat: TelegramChat
    message_id: int
    label: str
    user: TelegramUser = 501

    def do(self, telegram: TelegramSimulator, /) -> None:
        """See `Deed`."""
        telegram.press(self.message_id, self.label, chat=self.chat, user=self.user)


class TelegramReact(Body):
    """React to a message with an emoji, or with "" take that back."""

    chat: TelegramChat
    message_id: int
    emoji: str
    user: TelegramUser = 501

    def do(self, telegram: TelegramSimulator, /) -> None:
        """See `Deed`."""
        telegram.react(self.message_id, self.emoji, chat=self.chat, user=self.user)


class SlackSay(Body):
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


class SlackPress(Body):
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


class SlackCommand(Body):
    """Send `/coze` with this text."""

    text: str
    channel: SlackChannel
    user: SlackUser = "U0ANN"

    def do(self, slack: SlackSimulator, /) -> None:
        """See `Deed`."""
        slack.command(self.text, channel=self.channel, user=self.user)


class SlackHome(Body):
    """Look at the direct messages with the bot."""

    user: SlackUser = "U0ANN"

    def do(self, slack: SlackSimulator, /) -> None:
        """See `Deed`."""
        slack.open_home(self.user)


class SlackAssistant(Body):
    """Begin a thread in the assistant's pane."""

    user: SlackUser = "U0ANN"

    def do(self, slack: SlackSimulator, /) -> None:
        """See `Deed`."""
        slack.open_assistant(self.user)


class SlackPick(Body):
    """Press a suggested prompt, at the top of a channel unless there is a `thread_ts`."""

    title: str
    channel: SlackChannel
    thread_ts: str | None = None
    user: SlackUser = "U0ANN"

    def do(self, slack: SlackSimulator, /) -> None:
        """See `Deed`."""
        slack.pick(self.title, channel=self.channel, thread_ts=self.thread_ts, user=self.user)
