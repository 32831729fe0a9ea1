"""What is kept of turns, and what they used: counted once, by the day, for each who spent it."""

import asyncio
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from bridge.core.errors import StoreUnavailable
from bridge.core.model import Address, Run, Usage
from bridge.core.ports import Offer, Record, Spent
from bridge.store import keys
from bridge.store import records as records_module
from bridge.store.client import connect
from bridge.store.records import RedisRecords
from tests.store.lanes import record

HERE, THERE = Address("telegram", "7", reply_to="70"), Address("telegram", "8")
USED = Usage(60, 50, 10)
DAY = 86_400


@pytest.fixture
def records(redis: Redis) -> RedisRecords:
    return RedisRecords(redis)


class Day(datetime):
    """A day that a test chooses."""

    today = (2026, 3, 1)  # type: ignore[assignment]

    @classmethod
    def now(cls, tz=None):
        return datetime(*cls.today, 23, 59, tzinfo=UTC)


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(records_module, "datetime", Day)

    def turn_to(*day: int) -> None:
        monkeypatch.setattr(Day, "today", day)

    return turn_to


async def test_a_turn_is_found_by_its_short_id(records: RedisRecords):
    kept = Record(
        turn="bcdfghjk",
        message="telegram:1",
        channel="telegram",
        chat="7",
        session="telegram:7::",
        bot="bot",
        user="user",
        asked_at=1_700_000_000.5,
        status="failed",
        run=Run("r1", "c1"),
        answers=("a1", "a2"),
        suggestions=("And why?", "扣子\n𝄞"),
        usage=USED,
        error="Coze 4028: no more",
        workflow="summary",
    )
    await records.note(kept)
    assert await records.record("bcdfghjk") == kept
    assert await records.record("unknown") is None


async def test_a_turn_that_is_noted_again_is_replaced(records: RedisRecords):
    await records.note(record("a", status="failed", error="cut"))
    await records.note(record("a", status="done"))
    again = await records.record("a")
    assert again
    assert (again.status, again.error) == ("done", "")


async def test_what_was_used_is_on_four_accounts(records: RedisRecords):
    await records.note(record("a", USED))
    for who in ("user:user", "chat:telegram:7", "bot:bot", "all"):
        assert await records.spent(who) == [Spent(1, 60)]
    for who in ("user:other", "chat:telegram:8", "chat:slack:7", "bot:other"):
        assert await records.spent(who) == [Spent()]


async def test_a_turn_is_counted_once_however_often_it_is_noted(records: RedisRecords):
    for _ in range(3):
        await records.note(record("a", USED))
    await records.note(record("a", Usage(999, 1, 1)))
    assert await records.spent("all") == [Spent(1, 60)]


async def test_many_replicas_count_a_turn_once(redis: Redis):
    replicas = [RedisRecords(redis) for _ in range(8)]
    await asyncio.gather(*(each.note(record("a", USED)) for each in replicas))
    assert await replicas[0].spent("all") == [Spent(1, 60)]


async def test_turns_add_up(records: RedisRecords):
    await records.note(record("a", USED))
    await records.note(record("b", Usage(5, 4, 1), user="other"))
    await records.note(record("c", Usage(0, 0, 0), chat="8"))
    assert await records.spent("all") == [Spent(3, 65)]
    assert await records.spent("user:user") == [Spent(2, 60)]
    assert await records.spent("chat:telegram:7") == [Spent(2, 65)]


async def test_a_turn_of_which_nobody_knows_what_it_used_is_not_counted_yet(records: RedisRecords):
    await records.note(record("a", None))
    assert await records.spent("all") == [Spent()]
    await records.note(record("a", USED))
    assert await records.spent("all") == [Spent(1, 60)]


async def test_what_was_used_is_told_by_the_day_today_first(records: RedisRecords, calendar):
    calendar(2026, 2, 27)
    await records.note(record("a", USED))
    calendar(2026, 3, 1)
    await records.note(record("b", Usage(5, 4, 1)))
    assert await records.spent("all", days=4) == [Spent(1, 5), Spent(), Spent(1, 60), Spent()]
    assert await records.spent("all") == [Spent(1, 5)]
    calendar(2026, 3, 2)
    assert await records.spent("all") == [Spent()]


async def test_a_turn_that_is_noted_again_tomorrow_is_not_counted_again(
    records: RedisRecords, calendar
):
    await records.note(record("a", USED))
    calendar(2026, 3, 2)
    await records.note(record("a", USED))
    assert await records.spent("all", days=2) == [Spent(), Spent(1, 60)]


