"""Markdown as language models write it, made into what the converter takes as it is meant. Pure.

The converter is telegramify-markdown: a CommonMark parser with tables, formulas and spoilers.
It leaves out HTML, takes `||` for a spoiler and `[1]:` for a definition, numbers lists anew,
and knows nothing of Chinese emphasis or of the width of Chinese letters.
"""

import itertools
import re
from collections.abc import Iterator

from bridge.core.blocks import CODE_INDENT, Block, blocks, depth, indented
from bridge.core.emphasis import padded
from bridge.core.inline import Token, tokens
from bridge.core.tables import drawn
from bridge.platforms.telegram.links import acceptable

_PREFIX = re.compile(r"(?:[ \t]*>)*[ \t]*")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*-->", re.DOTALL)
_ADDRESS = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^<>\s]*>")
_DEFINITION = re.compile(r"^([ \t]*(?:>[ \t]?)*)\[(?=[^\]]{1,999}\]:)", re.MULTILINE)
_ITEM = re.compile(r"([ \t]*)(\d{1,9})([.)])(?=\s|$)")
_IS_ITEM = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+]|\d{1,9}[.)])(?:\s|$)")
_FACE = re.compile(r"^([ \t]*)>(?=[_.:;<=^-])", re.MULTILINE)  # >_< quotes nothing


def tidied(text: str) -> str:
    """The same text, in Markdown that nothing is lost of."""
    made, done, in_list, in_quote = [], 0, False, False
    text = _FACE.sub(r"\1\>", text)
    for block in blocks(text):
        source, between = text[block.begin : block.end], text[done : block.begin]
        quoted = source.lstrip(" \t").startswith(">")
        made.append(between or ("\n" if in_quote and not quoted else ""))
        in_quote = quoted
        if block.kind != "text":
            code = drawn(source) if block.kind == "table" else indented(source, block)
            made += _set_apart(text, block, code)
        else:
            in_list = bool(_IS_ITEM.match(source)) or (in_list and source[0] in " \t")
            code = "" if in_list else _indented_code(source)
            made += [code, _paragraph(source[len(code) :])]
        done = block.end
    return _numbered("".join([*made, text[done:]]))


def _set_apart(text: str, block: Block, source: str) -> Iterator[str]:
    """Code, with a blank line where it would stick to the text before it."""
    before = text[: block.begin]
    if before.strip() and not before.endswith("\n\n") and before.endswith("\n"):
        quote = _PREFIX.match(source)
        yield (quote[0].rstrip() if quote else "") + "\n"
    yield source


def _paragraph(text: str) -> str:
    text = _DEFINITION.sub(r"\1\\[", padded(text, 0, len(text)))
    made, done = [], 0
    for token in tokens(text):
        instead = _instead(text, token)
        if instead is not None:
            made += [_without_spoilers(text[done : token.begin]), instead]
            done = token.end
        elif token.kind in ("code", "math") and token.whole:
            made += [_without_spoilers(text[done : token.begin]), text[token.begin : token.end]]
            done = token.end
    return "".join([*made, _without_spoilers(text[done:])])


def _without_spoilers(text: str) -> str:
    return text.replace("||", "|\\|")


def _instead(text: str, token: Token) -> str | None:
    """What is to be written for a mark; None where it is fine."""
    source = text[token.begin : token.end]
    match token.kind:
        case "tag":
            return _tag(source) if token.whole else "\\<"
        case "math" if token.whole:
            return _formula(source)
        case "link" if token.target and "\n" in source[len(token.label) + 2 :]:
            return source.replace("[", "\\[", 1)
        case "link" if token.target:
            return _linked(source, token)
        case _:
            return None


def _tag(source: str) -> str | None:
    """HTML is text as it stands, but for line breaks and comments."""
    if _BREAK.fullmatch(source):
        return "\n"
    if _COMMENT.fullmatch(source):
        return ""
    return None if _ADDRESS.fullmatch(source) else "\\<" + source[1:]


def _formula(source: str) -> str | None:
    """The parser knows formulas between dollars."""
    if source.startswith("\\("):
        return f"${source[2:-2].strip()}$"
    return f"$${source[2:-2].strip()}$$" if source.startswith("\\[") else None


def _linked(source: str, token: Token) -> str | None:
    """A link that Telegram takes, or the text and the address beside one another."""
    picture = "🖼 " if source.startswith("!") else ""
    label = token.label.strip() or token.target
    if acceptable(token.target):
        as_it_is = token.label.strip() and not picture
        return None if as_it_is else f"{picture}[{label}]({token.target})"
    if token.target in label or token.target.startswith("#"):
        return picture + label
    return f"{picture}{label} ({_literal(token.target)})"


def _literal(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>~|$])", r"\\\1", text)


def _indented_code(source: str) -> str:
    """The lines at the beginning that are code by their indentation."""
    lines = itertools.takewhile(
        lambda line: depth(line) >= CODE_INDENT, source.splitlines(keepends=True)
    )
    return "".join(lines)


def _numbered(text: str) -> str:
    """A text whose items keep their numbers where these do not simply go up."""
    last: dict[str, int] = {}
    made, done = [], 0
    for block in blocks(text):
        source = text[block.begin : block.end]
        item = _ITEM.match(source) if block.kind == "text" else None
        if item is None:
            if not source.startswith((" ", "\t")):
                last.clear()
            continue
        number = int(item[2])
        if item[1] in last and number != last[item[1]] + 1:
            at = block.begin + item.start(3)
            made += [text[done:at], "\\"]
            done = at
        last[item[1]] = number
    return "".join([*made, text[done:]])
