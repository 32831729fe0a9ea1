"""Telegram's native streaming: an answer grows as a draft and ends as one message."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from bridge.sandbox.coze import Answer, deltas
from bridge.sandbox.telegram import Draft
from tests.world import ANN, World

TEAM = -1001
TEXT = "one two three four five"


async def native(world: World) -> None:
    """Start the bridge with drafts in Telegram."""
    assert world.config
    channel = replace(world.config.channels["telegram"], streaming="native")
    await world.start(channels={"telegram": channel})


def calls(world: World, method: str) -> int:
    return sum(call.method == method for call in world.telegram.calls)


def posted(world: World) -> list[str]:
    return [message.text for message in world.telegram.messages(ANN) if message.from_bot]


async def draft(world: World, *, thread: int | None = None) -> Draft:
    """The draft in Ann's chat, once it says something."""

    def written() -> Draft | None:
        shown = world.telegram.draft(ANN, thread=thread)
        return shown if shown and shown.text else None

    shown = await world.telegram.changes.until(written)
    assert shown
    return shown


class Held:
    """A world whose bot says two words and goes on when it is let."""

    def __init__(self, path: Path) -> None:
        self.gate = asyncio.Event()
        says = Answer((deltas(TEXT),), gate=self.gate, gate_at=2)
        self.world = World(path, answer=lambda _: says)


async def test_an_answer_grows_as_a_draft_and_is_sent_once(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await native(world)
        world.telegram.say("count")
        shown = await draft(world)
        assert TEXT.startswith(shown.text)
        assert shown.can_stop
        assert not posted(world)
        held.gate.set()
        assert await world.telegram_answer() == TEXT
        assert posted(world) == [TEXT]
        assert world.telegram.draft(ANN) is None
        assert calls(world, "sendMessage") == 1
        assert calls(world, "editMessageText") == 0


@pytest.mark.parametrize("topic", [None, 7])
async def test_the_native_stop_ends_that_answer_and_keeps_what_was_said(tmp_path, topic):
    held = Held(tmp_path)
    async with held.world as world:
        await native(world)
        world.telegram.say("count", thread=topic)
        shown = await draft(world, thread=topic)
        world.telegram.stop_draft(ANN, thread=topic)
        text = await world.telegram_answer()
        assert text.startswith(shown.text)
        assert "Stopped" in text
        assert len(posted(world)) == 1
        assert world.telegram.messages(ANN)[-1].thread == topic
        assert any(call.path == "/v3/chat/cancel" for call in world.coze.requests)


async def test_a_stop_that_comes_too_late_does_not_end_the_next_answer(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await native(world)
        held.gate.set()
        first = world.telegram.say("count")
        await world.telegram_answer()
        held.gate.clear()
        world.telegram.say("again")
        await draft(world)
        late = {"chat": {"id": ANN, "type": "private"}, "draft_id": str(first)}
        world.telegram._updates.add("stopped_message_generation", late)
        world.telegram.say("/help")  # comes after it
        assert "/new" in await world.telegram_answer(2)
        held.gate.set()
        assert await world.telegram_answer(3) == TEXT
        assert len(posted(world)) == 3


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_a_refused_draft_becomes_a_message_in_the_same_turn_and_for_good(tmp_path, status):
    held = Held(tmp_path)
    async with held.world as world:
        await native(world)
        world.telegram.fail("sendMessageDraft", status=status, description="no drafts here")
        world.telegram.say("count")
        growing = await world.telegram.changes.until(lambda: posted(world))
        assert TEXT.startswith(growing[0])
        held.gate.set()
        assert await world.telegram_answer() == TEXT
        world.telegram.say("again")
        assert await world.telegram_answer(2) == TEXT
        assert posted(world) == [TEXT, TEXT]
        assert calls(world, "sendMessageDraft") == 1


async def test_a_refusal_in_the_middle_loses_and_repeats_nothing(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await native(world)
        world.telegram.say("count")
        await draft(world)
        world.telegram.fail("sendMessageDraft", status=404, description="Not Found")
        held.gate.set()
        assert await world.telegram_answer() == TEXT
        assert posted(world) == [TEXT]


async def test_in_a_group_there_are_edits(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await native(world)
        world.telegram.say("/count@coze_sandbox_bot", chat=TEAM, user=ANN)
        await world.telegram.changes.until(lambda: world.telegram.messages(TEAM)[1:])
        held.gate.set()
        assert await world.telegram_answer(chat=TEAM) == TEXT
        assert calls(world, "sendMessageDraft") == 0


async def test_a_long_answer_goes_on_in_the_next_message_without_losing_a_character(tmp_path):
    whole = "".join(f"{n}. 一行很长的文字 and some more of it 🎉\n" for n in range(180))
    gate = asyncio.Event()
    words = deltas(whole)
    says = Answer((words,), gate=gate, gate_at=len(words) - 5)
    async with World(tmp_path, pace=0.0, answer=lambda _: says) as world:
        await native(world)
        world.telegram.say("everything, please")
        await world.telegram.changes.until(lambda: posted(world))
        rest = await draft(world)
        assert whole.startswith("\n".join([*posted(world), rest.text]))
        gate.set()
        await world.telegram.changes.until(lambda: "\n".join(posted(world)) == whole.strip())
        assert calls(world, "editMessageText") == 0


async def test_an_answer_in_the_making_is_finished_by_the_next_bridge(tmp_path):
    held = Held(tmp_path)
    async with held.world as world:
        await native(world)
        world.telegram.say("count")
        await draft(world)
        await world.stop(hurry=True)
        assert not posted(world)
        held.gate.set()
        await native(world)
        assert await world.telegram_answer() == TEXT
        assert posted(world) == [TEXT]
        assert len(world.coze.asked) == 1
