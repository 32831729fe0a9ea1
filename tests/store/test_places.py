import pytest
from redis.asyncio import Redis

from bridge.core.model import Address
from bridge.core.ports import Place
from bridge.store import keys
from bridge.store import places as module
from bridge.store.memory import RedisMemory
from bridge.store.places import LATE, RedisPlaces

NOW = 1795465000.000100
THREAD, CHAT = Place("T1", "C1", f"{NOW:.6f}"), Place("T1", "C1")


@pytest.fixture
async def places(redis: Redis) -> RedisPlaces:
    """Of a bot that takes part in one thread."""
    await RedisMemory(redis, ttl=1000).join(Address("slack", "C1", THREAD.thread), "U1")
    return RedisPlaces(redis, ttl=1000)


async def heard(places: RedisPlaces, at: float, *where: Place, whole: bool = True) -> None:
    await places.heard("slack", at, where or (THREAD,), whole=whole)


async def test_a_place_is_heard_up_to_its_newest_message_but_for_what_came_late(
    places: RedisPlaces,
):
    for at in (NOW, NOW + 2 * LATE, NOW + LATE):
        await heard(places, at, THREAD, CHAT)
    await heard(places, NOW + 1.5)
    since = {THREAD: NOW + LATE, CHAT: NOW + LATE}
    assert await places.known("slack") == pytest.approx(since)
    assert await places.known("other") == {}


async def test_nothing_is_missed_from_before_the_bot_took_part(places: RedisPlaces):
    await heard(places, NOW)
    await heard(places, NOW + 5)
    assert await places.known("slack") == {THREAD: NOW}


async def test_a_place_of_others_is_not_kept(places: RedisPlaces):
    await heard(places, NOW, Place("T1", "C1", "7.000000"), CHAT)
    assert await places.known("slack") == {}
    assert await places.unheard("slack", "C1", [NOW]) == set()


async def test_a_place_is_not_heard_further_while_something_may_be_missing_in_it(
    places: RedisPlaces,
):
    await heard(places, NOW, whole=False)
    await heard(places, NOW + 3 * LATE, whole=False)
    assert await places.known("slack") == {THREAD: NOW}
    assert await places.unheard("slack", "C1", [NOW + 3 * LATE]) == set()


async def test_a_message_is_known_to_the_microsecond(places: RedisPlaces):
    moments = [NOW + step * 1e-6 for step in range(10)]
    for at in moments[::2]:
        await heard(places, at)
    assert await places.unheard("slack", "C1", moments) == set(moments[1::2])
    assert await places.unheard("slack", "C2", moments[:2]) == set(moments[:2])
    assert await places.unheard("slack", "C1", []) == set()


async def test_only_the_newest_places_and_messages_are_kept(
    redis: Redis, places: RedisPlaces, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "PLACES", 2)
    monkeypatch.setattr(module, "MESSAGES", 3)
    memory = RedisMemory(redis, ttl=1000)
    threads = [Place("T1", "C1", f"{n}.000000") for n in range(5)]
    for at, thread in enumerate(threads):
        await memory.join(Address("slack", "C1", thread.thread), "U1")
        await heard(places, NOW + at, thread)
    assert [*await places.known("slack")] == [threads[4], threads[3]]
    assert await places.unheard("slack", "C1", [NOW, NOW + 1, NOW + 2]) == {NOW, NOW + 1}
    assert await redis.hlen(keys.joined("slack")) == 2
