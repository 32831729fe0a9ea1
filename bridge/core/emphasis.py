"""Emphasis that touches Chinese, Japanese or Korean, made so that Markdown knows it. Pure.

CommonMark takes `**` between a letter and a punctuation mark for stars: `**注意：**请` has no
bold in it. Language models write so all the time, and mean it.
"""

from itertools import pairwise
from unicodedata import category

from bridge.core.inline import Token, left_open, tokens

PAD = "\u200a"
"""A hair space: with it beside the mark, the mark counts."""


def padded(text: str, begin: int, end: int, *, dense: bool = False) -> str:
    """The paragraph from `begin` to `end`, with PAD where emphasis would be taken for stars.

    `dense`: also where emphasis or code touches a letter, which not every parser takes.
    """
    places: list[int] = []
    opened: list[str] = []
    for token in tokens(text, begin, end):
        mark, before, after = _around(text, token, begin, end)
        if dense and token.kind == "code" and token.whole:
            places += [token.begin] * _is_wide_letter(before) + [token.end] * _is_wide_letter(
                after
            )
        if token.kind != "run" or mark[0] == "_":
            continue
        if mark in opened and not before.isspace():
            del opened[opened.index(mark) :]
            places += [token.end] * _counts_not(before, after, dense=dense)
        elif not after.isspace() and _closes_later(text, token, end):
            opened.append(mark)
            places += [token.begin] * _counts_not(after, before, dense=dense)
    return PAD.join(text[at:to] for at, to in pairwise([begin, *places, end]))


def _around(text: str, token: Token, begin: int, end: int) -> tuple[str, str, str]:
    """The run itself, and the characters before and behind it."""
    before = text[token.begin - 1] if token.begin > begin else " "
    after = text[token.end] if token.end < end else " "
    return text[token.begin : token.end], before, after


def _closes_later(text: str, token: Token, end: int) -> bool:
    """Whether what begins here ends in this paragraph."""
    mark = text[token.begin : token.end]
    left = left_open(text, token.begin, end).marks
    return text.find(mark, token.end, end) > 0 and (mark, token.begin) not in left


def _counts_not(inside: str, outside: str, *, dense: bool) -> bool:
    """Whether a run between these two would be taken for stars."""
    if dense and _is_wide_letter(outside):
        return True
    return _is_mark(inside) and _is_letter(outside) and not (inside + outside).isascii()


def _is_mark(char: str) -> bool:
    """Whether Markdown takes a character for punctuation."""
    return category(char)[0] in "PS"


def _is_letter(char: str) -> bool:
    return not (char.isspace() or _is_mark(char))


def _is_wide_letter(char: str) -> bool:
    """Whether one is not of the Latin world, where stars between letters are stars."""
    return _is_letter(char) and not char.isascii()
