"""Groups in Telegram: whose conversation, whose buttons, who is heard, and where it goes on."""

import asyncio

import pytest
from msgspec.structs import replace

from bridge.config.schema import Allow, Telegram
from bridge.sandbox.coze import Answer, JsonError, Question
from bridge.sandbox.telegram import Shown
from tests.world import World, growing

TEAM, OLD, NEW, BEN = -1001, -42, -1002, 502
CALL = "@coze_sandbox_bot"


async def start(world: World, **settings: object) -> None:
    """Start the bridge with other settings of its Telegram channel."""
    assert world.config
    telegram = world.config.channels["telegram"]
    assert isinstance(telegram, Telegram)
    await world.start(channels={"telegram": replace(telegram, **settings)})


def said(world: World, chat: int = TEAM) -> list[Shown]:
    return [message for message in world.telegram.messages(chat) if message.from_bot]


def gated(gate: asyncio.Event) -> Answer:
    """An answer that goes on when it is told to."""
    return Answer((("Once ", "there ", "was ", "a ", "river."),), gate=gate, gate_at=2)


def short(_question: Question) -> Answer:
    return Answer((("Well.",),))


async def asked(world: World, chat: int, count: int) -> list[str]:
    """What Coze was asked, once so many answers are complete."""
    await world.telegram_answer(count, chat)
    return [each.text for each in world.coze.asked]


async def test_where_several_share_a_conversation_each_question_has_a_name(tmp_path):
    async with World(tmp_path) as world:
        await start(world, session="chat")
        world.telegram.say(f"{CALL} one", chat=TEAM)
        await world.telegram_answer(1, TEAM)
        world.telegram.say(f"{CALL} two", chat=TEAM, user=BEN, name="Ben")
        assert await asked(world, TEAM, 2) == ["Ann: one", "Ben: two"]
        assert len({each.conversation_id for each in world.coze.asked}) == 1
        world.telegram.say("three")
        assert (await asked(world, 501, 1))[2] == "three"


async def test_what_was_said_before_is_told_once_with_names(tmp_path):
    async with World(tmp_path, answer=short) as world:
        world.telegram.privacy = False
        await start(world, group_context=2)
        world.telegram.say("Too long ago", chat=TEAM)
        world.telegram.say("Rivers are\nlong", chat=TEAM, user=BEN, name="Ben")
        world.telegram.say("They are", chat=TEAM)
        world.telegram.say("Elsewhere", chat=NEW, title="Other")
        world.telegram.say(f"{CALL} which?", chat=TEAM)
        before = "Said in the group before this:\nBen: Rivers are long\nAnn: They are\n\n"
        assert await asked(world, TEAM, 1) == [f"{before}Ann: which?"]
        world.telegram.say(f"{CALL} and then?", chat=TEAM)
        assert (await asked(world, TEAM, 2))[1] == "and then?"


async def test_a_group_that_becomes_a_supergroup_keeps_its_conversation_and_its_bot(tmp_path):
    async with World(tmp_path) as world:
        bots = {**world.bot(), "other": world.bot()["assistant"]}
        await world.start(bots=bots)
        world.telegram.add_bot(OLD, basic=True)
        world.telegram.say(f"/bot@{CALL[1:]} other", chat=OLD)
        await world.telegram_answer(1, OLD)
        world.telegram.say(f"{CALL} one", chat=OLD)
        await world.telegram_answer(2, OLD)
        world.telegram.upgrade(OLD, NEW)
        world.telegram.say(f"{CALL} two", chat=NEW)
        await asked(world, NEW, 1)
        world.telegram.say(f"/bot@{CALL[1:]}", chat=NEW)
        assert "other answers here" in await world.telegram_answer(2, NEW)
        one, two = world.coze.asked
        assert one.conversation_id == two.conversation_id


async def test_the_answer_that_was_being_written_goes_on_in_the_supergroup(tmp_path):
    gate = asyncio.Event()
    async with World(tmp_path, answer=lambda _: gated(gate)) as world:
        await world.start()
        world.telegram.add_bot(OLD, basic=True)
        world.telegram.say(f"{CALL} tell me", chat=OLD)
        await world.telegram.changes.until(lambda: any(map(growing, said(world, OLD))))
        world.telegram.upgrade(OLD, NEW)
        gate.set()
        assert await world.telegram_answer(1, NEW) == "Once there was a river."


