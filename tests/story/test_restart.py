"""A bridge that stops and starts again: nothing is lost, nothing comes twice."""

import asyncio

from bridge.sandbox.coze import Answer, deltas
from bridge.sandbox.telegram import TelegramSimulator
from tests.world import ANN, BOT, GENERAL, World, growing


async def test_messages_sent_while_the_bridge_is_down_are_answered(world: World):
    await world.stop()
    world.telegram.say("anybody there?")
    await world.start()
    assert "anybody there?" in await world.telegram_answer()


async def test_a_conversation_goes_on_after_a_restart(world: World):
    world.telegram.say("I am Ann")
    await world.telegram_answer(1)
    await world.stop()
    await world.start()
    world.telegram.say("who am I?")
    assert "I am Ann" in await world.telegram_answer(2)


async def test_an_answer_in_the_making_is_finished_in_the_same_message(tmp_path):
    gate = asyncio.Event()
    says = Answer((deltas("begun by one and finished by the next"),), gate=gate, gate_at=3)
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start()
        world.telegram.say("hello")
        await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:])
        await world.stop(hurry=True)
        assert growing(world.telegram.messages(ANN)[1])
        gate.set()
        await world.start()
        assert await world.telegram_answer() == "begun by one and finished by the next"
        assert len(world.telegram.messages(ANN)) == 2
        assert len(world.coze.asked) == 1


async def test_a_thread_is_still_known_after_a_restart(world: World):
    thread = world.slack.say(f"{BOT} hello")
    await world.slack_answer(thread)
    await world.stop()
    await world.start()
    world.slack.say("go on", thread_ts=thread)
    await world.slack_answer(thread, 2)
    assert len([m for m in world.slack.messages(GENERAL, thread) if m.bot_id]) == 2


async def test_the_commands_are_in_the_menu(world: World):
    def menu(telegram: TelegramSimulator) -> list[str]:
        return [
            c.params["language_code"]
            for c in telegram.calls
            if c.method == "setMyCommands" and "language_code" in c.params
        ]

    assert await world.telegram.changes.until(lambda: menu(world.telegram))
