"""Emphasis that touches Chinese, Japanese or Korean, made so that Markdown knows it. Pure.

CommonMark takes `**` between a letter and a punctuation mark for stars: `**注意：**请` has no
bold in it. Language models write so all the time, and mean it.
"""

from unicodedata import category

from bridge.core.inline import Token, left_open, tokens

PAD = "\u200a"
"""A hair space: with it beside the mark, the mark counts."""


def padded(text: str, begin: int, end: int) -> str:
    """The paragraph from `begin` to `end`, with PAD where emphasis would be taken for stars."""
    made, done = [], begin
    opened: list[str] = []
    for token in tokens(text, begin, end):
        if token.kind != "run":
            continue
        mark, before, after = _around(text, token, begin, end)
        if mark[0] == "_":
            continue
        if mark in opened and not before.isspace():
            del opened[opened.index(mark) :]
            if _is_mark(before) and _is_letter(after) and _wide(before, after):
                made += [text[done : token.end], PAD]
                done = token.end
        elif not after.isspace() and _closes_later(text, token, end):
            opened.append(mark)
            if _is_letter(before) and _is_mark(after) and _wide(before, after):
                made += [text[done : token.begin], PAD]
                done = token.begin
    return "".join([*made, text[done:end]])


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


def _is_mark(char: str) -> bool:
    """Whether Markdown takes a character for punctuation."""
    return category(char)[0] in "PS"


def _is_letter(char: str) -> bool:
    return not (char.isspace() or _is_mark(char))


def _wide(*chars: str) -> bool:
    """Whether one of these is not of the Latin world, where stars between letters are stars."""
    return any(not char.isascii() for char in chars)