async def test_a_group_that_is_not_on_the_list_is_left_with_a_word(tmp_path):
    async with World(tmp_path) as world:
        await start(world, allow=Allow(chats=[str(TEAM)]))
        world.telegram.add_bot(NEW, title="Strangers")
        await world.telegram.changes.until(
            lambda: any(call.method == "leaveChat" for call in world.telegram.calls)
        )
        assert [str(NEW) in message.text for message in said(world, NEW)] == [True]
        assert world.telegram.say(f"{CALL} hello?", chat=NEW) == 0  # it is not there any more
        world.telegram.say(f"{CALL} hello", chat=TEAM)
        await world.telegram_answer(1, TEAM)


async def test_a_group_that_removes_the_bot_is_forgotten(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.say(f"{CALL} one", chat=TEAM)
        await world.telegram_answer(1, TEAM)
        world.telegram.kick_bot(TEAM)
        world.telegram.add_bot(TEAM)
        world.telegram.say(f"{CALL} two", chat=TEAM)
        await world.telegram_answer(2, TEAM)
        one, two = world.coze.asked
        assert one.conversation_id != two.conversation_id


async def test_a_button_of_somebody_else_is_declined_to_who_presses_it(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.coze.fail("/v3/chat", JsonError(4014, "cannot answer"))
        world.telegram.say(f"{CALL} one", chat=TEAM)
        await world.telegram_answer(1, TEAM)
        failed = said(world)[-1]
        world.telegram.press(failed.id, "Try again", chat=TEAM, user=BEN)
        (toast,) = await world.telegram.changes.until(lambda: world.telegram.toasts)
        assert "whoever asked" in toast.text
        world.telegram.press(failed.id, "Try again", chat=TEAM)
        await world.telegram_answer(2, TEAM)
        assert [each.text for each in world.coze.asked] == ["one"]
        assert len(world.telegram.toasts) == 1


async def test_stop_is_for_who_asked(tmp_path):
    async with World(tmp_path, answer=lambda _: gated(asyncio.Event())) as world:
        await world.start()
        world.telegram.say(f"{CALL} one", chat=TEAM)
        await world.telegram.changes.until(lambda: any(map(growing, said(world))))
        world.telegram.press(said(world)[0].id, "Stop", chat=TEAM, user=BEN)
        await world.telegram.changes.until(lambda: world.telegram.toasts)
        assert growing(said(world)[0])
        world.telegram.press(said(world)[0].id, "Stop", chat=TEAM)
        assert "Stopped." in await world.telegram_answer(1, TEAM)
        assert len(said(world)) == 1


async def test_in_a_shared_conversation_everybody_may_stop(tmp_path):
    async with World(tmp_path, answer=lambda _: gated(asyncio.Event())) as world:
        await start(world, session="chat")
        world.telegram.say(f"{CALL} one", chat=TEAM)
        await world.telegram.changes.until(lambda: any(map(growing, said(world))))
        world.telegram.press(said(world)[0].id, "Stop", chat=TEAM, user=BEN)
        assert "Stopped." in await world.telegram_answer(1, TEAM)
        assert not world.telegram.toasts


async def test_an_administrator_without_a_name_is_answered(tmp_path):
    def name(question: Question) -> Answer:
        return Answer(((question.custom_variables["user_name"],),))

    async with World(tmp_path, answer=name) as world:
        await world.start()
        world.telegram.add_bot(TEAM, title="The team")
        world.telegram.promote(TEAM, user=501)
        world.telegram.say(f"{CALL} one", chat=TEAM, anonymous=True)
        assert await world.telegram_answer(1, TEAM) == "The team"


@pytest.mark.parametrize("chat", [TEAM, 501])
async def test_each_topic_is_a_conversation(tmp_path, chat: int):
    async with World(tmp_path, answer=short) as world:
        await world.start()
        for count, topic in enumerate((7, 8, 7), 1):
            world.telegram.say(f"{CALL} hi", chat=chat, thread=topic)
            await world.telegram_answer(count, chat)
        seven, eight, again = [each.conversation_id for each in world.coze.asked]
        assert again == seven != eight
        assert [message.thread for message in said(world, chat)] == [7, 8, 7]


async def test_the_topic_that_every_forum_has_is_answered_there(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.say("A topic", chat=TEAM, thread=7)
        world.telegram.say(f"{CALL} hi", chat=TEAM)
        await world.telegram_answer(1, TEAM)
        typed = [c for c in world.telegram.calls if c.method == "sendChatAction"]
        assert {call.params.get("message_thread_id") for call in typed} == {1}
        assert [message.thread for message in said(world)] == [None]
