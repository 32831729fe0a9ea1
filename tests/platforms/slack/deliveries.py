"""What a delivery means, made of the bodies that Slack sends."""

from typing import Any

from bridge.core.commands import Entry, Menu
from bridge.core.model import Message
from bridge.platforms.slack.parse import parse

ME = "U0BOT"
MENU = Menu(extra=(Entry("translate", "Translate a text"),)).threaded()
NAMES = {"U0BEN": "Ben"}


def meaning(body: dict[str, Any]) -> Message | None:
    """What a delivery means where Ben is known by name."""
    return parse(body, "slack", ME, MENU, lambda user: NAMES.get(user, ""))


def event(text: str = "", **fields: Any) -> Message | None:
    """What an event means; by default a person's message in a channel."""
    body = {"type": "message", "channel": "C1", "user": "U1", "ts": "5.000001", "text": text}
    wrapped = {"type": "event_callback", "team_id": "T1", "event": body | fields}
    return meaning(wrapped)


def heard(text: str = "", **fields: Any) -> Message:
    """What an event means, which is something."""
    message = event(text, **fields)
    assert message
    return message


def direct(text: str = "", **fields: Any) -> Message:
    """What a direct message means."""
    return heard(text, channel="D1", channel_type="im", **fields)


def typed(text: str, **fields: Any) -> Message:
    """What a slash command means."""
    body = {
        "command": "/coze",
        "text": text,
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "user_name": "ann",
        "trigger_id": "13.37.abc",
    }
    message = meaning(body | fields)
    assert message
    return message


def pressed(value: str | None = "stop:sl:1", **fields: Any) -> Message | None:
    """What a pressed button means."""
    action = {"type": "button", "action_id": "coze_bridge_0", "action_ts": "6.000001"}
    body = {
        "type": "block_actions",
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "channel": {"id": "C1"},
        "trigger_id": "13.37.abc",
        "message": {"ts": "5.000002", "thread_ts": "5.000001", "text": "你好"},
        "actions": [action | ({} if value is None else {"value": value})],
    }
    return meaning(body | fields)
