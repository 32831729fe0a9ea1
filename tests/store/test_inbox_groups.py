"""Photos of an album come as messages of their own; together they are one job."""

import asyncio
import random

import pytest
from redis.asyncio import Redis

from bridge.core.errors import LaneFull, StoreUnavailable
from bridge.core.model import Message
from bridge.core.ports import ALL
from bridge.store import inbox as inbox_module
from bridge.store.inbox import GROUP_WITHIN, RedisInbox, RedisLease
from tests.store.lanes import (
    TURNS,
    claimed,
    fall_due,
    inbox,
    message,
    one,
    part,
    run_out,
    until,
)


def names(given: Message) -> list[str]:
    return [file.name for file in given.files]


async def album(box: RedisInbox, *ids: str, text: str = "") -> None:
    for id_ in ids:
        await box.add("lane", part(id_, text if id_ == ids[0] else ""))


async def now_due(redis: Redis, box: RedisInbox) -> RedisLease:
    """The job at the head of the lane, once no more parts are waited for."""
    await fall_due(redis, "lane")
    return await one(box)


async def due_in(redis: Redis) -> float:
    """Seconds until the lane is due."""
    seconds, us = await redis.time()
    due = await redis.zscore(f"{TURNS}ready", "lane")
    assert due is not None
    return float(due) / 1000 - (seconds + us / 1e6)


