"""How often those methods are called for which no budget is shared: no more than Slack allows."""

import asyncio
from collections.abc import Mapping
from typing import Self

from bridge.core.errors import RateLimited

# docs.slack.dev/apis/web-api/rate-limits, 2026-11: calls in a minute, each method by itself.
_TIER3, _TIER4 = 50, 100
ALLOWED: Mapping[str, int] = {
    "agents.sessions.rename": _TIER3,
    "assistant.threads.setStatus": 600,
    "assistant.threads.setSuggestedPrompts": _TIER4,
    "assistant.threads.setTitle": _TIER4,
    "chat.postEphemeral": _TIER4,
    "conversations.history": _TIER3,
    "conversations.info": _TIER3,
    "conversations.replies": _TIER3,
    "files.completeUploadExternal": _TIER4,
    "files.delete": _TIER3,
    "files.getUploadURLExternal": _TIER4,
    "files.info": _TIER4,
    "users.info": _TIER4,
    "views.open": _TIER4,
    "views.publish": _TIER4,
}
_SPARE = 0.94  # of what is allowed: what left in more than a minute may arrive within one
_LONGEST = 60.0  # seconds; whoever would wait longer is refused at once


class Turns:
    """Calls one after another: a `burst` at once, from then on one `every` so many seconds."""

    def __init__(self, every: float, burst: int) -> None:
        self._every, self._burst = every, burst
        self._due = 0.0  # when all of the burst is there again
        self._line = asyncio.Lock()
        self._waiting = 0

    @classmethod
    def within(cls, allowed: int) -> Self:
        """Turns of which no minute sees more than are `allowed`."""
        most = int(allowed * _SPARE)
        burst = most * 2 // 3  # many who come once need not wait
        return cls(60 / (most - burst), burst)

    async def take(self) -> None:
        """Wait for a turn.

        Raises:
            RateLimited: it would not come soon.
        """
        _soon(self._wait() + self._waiting * self._every)
        self._waiting += 1
        try:
            async with self._line:
                while wait := self._wait():
                    _soon(wait)
                    await asyncio.sleep(wait)
                self._due = max(self._due, _now()) + self._every
        finally:
            self._waiting -= 1

    def close(self, seconds: float) -> None:
        """Slack wants to be left alone: the next call is due after so long."""
        self._due = max(self._due, _now() + seconds + self._every * (self._burst - 1))

    def _wait(self) -> float:
        return max(0.0, self._due - self._every * (self._burst - 1) - _now())


def _soon(wait: float) -> None:
    """Raise unless a turn comes soon."""
    if wait > _LONGEST:
        raise RateLimited("Slack: too many calls of one method", retry_after=wait)


def _now() -> float:
    return asyncio.get_running_loop().time()