async def test_a_month_of_accounts_is_kept_and_no_more(redis: Redis, records: RedisRecords):
    await records.note(record("a", USED))
    async for key in redis.scan_iter(f"{keys.PREFIX}spent:*"):
        assert 31 * DAY < await redis.ttl(key) <= keys.SPENT_FOR, key


async def test_what_is_kept_of_a_turn_expires(redis: Redis, records: RedisRecords):
    await records.note(record("a", USED))
    await records.showed(HERE, ["m1"], "a")
    await records.offered("session", Offer(HERE, "m1", "text", "a"))
    kept = [keys.turn("a"), keys.counted("a"), keys.shows("telegram", "7", "m1")]
    for key in (*kept, keys.offer("session")):
        assert 29 * DAY < await redis.ttl(key) <= keys.RECORDED_FOR, key
    await redis.pexpire(keys.turn("a"), 0)
    assert await records.record("a") is None


async def test_the_mark_that_a_turn_is_counted_outlives_the_turn(
    redis: Redis, records: RedisRecords
):
    await records.note(record("a", USED))
    await redis.expire(keys.turn("a"), 5)
    await records.note(record("a", USED))
    assert await redis.ttl(keys.turn("a")) > 29 * DAY
    assert await redis.ttl(keys.counted("a")) > 29 * DAY
    assert await records.spent("all") == [Spent(1, 60)]


async def test_each_message_of_an_answer_leads_to_its_turn(records: RedisRecords):
    await records.showed(HERE, ["m1", "m2"], "a")
    await records.showed(HERE, ["m3"], "b")
    assert [await records.behind(HERE, id_) for id_ in ("m1", "m2", "m3")] == ["a", "a", "b"]
    assert await records.behind(HERE, "m4") is None


async def test_a_message_is_one_of_its_chat_whatever_its_thread(records: RedisRecords):
    await records.showed(Address("telegram", "7", "5"), ["m1"], "a")
    assert await records.behind(HERE, "m1") == "a"
    assert await records.behind(THERE, "m1") is None
    assert await records.behind(Address("slack", "7"), "m1") is None


async def test_a_reply_without_messages_leads_nowhere(records: RedisRecords, redis: Redis):
    await records.showed(HERE, [], "a")
    assert await redis.dbsize() == 0


async def test_the_last_offer_of_a_session_is_remembered_until_it_is_taken_back(
    records: RedisRecords,
):
    first = Offer(HERE, "m1", "Hello\n扣子", "a", rateable=True)
    second = Offer(THERE, "m2", "text", "b")
    assert await records.offer("session") is None
    await records.offered("session", first)
    assert await records.offer("session") == first
    await records.offered("session", second)
    assert await records.offer("session") == second
    assert await records.offer("other") is None
    await records.offered("session", None)
    assert await records.offer("session") is None
    await records.offered("session", None)


async def test_of_all_who_ask_one_is_the_first(redis: Redis):
    asked = [RedisRecords(redis).first("alert:bot:Coze 4028", 100) for _ in range(8)]
    assert sum(await asyncio.gather(*asked)) == 1


async def test_each_matter_has_its_first(records: RedisRecords):
    assert await records.first("one", 100)
    assert await records.first("two", 100)
    assert not await records.first("one", 100)


async def test_who_asks_after_that_time_is_the_first_again(redis: Redis, records: RedisRecords):
    assert await records.first("one", 100)
    assert 90 < await redis.ttl(keys.once("one")) <= 100
    assert not await records.first("one", 5000)
    assert await redis.ttl(keys.once("one")) <= 100, "who asks again prolongs nothing"
    await redis.pexpire(keys.once("one"), 0)
    assert await records.first("one", 100)


async def test_a_full_store_still_counts_what_its_turns_use(redis: Redis, records: RedisRecords):
    await records.note(record("a", None))
    await redis.config_set("maxmemory-policy", "noeviction")
    await redis.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailable, match="maxmemory"):
            await records.note(record("b", USED))
        assert await records.record("a")
        assert await records.spent("all") == [Spent(1, 60)]
    finally:
        await redis.config_set("maxmemory", "0")


async def test_a_store_that_is_away_is_told_so():
    away = connect("unix:///nowhere/at/all.sock")
    records = RedisRecords(away)
    for asking in (
        records.note(record("a", USED)),
        records.record("a"),
        records.showed(HERE, ["m1"], "a"),
        records.behind(HERE, "m1"),
        records.offered("session", None),
        records.offer("session"),
        records.spent("all"),
        records.first("one", 100),
    ):
        with pytest.raises(StoreUnavailable):
            await asking
    await away.aclose()
