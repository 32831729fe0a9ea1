"""How fast an answer comes in Telegram, and what happens when Telegram wants it slower."""

import itertools

from msgspec.structs import replace

from bridge.config.schema import Pace
from bridge.flow import present, worker
from bridge.sandbox.coze import Answer, deltas
from bridge.sandbox.telegram.server import Call
from tests.world import ANN, World

BOB, TEAM = 502, -1001
SAYS = Answer((deltas("one two three four five six seven eight nine ten"),), pace=0.1)
HOURS = 7200  # seconds


def calls(world: World, chat: int, *methods: str) -> list[Call]:
    return [
        call
        for call in world.telegram.calls
        if str(call.params.get("chat_id")) == str(chat) and (not methods or call.method in methods)
    ]


async def test_a_short_answer_is_one_message_that_is_drawn_twice(world: World):
    world.telegram.say("hello")
    await world.telegram_answer()
    [answer] = [m for m in world.telegram.messages(ANN) if m.from_bot]
    assert answer.edits == 1
    assert not world.telegram.refused()


async def test_edits_keep_the_distance_that_the_operator_wants(tmp_path):
    async with World(tmp_path, answer=lambda _: SAYS) as world:
        assert world.config
        channel = replace(world.config.channels["telegram"], limits=Pace(edit_every=0.6))
        await world.start(channels={"telegram": channel})
        world.telegram.say("count")
        await world.telegram_answer()
        *calls_, _final = calls(world, ANN, "sendMessage", "editMessageText")
        times = [call.at for call in calls_]
        assert len(times) >= 2
        assert all(b - a >= 0.6 for a, b in itertools.pairwise(times))


async def test_a_flood_holds_back_all_topics_of_a_group_and_nobody_else(world: World):
    world.telegram.fail("sendMessage", retry_after=1)
    world.telegram.say("@coze_sandbox_bot hello", chat=TEAM, user=ANN, thread=7)
    [refused] = await world.telegram.changes.until(world.telegram.refused)
    world.telegram.say("@coze_sandbox_bot hello", chat=TEAM, user=BOB, name="Bo", thread=8)
    world.telegram.say("hello")
    await world.telegram_answer()
    assert len(calls(world, TEAM, "sendMessage")) == 1
    await world.telegram_answer(chat=TEAM)
    _, *later = calls(world, TEAM, "sendMessage", "editMessageText")
    assert all(call.at >= refused.at + 1 for call in later)
    await world.stop(hurry=True)


async def test_hours_of_silence_in_one_chat_are_kept_and_cost_no_other_chat_a_moment(
    world: World,
):
    world.telegram.fail("sendMessage", retry_after=HOURS)
    world.telegram.say("hello")
    await world.telegram.changes.until(world.telegram.refused)
    before = len(calls(world, ANN))
    for turn in (1, 2):
        world.telegram.say("hello", chat=BOB, name="Bo")
        await world.telegram_answer(turn, chat=BOB)
    assert len(calls(world, ANN)) == before
    assert len(world.telegram.messages(ANN)) == 1


async def test_a_pause_that_is_too_long_to_wait_for_is_kept_and_the_answer_comes_once(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(present, "SETTLE_WITHIN", 0.2)
    monkeypatch.setattr(worker, "PAUSES", (0.01, 0.02))
    async with World(tmp_path) as world:
        assert world.config
        channel = replace(world.config.channels["telegram"], streaming="off")
        await world.start(channels={"telegram": channel})
        world.telegram.fail("sendMessage", retry_after=1)
        world.telegram.say("hello")
        [refused] = await world.telegram.changes.until(world.telegram.refused)
        assert "hello" in await world.telegram_answer()
        _, *later = calls(world, ANN, "sendMessage")
        assert [call.at >= refused.at + 1 for call in later] == [True]
        assert len(world.coze.asked) == 1
        assert len([m for m in world.telegram.messages(ANN) if m.from_bot]) == 1
