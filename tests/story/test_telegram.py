"""What a person in Telegram can expect. Reads from top to bottom."""

import asyncio

import pytest

from bridge.sandbox.coze import Answer, Question, deltas
from tests.world import ANN, World

TEAM = -1001


async def test_a_message_is_answered(world: World):
    world.telegram.say("hello")
    assert "hello" in await world.telegram_answer()


async def test_the_answer_grows_in_one_message_and_ends_whole(tmp_path):
    gate = asyncio.Event()
    words = deltas("one two three four five")

    def answer(question: Question) -> Answer:
        return Answer(answers=(words,), gate=gate, gate_at=2)

    async with World(tmp_path, answer=answer) as world:
        await world.start()
        world.telegram.say("count")
        first = (await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:]))[0]
        assert first.text
        assert "one two three four five".startswith(first.text)
        assert [label for row in first.buttons for label, _ in row] == ["⏹ Stop"]
        gate.set()
        assert await world.telegram_answer() == "one two three four five"
        assert len(world.telegram.messages(ANN)) == 2


async def test_the_bot_is_typing_until_there_is_something_to_read(world: World):
    world.telegram.say("hello")
    await world.telegram_answer()
    assert world.telegram.typing(ANN) >= 1


async def test_the_second_turn_remembers_the_first(world: World):
    world.telegram.say("I am Ann")
    await world.telegram_answer(1)
    world.telegram.say("who am I?")
    assert "I am Ann" in await world.telegram_answer(2)
    assert len({asked.conversation_id for asked in world.coze.asked}) == 1
    assert len({asked.user_id for asked in world.coze.asked}) == 1


async def test_coze_never_sees_the_users_own_id(world: World):
    world.telegram.say("hello")
    await world.telegram_answer()
    assert str(ANN) not in str(world.coze.asked[0].body)


async def test_three_messages_at_once_are_answered_in_order(world: World):
    for text in ("first", "second", "third"):
        world.telegram.say(text)
    await world.telegram_answer(3)
    assert [asked.text for asked in world.coze.asked] == ["first", "second", "third"]
    assert len({asked.conversation_id for asked in world.coze.asked}) == 1


async def test_new_forgets_what_was_said(world: World):
    world.telegram.say("I am Ann")
    await world.telegram_answer(1)
    world.telegram.say("/new")
    assert "New conversation" in await world.telegram_answer(2)
    world.telegram.say("who am I?")
    assert "I am Ann" not in await world.telegram_answer(3)
    assert len({asked.conversation_id for asked in world.coze.asked}) == 2


async def test_stop_ends_the_answer_and_keeps_what_was_said(world: World):
    world.telegram.say("slow, please")
    growing = (await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:]))[0]
    world.telegram.press(growing.id, "Stop", chat=ANN)
    text = await world.telegram_answer()
    assert text.startswith(growing.text)
    assert any(call.path == "/v3/chat/cancel" for call in world.coze.requests)
    assert world.telegram.answered()


async def test_the_stop_command_does_not_wait_behind_the_answer(world: World):
    world.telegram.say("slow, please")
    await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:])
    world.telegram.say("/stop")
    assert "Stopped" in await world.telegram_answer()
    assert len(world.telegram.messages(ANN)) == 3  # the question, its answer, the command


async def test_there_may_be_nothing_to_stop(world: World):
    world.telegram.say("/stop")
    assert await world.telegram_answer() == "There is nothing to stop."


async def test_retry_asks_the_last_question_again(world: World):
    world.telegram.say("a riddle")
    await world.telegram_answer(1)
    world.telegram.say("/retry")
    await world.telegram_answer(2)
    assert [asked.text for asked in world.coze.asked] == ["a riddle", "a riddle"]


async def test_help_says_what_can_be_done(world: World):
    world.telegram.say("/help")
    text = await world.telegram_answer()
    assert all(command in text for command in ("/new", "/stop", "/retry", "/usage", "/export"))
    assert not world.coze.asked


async def test_a_chinese_user_is_spoken_to_in_chinese(world: World):
    world.telegram.say("/stop", language="zh-hans")
    assert await world.telegram_answer() == "当前没有可以停止的回答。"


async def test_a_long_answer_goes_on_in_new_messages_without_losing_a_character(tmp_path):
    whole = "".join(f"{n}. 一行很长的文字 and some more of it 🎉\n" for n in range(400))
    async with World(tmp_path, pace=0.0, answer=lambda _: Answer((deltas(whole),))) as world:
        await world.start()
        world.telegram.say("everything, please")

        def shown() -> list[str]:
            return [m.text for m in world.telegram.messages(ANN) if m.from_bot]

        await world.telegram.changes.until(lambda: "\n".join(shown()) == whole.strip())
        assert len(shown()) > 2
        assert all(len(text.encode("utf-16-le")) <= 2 * 4096 for text in shown())
        assert await world.telegram_answer() == shown()[-1]


async def test_in_a_group_only_what_is_meant_for_the_bot_is_answered(world: World):
    world.telegram.privacy = False
    world.telegram.say("hello all", chat=TEAM, user=501)
    world.telegram.say("@coze_sandbox_bot hello you", chat=TEAM, user=501)
    await world.telegram_answer(1, chat=TEAM)
    [answer] = [m for m in world.telegram.messages(TEAM) if m.from_bot]
    assert [asked.text for asked in world.coze.asked] == ["hello you"]
    world.telegram.say("go on", chat=TEAM, user=501, reply_to=answer.id)
    await world.telegram_answer(2, chat=TEAM)
    assert [asked.text for asked in world.coze.asked] == ["hello you", "go on"]


async def test_in_a_group_each_user_has_a_conversation_of_their_own(world: World):
    world.telegram.say("@coze_sandbox_bot I am Ann", chat=TEAM, user=501)
    await world.telegram_answer(1, chat=TEAM)
    world.telegram.say("@coze_sandbox_bot who am I?", chat=TEAM, user=502, name="Bo")
    assert "I am Ann" not in await world.telegram_answer(2, chat=TEAM)


@pytest.mark.parametrize("topic", [7, 8])
async def test_in_a_forum_the_answer_stays_in_its_topic(world: World, topic: int):
    world.telegram.say("@coze_sandbox_bot hello", chat=TEAM, user=501, thread=topic)
    await world.telegram_answer(1, chat=TEAM)
    [answer] = [m for m in world.telegram.messages(TEAM) if m.from_bot]
    assert answer.thread == topic


async def test_what_cannot_be_answered_is_told_in_a_sentence(world: World):
    world.telegram.say("error, please")
    text = await world.telegram_answer()
    assert "Coze" not in text
    assert not any(char.isdigit() for char in text.split("⚠️")[1])
