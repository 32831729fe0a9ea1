"""The commands that a chat user can give, on every platform."""

from dataclasses import dataclass, replace
from typing import Self

from bridge.core.texts import ENGLISH, say

COMMANDS = ("start", "new", "stop", "retry", "help", "usage", "export")
"""What every bridge offers."""

OPTIONAL = ("bot", "vars")
"""What some offer: several bots, variables that users may set."""

THREADED = ("mute", "unmute")
"""What is offered where a thread goes on without mentions."""

ALONE = frozenset({"start", "usage", "export", "vars"})
"""What concerns its user alone: a group's menu does not offer it."""

INNER = (
    *("ask", "answer", "about", "halt", "home", "up", "down", "why", "full", "unsupported"),
    *("added", "left", "moved", "stranger", "pairing", "unlisted", "external"),
)
"""What buttons stand for and what the bridge tells itself; nobody types them."""

REASONS = ("wrong", "unhelpful", "unsafe", "style")
"""What may be wrong with an answer: `reason.<name>` in core.texts."""

FORM = "form"
"""In the place of a reason: its user has been given a form to tell it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command of the configuration, or of the bot at Coze."""

    name: str  # 1 to 32 of a-z, 0-9 and _
    description: str


@dataclass(frozen=True, slots=True)
class Menu:
    """The commands that can be typed in one channel."""

    names: tuple[str, ...] = COMMANDS  # of ours
    extra: tuple[Entry, ...] = ()

    def __contains__(self, name: str) -> bool:
        return name in self.names or any(entry.name == name for entry in self.extra)

    def threaded(self) -> Self:
        """The menu where a thread goes on without mentions."""
        return replace(self, names=(*self.names, *THREADED))

    def entries(self, language: str, *, private: bool = True) -> list[tuple[str, str]]:
        """Each with what it does, ours first; those for a private chat, or for a group."""
        names = [name for name in self.names if private or name not in ALONE]
        ours = [(name, say(f"command.{name}", language)) for name in names]
        return ours + [(entry.name, entry.description or entry.name) for entry in self.extra]


def reserved(name: str) -> bool:
    """Whether a command of this name is the bridge's own."""
    return name in INNER or f"command.{name}" in ENGLISH


def pressed(command: str) -> tuple[str, str]:
    """The command and the argument that a button stands for ("stop:42" is ("stop", "42"))."""
    name, _, argument = command.partition(":")
    return name, argument
