"""Trigger ids: what a user's gesture lets the app do once, within seconds."""

import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from bridge.sandbox.slack.model import SlackError


@dataclass(eq=False)
class Trigger:
    """Who did something, maybe in a modal, and until when it may be answered by a modal."""

    user: str
    view: str | None
    until: float
    used: bool = False


class Triggers:
    """All trigger ids that were given out; each is good for `lasts` seconds of `now`."""

    def __init__(self, lasts: float, *, now: Callable[[], float] = time.monotonic) -> None:
        self._lasts = lasts
        self._now = now
        self._serial = itertools.count(1)
        self._given: dict[str, Trigger] = {}

    def issue(self, user: str, view: str | None = None) -> str:
        """A new trigger id."""
        key = f"{next(self._serial)}.{next(self._serial)}.{uuid.uuid4().hex}"
        self._given[key] = Trigger(user, view, self._now() + self._lasts)
        return key

    def exchange(self, key: str) -> Trigger:
        """Use a trigger id up.

        Raises:
            SlackError: invalid_trigger_id, exchanged_trigger_id or expired_trigger_id.
        """
        trigger = self._given.get(key)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._now() > trigger.until:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger
