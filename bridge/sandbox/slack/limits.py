"""Rate limits: each method for itself, over a sliding minute, as Slack counts them."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

TIER3 = {
    "agents.sessions.rename",
    "agents.sessions.setStatus",
    "apps.connections.open",
    "chat.delete",
    "conversations.history",
    "conversations.info",
    "conversations.open",
    "conversations.replies",
    "files.delete",
    "reactions.add",
    "reactions.get",
}
TIER4 = {
    "assistant.threads.setSuggestedPrompts",
    "assistant.threads.setTitle",
    "chat.appendStream",
    "chat.postEphemeral",
    "files.completeUploadExternal",
    "files.getUploadURLExternal",
    "files.info",
    "users.info",
    "views.open",
    "views.publish",
    "views.push",
    "views.update",
}


@dataclass(frozen=True, kw_only=True)
class SlackLimits:
    """Calls allowed in each `window` of seconds, for each method.

    chat.postMessage is counted for each channel instead: `post_burst` at once, refilled at
    `posts_per_second`. auth.test is not limited. A method without a documented tier is in Tier 2.
    """

    update: int = 50
    tier2: int = 20
    tier3: int = 50
    tier4: int = 100
    status: int = 600
    post_burst: int = 3
    posts_per_second: float = 1.0
    window: float = 60.0

    def of(self, method: str) -> float:
        """How many calls of `method` a window allows."""
        special = {
            "chat.update": self.update,
            "assistant.threads.setStatus": self.status,
            "auth.test": math.inf,
        }
        if method in special:
            return special[method]
        if method in TIER3:
            return self.tier3
        return self.tier4 if method in TIER4 else self.tier2


class Limiter:
    """Counts calls against the limits; a refused call costs nothing."""

    def __init__(
        self, limits: SlackLimits | None, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._now = now
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)
        self._full_at: dict[str, float] = {}

    def wait(self, method: str, channel: str) -> int:
        """Zero lets the call through and counts it; else the whole seconds of `Retry-After`."""
        if self._limits is None:
            return 0
        if method == "chat.postMessage":
            return self._wait_to_post(self._limits, channel)
        return self._wait_in_window(self._limits, method)

    def _wait_in_window(self, limits: SlackLimits, method: str) -> int:
        now, calls = self._now(), self._calls[method]
        while calls and calls[0] <= now - limits.window:
            calls.popleft()
        if len(calls) >= limits.of(method):
            return max(1, math.ceil(calls[0] + limits.window - now) if calls else 1)
        calls.append(now)
        return 0

    def _wait_to_post(self, limits: SlackLimits, channel: str) -> int:
        # A bucket, kept as the moment at which it will be full again.
        now, each = self._now(), 1 / limits.posts_per_second
        full_at = max(now, self._full_at.get(channel, now)) + each
        excess = full_at - now - limits.post_burst * each
        if excess > 1e-9:
            return max(1, math.ceil(excess))
        self._full_at[channel] = full_at
        return 0
