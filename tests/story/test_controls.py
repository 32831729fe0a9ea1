"""The mark on a message, and what a button does that leads nowhere."""

import asyncio

from msgspec.structs import replace

from bridge.sandbox.coze import Answer, Question
from tests.world import ANN, World


async def start(world: World, **settings: str) -> None:
    """Start the bridge with other settings of its Telegram channel."""
    assert world.config
    channel = replace(world.config.channels["telegram"], **settings)
    await world.start(channels={"telegram": channel})


def reaction(world: World) -> str:
    """What the bot has put on the first message."""
    return world.telegram.messages(ANN)[0].reaction


async def test_a_message_has_a_mark_until_it_is_answered(tmp_path):
    gate = asyncio.Event()

    def answer(_: Question) -> Answer:
        return Answer((("Well.",),), gate=gate)

    async with World(tmp_path, answer=answer) as world:
        await start(world, react="👀")
        world.telegram.say("hello")
        await world.telegram.changes.until(lambda: reaction(world) == "👀")
        gate.set()
        await world.telegram_answer()
        await world.telegram.changes.until(lambda: reaction(world) == "")


async def test_a_mark_that_is_refused_delays_nothing(tmp_path):
    async with World(tmp_path) as world:
        refusal = "Bad Request: REACTION_INVALID"
        world.telegram.fail("setMessageReaction", status=400, description=refusal, times=2)
        await start(world, react="❤\ufe0f")
        world.telegram.say("hello")
        await world.telegram_answer()
        await world.telegram.changes.until(
            lambda: (
                [c.status for c in world.telegram.calls if "Reaction" in c.method][:2]
                == [400, 400]
            )
        )


async def test_without_the_setting_there_is_no_mark(world: World):
    world.telegram.say("hello")
    await world.telegram_answer()
    assert not [call for call in world.telegram.calls if "Reaction" in call.method]
