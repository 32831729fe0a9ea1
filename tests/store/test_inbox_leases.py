import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from bridge.core.errors import LeaseLost
from bridge.core.model import Prompt, Run, Shown
from bridge.core.ports import ALL, HEAD, Progress
from bridge.store.inbox import RedisLease
from tests.store.lanes import TURNS, claimed, fall_due, inbox, message, one, run_out, until

WHY = Prompt("why?")
WRITES: dict[str, Callable[[RedisLease], Awaitable[None]]] = {
    "asking": lambda lease: lease.asking("c1", WHY),
    "began": lambda lease: lease.began(Run("r1", "c1")),
    "posting": lambda lease: lease.posting(),
    "shows": lambda lease: lease.shows([Shown("m1")]),
    "finish": lambda lease: lease.finish(),
    "retry_later": lambda lease: lease.retry_later(1000.0),
    "hand_back": lambda lease: lease.hand_back(),
    "give_up": lambda lease: lease.give_up("why"),
}


async def stale_and_new(redis: Redis) -> tuple[RedisLease, RedisLease]:
    """A lease that ran out, and that of the worker who took over."""
    ann, bob = inbox(redis), inbox(redis, "bob")
    await ann.add("lane", message("1"))
    stale = await one(ann)
    await run_out(redis, "lane")
    return stale, await one(bob)


async def state(redis: Redis) -> dict[str, object]:
    return {
        "lane": await redis.lrange(f"{TURNS}lane:lane", 0, -1),
        "owners": await redis.hgetall(f"{TURNS}owners"),
        "leases": await redis.zrange(f"{TURNS}leases", 0, -1, withscores=True),
        "ready": await redis.zrange(f"{TURNS}ready", 0, -1, withscores=True),
        "job": await redis.hgetall(f"{TURNS}job:1"),
        "pending": await redis.get(f"{TURNS}pending"),
        "dead": await redis.lrange(f"{TURNS}dead", 0, -1),
    }


async def test_a_lease_holds_until_it_runs_out_and_then_another_takes_over(redis: Redis):
    ann, bob = inbox(redis), inbox(redis, "bob")
    await ann.add("lane", message("1"))
    lease = await one(ann)
    assert await claimed(bob) == []
    await run_out(redis, "lane")
    taken = await one(bob)
    assert taken.message == lease.message
    assert taken.attempt == 2


async def test_a_lease_runs_out_by_the_clock_of_the_server(redis: Redis):
    box = inbox(redis, lease=0.05)
    await box.add("lane", message("1"))
    await one(box)
    await until(lambda: inbox(redis, "bob").claim(1))


