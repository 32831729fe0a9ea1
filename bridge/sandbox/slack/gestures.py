"""The JSON of what people do beside messages: shortcuts, and the app's home."""

from bridge.sandbox.slack import payloads
from bridge.sandbox.slack.model import Channel, Identity, Json, Shown, User


def message_action(
    shown: Shown,
    channel: Channel,
    user: User,
    app: Identity,
    *,
    callback_id: str,
    response_url: str,
    trigger_id: str,
) -> Json:
    """The body of a shortcut that was chosen from the menu of a message."""
    return {
        "type": "message_action",
        **payloads.done_by(user, app),
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "message_ts": shown.ts,
        "action_ts": shown.ts,
        "is_enterprise_install": False,
        "enterprise": None,
        "channel": {"id": channel.id, "name": payloads.public_name(channel)},
        "message": payloads.message(shown, channel, app),
        "response_url": response_url,
    }


def press_at_home(view: Json, user: User, app: Identity, *, action: Json, trigger_id: str) -> Json:
    """The body of a button that was pressed in the app's home: it tells no channel."""
    return {
        "type": "block_actions",
        **payloads.done_by(user, app),
        "container": {"type": "view", "view_id": view["id"]},
        "trigger_id": trigger_id,
        "enterprise": None,
        "is_enterprise_install": False,
        "view": view,
        "actions": [action],
    }
