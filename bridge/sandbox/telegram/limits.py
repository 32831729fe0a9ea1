"""How often a bot may write: by chat, by group and in all."""

import math
import time
from abc import ABC, abstractmethod
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from bridge.sandbox.telegram.errors import flooded

# Sums of seconds are only this exact; nobody is refused for less.
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Bucket:
    """A token bucket: `burst` calls at once, then one every `every` seconds."""

    burst: int
    every: float


@dataclass(frozen=True)
class Window:
    """At most `calls` calls in any `seconds` seconds."""

    calls: int
    seconds: float


@dataclass(frozen=True)
class TelegramLimits:
    """The budgets that sends and edits share; None turns one off.

    `chat` holds for each chat, `group` for each group on top of it, `bot` for all chats together.
    `polling` is for how many seconds Telegram holds up a getUpdates that repeats its offset at
    once, or that conflicts again and again.
    """

    chat: Bucket | None = Bucket(burst=3, every=1.0)
    group: Window | None = Window(calls=20, seconds=60.0)
    bot: Window | None = Window(calls=30, seconds=1.0)
    polling: float | None = 3.0


REAL_LIMITS = TelegramLimits()
NO_LIMITS = TelegramLimits(chat=None, group=None, bot=None, polling=None)


class _Meter(ABC):
    def __init__(self) -> None:
        self._shut_until = -math.inf

    @abstractmethod
    def _room_in(self, now: float) -> float:
        """Seconds until one more call fits; zero or less: it fits now."""

    @abstractmethod
    def take(self, now: float) -> None:
        """Count a call."""

    def wait(self, now: float) -> float:
        """Seconds until a call is let through."""
        return max(self._room_in(now), self._shut_until - now)

    def refuse(self, now: float, seconds: int) -> None:
        """Refuse every call until the announced seconds are over; a repeat extends nothing."""
        if self._shut_until <= now:
            self._shut_until = now + seconds


class _BucketMeter(_Meter):
    def __init__(self, bucket: Bucket) -> None:
        super().__init__()
        self._bucket = bucket
        self._full_at = -math.inf  # when the bucket is full again

    def _room_in(self, now: float) -> float:
        return self._full_at - now - (self._bucket.burst - 1) * self._bucket.every

    def take(self, now: float) -> None:
        self._full_at = max(self._full_at, now) + self._bucket.every


class _WindowMeter(_Meter):
    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._taken: deque[float] = deque()

    def _room_in(self, now: float) -> float:
        while self._taken and self._taken[0] + self._window.seconds <= now:
            self._taken.popleft()
        if len(self._taken) < self._window.calls:
            return 0.0
        return self._taken[0] + self._window.seconds - now

    def take(self, now: float) -> None:
        self._taken.append(now)


class Budgets:
    """Counts the sends and edits of one bot against `limits`."""

    def __init__(
        self, limits: TelegramLimits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._bot: list[_Meter] = [_WindowMeter(limits.bot)] if limits.bot else []
        self._chats: defaultdict[int, list[_Meter]] = defaultdict(list)

    def charge(self, chat: int, messages: int = 1) -> None:
        """Count one call to `chat`; an album draws for each of its messages, once it may come.

        Raises:
            ApiError: a budget is spent; nothing is counted.
        """
        now = self._clock()
        meters = self._bot + self._of(chat)
        spent = {meter: wait for meter in meters if (wait := meter.wait(now)) > _TOLERANCE}
        if spent:
            seconds = math.ceil(max(spent.values()) - _TOLERANCE)
            for meter in spent:
                meter.refuse(now, seconds)
            raise flooded(seconds)
        for meter in meters * messages:
            meter.take(now)

    def _of(self, chat: int) -> list[_Meter]:
        meters = self._chats[chat]
        if not meters:
            if self._limits.chat:
                meters.append(_BucketMeter(self._limits.chat))
            if self._limits.group and chat < 0:
                meters.append(_WindowMeter(self._limits.group))
        return meters