async def test_a_successor_knows_how_far_the_job_got(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    lease = await one(box)
    assert lease.progress == Progress()
    await lease.asking("c1", WHY)
    await lease.began(Run("r1", "c1"))
    await lease.shows([Shown("m1")])
    await lease.shows([Shown("m1"), Shown("m2", media="https://x/y.png")])
    await lease.posting()
    await run_out(redis, "lane")
    assert (await one(inbox(redis, "bob"))).progress == lease.progress
    assert lease.progress == Progress(
        asked=True,
        conversation="c1",
        prompt=WHY,
        run=Run("r1", "c1"),
        shown=(Shown("m1"), Shown("m2", media="https://x/y.png")),
        posting=True,
    )


async def test_a_question_without_a_conversation_is_known_to_be_asked(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    await (await one(box)).asking(None, WHY)
    await run_out(redis, "lane")
    assert (await one(box)).progress == Progress(asked=True, prompt=WHY)


async def test_a_message_that_is_shown_is_no_longer_being_posted(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    lease = await one(box)
    await lease.posting()
    await lease.shows([Shown("m1")])
    await run_out(redis, "lane")
    assert (await one(box)).progress == Progress(shown=(Shown("m1"),))


@pytest.mark.parametrize("name", WRITES)
async def test_a_stale_owner_changes_nothing_and_is_told(redis: Redis, name: str):
    stale, _ = await stale_and_new(redis)
    before = await state(redis)
    with pytest.raises(LeaseLost):
        await WRITES[name](stale)
    assert await state(redis) == before


async def test_a_stale_owner_cannot_renew(redis: Redis):
    stale, new = await stale_and_new(redis)
    before = await state(redis)
    assert await inbox(redis).renew([stale]) == []
    assert await state(redis) == before
    with pytest.raises(LeaseLost):
        stale.check()
    new.check()


async def test_a_worker_of_the_same_name_is_fenced_off_as_well(redis: Redis):
    before, after = inbox(redis), inbox(redis)
    await before.add("lane", message("1"))
    stale = await one(before)
    assert await after.recover("ann") == 1
    await one(after)
    with pytest.raises(LeaseLost):
        await stale.finish()


async def test_what_a_worker_writes_renews_its_lease(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    lease = await one(box)
    await run_out(redis, "lane")
    await lease.posting()
    assert await claimed(inbox(redis, "bob")) == []


async def test_a_renewed_lease_holds(redis: Redis):
    box = inbox(redis)
    for lane in "ab":
        await box.add(lane, message(lane))
    leases = await claimed(box)
    for lease in leases:
        await run_out(redis, lease.lane)
        lease.held_since -= box.lease
        with pytest.raises(LeaseLost):
            lease.check()
    assert await box.renew(leases) == []
    assert await claimed(inbox(redis, "bob")) == []
    for lease in leases:
        lease.check()


async def test_nothing_to_renew_is_fine(redis: Redis):
    assert await inbox(redis).renew([]) == []


async def test_a_worker_mistrusts_its_lease_before_the_server_does(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    lease = await one(box)
    lease.check()
    lease.held_since = time.monotonic() - box.lease * 0.9
    with pytest.raises(LeaseLost):
        lease.check()
    with pytest.raises(LeaseLost):
        await lease.shows([Shown("m1")])
    assert await redis.hget(f"{TURNS}job:1", "shown") is None


async def test_a_job_that_is_tried_later_keeps_its_place_and_its_pause(redis: Redis):
    box = inbox(redis)
    for id_ in ("1", "2"):
        await box.add("lane", message(id_))
    seconds, _ = await redis.time()
    await (await one(box)).retry_later(100.0)
    due = await redis.zscore(f"{TURNS}ready", "lane")
    assert due is not None
    assert seconds + 100 <= due / 1000
    assert await claimed(box) == []
    await fall_due(redis, "lane")
    lease = await one(box)
    assert (lease.message.id, lease.attempt) == ("1", 2)


async def test_a_job_that_is_handed_back_is_due_at_once_and_was_no_attempt(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    for _ in range(3):
        lease = await one(box)
        assert lease.attempt == 1
        await lease.hand_back()
    await (await one(box)).retry_later(0.0)
    assert (await one(box)).attempt == 2


async def test_finishing_again_after_a_lost_answer_is_fine(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    await box.add("lane", message("2"))
    lease = await one(box)
    await lease.finish()
    await lease.finish()
    next_ = await one(box)
    await lease.finish()  # also while the next job is being worked on
    assert next_.message.id == "2"
    await next_.finish()
    assert await redis.get(f"{TURNS}pending") == "0"


async def test_a_restarted_worker_has_its_own_lanes_back_and_no_others(redis: Redis):
    ann, anna = inbox(redis, "ann"), inbox(redis, "anna")
    await ann.add("a", message("a"))
    await one(ann)
    await ann.add("b", message("b"))
    theirs = await one(anna)
    assert await ann.recover("ann") == 1
    assert (await one(ann)).lane == "a"
    await theirs.finish()


async def test_the_lanes_of_all_workers_are_recovered(redis: Redis):
    for worker in ("ann", "bob"):
        box = inbox(redis, worker)
        await box.add(worker, message(worker))
        await one(box)
    assert await inbox(redis).recover("") == 2
    assert len(await claimed(inbox(redis, "carl"))) == 2


@pytest.mark.parametrize(("which", "stopped"), [(ALL, "123"), (HEAD, "1"), ("2", "2"), ("9", "")])
async def test_jobs_of_a_lane_are_stopped(redis: Redis, which: str, stopped: str):
    box = inbox(redis)
    for id_ in "123":
        await box.add("lane", message(id_))
    await box.add("other", message("4"))
    assert await box.stop("lane", which) == len(stopped)
    flagged = [id_ for id_ in "1234" if await redis.hexists(f"{TURNS}job:{id_}", "stop")]
    assert "".join(flagged) == stopped


async def test_a_lane_without_jobs_has_nothing_to_stop(redis: Redis):
    box = inbox(redis)
    assert await box.stop("lane", ALL) == 0
    await box.add("lane", message("1"))
    await (await one(box)).finish()
    assert await box.stop("lane", "1") == 0
    assert await redis.hgetall(f"{TURNS}job:1") == {"done": "1"}


async def test_a_stop_is_seen_when_a_lease_is_claimed_or_renewed(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    lease = await one(box)
    assert await box.renew([lease]) == []
    await inbox(redis, "bob").stop("lane", HEAD)
    assert await box.renew([lease]) == ["1"]
    await run_out(redis, "lane")
    assert (await one(box)).progress.stop


async def test_a_stop_is_heard_on_every_replica(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    heard = box.stops()
    listening = asyncio.ensure_future(anext(heard))
    await until(lambda: _listeners(redis))
    await inbox(redis, "bob").stop("lane", ALL)
    async with asyncio.timeout(20):
        assert await listening == "1"
    await heard.aclose()


async def _listeners(redis: Redis) -> bool:
    ((_, count),) = await redis.pubsub_numsub(f"{TURNS}stops")
    return bool(count)
