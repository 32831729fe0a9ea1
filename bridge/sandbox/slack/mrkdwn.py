"""Text as Slack writes it: what is typed becomes entities and tokens, and back."""

import re

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# A link ends before the punctuation that closes a sentence, and before any Chinese character.
_TYPED = re.compile(
    r"<(?:@[UW]\w+|#C\w+|!(?:channel|here|everyone))>"
    r"|https?://[^\s<>|\u0080-\uffff]*[\w/&=%#+~-]"
    r"|[&<>]",
    re.ASCII,
)
_LIVE = re.compile(r"<(?:@[UW]\w+|#C\w+|!(?:channel|here|everyone|subteam\^\w+))(?:\|[^<>]*)?>")
_LINK = re.compile(r"<((?:https?://|mailto:)[^<>|]+)(?:\|([^<>]*))?>")


def typed(text: str) -> str:
    """What Slack stores and sends when a person types `text`; mention tokens stay alive."""
    return _TYPED.sub(_store, text)


def _store(match: re.Match[str]) -> str:
    found = match[0]
    if found.startswith("http"):
        return f"<{found.replace('&', '&amp;')}>"
    return _ENTITIES.get(found, found)


def plain(text: str) -> str:
    """`text` with links as their labels and entities as characters; other tokens stay as sent."""
    return decoded(_LINK.sub(lambda match: match[2] or match[1], text))


def decoded(text: str) -> str:
    """`text` with Slack's three entities as characters; all that happens to plain_text."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def live(text: str) -> list[str]:
    """The tokens in `text` that notify someone or lead to a channel."""
    return _LIVE.findall(text)
