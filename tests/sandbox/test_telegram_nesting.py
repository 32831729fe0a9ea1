"""What the server makes of entities that overlap; the expectations are TDLib's own answers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.sandbox.telegram import TelegramSimulator
from tests.sandbox.telegram_client import BotClient, client_of

TEXT = "abcdefghij"
Spans = list[tuple[str, int, int]]


@pytest.fixture
def telegram() -> TelegramSimulator:
    simulator = TelegramSimulator(limits=None)
    simulator.say("Hello")
    return simulator


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


OWN_FIELDS: dict[str, dict[str, Any]] = {
    "text_link": {"url": "https://a.bc/"},
    "date_time": {"unix_time": 1_700_000_000},
}

NESTED: dict[str, tuple[Spans, Spans]] = {
    "a quote in a quote": (
        [("blockquote", 0, 8), ("expandable_blockquote", 2, 3)],
        [("blockquote", 0, 8)],
    ),
    "quotes that cross": ([("blockquote", 0, 4), ("blockquote", 2, 5)], [("blockquote", 0, 4)]),
    "quotes that touch": (
        [("blockquote", 0, 4), ("expandable_blockquote", 4, 4)],
        [("blockquote", 0, 4), ("expandable_blockquote", 4, 4)],
    ),
    "styles in a quote": (
        [("expandable_blockquote", 0, 10), ("bold", 2, 3), ("italic", 3, 3)],
        [("expandable_blockquote", 0, 10), ("bold", 2, 1), ("italic", 3, 3), ("bold", 3, 2)],
    ),
    "code in a quote": (
        [("blockquote", 0, 10), ("code", 2, 3), ("pre", 6, 2)],
        [("blockquote", 0, 10), ("code", 2, 3), ("pre", 6, 2)],
    ),
    "a link in a quote": (
        [("blockquote", 0, 10), ("text_link", 2, 3)],
        [("blockquote", 0, 10), ("text_link", 2, 3)],
    ),
    "a quote in a link": ([("text_link", 0, 10), ("blockquote", 2, 3)], [("blockquote", 2, 3)]),
    "a link across the edge of a quote": (
        [("blockquote", 3, 7), ("text_link", 1, 4)],
        [("blockquote", 3, 7)],
    ),
    "a style across the edge of a quote": (
        [("blockquote", 3, 7), ("bold", 1, 4)],
        [("bold", 1, 2), ("blockquote", 3, 7), ("bold", 3, 2)],
    ),
    "bold in code": ([("code", 0, 6), ("bold", 2, 2)], [("code", 0, 6)]),
    "code in bold": (
        [("bold", 0, 6), ("code", 2, 2)],
        [("bold", 0, 2), ("code", 2, 2), ("bold", 4, 2)],
    ),
    "code in a link": ([("text_link", 0, 6), ("code", 2, 2)], [("text_link", 0, 6)]),
    "a link in a link": ([("text_link", 0, 6), ("text_link", 2, 2)], [("text_link", 0, 6)]),
    "code that begins in a link and never ends": (
        [("text_link", 0, 4), ("code", 2, 20)],
        [("text_link", 0, 4)],
    ),
    "bold in a link": (
        [("text_link", 0, 6), ("bold", 2, 2)],
        [("text_link", 0, 6), ("bold", 2, 2)],
    ),
    "a link in bold": (
        [("bold", 0, 6), ("text_link", 2, 2)],
        [("bold", 0, 2), ("text_link", 2, 2), ("bold", 2, 2), ("bold", 4, 2)],
    ),
    "styles that touch": ([("bold", 0, 3), ("bold", 3, 3)], [("bold", 0, 6)]),
    "styles that overlap": (
        [("bold", 0, 4), ("italic", 2, 4), ("bold", 3, 5)],
        [("bold", 0, 2), ("bold", 2, 6), ("italic", 2, 4)],
    ),
    "the same style twice": ([("bold", 0, 4), ("bold", 0, 4)], [("bold", 0, 4)]),
    "a date in bold": (
        [("bold", 0, 6), ("date_time", 2, 2)],
        [("bold", 0, 2), ("date_time", 2, 2), ("bold", 4, 2)],
    ),
}


@pytest.mark.parametrize(("given", "kept"), NESTED.values(), ids=NESTED)
async def test_overlapping_entities_are_sorted_out(
    bot: BotClient, given: Spans, kept: Spans
) -> None:
    entities = [
        {"type": kind, "offset": offset, "length": length} | OWN_FIELDS.get(kind, {})
        for kind, offset, length in given
    ]
    sent = await bot("sendMessage", chat_id=501, text=TEXT, entities=entities)
    got = sent.get("entities", [])
    assert [(entity["type"], entity["offset"], entity["length"]) for entity in got] == kept


async def test_every_kind_of_entity_is_kept_in_messages_and_edits(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    kinds: list[dict[str, Any]] = [
        {"type": "bold"},
        {"type": "italic"},
        {"type": "underline"},
        {"type": "strikethrough"},
        {"type": "spoiler"},
        {"type": "code"},
        {"type": "pre", "language": "python"},
        {"type": "blockquote"},
        {"type": "expandable_blockquote"},
        {"type": "text_link", "url": "https://a.bc/"},
        {"type": "text_mention", "user": {"id": 501, "is_bot": False, "first_name": "Ann"}},
        {"type": "custom_emoji", "custom_emoji_id": "5"},
        {"type": "date_time", "unix_time": 1_700_000_000, "date_time_format": "dT"},
    ]
    marks = [kind | {"offset": 2 * at, "length": 1} for at, kind in enumerate(kinds)]
    text = "x" * 2 * len(kinds)
    await bot("sendMessage", chat_id=501, text=text, entities=marks)
    assert telegram.messages(501)[-1].entities == marks
    await bot("editMessageText", chat_id=501, message_id=2, text=text)
    await bot("editMessageText", chat_id=501, message_id=2, text=text, entities=marks)
    assert telegram.messages(501)[-1].entities == marks
    document = {"document": ("a.txt", b"x"), "caption": text, "caption_entities": marks}
    sent = await bot("sendDocument", chat_id=501, **document)
    assert sent["caption_entities"] == marks


async def test_a_wrong_format_of_a_date_is_refused(bot: BotClient) -> None:
    date = {"type": "date_time", "offset": 0, "length": 1, "unix_time": 1, "date_time_format": "y"}
    refusal = await bot.refusal("sendMessage", chat_id=501, text="x", entities=[date])
    assert refusal == (
        "400 Bad Request: can't parse MessageEntity: Invalid date-time format specified"
    )
