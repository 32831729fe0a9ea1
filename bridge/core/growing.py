"""Markdown that is not complete, made so that it can be shown. Pure.

What is shown never has to be taken back: emphasis that is begun is closed for the moment,
and what only more text can tell the meaning of waits.
"""

import re
from functools import lru_cache

from bridge.core.blocks import Block, blocks
from bridge.core.inline import STRONG, left_open

# A last line that is nothing but what may become the mark of an item, a heading, a rule ...
_MARKS = re.compile(r"[ \t]*(?:>[ \t]*)*[-*+_=~`# \t]*(?:\[[ xX]\][ \t]*)?")
_HALF = re.compile(r"(?:\\|&#?\w{0,10}|!+)\Z")
_BELOW_HEADER = re.compile(r"[\s|:>-]*")
_LONGEST_ITALIC = 80  # characters; a star that is not closed by then was none


def settled(text: str) -> str:
    """As much of a growing text as can be shown without taking anything back."""
    last = None
    for block in blocks(text):
        last = block
    if last is None or last.end < len(text):
        return closed(text)
    if last.kind == "code":
        body = text[: last.begin] + _code(text[last.begin :], last)
    elif last.kind == "table":
        rows = text[last.begin : text.rfind("\n") + 1]
        body = text[: last.begin] + (rows if rows.count("\n") > 1 else "")
    else:
        body = text[: last.begin] + _paragraph(text[last.begin :])
    return closed(body)


def _code(text: str, block: Block) -> str:
    """Code without a line that may be its end, or the name of its language."""
    whole, newline, line = text.rpartition("\n")
    if not newline:
        return ""
    if block.open and not line.strip(block.fence.strip()[0] + " \t>"):
        return whole + newline
    return text


def _paragraph(text: str) -> str:
    """A paragraph, which may yet become a table."""
    header, newline, below = text.partition("\n")
    if header.lstrip(" \t>").startswith("|") and _BELOW_HEADER.fullmatch(below):
        return ""
    before, newline, line = text.rpartition("\n")
    if line and _MARKS.fullmatch(line):
        return before + newline
    left = left_open(text, 0, len(text), growing=True)
    end = len(text) if left.half is None else left.half
    for mark, at in left.marks:
        if mark not in STRONG and mark[0] != "`" and _may_close(text[at:end]):
            end = at
            break
    if half := _HALF.search(text, 0, end):
        end = half.start()
    return text[:end]


def _may_close(rest: str) -> bool:
    """Whether what one star or underscore began may yet be emphasis."""
    return len(rest) < _LONGEST_ITALIC and "\n" not in rest


@lru_cache(maxsize=128)  # the messages that are complete are drawn with every frame
def closed(text: str) -> str:
    """A text whose strong emphasis, code and fences all end where their paragraph does."""
    mended = text
    for block in reversed(list(blocks(text))):
        end = block.begin + len(text[block.begin : block.end].rstrip())
        if block.open:
            mended = f"{mended[:end]}\n{block.fence}{mended[end:]}"
        elif block.kind == "text":
            mended = _ended(mended, block.begin, end) + mended[end:]
    return mended


def _ended(text: str, begin: int, end: int) -> str:
    """The text up to `end`, with what the paragraph there left open closed."""
    body, closers = text[:end], ""
    for mark, at in reversed(left_open(text, begin, end).marks):
        if mark in STRONG or mark[0] == "`":
            if at + len(mark) >= len(body):  # there is nothing in it
                body = body[:at].rstrip()
            else:
                closers += mark
    return body + closers
