"""The adapter in groups: it leaves, it follows, and it knows the topic that has no name."""

import pytest

from bridge.core.errors import Moved
from bridge.core.model import Address, Piece
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.sandbox.telegram import TelegramSimulator
from tests.platforms.telegram.rig import GROUP, TEAM

OLD = Address("telegram", "-42")


async def test_a_group_is_left_and_left_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi", chat=TEAM)
    await adapter.leave(GROUP)
    await adapter.leave(GROUP)
    assert telegram.say("/new", chat=TEAM) == 0


async def test_a_group_that_was_upgraded_tells_its_new_id(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.add_bot(-42, basic=True)
    id_ = await adapter.post(OLD, Piece("Once"), mark="1")
    telegram.upgrade(-42, TEAM)
    for call in (
        adapter.post(OLD, Piece("upon"), mark="2"),
        adapter.edit(OLD, id_, Piece("upon")),
        adapter.typing(OLD),
    ):
        with pytest.raises(Moved) as moved:
            await call
        assert moved.value.chat == str(TEAM)


async def test_the_general_topic_is_named_for_typing_alone(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi", chat=TEAM, thread=7)
    general = Address("telegram", str(TEAM), "1")
    await adapter.typing(general)
    await adapter.post(general, Piece("hello"), mark="1")
    assert telegram.messages(TEAM)[-1].thread is None
    typed, sent = telegram.calls
    assert typed.params["message_thread_id"] == 1
    assert "message_thread_id" not in sent.params
