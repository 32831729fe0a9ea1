"""Markdown that is not complete, made so that it can be shown. Pure.

What is shown never has to be taken back: emphasis that is begun is closed for the moment,
and what only more text can tell the meaning of waits.
"""

import re
from functools import lru_cache

from bridge.core.blocks import Block, blocks
from bridge.core.inline import STRONG, left_open

# A last line that is nothing but what may become the mark of an item, a heading, a rule ...
_MARKS = re.compile(r"[ \t]*(?:>[ \t]*)*[-*+_=~`#|: \t]*(?:\[[ xX]\][ \t]*)?")
_BARE = re.compile(rf"{_MARKS.pattern}|[ \t]*(?:>[ \t]*)*\d{{1,9}}[.)][ \t]*")
_HALF = re.compile(r"(?:\\|&#?\w{0,10}|!+)\Z")
_BELOW_HEADER = re.compile(r"[\s|:>-]*")
_WORD = re.compile(r"[!-~\u00a1-\u2e7f]+\Z")  # what may go on; wide letters are words each
_LONGEST_ITALIC = 80  # characters; a star that is not closed by then was none


def settled(text: str) -> str:
    """As much of a growing text as can be shown without taking anything back."""
    text = text.rstrip(" \t")  # of which nothing can be seen, and which would end a table
    before = last = None
    for block in blocks(text):
        before, last = last, block
    if last is None or last.end < len(text):
        return closed(text)
    is_line = "\n" not in text[last.begin :]
    if is_line and before and before.kind == "table" and before.end == last.begin:
        return closed(text[: last.begin])  # perhaps a row
    if last.kind == "code":
        body = text[: last.begin] + _code(text[last.begin :], last)
    elif last.kind == "table":
        rows = text[last.begin : text.rfind("\n") + 1]
        body = text[: last.begin] + (rows if rows.count("\n") > 1 or not _is_row(rows) else "")
    else:
        body = text[: last.begin] + _paragraph(text[last.begin :])
    return closed(body)


def certain(text: str) -> str:
    """As much of a growing text as stays as it is, whatever follows: what can be said for good.

    Whole words, lines of code and rows; nothing in it is open but a fence, see `unended`.
    """
    before = last = None
    for block in blocks(text.rstrip(" \t")):
        before, last = last, block
    if last is None or last.end < len(text.rstrip(" \t")):
        return text.rstrip()
    whole_lines = text[: text.rfind("\n") + 1]
    if last.kind == "text":
        is_row = before and before.kind == "table" and before.end == last.begin
        if is_row and len(whole_lines) <= last.begin:
            return whole_lines.rstrip()  # perhaps a row
        return (text[: last.begin] + _said(text[last.begin :])).rstrip()
    lines = whole_lines[last.begin :]
    is_begun = lines.count("\n") > 1 or (last.kind == "table" and lines and not _is_row(lines))
    return (whole_lines if is_begun else text[: last.begin]).rstrip()


def _said(text: str) -> str:
    """The part of a growing paragraph in which nothing is open."""
    body, before = _without_header(text), ""
    while body != before:
        before = body
        body = body[: _open_at(body)]
        if found := _HALF.search(body) or _WORD.search(body):
            body = body[: found.start()]
    rest, newline, line = body.rpartition("\n")
    return rest + newline if _BARE.fullmatch(line) else body


def _open_at(text: str) -> int:
    """Where the first of what a growing paragraph leaves open begins; else its end."""
    left = left_open(text, 0, len(text.rstrip(" \t")), growing=True)
    end = len(text) if left.half is None else left.half
    for mark, at in left.marks:
        if mark in STRONG or mark[0] == "`" or _may_close(text[at:]):
            return min(at, end)
    return end


def unended(text: str) -> str:
    """`closed`, but for a fence that the text may go on in."""
    *_, last = [None, *blocks(text)]
    if last and last.open and last.end == len(text):
        return closed(text[: last.begin]) + text[last.begin :]
    return closed(text)


def _code(text: str, block: Block) -> str:
    """Code without a line that may be its end, or the name of its language."""
    whole, newline, line = text.rpartition("\n")
    only_marks = not line.strip(block.fence.strip()[0] + " \t>")
    if not newline or ("\n" not in whole and only_marks):
        return ""  # there is no code yet
    if block.open and only_marks:
        return whole + newline
    return text


def _paragraph(text: str) -> str:
    """A paragraph, whose last lines may yet become a table."""
    text = _without_header(text)
    left = left_open(text, 0, len(text), growing=True)
    end = len(text) if left.half is None else left.half
    for mark, at in left.marks:
        if mark not in STRONG and mark[0] != "`" and _may_close(text[at:end]):
            end = at
            break
    if half := _HALF.search(text, 0, end):
        end = half.start()
    before, newline, line = text[:end].rpartition("\n")
    return before + newline if _MARKS.fullmatch(line) else text[:end]


def _without_header(text: str) -> str:
    """The paragraph without a line, at its end, that may be the header of a table."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) > 1 and _is_row(lines[-2]) and _BELOW_HEADER.fullmatch(lines[-1]):
        lines = lines[:-2]
    elif _is_row(lines[-1]):
        lines = lines[:-1]
    else:
        return text
    return "\n".join([*lines, ""]) if lines else ""


def _is_row(line: str) -> bool:
    return line.lstrip(" \t>").startswith("|")


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
