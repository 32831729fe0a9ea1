"""A Markdown table as aligned text. Pure."""

import re
from unicodedata import east_asian_width

_QUOTE = re.compile(r"^(?:[ \t]*>)+[ \t]?", re.MULTILINE)
_PREFIX = re.compile(r"(?:[ \t]*>)*[ \t]*")
_CELL = re.compile(r"((?:`[^`\n]*`|\\.|[^|])*)(?:\||$)")
_LINK = re.compile(r"!?\[([^\]\n]*)\]\(([^\s()]*)\)")
_MARKS = re.compile(r"(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_BETWEEN = " │ "


def drawn(table: str) -> str:
    """A table as a block of code, in which it is aligned; one in a quote stays there."""
    found = _PREFIX.match(table)
    prefix = found[0] if found else ""
    rows = aligned(_QUOTE.sub("", table))
    fence = "```"
    while fence in rows:
        fence += "`"
    lines = [fence, *rows.split("\n"), fence]
    end = "\n" if table.endswith("\n") else ""
    return "\n".join(prefix + line for line in lines) + end


def aligned(table: str) -> str:
    """The rows of a table below one another; a column is as wide as its widest cell.

    `table` has a header, the line below it, and rows. Chinese characters count as two.
    """
    lines = [line for line in table.split("\n") if line.strip()]
    rows = [_cells(line) for line in [lines[0], *lines[2:]]]
    rows = [[_plain(cell) for cell in row] for row in rows]
    right = [_is_right(cell) for cell in _cells(lines[1])]
    columns = max(map(len, rows))
    widths = [
        max(_width(row[at]) if at < len(row) else 0 for row in rows) for at in range(columns)
    ]
    right += [False] * (columns - len(right))
    made = [
        _BETWEEN.join(
            _placed(*place) for place in zip(_filled(row, columns), widths, right, strict=False)
        )
        for row in rows
    ]
    made.insert(1, "─┼─".join("─" * width for width in widths))
    return "\n".join(line.rstrip() for line in made)


def _cells(line: str) -> list[str]:
    """What stands between the bars of a line."""
    inner = line.strip().removeprefix("|")
    cells = [found[1].strip() for found in _CELL.finditer(inner)]
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    return cells


def _plain(cell: str) -> str:
    """A cell without marks, which nothing interprets in aligned text."""
    text = _LINK.sub(lambda link: link[1] if link[1] == link[2] else f"{link[1]} {link[2]}", cell)
    text = _BREAK.sub(" ", text)
    while (less := _MARKS.sub(r"\2", text)) != text:
        text = less
    return re.sub(r"\\([^\w\s])", r"\1", text).strip()


def _is_right(rule: str) -> bool:
    return rule.endswith(":") and not rule.startswith(":")


def _filled(row: list[str], columns: int) -> list[str]:
    return row + [""] * (columns - len(row))


def _placed(cell: str, width: int, right: bool) -> str:  # noqa: FBT001 - of a column
    room = " " * (width - _width(cell))
    return room + cell if right else cell + room


def _width(text: str) -> int:
    """The columns that a text takes where all letters are equally wide."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
