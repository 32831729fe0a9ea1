"""The form that asks for the reason of a 👎."""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.commands import FORM, REASONS
from bridge.core.errors import BridgeError
from bridge.core.model import Address, Message, User
from bridge.core.ports import Accept
from bridge.core.texts import say
from bridge.platforms.slack.api import translated
from bridge.platforms.slack.forms import optional, plain
from bridge.platforms.slack.teams import home, member_of

log = logging.getLogger(__name__)

CALLBACK = "coze_bridge_why"

_PATIENCE = 2.0  # seconds; what opens a form is good for three
_WORDS = 250  # characters, the most that Coze takes


class Reasons:
    """Opens the form as soon as 👎 is pressed; where that fails, the chat asks."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    def asked(self, accept: Accept) -> Accept:
        """`accept`, with messages that tell whether the form is open."""

        async def ask(message: Message) -> str | None:
            text = message.text
            if message.trigger and message.command == "down" and await self._open(message):
                text = f"{text}:{FORM}"
            return await accept(replace(message, text=text, trigger=""))

        return ask

    async def _open(self, message: Message) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE):
                with translated():
                    await self._client.views_open(trigger_id=message.trigger, view=form(message))
        except (BridgeError, TimeoutError) as error:
            log.info("no form is opened", extra={"error": str(error)})
            return False
        return True


def form(message: Message) -> dict[str, Any]:
    """The form for the answer that a 👎 is about."""
    language, to = message.user.language, message.address
    options = [{"text": plain(say(f"reason.{r}", language)), "value": r} for r in REASONS]
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps([to.chat, to.thread, message.text]),
        "title": plain(say("form.title", language)),
        "submit": plain(say("form.send", language)),
        "close": plain(say("form.close", language)),
        "blocks": [
            optional("reason", say("rate.why", language), type="radio_buttons", options=options),
            optional(
                "words",
                say("form.words", language),
                type="plain_text_input",
                multiline=True,
                max_length=_WORDS,
            ),
        ],
    }


def filled_in(body: Mapping[str, Any], channel: str) -> Message:
    """The reason that somebody sent: `why`, with "turn:reason:words"."""
    view, user = body["view"], body["user"]
    chat, thread, turn = json.loads(view["private_metadata"])
    given = view["state"]["values"]
    reason = (given["reason"]["reason"].get("selected_option") or {}).get("value", "")
    words = given["words"]["words"].get("value") or ""
    return Message(
        id=f"sl:{home(body)}:{user['id']}:{view['id']}",
        address=Address(channel, chat, thread, only_for=user["id"]),
        user=User(user["id"], team=member_of(body, user.get("team_id"))),
        text=f"{turn}:{reason}:{words}",
        command="why",
        private=chat.startswith("D"),
        team=home(body),
    )
