"""The marks inside a paragraph of Markdown: emphasis, code, links, formulas. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["code", "math", "run", "link", "tag", "escape"]

_TOKEN = re.compile(
    r"(?P<math>\\\(|\\\[|\$\$?)"
    r"|(?P<escape>\\[^\w\s])"
    r"|(?P<code>`+)"
    r"|(?P<run>\*+|~~+|_+)"
    r"|(?P<link>!?\[)"
    r"|(?P<tag><)"
)
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>\n]*>|<[A-Za-z][A-Za-z0-9+.-]*:[^<>\s]*>", re.DOTALL)
_HTML_BELOW = re.compile(r"\n[ \t>]*<")  # begins a block of its own, whatever is open above it
_MATH_ENDS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$": "$"}
_BRACKETS = re.compile(r"\\.|[\[\]]", re.DOTALL)
_TARGET = re.compile(
    r"\(\s*(<[^<>\n]*>|(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*\))*)"
    r"(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*\)"
)

FORMULA = 400  # characters of a formula in a line; farther apart, two signs are no pair
LABEL = 400  # characters of the text of a link, and of its address


@dataclass(frozen=True, slots=True)
class Token:
    """A mark at `begin` up to `end`; `whole` says that it is closed, and includes what it marks.

    A run (of stars, underscores or tildes) is by itself: what it does depends on others.
    """

    kind: Kind
    begin: int
    end: int
    whole: bool = True
    label: str = ""  # of a link
    target: str = ""  # of a link; empty: there is none, it is text in brackets


def tokens(text: str, begin: int = 0, end: int | None = None) -> Iterator[Token]:
    """The marks of a paragraph in order; those inside code, formulas and links are not told."""
    end = len(text) if end is None else end
    while found := _TOKEN.search(text, begin, end):
        token = _READ[str(found.lastgroup)](text, found, end)
        yield token
        begin = token.end


def _escape(_text: str, found: re.Match[str], _end: int) -> Token:
    return Token("escape", found.start(), found.end())


def _run(_text: str, found: re.Match[str], _end: int) -> Token:
    return Token("run", found.start(), found.end())


def _code(text: str, found: re.Match[str], end: int) -> Token:
    ticks = re.compile(rf"(?<!`){found[0]}(?!`)")
    close = ticks.search(text, found.end(), end)
    if close and not _HTML_BELOW.search(text, found.end(), close.start()):
        return Token("code", found.start(), close.end())
    return Token("code", found.start(), found.end(), whole=False)


def _math(text: str, found: re.Match[str], end: int) -> Token:
    begin, after, mark = found.start(), found.end(), found[0]
    half = Token("math", begin, after, whole=False)
    if mark == "$" and not text[after : after + 1].strip():
        return half  # a sum of money, or nothing yet
    close = text.find(_MATH_ENDS[mark], after, min(end, after + FORMULA))
    while mark == "$" and close > 0 and not _ends_formula(text, close):
        close = text.find("$", close + 1, min(end, after + FORMULA))
    if close < 0 or close == after or _HTML_BELOW.search(text, after, close):
        return half
    return Token("math", begin, close + len(mark))


def _ends_formula(text: str, at: int) -> bool:
    """Whether a $ can end what another began: not in front of a digit, that would be money."""
    after = text[at + 1 : at + 2]
    return not text[at - 1].isspace() and text[at - 1] != "\\" and not after.isdigit()


def _link(text: str, found: re.Match[str], end: int) -> Token:
    depth = 0
    for bracket in _BRACKETS.finditer(text, found.end() - 1, min(end, found.end() + LABEL)):
        depth += {"[": 1, "]": -1}.get(bracket[0], 0)
        if depth == 0:
            return _with_target(text, found, bracket.end(), end)
    return Token("link", found.start(), found.end(), whole=False)


def _with_target(text: str, found: re.Match[str], after: int, end: int) -> Token:
    begin, label = found.start(), text[found.end() : after - 1]
    if after == end:  # an address may follow
        return Token("link", begin, found.end(), whole=False)
    if text[after] != "(":
        return Token("link", begin, found.end(), target="", label=label)
    if target := _TARGET.match(text, after, end):
        return Token("link", begin, target.end(), label=label, target=target[1].strip("<>"))
    unfinished = "\n" not in text[after:end] and end - after < LABEL
    return Token("link", begin, found.end(), whole=not unfinished, label=label)


def _tag(text: str, found: re.Match[str], end: int) -> Token:
    if tag := _TAG.match(text, found.start(), end):
        return Token("tag", found.start(), tag.end())
    return Token("tag", found.start(), found.end(), whole=False)


_READ = {
    "escape": _escape,
    "run": _run,
    "code": _code,
    "math": _math,
    "link": _link,
    "tag": _tag,
}


STRONG = frozenset({"**", "***", "~~", "__"})
"""Emphasis that nobody begins by accident."""

_MAYBE_FORMULA = re.compile(r"[\d.,]+(?:[\^_\\{]|\Z)")
_SOON = 80  # characters after which a sign that could have begun something has not


@dataclass(frozen=True, slots=True)
class Left:
    """What a paragraph leaves open at its end.

    `marks` are of emphasis and code, outermost first, each with where it stands; `half` is
    where something begins whose meaning only more text can tell.
    """

    marks: tuple[tuple[str, int], ...]
    half: int | None = None


def left_open(text: str, begin: int, end: int, *, growing: bool = False) -> Left:
    """What is begun in this paragraph and not ended; only of a growing one a part is half."""
    marks: list[tuple[str, int]] = []
    for token in tokens(text, begin, end):
        mark = text[token.begin : token.end]
        if token.kind == "run" and _closed_by(text, token, marks, begin):
            continue
        if token.kind in ("run", "code") and not (token.whole and token.kind == "code"):
            if token.end == end:
                return Left(tuple(marks), token.begin)
            if _opens(text, token, begin):
                marks.append((mark, token.begin))
            if token.kind == "code" and marks[-1:] == [(mark, token.begin)]:
                break  # all that follows is code
        elif not token.whole and growing and _undecided(mark, text[token.end : end]):
            return Left(tuple(marks), token.begin)
    return Left(tuple(marks))


def _undecided(mark: str, rest: str) -> bool:
    """Whether what comes next may yet make something of a mark that is not closed."""
    soon = len(rest) < _SOON and "\n" not in rest
    match mark:
        case "$":  # which begins a formula, or a sum of money
            return soon and (not rest[:1].isdigit() or bool(_MAYBE_FORMULA.match(rest)))
        case "<":
            return soon and (
                not rest or rest[0] in "/!" or (rest[0].isascii() and rest[0].isalpha())
            )
        case "[" | "![":
            return len(rest) < 2 * LABEL
        case _:
            return len(rest) < FORMULA


def _opens(text: str, token: Token, begin: int) -> bool:
    """Whether a mark begins emphasis or code; there is text behind it."""
    before = text[token.begin - 1] if token.begin > begin else " "
    if token.kind == "code":
        return not _inside_word(text, token, begin)
    if text[token.end].isspace() or token.end - token.begin > 3:  # noqa: PLR2004 - a line of stars
        return False
    return not (
        _inside_word(text, token, begin) or (text[token.begin] == "_" and before.isalnum())
    )


def _closed_by(text: str, token: Token, marks: list[tuple[str, int]], begin: int) -> bool:
    """Whether a run ends what others began; that is then off the list."""
    if token.begin == begin or text[token.begin - 1].isspace():
        return False
    run, names = text[token.begin : token.end], [mark for mark, _ in marks]
    if run in names:
        at = len(names) - 1 - names[::-1].index(run)
    elif run == "***" and {"*", "**"} <= {*names}:
        at = min(names.index("*"), names.index("**"))
    else:
        return False
    del marks[at:]
    return True


def _inside_word(text: str, token: Token, begin: int) -> bool:
    """Whether a mark stands between two letters, as in it`s or 2**10."""
    return token.begin > begin and _ascii(text[token.begin - 1]) and _ascii(text[token.end])


def _ascii(char: str) -> bool:
    return char.isascii() and char.isalnum()
