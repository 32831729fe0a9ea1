import pytest
from redis.asyncio import Redis

from bridge.core.model import Address, Prompt, Upload
from bridge.core.ports import Talk, Waiting
from bridge.store import keys
from bridge.store.memory import RedisMemory

THREAD = Address("slack", "C1", "1.2")
TALK = Talk("user", "conversation")


@pytest.fixture
def memory(redis: Redis) -> RedisMemory:
    return RedisMemory(redis, ttl=1000)


async def test_a_stranger_is_not_remembered(memory: RedisMemory):
    assert await memory.talk("s") is None
    assert await memory.prompt("s") is None
    assert not await memory.takes_part(THREAD)
    assert await memory.last_thread(THREAD, "U1") is None


async def test_a_talk_is_remembered_until_it_is_forgotten(memory: RedisMemory):
    await memory.remember("s", TALK, Prompt("why?"))
    assert await memory.talk("s") == TALK
    assert await memory.prompt("s") == Prompt("why?")
    assert await memory.talk("other") is None
    await memory.forget("s")
    assert await memory.talk("s") is None
    await memory.forget("s")


async def test_a_new_conversation_replaces_the_old(memory: RedisMemory):
    await memory.remember("s", TALK, Prompt("why?"))
    await memory.remember("s", Talk("user", ""), Prompt("why?"))
    assert await memory.talk("s") == Talk("user", "")


async def test_the_last_question_is_remembered_and_outlives_its_conversation(memory: RedisMemory):
    await memory.asked("s", Prompt("why?"))
    await memory.asked("s", Prompt("what?\n扣子"))
    await memory.forget("s")
    assert await memory.prompt("s") == Prompt("what?\n扣子")


async def test_the_bot_takes_part_in_the_threads_it_joined(memory: RedisMemory):
    await memory.join(THREAD, "U1")
    assert await memory.takes_part(THREAD)
    assert not await memory.takes_part(Address("slack", "C1", "3.4"))
    assert not await memory.takes_part(Address("slack", "C2", "1.2"))
    assert not await memory.takes_part(Address("other", "C1", "1.2"))


async def test_outside_of_threads_there_is_nothing_to_join(memory: RedisMemory, redis: Redis):
    await memory.join(Address("slack", "C1"), "U1")
    assert not await memory.takes_part(Address("slack", "C1"))
    assert await redis.dbsize() == 0


async def test_the_last_thread_is_that_of_the_user_in_this_chat(memory: RedisMemory):
    await memory.join(THREAD, "U1")
    await memory.join(Address("slack", "C1", "3.4"), "U2")
    await memory.join(Address("slack", "C2", "5.6"), "U1")
    anywhere = Address("slack", "C1")
    assert await memory.last_thread(anywhere, "U1") == "1.2"
    assert await memory.last_thread(anywhere, "U2") == "3.4"
    assert await memory.last_thread(anywhere, "U3") is None


async def test_the_clock_of_what_is_remembered_starts_anew_with_each_use(
    memory: RedisMemory, redis: Redis
):
    async def use() -> None:
        await memory.remember("s", TALK, Prompt("why?"))
        await memory.join(THREAD, "U1")

    await use()
    all_keys = await redis.keys("*")
    assert len(all_keys) == 4
    for key in all_keys:
        await redis.expire(key, 5)
    await use()
    for key in all_keys:
        assert 990 < await redis.ttl(key) <= 1000, key


WAITS = Waiting(
    "summary",
    ("Rome", "扣子\n"),
    resume='{"event_id": "1"}',
    inputs={"text": "a tale", "größe": "9"},
    missing="count",
)


async def test_what_a_workflow_waits_for_is_remembered_until_it_has_it(memory: RedisMemory):
    assert await memory.waiting("s") is None
    await memory.wait_for("s", Waiting("other"))
    await memory.wait_for("s", WAITS)
    assert await memory.waiting("s") == WAITS
    assert await memory.waiting("other") is None
    await memory.wait_for("s", None)
    assert await memory.waiting("s") is None
    await memory.wait_for("s", None)


async def test_a_workflow_waits_for_a_day(memory: RedisMemory, redis: Redis):
    await memory.wait_for("s", WAITS)
    assert 86_000 < await redis.ttl(keys.waiting("s")) <= keys.WAITS_FOR == 86_400


async def test_a_workflow_waits_also_when_its_session_has_no_conversation(memory: RedisMemory):
    await memory.wait_for("s", WAITS)
    await memory.forget("s@bot")
    assert await memory.waiting("s") == WAITS


async def test_the_bot_that_was_chosen_is_remembered_for_its_session(
    memory: RedisMemory, redis: Redis
):
    assert await memory.bot("s") is None
    await memory.choose("s", "other")
    await memory.choose("s", "机器人")
    assert await memory.bot("s") == "机器人"
    assert await memory.bot("t") is None
    assert 990 < await redis.ttl(keys.bot("s")) <= 1000


async def test_a_prompt_is_remembered_with_its_files_and_inputs(memory: RedisMemory):
    prompt = Prompt(
        "look",
        (Upload("file-1", "image", "cat.png"),),
        shortcut="id-1",
        inputs=(("topic", "cats"),),
        workflow="summary",
    )
    await memory.asked("s", prompt)
    assert await memory.prompt("s") == prompt


async def test_what_expired_is_forgotten(memory: RedisMemory, redis: Redis):
    await memory.remember("s", TALK, Prompt("why?"))
    await redis.pexpire(keys.talk("s"), 0)
    assert await memory.talk("s") is None


async def test_a_thread_stays_muted_as_long_as_somebody_speaks_there(
    memory: RedisMemory, redis: Redis
):
    to, other = Address("slack", "C1", "1.2"), Address("slack", "C1", "1.3")
    await memory.mute(to, on=True)
    await redis.expire(keys.muted("slack", "C1", "1.2"), 5)
    assert (await memory.muted(to), await memory.muted(other)) == (True, False)
    assert 990 < await redis.ttl(keys.muted("slack", "C1", "1.2")) <= 1000
    await memory.mute(to, on=False)
    assert not await memory.muted(to)
