"""Markdown as language models write it, made such that Slack shows it and obeys none of it. Pure.

Slack renders a `markdown` block by itself, and what it alone knows (`<!channel>`, `<@U…>`,
`<https://…|…>`) is alive in there. All of it begins with `<`; `&lt;` is shown as `<` and never
read again, as was measured in github.com/PostHog/posthog/pull/95054. Nobody has told what
Slack makes of `&lt;` in code: there, only a `<` that could be alive is escaped.
"""

import re

from bridge.core.blocks import CODE_INDENT, blocks, depth, indented
from bridge.core.emphasis import PAD, padded
from bridge.core.inline import Token, tokens
from bridge.core.tables import drawn
from bridge.platforms.slack.formulas import with_readable_formulas
from bridge.platforms.slack.links import acceptable, is_disguised

# Of a message Slack takes 50 blocks, and makes several of a markdown block: each heading, rule
# and table is one, and so is what is between two of them, github.com/slackapi/bolt-js/issues/2509.
_APART = 20
_ROWS, _COLUMNS, _IN_TABLE = 100, 20, 10_000  # of a table, of which there may be one

_LIVE = re.compile(
    r"<(?=[!@#]|[a-z][a-z0-9+.-]*://|(?:mailto|tel|sms|skype|slack|data|javascript):)"
    r"(?!!--|!doctype\b|!\[CDATA\[)",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ADDRESS = re.compile(r"<(https?://[^<>\s|()\[\]\\`]+)>", re.IGNORECASE)
_DEFINITION = re.compile(
    r"^((?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*)\[(?=(?:[^\\\]]|\\.){1,999}\]:)", re.MULTILINE
)
_BORDER = re.compile(r"(\n|(?<!\\)\|)")
_HEADING = re.compile(r"\A[ \t]{0,3}#{1,6}[ \t]+([^\n]*)")
_RULE = re.compile(r"\A[ \t]{0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}(?=\n|$)")


def safe(text: str) -> str:
    """The same text, in which nothing is alive and no link is disguised."""
    made, done, apart, tables, in_table = [], 0, 0, 0, False
    for block in blocks(text):
        source = text[block.begin : block.end]
        made.append(text[done : block.begin])
        in_table = block.kind == "table" or (in_table and block.begin == done)
        done = block.end
        if block.kind == "code":
            if depth(source) >= CODE_INDENT and text[: block.begin].strip():
                made.append("\n")  # else it would be text of the paragraph before it
            made.append(indented(source, block))
        elif block.kind == "table":
            apart, tables = apart + 1, tables + 1
            native = tables == 1 and apart <= _APART and fits(source)
            made.append(_rows(source) if native else _as_code(source))
        elif found := _HEADING.match(source) or _RULE.match(source):
            apart += 1
            first = found[0] if apart <= _APART else _demoted(found[0])
            made += [_paragraph(first), _paragraph(source[found.end() :])]
        else:  # what follows a table is a row of it, even without bars
            made.append(_rows(source) if in_table else _paragraph(source))
    return _LIVE.sub("&lt;", "".join([*made, text[done:]]))


def fits(table: str) -> bool:
    """Whether Slack shows a table as one."""
    rows = table.strip("\n").split("\n")
    widest = max(row.count("|") for row in rows)
    return len(rows) <= _ROWS and widest <= _COLUMNS and len(table) <= _IN_TABLE


def _as_code(table: str) -> str:
    """A table as aligned text, but for one that would be mostly spaces."""
    made = drawn(table)
    if len(made) <= 2 * len(table) + len("```\n\n```"):
        return made
    fence = "`" * max(3, *(1 + len(ticks) for ticks in re.findall("`*", table)))
    return f"{fence}\n{table.rstrip()}\n{fence}\n"


def _demoted(line: str) -> str:
    """A heading as a line in bold, a rule as a line of dashes."""
    heading = _HEADING.match(line)
    if not heading:
        return "———"
    said = heading[1].rstrip(" \t#")
    return said if "*" in said or not said else f"**{said}**"


def _rows(text: str) -> str:
    """Lines of a table: no code and no link goes over the border of a cell."""
    return "".join(_paragraph(cell) for cell in _BORDER.split(_BREAK.sub(" ", text)))


def _paragraph(text: str) -> str:
    """A paragraph, in which a link's address is where the link is."""
    text = with_readable_formulas(_DEFINITION.sub(r"\1\\[", text))
    return _inline(padded(text, 0, len(text), dense=True))


def _inline(text: str) -> str:
    """What is inside of a paragraph."""
    made, at = [], 0
    while token := next(tokens(text, at), None):
        instead, end = _instead(text, token)
        made += [_unlinked(text[at : token.begin]), instead]
        at = end
    return "".join([*made, _unlinked(text[at:])])


def _unlinked(text: str) -> str:
    """Text in which there was no link, and will be none."""
    return text.replace("](", "\\](")


def _instead(text: str, token: Token) -> tuple[str, int]:
    """What is to be written for a mark, and where the text goes on."""
    source = text[token.begin : token.end]
    match token.kind:
        case "escape":
            return "&lt;" if source == "\\<" else source, token.end
        case "tag":
            return _tag(text, token)
        case "link" if token.target and not _holds_more(token.label):
            return _linked(source, token), token.end
        case "link" | "math":  # brackets, or what is in a formula, are text
            mark = 1 if source[0] in "[$" else 2
            return source[:mark], token.begin + mark
        case _:
            return source, token.end


def _tag(text: str, token: Token) -> tuple[str, int]:
    """HTML is text as it stands, but for line breaks where they begin nothing but a line."""
    source = text[token.begin : token.end]
    if _BREAK.fullmatch(source):
        return "\n" if text[token.end : token.end + 1].isalpha() else " ", token.end
    if address := _ADDRESS.fullmatch(source):
        return f"{PAD}{address[1]}{PAD}", token.end
    return "&lt;", token.begin + 1


def _holds_more(label: str) -> bool:
    """Whether there is a link in a label, or half of some code: it is then none itself."""
    return "](" in label or any(
        token.kind == "code" and not token.whole for token in tokens(label)
    )


def _linked(source: str, token: Token) -> str:
    """A link, or the text and the address beside one another."""
    label, target = token.label.strip() or token.target, token.target
    if acceptable(target) and not is_disguised(label, target):
        return f"{'!' * source.startswith('!')}[{_inline(label)}]({target})"
    if target in label or target.startswith("#"):
        return _inline(label)
    return f"{_inline(label)} (`{target.replace('`', '%60')}`)"
