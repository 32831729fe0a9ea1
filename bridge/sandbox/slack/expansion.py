"""How many blocks Slack makes of one of Markdown, github.com/slackapi/bolt-js/issues/2509."""

import re
from itertools import groupby

_FENCE = re.compile(r" {0,3}(```|~~~)")
_BELOW_HEADER = re.compile(r"[\s|:-]*-[\s|:-]*$")
_ALONE = re.compile(r" {0,3}(?:#{1,6}(?: |$)|([-*_])(?: *\1){2,} *$)")


def expanded(markdown: str) -> int:
    """Each heading, rule and table is a block, and so is all that is between two of them."""
    return sum(1 for _ in groupby(_kinds(markdown)))


def _kinds(markdown: str) -> list[object]:
    """What each line is that is not blank; a heading or rule is like no other."""
    kinds: list[object] = []
    fence, lines = "", markdown.split("\n")
    in_table = False
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        in_table = bool(line.strip()) and (in_table or _is_header(line, below))
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif fence:
            fence = "" if line.strip().startswith(fence) else fence
        elif _ALONE.match(line):
            kinds.append(object())
            continue
        elif in_table:
            kinds.append("table")
            continue
        if line.strip():
            kinds.append("text")
    return kinds


def _is_header(line: str, below: str) -> bool:
    return "|" in line and "|" in below and bool(_BELOW_HEADER.match(below))
