"""A long Markdown text, cut into messages. Pure."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bridge.core.blocks import Block, blocks
from bridge.core.inline import LABEL, STRONG, left_open, tokens

# Where a message that is `share` full may end: the first of these marks behind that
# share ends it. Looking for the first, never the last, makes a cut final: a message
# that has been shown never gives text back to the next one as the answer grows.
_ENDS = ((0.6, "\n\n"), (0.8, "\n"), (0.9, "。"), (0.9, " "))
_LONGEST_FENCE = 0.05  # the share of a message that the end of a fence may take
_TICKS = ("`", "``")  # of code in a line


@dataclass(frozen=True, slots=True)
class Size:
    """How long a message may be, in the platform's own counting."""

    most: int
    of: Callable[[str], int]  # adds up: of(a + b) == of(a) + of(b)


def split(text: str, size: Size, cuts: list[str] | None = None) -> list[str]:
    """Cut `text` into parts of at most `size.most`, but for the marks that close emphasis.

    A block that is cut goes on in the next part as what it was: its fence is opened again,
    the header of a table is repeated, emphasis is closed and begun anew. As `text` grows,
    every part but the last stays and the last only grows.

    What the first of the `cuts` says is a part by itself, if the text goes on with it; it is
    then off the list.
    """
    parts: list[str] = []
    while (known := _known(text, cuts)) or size.of(text) > size.most * _ENDS[0][0]:
        found = list(blocks(text[: size.most + 2 * LABEL]))  # what is behind decides nothing
        end = known or _cut(text, size, found)
        if end >= len(text):
            break
        if not (known or text[end:].strip(" \t")):  # perhaps the paragraph goes on there
            return [*parts, text[:end]]
        part, text = _halves(text, end, found, size)
        parts.append(part)
    return [*parts, text]


def _known(text: str, cuts: list[str] | None) -> int:
    """Where a part is known to end, with its line if that ends there; 0 where none is."""
    if not cuts or not text.startswith(cuts[0]):
        return 0
    end = len(cuts.pop(0))
    return end + text.startswith("\n", end)


def _cut(text: str, size: Size, found: Sequence[Block]) -> int:
    """Where the first part of `text` ends."""
    most = max(1, _reach(text, size, size.most))
    block = _around(most, found)
    if block and block.kind == "code" and _short(block.fence, size):
        most -= len(block.fence) + 1
    ends = [most]
    for share, mark in _ENDS:
        at = max(0, _reach(text, size, size.most * share) - len(mark))
        while (at := text.find(mark, at, most)) >= 0:
            end = at + len(mark)
            block = _around(end, found)
            if block is None or block.kind == "text" or mark == "\n":
                ends.append(_beside_link(text, end, block, size.most // 4) if block else end)
                break
            at = end
    return min(ends)


def _reach(text: str, size: Size, most: float) -> int:
    """How many characters of `text` there is room for; each takes a unit at least."""
    return bisect_right(
        range(1, min(len(text), size.most) + 1), most, key=lambda end: size.of(text[:end])
    )


def _around(at: int, found: Sequence[Block]) -> Block | None:
    """The block that a cut would go through."""
    return next((block for block in found if block.begin < at < block.end), None)


def _beside_link(text: str, end: int, block: Block, most: int) -> int:
    """`end`, or where the link or formula begins that would be cut there."""
    if block.kind == "text":
        for token in tokens(text, block.begin, block.end):
            if token.begin >= end:
                break
            inside = token.end > end or not token.whole
            if text[token.begin] == "$" and text[end - 1] == "\n":
                continue  # it may be a price: nobody can tell until there is another dollar
            if token.kind in ("link", "math") and inside and end - token.begin < min(LABEL, most):
                return token.begin if token.begin > block.begin else end
    return end


def _halves(text: str, end: int, found: Sequence[Block], size: Size) -> tuple[str, str]:
    """The part up to `end`, and the rest as it is to go on."""
    block = _around(end, found)
    if block is None:
        return text[:end], _outdented(text[end:])
    head = block.head if size.of(block.head) < size.most / 4 else ""
    if block.kind == "table":
        return text[:end], head + text[end:]
    if block.kind == "code":
        fence = f"\n{block.fence}" if _short(block.fence, size) else ""
        ends = not block.open and "\n" not in text[end : block.end].removesuffix("\n")
        rest = text[block.end :] if ends else head + text[end:]
        return text[:end].removesuffix("\n") + fence, rest
    left = left_open(text, block.begin, end).marks
    marks = [mark for mark, _ in left if mark in STRONG or mark in _TICKS]
    begun = "" if text[end - 1] == "\n" else head  # a line of a quote has its own mark
    if not marks and text[end - 1] == "\n":
        return text[:end], _outdented(text[end:])
    part = text[:end].rstrip() + "".join(reversed(marks)) if marks else text[:end]
    return part, begun + "".join(marks) + text[end:]


def _short(fence: str, size: Size) -> bool:
    return size.of(fence) < size.most * _LONGEST_FENCE


def _outdented(text: str) -> str:
    """A text that begins inside a list, where its indentation would make it code."""
    depth = _depth(text.lstrip("\n"))
    if not depth:
        return text
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if line.strip() and _depth(line) < depth:
            break
        lines[at] = line[min(depth, _depth(line)) :]
    return "\n".join(lines)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
