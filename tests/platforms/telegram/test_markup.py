"""What becomes of a piece's Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.model import Piece
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.platforms.telegram.markup import cut, rendered, units
from bridge.sandbox.telegram import TelegramSimulator
from bridge.sandbox.telegram.errors import ApiError
from bridge.sandbox.telegram.text import clean
from tests.platforms.telegram.rig import ANN, PRIVATE

QUOTE, ASIDE = "blockquote", "expandable_blockquote"

TEXTS = st.text(st.sampled_from("> \n\t\r\0a🎉你\u3000\u200b\ud83c\udf89"))
PIECES = st.builds(Piece, TEXTS, plain=st.booleans(), aside=st.booleans())


def shown(text: str, *, plain: bool = False, aside: bool = False) -> tuple[str, list[object]]:
    """A text, and its entities as (type, offset, length)."""
    text, entities = rendered(Piece(text, plain=plain, aside=aside))
    return text, [(str(each.type), each.offset, each.length) for each in entities]


@pytest.mark.parametrize(
    ("text", "expected", "entities"),
    [
        ("hello", "hello", []),
        ("> quoted", "quoted", [(QUOTE, 0, 6)]),
        ("> 🎤 你好\n\nanswer", "🎤 你好\n\nanswer", [(QUOTE, 0, 5)]),
        ("> one\n> two\nthree", "one\ntwo\n\nthree", [(QUOTE, 0, 7)]),
        ("> one\n>\n> two", "one\n\ntwo", [(QUOTE, 0, 8)]),
        ("> one\n> \n\ntwo", "one\n\ntwo", [(QUOTE, 0, 3)]),
        (">  one \nafter", "one\n\nafter", [(QUOTE, 0, 3)]),
        ("\n> one", "one", [(QUOTE, 0, 3)]),
        ("one\n> two", "one\ntwo", [(QUOTE, 4, 3)]),
        (">_<", ">_<", []),
        ("> \n> \nx", "x", []),
        ("\u3000\u3000paragraph", "\u3000\u3000paragraph", []),
        ("", "", []),
    ],
)
def test_lines_that_are_quoted_are_a_quote(text: str, expected: str, entities: list[object]):
    assert shown(text) == (expected, entities)


def test_reasoning_is_a_collapsed_quote_as_a_whole():
    assert shown("\n> 🎉 so\n\nthen \n", aside=True) == ("> 🎉 so\n\nthen", [(ASIDE, 0, 13)])
    assert shown(" \n", aside=True) == ("", [])


def test_what_is_to_be_plain_stands_as_it_is():
    assert shown(" > x\n", plain=True) == (" > x\n", [])
    assert shown("> x", plain=True, aside=True) == ("> x", [])


def test_half_a_character_is_replaced():
    assert shown("> \ud83c!") == ("\ufffd!", [(QUOTE, 0, 2)])


@given(PIECES)
def test_what_is_shown_is_never_longer_than_there_is_room(piece: Piece):
    text, _ = rendered(piece, 20)
    assert units(text) <= 20
    text.encode()


@given(PIECES)
def test_an_entity_covers_something_and_begins_and_ends_with_no_white_space(piece: Piece):
    text, entities = rendered(piece)
    for entity in entities:
        begin, end = entity.offset * 2, (entity.offset + entity.length) * 2
        covered = text.encode("utf-16-le")[begin:end].decode("utf-16-le")
        assert covered == covered.strip(" \n\t\r\0") != ""


@given(PIECES)
def test_telegram_takes_the_entities_as_they_are(piece: Piece):
    text, entities = rendered(piece)
    try:
        clean(text, [])
    except ApiError:
        return  # nothing can be seen of it
    kept, taken = clean(text, [entity.to_dict() for entity in entities])
    gone = units(text) - units(kept)  # what Telegram removes: carriage returns
    for sent, got in zip(entities, taken, strict=True):
        assert got["type"] == sent.type
        assert sent.length - gone <= got["length"] <= sent.length


@given(TEXTS, st.integers(0, 10))
def test_a_cut_leaves_whole_characters(text: str, most: int):
    left = cut(text, most)
    assert units(left) <= most
    left.encode()


def test_a_cut_takes_no_more_than_it_must():
    assert [cut("a🎉b", most) for most in range(5)] == ["", "a", "a", "a🎉", "a🎉b"]


async def test_reasoning_and_quotes_are_seen_as_such(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    await adapter.post(PRIVATE, Piece("> 🎤 hi\n\nhello"), mark="1")
    id_ = await adapter.post(PRIVATE, Piece("hm", aside=True), mark="2")
    await adapter.edit(PRIVATE, id_, Piece("hmm", aside=True))
    said, thought = telegram.messages(ANN)[-2:]
    assert said.text == "🎤 hi\n\nhello"
    assert said.entities == [{"type": QUOTE, "offset": 0, "length": 5}]
    assert thought.entities == [{"type": ASIDE, "offset": 0, "length": 3}]


async def test_the_longest_reasoning_is_taken(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    longest = "🎉" * (adapter.limits(PRIVATE).size.most // 2)
    await adapter.post(PRIVATE, Piece(longest, aside=True), mark="1")
    assert telegram.messages(ANN)[-1].entities == [{"type": ASIDE, "offset": 0, "length": 4096}]
