"""From a piece of a reply to a Slack message. Pure."""

import html
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from bridge.core.commands import pressed
from bridge.core.model import Button, Piece
from bridge.core.splitting import Size
from bridge.platforms.slack.markdown import safe

# docs.slack.dev/reference/block-kit, in characters
_SECTION = 3000
_CONTEXT = 2000  # of one text in it there may be 3,000
_LABEL = 75

_ROW = 25  # buttons of one actions block
_RATES = ("up", "down")  # the commands of feedback buttons


_MARKDOWN = 12_000  # of all markdown blocks of a message
_FALLBACK = 4000  # of `text` in chat.update, docs.slack.dev/reference/methods/chat.update


def _length(text: str) -> int:
    """The length in UTF-16 of what is made of a text, but for headings and tables made over."""
    spaces = sum(map(text.count, "*~`$]"))  # beside the marks of emphasis; as many escapes
    return _units(text) + 3 * text.count("<") + spaces


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# What is left is for the labels of buttons: 13,200 is the most of all text in blocks,
# github.com/slackapi/bolt-js/issues/2509. With blocks, `text` may be less than the whole.
SIZE = Size(11_000, _length)


def rendered(piece: Piece) -> dict[str, Any]:
    """The arguments `text` and `blocks` of a message.

    `text` is for notifications, and for clients that know no blocks.
    """
    if piece.aside:
        body = _aside(piece.text.strip())
    else:
        body = _plain(piece.text) if piece.plain else _markdown(piece.text)
    return {"text": _fallback(piece.text), "blocks": body + actions(piece.buttons)}


def label(text: str) -> str:
    """A text as long as a button's may be."""
    return text if len(text) <= _LABEL else text[: _LABEL - 1] + "…"


def _fallback(text: str) -> str:
    """As much of a text as there may be, in which nothing is markup."""
    end = bisect_right(
        range(1, len(text) + 1), _FALLBACK, key=lambda at: _units(_inert(text[:at]))
    )
    return _inert(text[:end])


def _inert(text: str) -> str:
    return html.escape(text, quote=False)


def _markdown(text: str) -> list[dict[str, Any]]:
    """Slack renders Markdown itself; what would be too long for that stays as it was written."""
    made = safe(text)
    return [{"type": "markdown", "text": made}] if _units(made) <= _MARKDOWN else _plain(text)


def _plain(text: str) -> list[dict[str, Any]]:
    return [{"type": "section", "text": _words(part)} for part in _parts(text, _SECTION)]


def _aside(text: str) -> list[dict[str, Any]]:
    """Small and grey; one text a block, as several would stand side by side."""
    return [{"type": "context", "elements": [_words(part)]} for part in _parts(text, _CONTEXT)]


def _words(text: str) -> dict[str, Any]:
    """Text in which nothing is markup."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _parts(text: str, most: int) -> list[str]:
    return [text[at : at + most] for at in range(0, len(text), most)]


def actions(buttons: Sequence[Button]) -> list[dict[str, Any]]:
    """Blocks of buttons; wide ones first, among themselves: Slack wraps a row where it is full.

    Of 👍 and 👎 Slack has a pair of its own, which keeps in sight what was chosen.
    """
    numbered = [*enumerate(buttons)]
    rates = [(at, b) for at, b in numbered if pressed(b.command)[0] in _RATES]
    others = [each for each in numbered if each not in rates or len(rates) != len(_RATES)]
    wide, narrow = [e for e in others if e[1].wide], [e for e in others if not e[1].wide]
    return [*_rows(wide), *_feedback(rates), *_rows(narrow)]


def _rows(buttons: Sequence[tuple[int, Button]]) -> list[dict[str, Any]]:
    return [
        {
            "type": "actions",
            "elements": [_button(at, b) for at, b in buttons[start : start + _ROW]],
        }
        for start in range(0, len(buttons), _ROW)
    ]


def _feedback(rates: Sequence[tuple[int, Button]]) -> list[dict[str, Any]]:
    """The pair of 👍 and 👎, if both are there."""
    if len(rates) != len(_RATES):
        return []
    good, bad = ({"text": _label(b), "value": b.command} for _, b in rates)
    pair = {"type": "feedback_buttons", "action_id": f"coze_bridge_{rates[0][0]}"}
    return [
        {
            "type": "context_actions",
            "elements": [pair | {"positive_button": good, "negative_button": bad}],
        }
    ]


def _label(button: Button) -> dict[str, Any]:
    return {"type": "plain_text", "text": label(button.label)}


def _button(number: int, button: Button) -> dict[str, Any]:
    return {
        "type": "button",
        "text": _label(button),
        "action_id": f"coze_bridge_{number}",
        "value": button.command,
    }
