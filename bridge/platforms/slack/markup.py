"""From a piece of a reply to a Slack message. Pure."""

import html
from collections.abc import Sequence
from typing import Any

from bridge.core.layout import Size
from bridge.core.model import Button, Piece

_SECTION = 3000  # characters of one section, docs.slack.dev/reference/block-kit


def _length(text: str) -> int:
    """The length once &, < and > are escaped, in UTF-16."""
    escapes = 4 * text.count("&") + 3 * text.count("<") + 3 * text.count(">")
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + escapes


# chat.update refuses a `text` over 4,000 characters, docs.slack.dev/reference/methods/chat.update
SIZE = Size(3900, _length)


def rendered(piece: Piece) -> dict[str, Any]:
    """The arguments `text` and `blocks` of a message.

    Slack renders the Markdown itself. Only a `<` can begin one of its live tokens
    (`<!channel>`, `<@U…>`), so none is left.
    """
    body = _plain(piece.text) if piece.plain else _markdown(piece.text)
    actions = [_actions(piece.buttons)] if piece.buttons else []
    return {"text": html.escape(piece.text, quote=False), "blocks": body + actions}


def _markdown(text: str) -> list[dict[str, Any]]:
    return [{"type": "markdown", "text": text.replace("<", "&lt;")}]


def _plain(text: str) -> list[dict[str, Any]]:
    parts = [text[at : at + _SECTION] for at in range(0, len(text), _SECTION)]
    return [
        {"type": "section", "text": {"type": "plain_text", "text": part, "emoji": False}}
        for part in parts
    ]


def _actions(buttons: Sequence[Button]) -> dict[str, Any]:
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": button.label},
                "action_id": f"coze_bridge_{number}",
                "value": button.command,
            }
            for number, button in enumerate(buttons)
        ],
    }
