"""How much a user may ask for, and what they have used."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bridge.core.errors import StoreUnavailable
from bridge.core.ports import Budget, Lease, Limiter, Records
from bridge.core.texts import say


@dataclass(frozen=True, slots=True)
class Allowance:
    """The limits of each user; 0 is no limit."""

    limiter: Limiter
    records: Records
    turns_per_minute: int
    tokens_per_day: int

    async def refusal(self, lease: Lease, user: str) -> str:
        """Why this user may not ask now, and when they may again; nothing if they may.

        A message is counted once, however often it is tried. Without the store nobody is refused.
        """
        if lease.progress.asked or lease.attempt > 1:
            return ""
        language = lease.message.user.language
        try:
            if self.tokens_per_day:
                [today] = await self.records.spent(f"user:{user}")
                if today.tokens >= self.tokens_per_day:
                    return say("budget", language, **_until_tomorrow())
            if self.turns_per_minute:
                most = self.turns_per_minute
                wait, _ = await self.limiter.take([Budget(f"user:{user}", 60 / most, most)], [0])
                if wait:
                    return say("slow_down", language, seconds=math.ceil(wait))
        except StoreUnavailable:
            pass
        return ""

    async def told(self, user: str, language: str) -> str:
        """What a user has used, in words. Raises StoreUnavailable."""
        days = await self.records.spent(f"user:{user}", days=30)
        month = {
            "turns": sum(day.turns for day in days),
            "tokens": f"{sum(day.tokens for day in days):,}",
        }
        today = {"today_turns": days[0].turns, "today_tokens": f"{days[0].tokens:,}"}
        text = say("usage", language, **today, **month)
        if self.tokens_per_day:
            left = max(0, self.tokens_per_day - days[0].tokens)
            most = f"{self.tokens_per_day:,}"
            limit = say("usage.limit", language, most=most, left=f"{left:,}", **_until_tomorrow())
            return f"{text}\n\n{limit}"
        return text


def _until_tomorrow() -> dict[str, object]:
    """How long it is until days begin anew, which is at midnight UTC."""
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = math.ceil((midnight - now).total_seconds() / 60)
    return {"hours": minutes // 60, "minutes": minutes % 60}
