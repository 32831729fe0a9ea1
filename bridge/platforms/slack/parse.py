"""From what Slack sends to what it means to the bridge. Pure."""

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bridge.core.commands import COMMANDS, pressed
from bridge.core.model import Address, Message, User

Body = Mapping[str, Any]

_SAID = frozenset({None, "file_share", "thread_broadcast"})  # subtypes in which a person speaks
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<((?:https?|mailto):[^|>]+)(?:\|([^>]*))?>")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def parse(body: Body, channel: str, me: str) -> Message | None:
    """The message of a delivery; None when it is not for the bot. `me`: the bot's user id."""
    if body.get("type") == "event_callback":
        return _event(body["event"], body.get("team_id", ""), channel, me)
    if body.get("type") == "block_actions":
        return _press(body, channel)
    if "command" in body:
        return _command(body, channel)
    return None


def _event(event: Body, team: str, channel: str, me: str) -> Message | None:
    """A mention arrives as two events; both have the id of the one message."""
    user, text = event.get("user"), event.get("text") or ""
    if event.get("type") not in ("app_mention", "message") or not user or not event.get("ts"):
        return None
    if event.get("bot_id") or user in (me, "USLACKBOT") or event.get("subtype") not in _SAID:
        return None
    private = event.get("channel_type") == "im" or event["channel"].startswith("D")
    mentioned = {found[1] for found in _MENTION.finditer(text)}
    addressed = private or me in mentioned or event["type"] == "app_mention"
    if not addressed and (mentioned or "thread_ts" not in event):
        return None  # said to somebody else, or to nobody
    message = Message(
        id=f"sl:{team}:{event['channel']}:{event['ts']}",
        address=Address(channel, event["channel"], event.get("thread_ts") or event["ts"]),
        user=User(user, language=_language(text)),
        text=_readable(text, me),
        private=private,
        addressed=addressed,
    )
    if message.text:
        return message
    return replace(message, command="unsupported" if event.get("files") else "help")


def _press(body: Body, channel: str) -> Message | None:
    """A pressed button is the command that it stands for."""
    actions, on = body.get("actions") or [], body.get("message") or {}
    place = (body.get("channel") or {}).get("id")
    thread = on.get("thread_ts") or (body.get("container") or {}).get("thread_ts")
    if not actions or not place or not actions[0].get("value"):
        return None
    command, argument = pressed(actions[0]["value"])
    team, user = (body.get("team") or {}).get("id", ""), body["user"]["id"]
    return Message(
        id=f"sl:{team}:{user}:{actions[0].get('action_ts') or body.get('trigger_id')}",
        address=Address(channel, place, thread or on.get("ts")),
        user=User(user, language=_language(on.get("text") or "")),
        text=argument,
        command=command,
        private=place.startswith("D"),
    )


def _command(body: Body, channel: str) -> Message:
    """`/coze new`: what follows the slash command is one of ours, or a call for help."""
    word, _, rest = (body.get("text") or "").strip().partition(" ")
    command = word.lower() if word.lower() in COMMANDS else "help"
    user, place = body["user_id"], body["channel_id"]
    return Message(
        id=f"sl:{body.get('team_id', '')}:{user}:{body.get('trigger_id')}",
        address=Address(channel, place, only_for=user),
        user=User(user, body.get("user_name", ""), _language(body.get("text") or "")),
        text=rest.strip() if command != "stop" else "",
        command=command,
        private=place.startswith("D"),
    )


def _readable(text: str, me: str) -> str:
    """The text as its writer sees it, without the bot's own name."""
    text = re.sub(rf"^\s*<@{me}(?:\|[^>]*)?>[\s,:]*|<@{me}(?:\|[^>]*)?>", " ", text)
    text = _LINK.sub(lambda link: f"{link[2]} ({link[1]})" if link[2] else link[1], text)
    return html.unescape(text).strip()


def _language(text: str) -> str:
    """Slack does not tell a user's language with a message; Chinese can be seen."""
    return "zh" if _CHINESE.search(text) else "en"
