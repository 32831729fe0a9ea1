import pytest
from redis.asyncio import Redis

from bridge.core.ports import Applicant
from bridge.store import keys, pairing
from bridge.store.pairing import RedisPairing

ANN = Applicant("tg", "501", "501", "Ann", "zh")
BEN = Applicant("tg", "502", "502", "Ben")


@pytest.fixture
def door(redis: Redis) -> RedisPairing:
    return RedisPairing(redis)


async def test_a_code_lets_in_whoever_has_it_and_once(door: RedisPairing, redis: Redis):
    assert await door.apply(ANN, "AAAA") == "AAAA"
    assert not await door.paired("tg", "501")
    assert await door.admit("BBBB") is None
    assert await door.admit("AAAA") == ANN
    assert await door.admit("AAAA") is None
    assert await door.paired("tg", "501")
    assert not await door.paired("other", "501")
    assert await redis.ttl(keys.PAIRED) == -1


async def test_somebody_has_one_code_at_a_time_which_begins_anew(door: RedisPairing, redis: Redis):
    await door.apply(ANN, "AAAA")
    await redis.expire(keys.code("AAAA"), 5)
    assert await door.apply(ANN, "BBBB") == "AAAA"
    assert await redis.ttl(keys.code("AAAA")) > keys.CODE_FOR - 60
    await redis.delete(keys.code("AAAA"), keys.applied("tg", "501"))  # it expires
    assert await door.admit("AAAA") is None
    assert await door.apply(ANN, "CCCC") == "CCCC"


async def test_so_many_codes_wait_and_no_more(
    door: RedisPairing, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pairing, "MOST", 1)
    await door.apply(ANN, "AAAA")
    assert await door.apply(BEN, "BBBB") is None
    assert await door.apply(ANN, "CCCC") == "AAAA"
    await redis.zadd(keys.CODES, {"AAAA": 1.0})  # its hour is over
    assert await door.apply(BEN, "BBBB") == "BBBB"


async def test_who_was_let_in_can_be_listed_and_removed(door: RedisPairing):
    for who, code in ((BEN, "BBBB"), (ANN, "AAAA")):
        await door.apply(who, code)
        await door.admit(code)
    assert await door.everyone() == [ANN, BEN]
    assert await door.remove("501") == 1
    assert await door.remove("501") == 0
    assert not await door.paired("tg", "501")
    assert await door.paired("tg", "502")
