"""What happens when a person changes what they have written. Reads from top to bottom."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.sandbox.coze import Answer, Question, deltas
from bridge.sandbox.telegram import Shown, attach
from bridge.store.client import connect
from bridge.store.embedded import EmbeddedStore
from tests.store.lanes import until
from tests.world import ANN, World, growing

TEAM = -1001


class Slow:
    """A bot that begins every answer, and ends it when `gate` is set."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()

    def __call__(self, question: Question) -> Answer:
        said = deltas(f"About {question.text} there is much to say")
        return Answer((said,), gate=self.gate, gate_at=4)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def held(tmp_path: Path, slow: Slow) -> AsyncIterator[World]:
    """A bridge to a bot that is slow."""
    async with World(tmp_path, answer=slow) as made:
        await made.start()
        yield made


def asked(world: World) -> list[str]:
    return [question.text for question in world.coze.asked]


def said(world: World, chat: int = ANN) -> list[Shown]:
    return [message for message in world.telegram.messages(chat) if message.from_bot]


async def over(world: World, count: int, chat: int = ANN) -> str:
    """The last of so many answers, once the bridge is done with all of them."""
    text = await world.telegram_answer(count, chat)
    redis = connect(EmbeddedStore(world.state_dir).url)

    async def idle() -> bool:
        return not [key async for key in redis.scan_iter("*turns:lane:*")]

    await until(idle)
    await redis.aclose()
    return text


async def begun(world: World) -> Shown:
    """The first message of an answer that is being written."""
    return (await world.telegram.changes.until(lambda: said(world)))[0]


async def test_a_question_that_is_answered_is_asked_anew_with_its_new_words(world: World):
    world.telegram.say("the weather in Pariss")
    await over(world, 1)
    world.telegram.edit(1, "the weather in Paris")
    assert "the weather in Paris”" in await over(world, 2)
    assert asked(world) == ["the weather in Pariss", "the weather in Paris"]


async def test_a_question_that_is_being_answered_is_answered_anew_in_the_same_message(
    held: World, slow: Slow
):
    held.telegram.say("Pariss")
    first = await begun(held)
    held.telegram.edit(1, "Paris")
    await held.coze.changes.until(lambda: len(held.coze.asked) == 2)
    assert growing(said(held)[0])
    slow.gate.set()
    assert await held.telegram_answer() == "About Paris there is much to say"
    assert [message.id for message in said(held)] == [first.id]
    assert any(call.path == "/v3/chat/cancel" for call in held.coze.requests)


async def test_it_can_be_changed_again_and_again(held: World, slow: Slow):
    held.telegram.say("Pariss")
    await begun(held)
    held.telegram.edit(1, "Pari")
    await held.coze.changes.until(lambda: len(held.coze.asked) == 2)
    held.telegram.edit(1, "Paris")
    await held.coze.changes.until(lambda: len(held.coze.asked) == 3)
    slow.gate.set()
    assert await held.telegram_answer() == "About Paris there is much to say"
    assert len(said(held)) == 1


async def test_a_question_that_is_stopped_right_after_a_change_says_so(held: World):
    held.telegram.say("Pariss")
    first = await begun(held)
    held.telegram.edit(1, "Paris")
    held.telegram.press(first.id, "Stop", chat=ANN)
    assert "Stopped" in await held.telegram_answer()
    assert [message.id for message in said(held)] == [first.id]


async def test_a_question_that_waits_is_asked_once_with_its_new_words(held: World, slow: Slow):
    held.telegram.say("Rome")
    await begun(held)
    held.telegram.say("Pariss")
    held.telegram.say("Oslo")
    held.telegram.edit(3, "Paris")
    await held.telegram.changes.until(lambda: held.telegram.polling)
    slow.gate.set()
    await held.telegram_answer(3)
    assert asked(held) == ["Rome", "Paris", "Oslo"]


async def test_what_is_older_or_unchanged_is_ignored(world: World):
    world.telegram.say("one")
    await over(world, 1)
    world.telegram.say("two")
    await over(world, 2)
    world.telegram.edit(1, "one, please")
    world.telegram.edit(3, "two")  # as when a preview of a link appears
    world.telegram.say("/new")
    await over(world, 3)
    world.telegram.edit(3, "two, please")
    world.telegram.say("three")
    await over(world, 4)
    assert asked(world) == ["one", "two", "three"]


async def test_a_question_that_was_tried_again_is_still_the_newest(world: World):
    world.telegram.say("one")
    await over(world, 1)
    world.telegram.say("/retry")
    await over(world, 2)
    world.telegram.edit(1, "two")
    await over(world, 3)
    assert asked(world) == ["one", "one", "two"]


async def test_a_change_in_the_middle_of_an_answer_survives_a_restart(held: World, slow: Slow):
    held.telegram.say("Pariss")
    first = await begun(held)
    await held.stop(hurry=True)
    held.telegram.edit(1, "Paris")
    slow.gate.set()
    await held.start()

    def done() -> bool:
        return [message.text for message in said(held)] == ["About Paris there is much to say"]

    await held.telegram.changes.until(done)
    assert said(held)[0].id == first.id


async def test_a_caption_that_is_changed_asks_the_whole_album_anew(world: World):
    world.telegram.send_album([attach.photo(), attach.photo(caption="wich?")])
    await over(world, 1)
    world.telegram.edit(2, "which?")
    await over(world, 2)
    [message] = world.coze.asked[-1].body["additional_messages"]
    parts = json.loads(message["content"])
    assert [part.get("text", part["type"]) for part in parts] == ["which?", "image", "image"]


async def test_in_a_group_a_change_is_heard_if_it_speaks_to_the_bot(world: World):
    world.telegram.say("@coze_sandbox_bot one", chat=TEAM)
    await over(world, 1, TEAM)
    world.telegram.edit(1, "@coze_sandbox_bot two", chat=TEAM)
    await over(world, 2, TEAM)
    assert asked(world) == ["one", "two"]
    assert said(world, TEAM)[1].reply_to == 1
