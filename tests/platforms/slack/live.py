"""What Slack would make of Markdown, found out without the code under test."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

_TOKEN = re.compile(
    r"<(?:[@#]\w|!(?:channel|here|everyone|group|subteam|date)\b|(?:\w+://|mailto:)[^<>]*>)",
    re.IGNORECASE,
)
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|test|org|example)\b", re.IGNORECASE)
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def tokens(text: str) -> list[str]:
    """All that Slack would take for one of its own tokens."""
    return _TOKEN.findall(text)


def disguised(markdown: str) -> list[tuple[str, str]]:
    """The label and the target of all links whose label names another host."""
    return [
        (label, target)
        for label, target in links(markdown)
        if any(host.lower() not in target.lower() for host in _HOST.findall(label))
        or re.search("@[^/]*(?=/|$)", target.removeprefix("mailto:").partition("//")[2])
    ]


def links(markdown: str) -> Iterator[tuple[str, str]]:
    """The label and the target of all links and pictures."""
    for block in _MARKDOWN.parse(markdown):
        target, label = "", ""
        for token in block.children or ():
            if token.type == "link_open":
                target, label = str(token.attrs["href"]), ""
            elif token.type == "link_close":
                yield label, target
            elif token.type == "image":
                yield token.content, str(token.attrs["src"])
            label += token.content


def bold(markdown: str) -> list[str]:
    """The texts that are shown in bold."""
    found, inside = [], False
    for block in _MARKDOWN.parse(markdown):
        for token in block.children or ():
            inside = (inside and token.type != "strong_close") or token.type == "strong_open"
            if inside and token.content:
                found.append(token.content)
    return found


def code(markdown: str) -> list[str]:
    """All code, in lines and in blocks."""
    kinds = {"code_inline", "fence", "code_block"}
    found: list[Token] = []
    for block in _MARKDOWN.parse(markdown):
        found += [token for token in (block, *(block.children or ())) if token.type in kinds]
    return [token.content for token in found]
