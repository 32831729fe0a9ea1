"""From the text that Slack sends to the text that its writer sees. Pure."""

import html
import re
from collections.abc import Callable
from typing import TypeAlias

Named: TypeAlias = Callable[[str], str]
"""The name of a user, by id; empty when it is not known."""

_MENTION = re.compile(r"<(?:@([UW][A-Z0-9]+)|!(here|channel|everyone|subteam\^\w+))(?:\|[^>]*)?>")
_TOKEN = re.compile(r"<([@#!]?)([^|>]*)(?:\|([^>]*))?>")  # any other < is escaped
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def mentioned(text: str) -> set[str]:
    """The ids of the users whom a text names, and what it says of several at once."""
    return {found[1] or found[2] for found in _MENTION.finditer(text)}


def readable(text: str, me: str, named: Named) -> str:
    """The text as its writer sees it, without the bot's own name."""
    text = re.sub(rf"^\s*<@{me}(?:\|[^>]*)?>[\s,:]*|<@{me}(?:\|[^>]*)?>", " ", text)
    return html.unescape(_TOKEN.sub(lambda token: _seen(token, named), text)).strip()


def _seen(token: re.Match[str], named: Named) -> str:
    kind, of, label = token.groups("")
    match kind:
        case "@":
            return f"@{label or named(of) or of}"
        case "#":
            return f"#{label or of}"
        case "!" if of in ("here", "channel", "everyone"):
            return f"@{of}"
        case "!":  # subteam^S1|@team, date^0^{date}|yesterday
            return label or f"@{of.partition('^')[2] or of}"
        case _:
            return f"{label} ({of})" if label else of


def language(text: str) -> str:
    """What a text seems to be written in: Chinese can be seen."""
    return "zh" if _CHINESE.search(text) else "en"
