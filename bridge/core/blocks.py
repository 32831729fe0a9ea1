"""The blocks of a Markdown text, as far as one must know them to cut or to mend it. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["code", "table", "text"]

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_QUOTE = re.compile(r"(?:[ \t]*>)+[ \t]?")
_FENCE = re.compile(
    r"((?:[ \t]*>)*[ \t]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?)(`{3,}(?=[^`]*$)|~{3,})([^\n]*)"
)
_BEGINS = re.compile(r"[ \t]*(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,9}[.)][ \t]|[-*_][-*_ \t]+$)")
_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\n?")

CODE_INDENT = 4
"""The spaces by which text is code."""


@dataclass(slots=True)
class Block:
    """Fenced code, a table, or a paragraph, heading or item: `begin` and `end` are offsets.

    `head` is what the second half of a block has to begin with, where it is cut: the line
    that opens a fence, the header of a table, the marks of a quote.
    """

    kind: Kind
    begin: int
    end: int
    head: str = ""
    fence: str = ""  # what the line that closes it consists of
    open: bool = False  # a fence that is not closed (yet)


def blocks(text: str) -> Iterator[Block]:
    """The blocks of `text`, in order; blank lines are between them."""
    block: Block | None = None
    end = 0
    for line in _LINE.findall(text):
        begin, end = end, end + len(line)
        if block and block.open and _is_inside(line, block):
            block.end, block.open = end, not _closes(line, block)
        elif block and line.strip() and _goes_on(text, block, line):
            header = text.rfind("\n", 0, begin - 1) + 1
            block.end = end
            if block.kind == "text" and _is_table(text[header:begin], line):
                if header > block.begin:
                    yield Block("text", block.begin, header, block.head)
                block = Block("table", max(header, block.begin), end, text[header:end])
        else:
            if block:
                yield block
            block = _begun(line, begin, end)
    if block:
        yield block


def _begun(line: str, begin: int, end: int) -> Block | None:
    if fence := _FENCE.match(line):
        prefix = re.sub(r"[^>\s]", " ", fence[1])
        opening = f"{prefix}{fence[2]}{fence[3]}\n"
        return Block("code", begin, end, opening, prefix + fence[2], open=True)
    if not line.strip():
        return None
    quote = _QUOTE.match(line)
    return Block("text", begin, end, quote[0] if quote else "")


def _is_inside(line: str, block: Block) -> bool:
    """Whether a line belongs to an open fence: one in a quote ends where the quote does."""
    return ">" not in block.fence or bool(_QUOTE.match(line))


def _closes(line: str, block: Block) -> bool:
    """Whether a line ends a fence: its mark, at least as often, and nothing else."""
    mark, said = block.fence.lstrip(" \t>"), line.strip(" \t>\n")
    return said.startswith(mark) and not said.strip(mark[0])


def _goes_on(text: str, block: Block, line: str) -> bool:
    """Whether a line that is not blank belongs to a block that is not an open fence."""
    if block.kind == "code" or _FENCE.match(line):
        return False
    if block.kind == "table":
        return "|" in line
    inner, quote = line, _QUOTE.match(line)
    if bool(quote) != bool(block.head):  # a quote ends where its marks do
        return False
    if quote:
        inner = line[quote.end() :]
    before = text[block.begin : block.end]
    if _is_row(inner) and "|" not in before:
        return False
    return not _BEGINS.match(inner)


def _is_row(line: str) -> bool:
    return _QUOTE.sub("", line, count=1).lstrip(" \t").startswith("|")


def _is_table(header: str, below: str) -> bool:
    """Whether two lines are the header of a table and the line below it."""
    return "|" in header and bool(_RULE.fullmatch(_QUOTE.sub("", below, count=1)))


def indented(source: str, block: Block) -> str:
    """Code inside an item, all of it: a line that stands farther left would end the item."""
    prefix = block.fence[: len(block.fence) - len(block.fence.lstrip(" \t"))]
    first, *rest = source.split("\n")
    if not prefix:
        return source
    inside = [prefix + line.lstrip(" \t") if depth(line) < len(prefix) else line for line in rest]
    return "\n".join([first, *inside])


def depth(text: str) -> int:
    """The spaces before a text."""
    line = text.expandtabs(CODE_INDENT)
    return len(line) - len(line.lstrip(" "))
