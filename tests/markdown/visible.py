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

_FLAGS = re.DOTALL | re.MULTILINE

# Formulas may be written in any way.
_FORMULA = re.compile(
    r"\$\$(?:.*?\$\$|[^\n]*)|\\\[(?:.*?\\\]|[^\n]*)|\\\((?:.*?\\\)|[^\n]*)"
    r"|\$[^$\n]*[\\^_{][^$\n]*(?:\$|$)",
    _FLAGS,
)
_COMMENT = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1>|\Z)|<[?!].*?(?:>|\Z)", _FLAGS
)
_TAG = re.compile(r"<[A-Za-z/][^<>]*>?")
_ENTITY = re.compile(r"&#?\w*;?")
_LINK = re.compile(r"\]\((?:[^()]|\([^()]*\))*?(?:\)|\n\s*\n)|\]\([^\n]*")  # where it leads
_DEFINITION = re.compile(r"\[[^\[\]]{0,999}\]:\s*\S*(?:\s+(?:\"[^\"]*\"?|'[^']*'?|\([^)]*\)?))?")
_LABEL = re.compile(r"\]\[[^\]]*\]?|\[\^[^\]]*\]?|\[![A-Za-z]*\]?")  # of a link, note or quote
_COMMAND = re.compile(r"\\(?:begin|end)\{[^}]*\}?|\\[A-Za-z]+")
_LANGUAGE = re.compile(r"(?:`{3,}|~{3,})[^\n]*")
_ITEM = re.compile(r"^[>\s]*(?:(?:[-*+]|\d{1,9}[.)])(?:\s+|$))*(?:\[[xX ]\])?", _FLAGS)
_TASK = re.compile(r"\[[xX]\]")

# What may be hidden, in the order in which it is taken out.
_HIDDEN = (
    _COMMENT,
    _LANGUAGE,
    _LINK,
    _DEFINITION,
    _FORMULA,
    _COMMAND,
    _LABEL,
    _TAG,
    _ENTITY,
    _ITEM,
    _TASK,
)

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_PARSER.validateLink = lambda _: True  # type: ignore[assignment,method-assign]


def lost(markdown: str, shown: str) -> str:
    """The first character, with what follows it, that must be seen and is not."""
    return _missing(*_scanned(markdown), shown)


def lost_of_document(markdown: str, shown: str) -> str:
    """Likewise, of a text that is well-formed."""
    return _missing(*_parsed(markdown), shown)


def has_ink(markdown: str) -> bool:
    """Whether there is a letter, a digit or a picture in it, which is no markup."""
    return any(
        char.isalnum() or (char > "\x7f" and unicodedata.category(char).startswith("S"))
        for char in markdown
    )


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
    may_move = "[^" in markdown
    markdown = _without(markdown, *_HIDDEN)
    if may_move:
        return "", markdown
    lines = markdown.splitlines()
    ordered = [line for line in lines if "|" not in line]
    return "\n".join(ordered), "\n".join(line for line in lines if "|" in line)


def _parsed(markdown: str) -> tuple[str, str]:
    ordered: list[str] = []
    free: list[str] = []
    in_table = False
    for token in _PARSER.parse(_FORMULA.sub(" ", markdown)):
        in_table = token.type == "table_open" or (in_table and token.type != "table_close")
        text = "".join(_texts(token))
        (free if in_table or "[^" in markdown else ordered).append(
            _without(text, _COMMAND, _LABEL, _TASK)
        )
    return "\n".join(ordered), "\n".join(free)


def _texts(token: Token) -> Iterator[str]:
    if token.type == "html_block":
        yield _without(token.content, _COMMENT, _TAG, _ENTITY)
    elif token.type in {"text", "code_inline", "fence", "code_block"}:
        yield token.content
    elif token.type in {"softbreak", "hardbreak"}:
        yield "\n"
    for child in token.children or ():
        yield from _texts(child)


def _without(text: str, *hidden: re.Pattern[str]) -> str:
    for pattern in hidden:
        # What was in a table remains so.
        text = pattern.sub(lambda match: " | " if "|" in match[0] else " ", text)
    return text
