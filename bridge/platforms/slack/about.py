"""The shortcut of messages, and its form: what the bot is to say about one."""

import asyncio
import contextlib
import html
import json
import logging
from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.errors import BridgeError, ChatGone
from bridge.core.model import Address, Message, Quote, User
from bridge.core.ports import Remark
from bridge.core.texts import say
from bridge.platforms.slack.api import translated
from bridge.platforms.slack.forms import optional, plain
from bridge.platforms.slack.mrkdwn import language
from bridge.platforms.slack.people import People
from bridge.platforms.slack.teams import home, member_of
from bridge.platforms.slack.threads import Threads

log = logging.getLogger(__name__)

CALLBACK = "ask_about"

_PATIENCE = 2.0  # seconds; what opens a form is good for three
_GLANCE = 1.0  # seconds for a look whether the bot is there
_QUESTION = 3000  # characters, the most of an input
_PART, _PARTS = 3000, 12  # characters of one section; sections
_SAID = "said"


class About:
    """Opens the form, which carries the message: what is sent needs nothing beside it."""

    def __init__(self, client: AsyncWebClient, people: People, threads: Threads) -> None:
        self._client, self._people, self._threads = client, people, threads

    async def open(self, body: Mapping[str, Any], me: str) -> None:
        """Show the form, or why there is none. It may fail; then the chat says so."""
        chat, who = body["channel"]["id"], body["user"]["id"]
        (said,), user, inside = await asyncio.gather(
            self._threads.remarks([body["message"]], me),
            self._people.introduced(User(who, language=language(body["message"].get("text", "")))),
            self._inside(chat),
        )
        if inside and said.text:
            view = _form(body, said, user.language)
        else:
            why = say("about.empty" if inside else "about.outside", user.language)
            view = _modal(user.language, _section(why, "why"))
        try:
            async with asyncio.timeout(_PATIENCE):
                with translated():
                    await self._client.views_open(trigger_id=body["trigger_id"], view=view)
        except (BridgeError, TimeoutError) as error:
            log.info("no form is opened", extra={"error": str(error)})
            with contextlib.suppress(BridgeError, TimeoutError), translated():
                async with asyncio.timeout(_PATIENCE):
                    await self._client.chat_postEphemeral(
                        channel=chat, user=who, text=say("about.late", user.language)
                    )

    async def _inside(self, chat: str) -> bool:
        """Whether the bot may be in a chat; of direct messages nothing but their words is told."""
        try:
            async with asyncio.timeout(_GLANCE):
                with translated():
                    if chat.startswith("D"):
                        await self._client.conversations_history(channel=chat, limit=1)
                        return True
                    told = await self._client.conversations_info(channel=chat)
        except ChatGone:
            return False
        except (BridgeError, TimeoutError) as error:
            log.info("a channel is not told", extra={"error": str(error)})
            return True
        return bool(told["channel"].get("is_member", True))


def filled_in(body: Mapping[str, Any], channel: str) -> Message:
    """The question that somebody sent, about the message that is in the form."""
    view, user = body["view"], body["user"]
    chat, thread, by, explain = json.loads(view["private_metadata"])
    asked = view["state"]["values"]["question"]["question"].get("value") or explain
    parts = [b for b in view["blocks"] if str(b.get("block_id")).startswith(_SAID)]
    # What Slack gives back of a text is escaped.
    said = "".join(html.unescape(part["text"]["text"]) for part in parts)
    return Message(
        id=f"sl:{home(body)}:{user['id']}:{view['id']}",
        address=Address(channel, chat, thread),
        user=User(user["id"], language=language(asked), team=member_of(body, user.get("team_id"))),
        text=asked,
        command="about",
        private=chat.startswith("D"),
        quote=Quote(said, by),
        team=home(body),
    )


def _form(body: Mapping[str, Any], said: Remark, tongue: str) -> dict[str, Any]:
    message = body["message"]
    thread = message.get("thread_ts") or message["ts"]
    kept = [body["channel"]["id"], thread, said.name, say("about.explain", tongue)]
    whole = said.text[: _PART * _PARTS]
    parts = [whole[at : at + _PART] for at in range(0, len(whole), _PART)]
    asks = optional(
        "question",
        say("about.question", tongue),
        type="plain_text_input",
        multiline=True,
        max_length=_QUESTION,
    )
    return {
        **_modal(tongue, asks, *(_section(p, f"{_SAID}{at}") for at, p in enumerate(parts))),
        "submit": plain(say("about.ask", tongue)),
        "callback_id": CALLBACK,
        "private_metadata": json.dumps(kept, ensure_ascii=False),
    }


def _modal(tongue: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain(say("about.title", tongue)),
        "close": plain(say("form.close", tongue)),
        "blocks": [*blocks],
    }


def _section(text: str, name: str) -> dict[str, Any]:
    return {"type": "section", "block_id": name, "text": plain(text) | {"emoji": False}}
