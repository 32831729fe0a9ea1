"""What all answers of a workspace share, and how fast each may grow. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.core.model import Address
from bridge.core.ports import Budget, Call

# docs.slack.dev/apis/web-api/rate-limits, 2026-11: about 1 post a second in a channel;
# chat.startStream and chat.stopStream are Tier 2, 20 a minute in a workspace; chat.update and
# chat.delete Tier 3, 50; chat.appendStream Tier 4, 100. What left in more than a minute may
# arrive within one, so that a few are left.
_PER_MINUTE: Mapping[Call, int] = {"begin": 19, "end": 19, "append": 96, "delete": 48}
_BURST = 9  # of the calls of a minute: so many may come at once


@dataclass(frozen=True, slots=True)
class Rates:
    """A table of Slack's limits; the operator's word counts for more."""

    edit_every: float | None = None  # seconds; None: as is good for what is edited
    edits_per_minute: int = 48
    posts_per_second: float = 0.95  # in each channel

    def budgets(self, channel: str, call: Call, to: Address) -> tuple[Budget, ...]:
        """See `ports.Adapter`. Edits of all answers in a workspace share."""
        if call == "post":
            return (Budget(f"slack:{channel}:post:{to.chat}", 1 / self.posts_per_second, 1),)
        most = _PER_MINUTE.get(call, self.edits_per_minute)
        burst = min(_BURST, most // 2)
        return (Budget(f"slack:{channel}:{call}", 60 / (most - burst), burst),)
