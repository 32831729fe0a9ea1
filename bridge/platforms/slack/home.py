"""The app's home: the page that a user sees beside the messages."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.model import Address, Piece
from bridge.core.ports import Page
from bridge.platforms.slack.api import translated
from bridge.platforms.slack.forms import plain
from bridge.platforms.slack.markup import rendered

_TITLE = 150  # characters of a header


async def publish(client: AsyncWebClient, to: Address, page: Page) -> None:
    """See `ports.Adapter`. A press there tells no chat, so the page keeps its own."""
    with translated():
        await client.views_publish(user_id=to.only_for or "", view=_view(to, page))


def _view(to: Address, page: Page) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [{"type": "header", "text": plain(page.title[:_TITLE])}]
    for part in page.parts:
        blocks += [*_drawn(Piece(part, plain=True)), {"type": "divider"}]
    return {
        "type": "home",
        "private_metadata": to.chat,
        "blocks": blocks + _drawn(Piece("", page.buttons, plain=True)),
    }


def _drawn(piece: Piece) -> list[dict[str, Any]]:
    drawn: list[dict[str, Any]] = rendered(piece)["blocks"]
    return drawn
