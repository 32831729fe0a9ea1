"""The simulator keeps and refuses what TDLib does, to the letter."""

import random
from typing import Any

import pytest

from bridge.sandbox.telegram.errors import ApiError
from bridge.sandbox.telegram.links import check_link
from bridge.sandbox.telegram.text import clean, clean_caption
from tests.judges.tdlib import IN_CAPTION, IN_MESSAGE, judged, units

# Letters, blanks, characters that the server takes out or does not count, and markup.
PIECES = (
    *"ax字😀é \n\r\0\t\xa0\u3000\u200b\u200d\u202e\u2028\u030a\u2060\ufeff\ufffc\x7f\U000e0041`_[",
    *("**", "/cmd", "@name", "b c"),
)
KINDS: tuple[dict[str, Any], ...] = (
    *({"type": kind} for kind in ("bold", "italic", "underline", "strikethrough", "spoiler")),
    *({"type": kind} for kind in ("code", "pre", "blockquote", "expandable_blockquote", "url")),
    {"type": "text_link", "url": "https://a.bc"},
    {"type": "text_link", "url": "tg://user?id=501"},
    {"type": "custom_emoji", "custom_emoji_id": "5"},
    {"type": "date_time", "unix_time": 1_700_000_000},
)
SCHEMES = ("", "http://", "https://", "tg:", "tg://", "ton://", "tonsite://", "ftp://")
PARTS = (
    *':/.a例1@?#[] %"<-_😀\n=&\\',
    *(
        "http",
        "HTTPS",
        "//",
        "b.c",
        "localhost",
        "65536",
        "80",
        "[::1]",
        "%20",
        "user@",
        "mailto:",
    ),
)

Marks = list[tuple[str, int, int]]


@pytest.mark.parametrize("seed", range(4))
def test_of_any_text_the_same_is_kept_or_refused(seed):
    dice = random.Random(seed)
    for _ in range(300):
        text, entities = _said(dice)
        for is_caption in (True, False):
            most = IN_CAPTION if is_caption else IN_MESSAGE
            verdict = judged(text, entities, may_be_empty=is_caption, most=most)
            official = verdict.refusal, verdict.text, _marks(verdict.entities)
            assert _simulated(text, entities, is_caption=is_caption) == official, (text, entities)


@pytest.mark.parametrize("seed", range(4))
def test_of_any_links_the_same_are_taken(seed):
    dice = random.Random(seed)
    for _ in range(500):
        link = dice.choice(SCHEMES) + "".join(dice.choices(PARTS, k=dice.randint(0, 6)))
        entity = {"type": "text_link", "offset": 0, "length": 1, "url": link}
        assert _refusal_of(link) == judged("x", [entity]).refusal


def _said(dice: random.Random) -> tuple[str, list[dict[str, Any]]]:
    """A text and its entities; if there is but one, it may stand outside."""
    text = "".join(dice.choices(PIECES, k=dice.randint(0, 12)))
    count = dice.choice((0, 1, 2, 3, 5))
    end = units(text) + (count == 1)
    begins = [dice.randint(0, end) for _ in range(count)]
    return text, [
        dice.choice(KINDS) | {"offset": begin, "length": dice.randint(0, end - begin)}
        for begin in begins
    ]


def _simulated(
    text: str, entities: list[dict[str, Any]], *, is_caption: bool
) -> tuple[str, str, Marks]:
    try:
        kept, marks = (clean_caption if is_caption else clean)(text, entities)
    except ApiError as error:
        return error.description.removeprefix("Bad Request: "), "", []
    return "", kept, _marks(marks)


def _refusal_of(link: str) -> str:
    try:
        check_link(link, of="entity")
    except ApiError as error:
        return error.description.removeprefix("Bad Request: ")
    return ""


def _marks(entities: list[dict[str, Any]]) -> Marks:
    # A link to a person is a mention to TDLib.
    return sorted(
        (entity["type"].replace("text_mention", "text_link"), entity["offset"], entity["length"])
        for entity in entities
    )
