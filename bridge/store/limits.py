"""Budgets of calls that all replicas share."""

from collections.abc import Sequence

from redis.asyncio import Redis

from bridge.core.ports import Budget
from bridge.store import keys
from bridge.store.client import Script

_US = 1_000_000


class RedisLimiter:
    """`ports.Limiter` by GCRA, all budgets of a call in one atomic step."""

    def __init__(self, redis: Redis) -> None:
        self._take, self._close = Script(redis, "take"), Script(redis, "close")

    async def take(self, budgets: Sequence[Budget], reserve: Sequence[int]) -> tuple[float, int]:
        """See `ports.Limiter`."""
        args = [
            number
            for budget, kept in zip(budgets, reserve, strict=True)
            for number in (int(budget.every * _US), budget.burst, kept)
        ]
        wait, culprit = await self._take([keys.budget(b.key) for b in budgets], *args)
        return wait / _US, culprit

    async def close(self, budget: Budget, seconds: float) -> None:
        """See `ports.Limiter`."""
        every = int(budget.every * _US)
        await self._close([keys.budget(budget.key)], int(seconds * _US), every, budget.burst)
