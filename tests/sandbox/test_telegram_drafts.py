"""What a bot is writing, as its reader sees it."""

from typing import Any

import pytest
from aiogram.types import Update

from bridge.sandbox.telegram import TelegramSimulator
from tests.sandbox.telegram_client import client_of

ANN, TEAM = 501, -1001


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_draft_grows_and_a_message_puts_an_end_to_it():
    telegram = TelegramSimulator()
    telegram.say("hi")
    async with client_of(telegram) as call:
        assert await call("sendMessageDraft", chat_id=ANN, draft_id=7) is True
        assert (draft := telegram.draft(ANN))
        assert draft.text == ""
        bold = [{"type": "bold", "offset": 0, "length": 5}]
        await call("sendMessageDraft", chat_id=ANN, draft_id=7, text="Hello", entities=bold)
        assert (draft := telegram.draft(ANN))
        assert (draft.text, draft.entities, draft.can_stop) == ("Hello", bold, False)
        assert len(telegram.messages(ANN)) == 1
        telegram.say("still there?")
        assert telegram.draft(ANN)
        await call("sendMessage", chat_id=ANN, text="Hello you")
        assert telegram.draft(ANN) is None


async def test_each_topic_has_a_draft_of_its_own():
    telegram = TelegramSimulator()
    for topic in (3, 4):
        telegram.say("hi", thread=topic)
    async with client_of(telegram) as call:
        for topic in (3, 4):
            await call(
                "sendMessageDraft", chat_id=ANN, draft_id=topic, text="x", message_thread_id=topic
            )
        await call("sendMessage", chat_id=ANN, text="done", message_thread_id=3)
    assert telegram.draft(ANN, thread=3) is None
    assert telegram.draft(ANN, thread=4)
    assert telegram.draft(ANN) is None


async def test_a_draft_that_is_not_sent_again_is_gone_after_half_a_minute():
    clock = Clock()
    telegram = TelegramSimulator(clock=clock)
    telegram.say("hi")
    async with client_of(telegram) as call:
        await call("sendMessageDraft", chat_id=ANN, draft_id=7, text="Hel")
        clock.now = 29.0
        await call("sendMessageDraft", chat_id=ANN, draft_id=7, text="Hel")
        clock.now = 58.0
        assert telegram.draft(ANN)
        clock.now = 59.0
        assert telegram.draft(ANN) is None


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"chat_id": TEAM}, "TEXTDRAFT_PEER_INVALID"),
        ({"draft_id": 0}, "RANDOM_ID_INVALID"),
        ({"draft_id": None}, "RANDOM_ID_INVALID"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"chat_id": 999}, "chat not found"),
        ({"message_thread_id": 5}, "message thread not found"),
        ({"reply_markup": {"inline_keyboard": []}}, "a draft has no reply markup"),
        (
            {"entities": [{"type": "text_link", "offset": 0, "length": 1, "url": "x"}]},
            "is invalid",
        ),
        ({"entities": [{"type": "bold", "offset": 0, "length": 9}]}, "after the end"),
    ],
)
async def test_what_is_no_draft_is_refused(params: dict[str, Any], words: str):
    telegram = TelegramSimulator()
    telegram.say("hi")
    telegram.say("hi", chat=TEAM)
    given = {"chat_id": ANN, "draft_id": 7, "text": "Hello"} | params
    async with client_of(telegram) as call:
        refusal = await call.refusal("sendMessageDraft", **given)
        assert refusal.startswith("400 Bad Request: ")
        assert words in refusal
        telegram.block(ANN)
        refusal = await call.refusal("sendMessageDraft", chat_id=ANN, draft_id=7)
        assert refusal == "403 Forbidden: bot was blocked by the user"
    assert telegram.draft(ANN) is None


@pytest.mark.parametrize("keep", [True, False])
async def test_a_pressed_stop_is_told_once(keep: bool):
    telegram = TelegramSimulator()
    telegram.say("hi", thread=3)
    async with client_of(telegram) as call:
        await call.updates()
        with pytest.raises(LookupError):
            telegram.stop_draft(ANN, thread=3)
        place = {"chat_id": ANN, "message_thread_id": 3}
        await call(
            "sendMessageDraft", **place, draft_id=7, text="Hel", can_stop=True, keep_on_stop=keep
        )
        assert telegram.stop_draft(ANN, thread=3)
        [update] = await call.updates()
        assert update["stopped_message_generation"]["draft_id"] == "7"  # as the servers write it
        told = Update.model_validate(update)
        assert told.event_type == "stopped_message_generation"
        assert told.stopped_message_generation
        assert told.stopped_message_generation.draft_id == 7
        assert told.stopped_message_generation.message_thread_id == 3
        assert bool(telegram.draft(ANN, thread=3)) is keep
        with pytest.raises(LookupError):
            telegram.stop_draft(ANN, thread=3)
