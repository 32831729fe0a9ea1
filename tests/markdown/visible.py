"""Which characters of a Markdown text must be seen, whoever renders it.

A character is a letter, a digit or an ideograph; what is punctuation to one is markup to another.
Two readers say which: a parser what is seen of a document that is well-formed, and a scanner the
least that is seen of any text at all, for parsers disagree where everything is broken.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

# What may be hidden, in the order in which it is taken out.
_HIDDEN = [
    re.compile(pattern, re.DOTALL | re.MULTILINE)
    for pattern in (
        r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1>|\Z)|<[?!].*?(?:>|\Z)",  # comments
        r"(?:`{3,}|~{3,})[^\n]*",  # the language of a fence
        r"\$\$.*?(?:\$\$|\Z)|\\\[.*?(?:\\\]|\Z)|\\\(.*?(?:\\\)|\Z)",  # formulas,
        r"\$[^$\n]*[\\^_{][^$\n]*(?:\$|$)",  # which may be written in any way
        r"\\(?:begin|end)\{[^}]*\}?|\\[A-Za-z]+",
        r"\]\((?:[^()]|\([^()]*\))*?(?:\)|\n\s*\n|\Z)|\]\([^\n]*",  # where a link leads
        r"\[[^\[\]]{0,999}\]:\s*\S*(?:\s+(?:\"[^\"]*\"?|'[^']*'?|\([^)]*\)?))?",  # its definition
        r"\]\[[^\]]*\]?|\[\^[^\]]*\]?|\[![A-Za-z]*\]?",  # references, notes, kinds of quotes
        r"<[A-Za-z/][^<>]*>?",  # tags
        r"&#?\w*;?",  # entities
        r"^[>\s]*(?:(?:[-*+]|\d{1,9}[.)])(?:\s+|$))*(?:\[[xX ]\])?",  # what begins an item
    )
]
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<[?!].*?(?:>|\Z)|<[A-Za-z/][^<>]*>?", re.DOTALL)
_COMMAND = re.compile(r"\\(?:begin|end)\{[^}]*\}?|\\[A-Za-z]+|\[\^[^\]]*\]|\[![A-Z]+\]|\[[xX]\]")

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def lost(markdown: str, shown: str) -> str:
    """The first character, with what follows it, that must be seen and is not."""
    return _missing(*_scanned(markdown), shown)


def lost_of_document(markdown: str, shown: str) -> str:
    """Likewise, of a text that is well-formed."""
    return _missing(*_parsed(markdown), shown)


def _missing(ordered: str, free: str, shown: str) -> str:
    """What is not in `shown`: of `ordered` in this order, of `free` anywhere."""
    seen, wanted = characters(shown), characters(ordered)
    at = 0
    for place, char in enumerate(wanted):
        at = seen.find(char, at) + 1
        if not at:
            return wanted[place : place + 20]
    left = Counter(wanted + characters(free)) - Counter(seen)
    return "".join(left.elements())


def characters(text: str) -> str:
    """The letters, digits and ideographs; raised, wide and other forms of one are the same."""
    return "".join(
        char
        for each in text
        if each.isalnum()
        for char in unicodedata.normalize("NFKC", each)
        if char.isalnum()
    )


def _scanned(markdown: str) -> tuple[str, str]:
    """What is seen in this order, and what anywhere: cells and notes may be moved."""
    has_notes = "[^" in markdown
    for hidden in _HIDDEN:
        markdown = hidden.sub(" ", markdown)
    lines = markdown.splitlines()
    free = [line for line in lines if "|" in line]
    if has_notes:
        return "", "\n".join(lines)
    return "\n".join(line for line in lines if "|" not in line), "\n".join(free)


def _parsed(markdown: str) -> tuple[str, str]:
    ordered: list[str] = []
    free: list[str] = []
    in_table = False
    for token in _PARSER.parse(markdown):
        in_table = token.type == "table_open" or (in_table and token.type != "table_close")
        text = "".join(_texts(token))
        (free if in_table or "[^" in markdown else ordered).append(_COMMAND.sub(" ", text))
    return "\n".join(ordered), "\n".join(free)


def _texts(token: Token) -> Iterator[str]:
    if token.type == "html_block":
        yield _TAG.sub(" ", token.content)
    elif token.type in {"text", "code_inline", "fence", "code_block"}:
        yield token.content
    elif token.type in {"softbreak", "hardbreak"}:
        yield "\n"
    for child in token.children or ():
        yield from _texts(child)
