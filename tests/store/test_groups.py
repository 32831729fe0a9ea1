import time
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bridge.core.model import Address, Prompt
from bridge.core.ports import Remark, Talk
from bridge.store import keys
from bridge.store.groups import LONGEST, RedisGroups
from bridge.store.memory import RedisMemory

OLD, NEW, NEWEST = (Address("tg", chat) for chat in ("-42", "-1001", "-1002"))
PLACE = "tg:-42:"


@pytest.fixture
def groups(redis: Redis) -> RedisGroups:
    return RedisGroups(redis, ttl=1000)


def remark(id_: str, text: str = "hi") -> Remark:
    return Remark(id_, "Ann", text, time.time())


async def test_the_last_remarks_are_told_once(groups: RedisGroups):
    said = [remark(id_) for id_ in "123"]
    for each in (*said, said[-1]):  # the last was delivered again
        await groups.overhear(PLACE, each, 3)
    assert await groups.overheard(PLACE) == said[1:]
    assert await groups.overheard(PLACE) == []


async def test_a_remark_is_neither_long_nor_old(groups: RedisGroups, redis: Redis):
    old = replace(remark("1"), at=time.time() - keys.OVERHEARD_FOR - 1)
    await groups.overhear(PLACE, old, 9)
    await groups.overhear(PLACE, remark("2", "x" * 5000), 9)
    assert 0 < await redis.ttl(keys.overheard(PLACE)) <= keys.OVERHEARD_FOR
    (kept,) = await groups.overheard(PLACE)
    assert (kept.id, len(kept.text)) == ("2", LONGEST)


async def test_a_group_is_known_by_the_first_of_its_ids(groups: RedisGroups, redis: Redis):
    assert await groups.home(OLD) == ""
    for _ in range(2):
        await groups.move(OLD, NEW.chat)
    await groups.move(NEW, NEWEST.chat)
    assert [await groups.home(to) for to in (OLD, NEW, NEWEST)] == ["", "-42", "-42"]
    await redis.expire(keys.home("tg", NEW.chat), 5)
    await groups.home(NEW)
    assert await redis.ttl(keys.home("tg", NEW.chat)) > 900  # as long as it is asked for


async def test_the_end_of_a_group_is_the_end_of_its_sessions_alone(
    groups: RedisGroups, redis: Redis
):
    memory = RedisMemory(redis, ttl=1000)
    sessions = ["tg:-42::501@bot", "tg:-42:7:502@bot", "tg:-421::501@bot", "x:tg:-42::501@bot"]
    for session in sessions:
        await memory.remember(session, Talk("user", "c"), Prompt("why?"))
    await redis.set(f"{keys.inbox('turns')}lane:tg:-42::501", "a job")
    await groups.end(OLD)
    assert [bool(await memory.talk(session)) for session in sessions] == [False, False, True, True]
    assert await memory.prompt(sessions[0]) is None
    assert await redis.exists(f"{keys.inbox('turns')}lane:tg:-42::501")


async def test_to_leave_the_old_group_is_not_to_leave_the_new(groups: RedisGroups, redis: Redis):
    memory, session = RedisMemory(redis, ttl=1000), "tg:-42::501@bot"
    await memory.remember(session, Talk("user", "c"), Prompt("why?"))
    await groups.move(OLD, NEW.chat)
    await groups.end(OLD)
    assert await memory.talk(session)
    await groups.end(NEW)
    assert await memory.talk(session) is None


async def test_a_channel_may_have_any_name(groups: RedisGroups, redis: Redis):
    memory = RedisMemory(redis, ttl=1000)
    for name in ("t[g]*?", "tg"):
        await memory.remember(f"{name}:-42::501@bot", Talk("user", "c"), Prompt("why?"))
    await groups.end(Address("t[g]*?", "-42"))
    assert await memory.talk("t[g]*?:-42::501@bot") is None
    assert await memory.talk("tg:-42::501@bot")
