"""One choke point before a platform: who may call next, as fast as its budgets allow."""

import asyncio
import contextlib
import math
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import count

from bridge.core.errors import RateLimited, StoreUnavailable
from bridge.core.ports import Budget, Limiter

_ANY = -1  # in place of a reserve: whatever it is


class Rank(IntEnum):
    """Who goes first when not all can."""

    FINAL = 0  # the complete text
    FIRST = 1  # the first words, and each new message after them
    EDIT = 2  # an intermediate edit: the next one will do as well


@dataclass(order=True, slots=True)
class _Waiter:
    rank: Rank
    number: int
    budgets: tuple[Budget, ...] = field(compare=False)
    admitted: asyncio.Future[None] = field(compare=False)
    longest: float = field(compare=False)  # seconds; a pause that lasts longer is given up
    reserve: tuple[int, ...] = field(init=False, compare=False)  # left to the ranks before it
    needs: frozenset[tuple[str, int]] = field(init=False, compare=False)  # must be open to it

    def __post_init__(self) -> None:
        self.reserve = tuple(b.burst // 2 if self.rank is Rank.EDIT else 0 for b in self.budgets)
        keys = [budget.key for budget in self.budgets]
        self.needs = frozenset(
            [*zip(keys, self.reserve, strict=True), *((key, _ANY) for key in keys)]
        )


class Throttle:
    """Admits calls by rank, then by arrival; budgets are shared with all replicas."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._waiting: list[_Waiter] = []
        self._closed: dict[tuple[str, int], float] = {}  # budget, reserve -> until
        self._numbers = count()
        self._news = asyncio.Event()
        self._admitting: asyncio.Task[None] | None = None

    async def admit(
        self, budgets: tuple[Budget, ...], rank: Rank, *, longest: float = math.inf
    ) -> None:
        """Wait until one call on these budgets may be made. Cancelling gives it up.

        To stand in line behind others may take any time: nobody gains by leaving it.

        Raises:
            RateLimited: a budget is closed for more than the `longest` seconds.
        """
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter = _Waiter(rank, next(self._numbers), budgets, admitted, longest)
        self._waiting.append(waiter)
        self._news.set()
        if self._admitting is None or self._admitting.done():
            self._admitting = asyncio.create_task(self._admit_all())
        try:
            await waiter.admitted
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    async def close(self, budget: Budget, seconds: float) -> None:
        """The platform refused a call and named a pause: hold back all that draw on `budget`."""
        key, until = (budget.key, _ANY), _now() + seconds
        self._closed[key] = max(until, self._closed.get(key, 0.0))
        with contextlib.suppress(StoreUnavailable):  # this replica at least keeps the pause
            await self._limiter.close(budget, seconds)

    def pauses(self, budgets: tuple[Budget, ...]) -> bool:
        """Whether the platform named a pause for one of these that is not over yet."""
        return any(self._closed.get((each.key, _ANY), 0.0) > _now() for each in budgets)

    async def _admit_all(self) -> None:
        """Admit waiters until none is left."""
        while self._waiting:
            self._news.clear()
            waiter = self._next()
            if waiter is None:
                await self._until_a_budget_opens()
                continue
            wait, culprit = await self._take(waiter)
            if wait > 0:
                key = waiter.budgets[culprit].key, waiter.reserve[culprit]
                self._closed[key] = _now() + wait
            elif not waiter.admitted.done():
                self._waiting.remove(waiter)
                waiter.admitted.set_result(None)

    def _next(self) -> _Waiter | None:
        """The foremost waiter none of whose budgets is known to be used up."""
        now = _now()
        self._closed = {key: until for key, until in self._closed.items() if until > now}
        for waiter in self._waiting:
            self._give_up(waiter, now)
        open_ = (w for w in self._waiting if not w.admitted.done() and not self._shut(w))
        return min(open_, default=None)

    def _give_up(self, waiter: _Waiter, now: float) -> None:
        """Tell a waiter that what it needs is closed for too long."""
        if math.isinf(waiter.longest) or waiter.admitted.done():
            return
        pause = max((self._closed.get(need, now) for need in waiter.needs), default=now) - now
        if pause > waiter.longest:
            waiter.admitted.set_exception(RateLimited("its budget is closed", retry_after=pause))

    def _shut(self, waiter: _Waiter) -> bool:
        return bool(self._closed) and not waiter.needs.isdisjoint(self._closed)

    async def _take(self, waiter: _Waiter) -> tuple[float, int]:
        try:
            return await self._limiter.take(waiter.budgets, waiter.reserve)
        except StoreUnavailable:
            return 0.0, 0  # without the shared budgets each answer still has its own pace

    async def _until_a_budget_opens(self) -> None:
        """Sleep until the next budget opens, or until somebody new has come."""
        opens = min(self._closed.values(), default=_now())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(opens):
                await self._news.wait()


def _now() -> float:
    return asyncio.get_running_loop().time()
