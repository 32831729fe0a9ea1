import asyncio

import pytest
from redis.asyncio import Redis

from bridge.core.errors import LaneFull, StoreUnavailable
from bridge.store import inbox as inbox_module
from bridge.store.client import connect
from tests.store.lanes import TURNS, claimed, inbox, message, one, run_out


async def test_a_redelivered_message_is_stored_once(redis: Redis):
    box = inbox(redis)
    assert await box.add("lane", message("1"))
    assert not await box.add("lane", message("1"))
    assert await redis.llen(f"{TURNS}lane:lane") == 1
    assert await redis.get(f"{TURNS}pending") == "1"


async def test_a_message_is_known_while_it_is_worked_on_and_after_it_is_done(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    lease = await one(box)
    assert not await box.add("lane", message("1"))
    await lease.finish()
    assert not await box.add("lane", message("1"))
    assert await claimed(box) == []


async def test_many_deliveries_at_once_store_one_message(redis: Redis):
    boxes = [inbox(redis, f"worker-{n}") for n in range(8)]
    stored = await asyncio.gather(*(box.add("lane", message("1")) for box in boxes))
    assert sum(stored) == 1


async def test_a_done_message_leaves_only_its_id_behind(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1", "a secret"))
    await (await one(box)).finish()
    assert await redis.hgetall(f"{TURNS}job:1") == {"done": "1"}
    assert await redis.ttl(f"{TURNS}job:1") > 24 * 3600
    assert await redis.get(f"{TURNS}pending") == "0"


async def test_a_message_comes_back_as_it_was_stored(redis: Redis):
    box = inbox(redis)
    sent = message("1", "línea\n\x00 𝄞 \u2028 扣子", thread="42")
    await box.add("lane", sent)
    lease = await one(box)
    assert lease.message == sent
    assert (lease.lane, lease.attempt) == ("lane", 1)


async def test_a_lane_is_worked_on_in_order_and_one_job_at_a_time(redis: Redis):
    box = inbox(redis)
    for number in range(5):
        await box.add("lane", message(str(number)))
    done = []
    while leases := await claimed(box):
        (lease,) = leases
        assert await claimed(inbox(redis, "bob")) == []
        done.append(lease.message.id)
        await lease.finish()
    assert done == ["0", "1", "2", "3", "4"]


async def test_a_message_for_a_lane_that_is_worked_on_waits(redis: Redis):
    ann, bob = inbox(redis), inbox(redis, "bob")
    await ann.add("lane", message("1"))
    lease = await one(ann)
    await ann.add("lane", message("2"))
    assert await claimed(bob) == []
    await lease.finish()
    assert (await one(bob)).message.id == "2"


async def test_lanes_are_worked_on_side_by_side(redis: Redis):
    ann, bob = inbox(redis), inbox(redis, "bob")
    for lane in "abc":
        await ann.add(lane, message(lane))
    first, second = await claimed(ann, 2), await claimed(bob, 2)
    assert sorted(lease.lane for lease in first + second) == ["a", "b", "c"]
    assert len(first) == 2


async def test_a_busy_lane_goes_to_the_back_after_each_job(redis: Redis):
    box = inbox(redis)
    for id_ in ("a1", "a2"):
        await box.add("a", message(id_))
    lease = await one(box)
    await box.add("b", message("b1"))
    await redis.zadd(f"{TURNS}ready", {"b": 1}, xx=True)  # it came a moment earlier
    await lease.finish()
    (next_,) = await claimed(box, 1)
    assert next_.message.id == "b1"


async def test_a_lane_takes_so_many_and_no_more(redis: Redis):
    box = inbox(redis, most=2)
    await box.add("lane", message("1"))
    await box.add("lane", message("2"))
    with pytest.raises(LaneFull):
        await box.add("lane", message("3"))
    assert await box.add("other", message("3"))
    assert not await box.add("lane", message("1"))  # seen: nothing is refused


async def test_a_full_lane_takes_again_when_a_job_is_done(redis: Redis):
    box = inbox(redis, most=1)
    await box.add("lane", message("1"))
    with pytest.raises(LaneFull):
        await box.add("lane", message("2"))
    await (await one(box)).finish()
    assert await box.add("lane", message("2"))


async def test_all_lanes_together_take_so_many_and_no_more(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inbox_module, "MOST_IN_ALL", 2)
    box = inbox(redis)
    await box.add("a", message("1"))
    await box.add("b", message("2"))
    with pytest.raises(StoreUnavailable, match="2 messages are waiting"):
        await box.add("c", message("3"))
    assert not await box.add("a", message("1"))
    for lease in await claimed(box):
        await lease.finish()
    assert await box.add("c", message("3"))


async def test_two_inboxes_know_nothing_of_each_other(redis: Redis):
    turns = inbox(redis)
    controls = inbox_module.RedisInbox(redis, "controls", worker="ann")
    assert await turns.add("lane", message("1"))
    assert await controls.add("lane", message("1"))
    assert len(await controls.claim(10)) == 1
    assert len(await turns.claim(10)) == 1


async def test_who_waits_is_woken_by_a_message(redis: Redis):
    box = inbox(redis)
    waiting = asyncio.create_task(box.wait())
    await box.add("lane", message("1"))
    await waiting
    assert await redis.llen(f"{TURNS}wake") == 0  # its token, not the second, ended the wait


async def test_nobody_waits_for_ever(redis: Redis):
    async with asyncio.timeout(20):
        await inbox(redis).wait()


async def test_wake_tokens_do_not_pile_up(redis: Redis):
    box = inbox(redis)
    async with asyncio.TaskGroup() as group:
        for number in range(300):
            group.create_task(box.add(f"lane-{number}", message(str(number))))
    assert await redis.llen(f"{TURNS}wake") == 256
    assert len(await claimed(box, 300)) == 300


async def test_work_goes_on_when_redis_forgot_its_scripts(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    await redis.script_flush()
    lease = await one(box)
    await redis.script_flush()
    await lease.finish()


async def test_an_owner_is_never_named_twice(redis: Redis):
    box, owners = inbox(redis), []
    await box.add("lane", message("1"))
    for _ in range(20):
        owners.append((await one(box)).owner)
        await run_out(redis, "lane")
        await redis.delete(f"{TURNS}fence")  # a failover lost it
    assert len(set(owners)) == 20
    assert owners == sorted(owners)


async def test_a_store_that_is_away_is_told_so():
    away = connect("unix:///nowhere/at/all.sock")
    with pytest.raises(StoreUnavailable):
        await inbox(away).add("lane", message("1"))
    with pytest.raises(StoreUnavailable):
        await inbox(away).claim(1)
    with pytest.raises(StoreUnavailable):
        await anext(inbox(away).stops())
    await away.aclose()
