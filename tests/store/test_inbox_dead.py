from redis.asyncio import Redis

from bridge.core.model import Prompt, Run, Shown
from bridge.store.inbox import RedisInbox
from tests.store.lanes import TURNS, claimed, inbox, message, one


async def dead(box: RedisInbox) -> list[tuple[str, str]]:
    return [(letter.id, why) for letter, why in await box.dead()]


async def given_up(redis: Redis, *ids: str, lane: str = "lane") -> RedisInbox:
    box = inbox(redis)
    for id_ in ids:
        await box.add(lane, message(id_))
        await (await one(box)).give_up(f"fault {id_}")
    return box


async def test_a_dead_letter_lets_the_next_of_its_lane_begin(redis: Redis):
    box = inbox(redis)
    for id_ in "12":
        await box.add("lane", message(id_))
    await (await one(box)).give_up("it kills us")
    assert await dead(box) == [("1", "it kills us")]
    assert (await one(box)).message.id == "2"
    assert await redis.get(f"{TURNS}pending") == "1"


async def test_dead_letters_are_listed_newest_first_with_their_message(redis: Redis):
    box = await given_up(redis, "1", "2", "3")
    assert await dead(box) == [("3", "fault 3"), ("2", "fault 2"), ("1", "fault 1")]
    assert (await box.dead())[0][0] == message("3")


async def test_a_dead_letter_needs_no_reason(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    await (await one(box)).give_up("")
    ((_, why),) = await dead(box)
    assert why


async def test_a_dead_letter_is_not_taken_in_again(redis: Redis):
    box = await given_up(redis, "1")
    assert not await box.add("lane", message("1"))


async def test_a_dead_letter_is_kept_for_a_week(redis: Redis):
    await given_up(redis, "1")
    assert 6 * 86400 < await redis.ttl(f"{TURNS}job:1") <= 7 * 86400


async def test_giving_up_again_after_a_lost_answer_is_fine(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    lease = await one(box)
    await lease.give_up("why")
    await lease.give_up("why")
    assert await dead(box) == [("1", "why")]


async def test_a_revived_letter_goes_to_the_end_of_its_lane_with_new_attempts(redis: Redis):
    box = await given_up(redis, "1")
    await box.add("lane", message("2"))
    assert await box.revive("1")
    assert await dead(box) == []
    first = await one(box)
    await first.finish()
    second = await one(box)
    assert [first.message.id, second.message.id] == ["2", "1"]
    assert second.attempt == 1
    assert await redis.ttl(f"{TURNS}job:1") == -1
    await second.finish()
    assert await redis.get(f"{TURNS}pending") == "0"


async def test_a_revived_letter_of_an_idle_lane_is_due_at_once(redis: Redis):
    box = await given_up(redis, "1")
    assert await box.revive("1")
    assert (await one(box)).message.id == "1"
    assert not await box.revive("1")


async def test_a_revived_letter_remembers_what_it_asked_and_shows(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    lease = await one(box)
    await lease.asking("c1", Prompt("why?"))
    await lease.began(Run("r1", "c1"))
    await lease.shows([Shown("m1")])
    progress = lease.progress
    await lease.give_up("why")
    await box.revive("1")
    assert (await one(box)).progress == progress


async def test_a_stop_of_its_former_life_does_not_end_a_revived_letter(redis: Redis):
    box = inbox(redis)
    await box.add("lane", message("1"))
    await box.stop("lane", "1")
    await (await one(box)).give_up("why")
    await box.revive("1")
    assert not (await one(box)).progress.stop


async def test_a_dropped_letter_is_gone(redis: Redis):
    box = await given_up(redis, "1", "2")
    assert await box.drop("1")
    assert await dead(box) == [("2", "fault 2")]
    assert not await box.drop("1")
    assert not await box.revive("1")
    assert await claimed(box) == []


async def test_nothing_else_can_be_revived_or_dropped(redis: Redis):
    box = inbox(redis)
    for id_ in "12":
        await box.add("lane", message(id_))
    await (await one(box)).finish()
    for id_ in ("1", "2", "never seen"):
        assert not await box.revive(id_)
        assert not await box.drop(id_)
    assert await redis.get(f"{TURNS}pending") == "1"


async def test_a_letter_that_expired_is_not_listed(redis: Redis):
    box = await given_up(redis, "1", "2")
    await redis.delete(f"{TURNS}job:1")  # a week has passed
    assert await dead(box) == [("2", "fault 2")]
    assert not await box.revive("1")


async def test_an_id_that_comes_again_after_a_week_does_not_break_the_list(redis: Redis):
    box = await given_up(redis, "1", "2")
    await redis.delete(f"{TURNS}job:1")
    await box.add("lane", message("1"))
    assert await dead(box) == [("2", "fault 2")]
