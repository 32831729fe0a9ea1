"""What is said for good of a growing text stays as it was sent, and in the end all is said."""

import random
import re
from collections.abc import Iterator

import pytest

from bridge.core.growing import closed, unended
from bridge.platforms.slack.markdown import safe
from bridge.platforms.slack.streaming import certain
from tests.markdown.corpus import DOCUMENTS
from tests.platforms.slack.live import disguised, tokens
from tests.platforms.slack.test_hostile import hostile

PARTS = 4
# A link whose address is in the next line is text until it is there; and money is a formula
# once a sign far behind it could be its end.
BROKEN = re.compile(r"\]\(\n|\^a\$")
LONGEST = 500  # characters of a document


def grown(document: str, seed: int) -> Iterator[str]:
    """What is said while a document comes in small parts."""
    dice, end = random.Random(seed), 0
    while end < min(len(document), LONGEST):
        end += dice.randint(1, 15)
        yield certain(document[:end])


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_was_sent_changes_and_nothing_is_held_back_at_the_end(part: int):
    for document in DOCUMENTS[part::PARTS]:
        said = sent = ""
        for more in grown(BROKEN.split(document)[0], part):
            assert document.startswith(more)
            assert more.startswith(said)
            assert safe(unended(more)).startswith(sent), more
            said, sent = more, safe(unended(more))
        if len(document) < LONGEST and not BROKEN.search(document):
            assert safe(closed(document)).startswith(sent), document


@pytest.mark.parametrize("seed", range(4))
def test_no_hostile_text_comes_alive_piece_by_piece(seed: int):
    chance = random.Random(seed)
    for _ in range(300):
        text, sent = hostile(chance), ""
        for more in grown(text, seed):
            now = safe(unended(more))
            if now.startswith(sent):  # else a message is edited
                sent = now
            assert not tokens(sent), text
            assert not disguised(sent), text


@pytest.mark.parametrize(
    ("growing", "said"),
    [
        ("Hello wor", "Hello"),
        ("Hello world ", "Hello world"),
        ("你好世界", "你好世界"),
        ("a **bold wo", "a"),
        ("a **bold** w", "a **bold**"),
        ("see [the docs](https://exa", "see"),
        ("text\n\n1. *it", "text"),
        ("```py\nx = 1\ny", "```py\nx = 1"),
        ("```py\nx = 1\n```", "```py\nx = 1"),
        ("```py\nx = 1\n```\n", "```py\nx = 1\n```"),
        ("```py\n", ""),
        ("| a | b |\n|---|", ""),
        ("| a |\n|---|\n| 1 |\n| 2", "| a |\n|---|\n| 1 |"),
        ("| a |\n|---|\n| 1 |\n\n| b |\n|---|\n| 2 |\n", "| a |\n|---|\n| 1 |"),
    ],
)
def test_whole_words_lines_of_code_and_rows_are_said(growing: str, said: str):
    assert certain(growing) == said
