from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bridge.core.errors import StoreUnavailable
from bridge.core.model import Prompt, Run, Shown
from bridge.core.ports import ALL, Budget, Talk
from bridge.store.limits import RedisLimiter
from bridge.store.memory import RedisMemory
from tests.store.lanes import TURNS, claimed, fall_due, inbox, message, one, run_out


@pytest.fixture
async def full(redis: Redis) -> AsyncIterator[Redis]:
    """A server that holds four jobs, one of them leased, and has no memory left."""
    box = inbox(redis)
    for id_ in "123":
        await box.add("a", message(id_))
    await box.add("b", message("4"))
    await redis.config_set("maxmemory-policy", "noeviction")
    await redis.config_set("maxmemory", "1")
    yield redis
    await redis.config_set("maxmemory", "0")


async def test_a_full_store_refuses_new_work(full: Redis):
    with pytest.raises(StoreUnavailable, match="maxmemory"):
        await inbox(full).add("a", message("5"))
    assert await full.exists(f"{TURNS}job:5") == 0
    assert await full.llen(f"{TURNS}lane:a") == 3


async def test_a_full_store_still_drains_the_old(full: Redis):
    box, done = inbox(full), []
    while leases := await claimed(box):
        for lease in leases:
            await lease.asking("c1", Prompt("why?"))
            await lease.began(Run("r1", "c1"))
            await lease.posting()
            await lease.shows([Shown("m1")])
            assert await box.renew([lease]) == []
            await lease.finish()
            done.append(lease.message.id)
    assert sorted(done) == ["1", "2", "3", "4"]
    assert [id_ for id_ in done if id_ != "4"] == ["1", "2", "3"]


async def test_a_full_store_lets_a_job_be_put_off_handed_back_stopped_and_given_up(full: Redis):
    box = inbox(full)
    lease, other = await claimed(box)
    await lease.retry_later(100.0)
    await other.hand_back()
    assert await box.stop("a", ALL) == 3
    await fall_due(full, lease.lane)
    for again in await claimed(box):
        await again.give_up("why")
    assert len(await box.dead()) == 2


async def test_a_full_store_lets_the_lanes_of_the_dead_be_taken_over(full: Redis):
    first, second = await claimed(inbox(full))
    await run_out(full, first.lane)
    assert (await one(inbox(full, "bob"))).lane == first.lane
    assert await inbox(full).recover("ann") == 1
    assert (await one(inbox(full, "carl"))).lane == second.lane


async def test_a_full_store_drains_also_after_it_forgot_its_scripts(full: Redis):
    await full.script_flush()
    for lease in await claimed(inbox(full)):
        await lease.finish()


async def test_a_full_store_still_counts_calls(full: Redis):
    limiter, budget = RedisLimiter(full), Budget("chat", 10.0, 1)
    assert await limiter.take([budget], [0]) == (0.0, 0)
    wait, _ = await limiter.take([budget], [0])
    assert wait > 0
    await limiter.close(budget, 100.0)


async def test_a_full_store_still_remembers_the_conversations_it_drains(full: Redis):
    memory = RedisMemory(full, ttl=1000)
    await memory.remember("s", Talk("user", "c1"), Prompt("why?"))
    assert await memory.talk("s") == Talk("user", "c1")
    assert await memory.prompt("s") == Prompt("why?")
