"""Nothing that is shown of a growing text is taken back."""

import pytest

from bridge.core.layout import layout
from bridge.core.model import Answer, Reply
from bridge.core.splitting import Size
from bridge.platforms.telegram.markup import rendered, units
from tests.markdown.corpus import DOCUMENTS

PARTS = 10
NESTED = "*italic **bold in italic**"  # a star is given up after a while, and closed after all
LONGEST = 400  # letters of a document; what is to be seen is to be seen in them
SIZE = Size(4096, units)


def letters(growing: str) -> str:
    """The letters that Telegram shows of a text that still grows."""
    reply = Reply(answers=(Answer("a", growing),))
    pieces = layout(reply, SIZE, turn="1", language="en")
    shown = "".join(rendered(piece)[0] for piece in pieces)
    return "".join(letter for letter in shown if letter.isalnum())


@pytest.mark.parametrize("part", range(PARTS))
def test_no_letter_is_taken_back(part: int):
    for document in DOCUMENTS[part::PARTS]:
        before = ""
        for end in range(1, min(len(document), LONGEST) + 1):
            if NESTED in document[:end]:
                break
            after = letters(document[:end])
            assert after.startswith(before), document[:end]
            before = after
