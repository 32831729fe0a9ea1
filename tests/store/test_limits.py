import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from bridge.core.ports import Budget
from bridge.store import keys
from bridge.store.client import connect
from bridge.store.limits import RedisLimiter

LONG = 1000.0  # seconds: nothing is given back while a test runs


async def draw(limiter: RedisLimiter, budget: Budget, reserve: int = 0) -> int:
    """How many calls the budget gives at once."""
    count = 0
    while (await limiter.take([budget], [reserve]))[0] == 0:
        count += 1
    return count


async def later(redis: Redis, budget: Budget, seconds: float) -> None:
    """So much time has passed, as far as this budget is concerned."""
    key = keys.budget(budget.key)
    due = int(await redis.get(key) or 0)
    await redis.set(key, due - int(seconds * 1_000_000), ex=100_000)


async def test_a_burst_is_admitted_at_once_and_no_more(redis: Redis):
    limiter = RedisLimiter(redis)
    assert await draw(limiter, Budget("chat", LONG, 3)) == 3
    assert await draw(limiter, Budget("bot", LONG, 1)) == 1


async def test_who_comes_too_early_is_told_how_long_to_wait(redis: Redis):
    limiter, budget = RedisLimiter(redis), Budget("chat", LONG, 2)
    await draw(limiter, budget)
    wait, culprit = await limiter.take([budget], [0])
    assert LONG * 0.9 < wait <= LONG
    assert culprit == 0


async def test_a_refusal_costs_nothing(redis: Redis):
    limiter, budget = RedisLimiter(redis), Budget("chat", LONG, 1)
    await draw(limiter, budget)
    before = await redis.get(keys.budget("chat"))
    for _ in range(5):
        await limiter.take([budget], [0])
    assert await redis.get(keys.budget("chat")) == before


async def test_who_waits_as_told_is_admitted(redis: Redis):
    limiter, budget = RedisLimiter(redis), Budget("chat", LONG, 2)
    await draw(limiter, budget)
    wait, _ = await limiter.take([budget], [0])
    await later(redis, budget, wait)
    assert await draw(limiter, budget) == 1


async def test_a_rest_gives_back_the_burst_and_no_more(redis: Redis):
    limiter, budget = RedisLimiter(redis), Budget("chat", LONG, 3)
    await draw(limiter, budget)
    await later(redis, budget, LONG * 50)
    assert await draw(limiter, budget) == 3


async def test_a_reserve_is_left_to_those_who_ask_for_none(redis: Redis):
    limiter, budget = RedisLimiter(redis), Budget("chat", LONG, 5)
    assert await draw(limiter, budget, reserve=2) == 3
    assert await draw(limiter, budget) == 2


async def test_the_budget_that_asks_for_the_longest_wait_is_named(redis: Redis):
    limiter = RedisLimiter(redis)
    some = [Budget("a", 10.0, 1), Budget("b", 500.0, 1), Budget("c", 90.0, 1)]
    assert await limiter.take(some, [0, 0, 0]) == (0.0, 0)
    wait, culprit = await limiter.take(some, [0, 0, 0])
    assert culprit == 1
    assert 400 < wait <= 500
    assert (await limiter.take(some[::2], [0, 0]))[1] == 1


async def test_a_call_draws_on_all_of_its_budgets_or_on_none(redis: Redis):
    limiter = RedisLimiter(redis)
    chat, bot = Budget("chat", LONG, 1), Budget("bot", LONG, 3)
    await limiter.take([chat, bot], [0, 0])
    for _ in range(5):
        wait, culprit = await limiter.take([bot, chat], [0, 0])
        assert wait > 0
        assert culprit == 1
    assert await draw(limiter, bot) == 2


async def test_no_budgets_are_no_limit(redis: Redis):
    assert await RedisLimiter(redis).take([], []) == (0.0, 0)


async def test_a_closed_budget_admits_nobody_until_it_opens(redis: Redis):
    limiter, budget = RedisLimiter(redis), Budget("chat", 2.0, 5)
    await limiter.close(budget, 300.0)
    wait, _ = await limiter.take([budget], [0])
    assert 290 < wait <= 300
    await later(redis, budget, 300.0)
    assert await draw(limiter, budget) == 1  # one, not a burst: the platform was cross


async def test_a_closed_budget_keeps_its_reserve(redis: Redis):
    limiter, budget = RedisLimiter(redis), Budget("chat", 2.0, 5)
    await limiter.close(budget, 300.0)
    final, _ = await limiter.take([budget], [0])
    edit, _ = await limiter.take([budget], [2])
    assert 3.5 < edit - final < 4.5


async def test_a_shorter_pause_does_not_open_a_closed_budget(redis: Redis):
    limiter, budget = RedisLimiter(redis), Budget("chat", 2.0, 5)
    await limiter.close(budget, 300.0)
    await limiter.close(budget, 5.0)
    assert (await limiter.take([budget], [0]))[0] > 290


async def test_replicas_share_a_budget(redis: Redis):
    replicas = [RedisLimiter(redis) for _ in range(4)]
    budget = Budget("chat", LONG, 7)
    answers = await asyncio.gather(*(r.take([budget], [0]) for r in replicas * 10))
    assert sum(wait == 0 for wait, _ in answers) == 7


async def test_a_budget_is_forgotten_when_it_is_whole_again(redis: Redis):
    budget = Budget("chat", 10.0, 5)
    await RedisLimiter(redis).take([budget], [0])
    assert 10_000 < await redis.pttl(keys.budget("chat")) <= 11_001


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    burst=st.integers(1, 6),
    pauses=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=25),
)
def test_any_window_sees_at_most_the_burst_and_what_its_length_gives(
    redis_server: str, burst: int, pauses: list[float]
):
    budget = Budget("any", LONG, burst)

    async def admitted() -> list[float]:
        redis = connect(redis_server)
        await redis.flushall()
        limiter, now, times = RedisLimiter(redis), 0.0, []
        for pause in pauses:  # in units of LONG
            now += pause
            if await redis.exists(keys.budget("any")):
                await later(redis, budget, pause * LONG)
            times += [now] * await draw(limiter, budget)
        await redis.aclose()
        return times

    times = asyncio.run(admitted())
    for at, begin in enumerate(times):
        for count, end in enumerate(times[at:], 1):
            assert count <= burst + (end - begin) + 0.1
