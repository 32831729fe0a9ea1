"""Any number of documents, the same for the same seed."""

import random
from collections.abc import Iterator

from tests.markdown.corpus import DOCUMENTS

MOST = 700  # characters in a random document

_BITS = (
    *"*_`~#>|[]()<>!&$\\-+=:{}^'\" \n\t，。：！（）“”、中文字ab1😀é",
    *("**", "__", "~~", "```", "\n\n", "\n- ", "\n1. ", "\n> ", "\n# ", "\n| ", "|---|\n", "]("),
    *("https://", "$$", "\\(", "\\]", "\n    ", "  \n", "\n```py\n", "[^1]", "- [x] ", "<b>"),
    *("\0", "\r\n", "\u200b", "\u200d", "\u202e", "\u3000", "\ufe0f", "👨\u200d👩", "\U000e0041"),
)


def documents(seed: int, count: int) -> Iterator[str]:
    """Random texts, spliced from parts of the corpus and from random characters."""
    dice = random.Random(seed)
    return (_spliced(dice) for _ in range(count))


def cuts(seed: int, count: int) -> Iterator[str]:
    """What has come of a document of the corpus, or of a random one, in the middle of a stream."""
    dice = random.Random(seed)
    for _ in range(count):
        document = dice.choice(DOCUMENTS) if dice.random() < 0.8 else _spliced(dice)
        yield document[: dice.randint(0, min(len(document), 2 * MOST))]


def _spliced(dice: random.Random) -> str:
    parts: list[str] = []
    for _ in range(dice.randint(1, 6)):
        parts.append(_part(dice))
        parts.append("".join(dice.choices(_BITS, k=dice.choice((0, 0, 1, 2, 3, 8)))))
    return "".join(parts)[:MOST]


def _part(dice: random.Random) -> str:
    """Some lines of a document of the corpus, or less."""
    document = dice.choice(DOCUMENTS)
    if dice.random() < 0.4:
        lines = document.split("\n")
        begin = dice.randrange(len(lines))
        return "\n".join(lines[begin : begin + dice.randint(1, 5)])[: MOST // 2]
    begin = dice.randrange(len(document) + 1)
    return document[begin : begin + dice.randint(1, 80)]
