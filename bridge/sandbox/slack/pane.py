"""What an app shows around its threads: a status, a title, and prompts to press."""

import time
from collections.abc import Callable
from typing import NamedTuple

STATUS_LASTS = 120.0  # seconds, unless a post clears it before


class Prompt(NamedTuple):
    """A prompt that a user may press: its `message` is then what the user says."""

    title: str
    message: str


class _Status(NamedTuple):
    text: str
    loading: tuple[str, ...]
    until: float


_NOTHING = _Status("", (), 0.0)


class Pane:
    """What the app shows around threads; a thread None is the top of direct messages."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.titles: dict[tuple[str, str], str] = {}
        self.sessions: dict[tuple[str, str], str] = {}  # of an agent: their status
        self._changed = changed
        self._statuses: dict[tuple[str, str], _Status] = {}
        self._prompts: dict[tuple[str, str | None], tuple[Prompt, ...]] = {}

    def set_status(self, channel: str, root: str, text: str, loading: tuple[str, ...]) -> None:
        """Show a status until a post, an empty status, or two minutes later."""
        until = time.monotonic() + STATUS_LASTS
        self._statuses[channel, root] = _Status(text, loading, until)
        self._changed()

    def set_session(self, channel: str, root: str, status: str) -> None:
        """Say how far an agent is with a thread."""
        self.sessions[channel, root] = status
        self._changed()

    def status(self, channel: str, root: str) -> str:
        """The status shown in a thread, or an empty string."""
        return self._status(channel, root).text

    def loading(self, channel: str, root: str) -> tuple[str, ...]:
        """The messages that take turns while the status is shown."""
        return self._status(channel, root).loading

    def _status(self, channel: str, root: str) -> _Status:
        status = self._statuses.get((channel, root), _NOTHING)
        return status if time.monotonic() < status.until else _NOTHING

    def set_prompts(self, channel: str, root: str | None, prompts: tuple[Prompt, ...]) -> None:
        """Offer prompts until a person says something there."""
        self._prompts[channel, root] = prompts
        self._changed()

    def prompts(self, channel: str, root: str | None) -> tuple[Prompt, ...]:
        """The prompts that are offered."""
        return self._prompts.get((channel, root), ())

    def said(self, channel: str, root: str | None, *, by_app: bool) -> None:
        """Somebody has said something: a post of the app ends its status."""
        if not by_app:
            self._prompts.pop((channel, root), None)
        elif root:
            self._statuses.pop((channel, root), None)
