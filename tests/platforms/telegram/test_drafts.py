"""Previews in Telegram: what is called, when they are given up, and how Stop comes back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiogram.methods import SendMessageDraft

from bridge.core.errors import BridgeError, Gone, RateLimited, Rejected, Uncertain
from bridge.core.model import Address, Piece
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve
from tests.platforms.telegram.rig import ANN, GROUP, PRIVATE, TOKEN
from tests.platforms.waiting import Heard, listening, until

TURN = "tg:100:700000007:1700000000"


@asynccontextmanager
async def drafting(telegram: TelegramSimulator) -> AsyncIterator[TelegramAdapter]:
    """An adapter that draws previews, in a chat where somebody has said something."""
    telegram.say("hi")
    async with serve(telegram.app) as url:
        adapter = TelegramAdapter("telegram", TOKEN, api_base=url, drafts=True)
        try:
            yield adapter
        finally:
            await adapter.aclose()


async def test_a_preview_shows_the_text_with_telegrams_own_stop(telegram: TelegramSimulator):
    async with drafting(telegram) as adapter:
        await adapter.draft(PRIVATE, Piece("> quoted\n\nHello"), turn=TURN)
        draft = telegram.draft(ANN)
        assert draft
        assert (draft.id, draft.text, draft.can_stop) == (700000007, "quoted\n\nHello", True)
        assert [entity["type"] for entity in draft.entities] == ["blockquote"]
        params = telegram.calls[-1].params
        assert not params.keys() - SendMessageDraft.model_fields.keys()
        SendMessageDraft.model_validate(params, strict=True)


async def test_a_preview_without_a_text_says_that_the_bot_is_thinking(
    telegram: TelegramSimulator,
):
    async with drafting(telegram) as adapter:
        await adapter.draft(PRIVATE, Piece(""), turn=TURN)
        assert "text" not in telegram.calls[-1].params
        assert telegram.draft(ANN)


async def test_a_preview_stays_in_its_topic(telegram: TelegramSimulator):
    telegram.say("hi", thread=7)
    async with drafting(telegram) as adapter:
        await adapter.draft(Address("telegram", str(ANN), "7"), Piece("Hello"), turn=TURN)
    assert telegram.draft(ANN, thread=7)
    assert telegram.draft(ANN) is None


async def test_there_are_previews_in_private_chats_and_only_where_they_are_wanted(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    assert adapter.limits(PRIVATE).drafts is None
    async with drafting(telegram) as native:
        drafts = native.limits(PRIVATE).drafts
        assert drafts
        assert drafts.every >= 0.5
        assert drafts.life <= 30.0
        assert native.limits(GROUP).drafts is None


async def test_the_pace_of_the_operator_holds_for_previews_too():
    adapter = TelegramAdapter(
        "telegram", TOKEN, api_base="http://127.0.0.1", edit_every=2.0, drafts=True
    )
    drafts = adapter.limits(PRIVATE).drafts
    assert drafts
    assert drafts.every == 2.0
    await adapter.aclose()


async def test_a_preview_draws_on_the_budget_of_its_chat(telegram: TelegramSimulator):
    async with drafting(telegram) as adapter:
        post, draft = adapter.budgets("post", PRIVATE), adapter.budgets("draft", PRIVATE)
        assert [each.key for each in post] == [each.key for each in draft]
        # As many as may go by themselves leave room for a message.
        room = draft[0].every * (draft[0].burst - draft[0].burst // 2)
        assert room + post[0].every <= post[0].every * post[0].burst


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "Bad Request: TEXTDRAFT_PEER_INVALID"),
        (403, "Forbidden: the method is not allowed"),
        (404, "Not Found: method not found"),
    ],
)
async def test_after_a_refusal_there_are_no_previews_any_more(
    telegram: TelegramSimulator, status: int, words: str
):
    telegram.fail("sendMessageDraft", status=status, description=words)
    async with drafting(telegram) as adapter:
        with pytest.raises(BridgeError):
            await adapter.draft(PRIVATE, Piece("Hello"), turn=TURN)
        assert adapter.limits(PRIVATE).drafts is None
        calls = len(telegram.calls)
        with pytest.raises(Rejected):
            await adapter.draft(PRIVATE, Piece("Hello there"), turn=TURN)
        assert len(telegram.calls) == calls


async def test_who_blocks_the_bot_takes_the_previews_from_nobody_else(
    telegram: TelegramSimulator,
):
    async with drafting(telegram) as adapter:
        telegram.block(ANN)
        with pytest.raises(Gone):
            await adapter.draft(PRIVATE, Piece("Hello"), turn=TURN)
        assert adapter.limits(PRIVATE).drafts


async def test_a_passing_fault_ends_no_previews(telegram: TelegramSimulator):
    async with drafting(telegram) as adapter:
        telegram.fail("sendMessageDraft", drop=True)
        with pytest.raises(Uncertain):
            await adapter.draft(PRIVATE, Piece("Hello"), turn=TURN)
        telegram.fail("sendMessageDraft", retry_after=5)
        with pytest.raises(RateLimited) as limit:
            await adapter.draft(PRIVATE, Piece("Hello"), turn=TURN)
        assert limit.value.retry_after == 5.0
        await adapter.draft(PRIVATE, Piece("Hello"), turn=TURN)
    assert telegram.draft(ANN)


@pytest.mark.parametrize("topic", [None, 7])
async def test_a_pressed_stop_is_the_command_about_that_turn(
    telegram: TelegramSimulator, topic: int | None
):
    heard = Heard()
    telegram.say("hello", thread=topic)
    async with drafting(telegram) as adapter, listening(adapter, heard):
        await until(lambda: len(heard.messages) == 2)
        asked = next(message for message in heard.messages if message.text == "hello")
        await adapter.draft(asked.address, Piece("Hel", ()), turn=asked.id)
        assert telegram.stop_draft(ANN, thread=topic)
        await until(lambda: len(heard.messages) == 3)
    stop = heard.messages[-1]
    assert (stop.command, stop.private, stop.user.id) == ("stop", True, str(ANN))
    assert asked.id.startswith(stop.text)
    assert stop.text.endswith(":")
    assert stop.address == asked.address