async def test_parts_that_follow_one_another_are_one_job(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2", "3", text="which?")
    lease = await now_due(redis, box)
    assert (lease.message.id, lease.message.text) == ("1", "which?")
    assert names(lease.message) == ["1.png", "2.png", "3.png"]
    assert await redis.get(f"{TURNS}pending") == "1"
    await lease.finish()
    assert await claimed(box) == []
    assert await redis.get(f"{TURNS}pending") == "0"


async def test_the_words_of_all_parts_are_asked_whichever_has_them(redis: Redis):
    box = inbox(redis)
    for id_, text in (("1", ""), ("2", "which?"), ("3", "línea\n扣子 \u2028")):
        await box.add("lane", part(id_, text))
    assert (await now_due(redis, box)).message.text == "which?\nlínea\n扣子 \u2028"


async def test_parts_are_waited_for_and_each_is_waited_for_anew(redis: Redis):
    box = inbox(redis)
    await album(box, "1")
    assert 0 < await due_in(redis) <= GROUP_WITHIN
    assert await claimed(box) == []
    await fall_due(redis, "lane")
    await album(box, "2")
    assert GROUP_WITHIN / 2 < await due_in(redis) <= GROUP_WITHIN
    assert await claimed(box) == []


async def test_an_album_is_due_by_itself_when_no_more_parts_come(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inbox_module, "GROUP_WITHIN", 0.1)
    box = inbox(redis)
    await album(box, "1", "2")
    leases: list[RedisLease] = []

    async def due() -> bool:
        leases.extend(await claimed(box))
        return bool(leases)

    await until(due)
    assert names(leases[0].message) == ["1.png", "2.png"]


async def test_what_is_no_part_of_a_group_is_due_at_once(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    assert (await one(box)).message.id == "1"


async def test_a_part_that_comes_while_the_others_are_at_work_is_a_job_of_its_own(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2")
    first = await now_due(redis, box)
    await album(box, "3")
    assert await redis.get(f"{TURNS}pending") == "2"
    assert "3.png" not in str(await redis.hget(f"{TURNS}job:1", "message"))
    assert names(first.message) == ["1.png", "2.png"]
    await first.finish()
    late = await now_due(redis, box)
    assert (late.message.id, names(late.message)) == ("3", ["3.png"])


@pytest.mark.parametrize("how", ["run out", "put off", "handed back"])
async def test_a_part_joins_no_job_that_has_been_at_work(redis: Redis, how: str):
    box = inbox(redis)
    await album(box, "1", "2")
    lease = await now_due(redis, box)
    match how:
        case "run out":
            await run_out(redis, "lane")
        case "put off":
            await lease.retry_later(100.0)
        case "handed back":
            await lease.hand_back()
    await album(box, "3")
    assert await redis.lrange(f"{TURNS}lane:lane", 0, -1) == ["1", "3"]
    if how == "put off":
        await fall_due(redis, "lane")
    assert names((await one(inbox(redis, "bob"))).message) == ["1.png", "2.png"]


async def test_a_part_that_comes_after_the_end_is_a_job_of_its_own(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2")
    await (await now_due(redis, box)).finish()
    await album(box, "3")
    assert names((await now_due(redis, box)).message) == ["3.png"]


async def test_only_parts_of_one_group_join_and_only_one_after_the_other(redis: Redis):
    box = inbox(redis)
    await box.add("lane", part("1"))
    await box.add("lane", part("2", group="other"))
    await box.add("lane", part("3"))
    await box.add("lane", message("4"))
    await box.add("lane", part("5", group=""))
    await box.add("lane", part("6", group=""))
    assert await redis.lrange(f"{TURNS}lane:lane", 0, -1) == ["1", "2", "3", "4", "5", "6"]


async def test_albums_of_two_lanes_do_not_mix(redis: Redis):
    box = inbox(redis)
    for id_, lane in (("1", "a"), ("2", "b"), ("3", "a"), ("4", "b")):
        await box.add(lane, part(id_))
    for lane in "ab":
        await fall_due(redis, lane)
    leases = {lease.lane: names(lease.message) for lease in await claimed(box)}
    assert leases == {"a": ["1.png", "3.png"], "b": ["2.png", "4.png"]}


async def test_a_part_that_is_delivered_again_is_in_the_album_once(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2")
    for id_ in "12":
        assert not await box.add("lane", part(id_))
    assert names((await now_due(redis, box)).message) == ["1.png", "2.png"]


async def test_a_part_is_known_also_while_the_album_is_at_work_and_after_it_is_done(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2")
    lease = await now_due(redis, box)
    assert not await box.add("lane", part("2"))
    await lease.finish()
    for id_ in "12":
        assert not await box.add("lane", part(id_))
        assert await redis.hgetall(f"{TURNS}job:{id_}") == {"done": "1"}
        assert await redis.ttl(f"{TURNS}job:{id_}") > 24 * 3600


async def test_many_deliveries_at_once_make_one_album(redis: Redis):
    boxes = [inbox(redis, f"worker-{n}") for n in range(4)]
    ids = [str(n) for n in range(10)] * 4
    random.Random(7).shuffle(ids)
    stored = await asyncio.gather(
        *(boxes[at % 4].add("lane", part(id_)) for at, id_ in enumerate(ids))
    )
    assert sum(stored) == 1  # the others are parts of it
    whole = (await now_due(redis, boxes[0])).message
    assert sorted(names(whole)) == [f"{n}.png" for n in range(10)]


async def test_an_album_takes_one_place_in_a_full_lane(redis: Redis):
    box = inbox(redis, most=2)
    await box.add("lane", message("1"))
    await album(box, "2", "3", "4")
    with pytest.raises(LaneFull):
        await box.add("lane", message("5"))
    with pytest.raises(LaneFull):
        await box.add("lane", part("6", group="other"))
    assert await redis.get(f"{TURNS}pending") == "2"
    assert not await redis.exists(f"{TURNS}job:6")


async def test_an_album_that_has_begun_is_completed_when_all_lanes_are_full(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inbox_module, "MOST_IN_ALL", 1)
    box = inbox(redis)
    await album(box, "1", "2")
    with pytest.raises(StoreUnavailable):
        await box.add("other", part("3"))
    assert names((await now_due(redis, box)).message) == ["1.png", "2.png"]


async def test_an_album_waits_behind_the_job_before_it(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    lease = await one(box)
    await album(box, "2", "3")
    assert await claimed(inbox(redis, "bob")) == []
    await lease.finish()
    assert names((await one(box)).message) == ["2.png", "3.png"]


async def test_parts_that_come_do_not_hold_up_the_job_before_them(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    await album(box, "2", "3")
    assert (await one(box)).message.id == "1"


async def test_who_waits_is_woken_for_an_album(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2")
    assert await redis.llen(f"{TURNS}wake") == 1


async def test_an_album_can_be_stopped_while_it_waits(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2")
    assert await box.stop("lane", ALL) == 1
    assert (await now_due(redis, box)).progress.stop


async def test_what_an_album_asks_and_shows_is_kept_as_of_any_job(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2")
    lease = await now_due(redis, box)
    await lease.posting()
    await run_out(redis, "lane")
    again = await one(inbox(redis, "bob"))
    assert (again.attempt, again.progress.posting) == (2, True)
    assert names(again.message) == ["1.png", "2.png"]


async def test_an_album_that_is_given_up_is_one_letter_and_whole_when_revived(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2", text="which?")
    await (await now_due(redis, box)).give_up("why")
    assert [(letter.id, letter.text, why) for letter, why in await box.dead()] == [
        ("1", "which?", "why")
    ]
    for id_ in "12":
        assert not await box.add("lane", part(id_))
    assert not await box.revive("2")
    assert await box.revive("1")
    lease = await one(box)
    assert names(lease.message) == ["1.png", "2.png"]
    assert lease.attempt == 1
    await lease.finish()
    assert await redis.get(f"{TURNS}pending") == "0"


async def test_an_album_that_is_given_up_can_be_dropped(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2")
    await (await now_due(redis, box)).give_up("why")
    assert await box.drop("1")
    assert await box.dead() == []


async def test_nothing_is_left_of_an_album_but_the_ids(redis: Redis):
    box = inbox(redis)
    await album(box, "1", "2", text="a secret")
    await (await now_due(redis, box)).finish()
    left = {key async for key in redis.scan_iter("*") if await redis.ttl(key) < 0}
    assert left <= {f"{TURNS}{name}" for name in ("pending", "fence", "wake")}
    jobs = {key async for key in redis.scan_iter(f"{TURNS}job:*")}
    assert jobs == {f"{TURNS}job:1", f"{TURNS}job:2"}
