"""What holds everywhere: one bridge, two platforms, two dialects of Coze, faults on the way."""

import pytest
from msgspec.structs import replace

from bridge.config import Bot
from bridge.sandbox.coze import Answer as Says
from bridge.sandbox.coze import Cut, JsonError, Noise, NoResponse
from tests.world import ANN, BOT, GENERAL, World


@pytest.mark.parametrize("dialect", ["cloud", "studio"])
@pytest.mark.parametrize("mode", ["stream", "blocking"])
async def test_three_turns_on_both_platforms_are_one_conversation_each(tmp_path, dialect, mode):
    async with World(tmp_path, dialect=dialect) as world:
        await world.start(bots={"assistant": Bot(bot_id=world.coze.bot_id, mode=mode)})
        for turn in (1, 2, 3):
            world.telegram.say(f"telegram {turn}")
            await world.telegram_answer(turn)
        thread = world.slack.say(f"{BOT} slack 1")
        await world.slack_answer(thread, 1)
        for turn in (2, 3):
            world.slack.say(f"slack {turn}", thread_ts=thread)
            await world.slack_answer(thread, turn)
        asked = [(a.text.split()[0], a.conversation_id, a.user_id) for a in world.coze.asked]
        assert len(asked) == 6
        assert len(set(asked)) == 2


@pytest.mark.parametrize("dialect", ["cloud", "studio"])
async def test_a_conversation_that_coze_forgot_is_replaced_silently(tmp_path, dialect):
    async with World(tmp_path, dialect=dialect) as world:
        await world.start()
        world.telegram.say("hello")
        await world.telegram_answer(1)
        world.coze.forget(world.coze.asked[0].conversation_id or "")
        world.telegram.say("are you there?")
        assert "are you there?" in await world.telegram_answer(2)
        assert len(world.telegram.messages(ANN)) == 4


@pytest.mark.parametrize("dialect", ["cloud", "studio"])
@pytest.mark.parametrize("after", [1, 2, 5, 9])
async def test_a_broken_stream_is_completed_without_asking_again(tmp_path, dialect, after):
    async with World(tmp_path, dialect=dialect) as world:
        await world.start()
        world.coze.fail("/v3/chat", Cut(after=after))
        world.telegram.say("hello")
        assert "很高兴认识你" in await world.telegram_answer()
        assert len(world.coze.asked) == 1


async def test_a_question_whose_confirmation_was_lost_is_not_asked_twice(world: World):
    world.coze.fail("/v3/chat", NoResponse())
    world.telegram.say("hello")
    assert "很高兴认识你" in await world.telegram_answer()
    assert len(world.coze.asked) == 1


async def test_a_busy_coze_is_asked_again(world: World):
    world.coze.fail("/v3/chat", JsonError(4013, "rate limited"), times=2)
    world.telegram.say("hello")
    assert "hello" in await world.telegram_answer()
    assert len(world.coze.asked) == 1


async def test_a_wrong_token_is_told_without_its_details(world: World):
    world.coze.fail("/v3/chat", JsonError(4100, "token pat_sandbox is invalid", status=401))
    world.telegram.say("hello")
    text = await world.telegram_answer()
    assert "operator" in text
    assert "pat" not in text
    assert "4100" not in text


async def test_a_failed_question_can_be_asked_again_with_a_button(world: World):
    world.coze.fail("/v3/chat", JsonError(4014, "cannot answer"))
    world.telegram.say("hello")
    await world.telegram_answer()
    failed = world.telegram.messages(ANN)[-1]
    world.telegram.press(failed.id, "Try again", chat=ANN)
    assert "hello" in await world.telegram_answer(2)


async def test_several_answers_become_several_messages_and_nothing_else_leaks(tmp_path):
    says = Says(
        answers=(("first ", "answer"), ("second ", "answer")),
        reasoning=("let me think",),
        noise=(Noise("function_call", '{"name":"search"}'), Noise("knowledge", "a secret page")),
    )
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start()
        world.telegram.say("go")
        await world.telegram_answer(2)
        texts = [m.text for m in world.telegram.messages(ANN) if m.from_bot]
    assert texts == ["first answer", "second answer"]


async def test_what_is_authoritative_replaces_what_was_streamed(tmp_path):
    says = Says(answers=(("drafty ", "words"),), final="the final words")
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start()
        world.telegram.say("go")
        assert await world.telegram_answer() == "the final words"


async def test_a_refused_pace_still_ends_whole(world: World):
    world.telegram.fail("editMessageText", status=429, retry_after=1, times=3)
    world.telegram.say("hello")
    assert "很高兴认识你" in await world.telegram_answer()
    assert len([m for m in world.telegram.messages(ANN) if m.from_bot]) == 1


async def test_a_post_whose_answer_was_lost_is_found_again_in_slack(world: World):
    world.slack.fail("chat.postMessage", drop=True, after_doing=True)
    thread = world.slack.say(f"{BOT} hello")
    assert "hello" in await world.slack_answer(thread)
    assert len([m for m in world.slack.messages(GENERAL, thread) if m.bot_id]) == 1


async def test_without_streaming_the_answer_comes_whole(world: World):
    await world.stop()
    assert world.config
    channel = world.config.channels["telegram"]
    await world.start(channels={"telegram": replace(channel, streaming="off")})
    world.telegram.say("hello")
    assert "hello" in await world.telegram_answer()
    assert world.telegram.messages(ANN)[-1].edits == 0


async def test_who_blocks_the_bot_is_left_in_peace_and_the_run_is_ended(world: World):
    world.telegram.say("slow, please")
    await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:])
    world.telegram.block(ANN)
    await world.coze.changes.until(
        lambda: any(request.path == "/v3/chat/cancel" for request in world.coze.requests)
    )
