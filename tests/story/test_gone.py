"""Whoever blocks the bot, or deletes their account, is left alone."""

import asyncio
import logging

import pytest

from bridge.sandbox.coze import Answer, Question
from tests.world import ANN, World

TEAM = -1001


class Patient:
    """Answers the first question slowly, and notes what it is asked."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()

    def __call__(self, question: Question) -> Answer:
        if question.text == "first":
            return Answer((("Well, ", "that is it."),), gate=self.gate, gate_at=1)
        return Answer((("Fine.",),))


def cancelled(world: World) -> bool:
    return any(call.path == "/v3/chat/cancel" for call in world.coze.requests)


async def leaves(world: World, how: str, chat: int = ANN, call: str = "") -> None:
    """Somebody asks two things, reads the first words of the answer, and is gone."""
    for text in ("first", "second"):
        world.telegram.say(f"{call}{text}", chat=chat)
    await world.telegram.changes.until(
        lambda: any(m.from_bot for m in world.telegram.messages(chat))
    )
    getattr(world.telegram, how)(chat)


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.message for each in caplog.records if each.levelno > logging.WARNING]


@pytest.mark.parametrize("how", ["block", "deactivate"])
async def test_who_is_gone_costs_nothing_more(
    tmp_path, caplog: pytest.LogCaptureFixture, how: str
):
    patient = Patient()
    async with World(tmp_path, answer=patient) as world:
        await world.start()
        await leaves(world, how)
        patient.gate.set()
        await world.coze.changes.until(lambda: cancelled(world) or len(world.coze.asked) > 1)
        sent = [call.status for call in world.telegram.calls if call.method == "sendMessage"]
        await world.stop()
        assert [asked.text for asked in world.coze.asked] == ["first"]
        assert sent == [200]
    assert alarms(caplog) == []


async def test_who_unblocks_the_bot_goes_on_where_they_were(tmp_path):
    patient = Patient()
    async with World(tmp_path, answer=patient) as world:
        await world.start()
        await leaves(world, "block")
        patient.gate.set()
        await world.coze.changes.until(lambda: cancelled(world))
        await world.stop()
        await world.start()
        world.telegram.say("I am back")
        await world.telegram.changes.until(
            lambda: world.telegram.messages(ANN)[-1].text == "Fine."
        )
        first, back = world.coze.asked
        assert first.conversation_id == back.conversation_id


async def test_a_group_that_takes_the_bot_back_begins_anew(tmp_path):
    patient = Patient()
    async with World(tmp_path, answer=patient) as world:
        await world.start()
        await leaves(world, "block", TEAM, "@coze_sandbox_bot ")
        patient.gate.set()
        await world.coze.changes.until(lambda: cancelled(world))
        await world.stop()
        await world.start()
        world.telegram.say("@coze_sandbox_bot hello again", chat=TEAM)
        await world.telegram.changes.until(
            lambda: world.telegram.messages(TEAM)[-1].text == "Fine."
        )
        first, back = world.coze.asked
        assert first.conversation_id != back.conversation_id
