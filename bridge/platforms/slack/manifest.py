"""The manifest from which Slack makes the app, with no more permissions than are used."""

from typing import Any

import yaml

from bridge.core.commands import COMMANDS, THREADED
from bridge.platforms.slack import about

_SCOPES = [
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "mpim:history",
    "users:read",
]
_EVENTS = [
    "agent_session_stopped",
    "app_home_opened",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
]
_OF_INSTALLATIONS = ["app_uninstalled", "tokens_revoked"]

# Without these the bot hears in channels only what mentions it.
_OVERHEARING = {"channels:history", "groups:history", "mpim:history"}
_OVERHEARD = {"message.channels", "message.groups", "message.mpim"}


def scopes(*, mention_only: bool = False) -> list[str]:
    """The permissions that the app asks for."""
    without = _OVERHEARING if mention_only else set()
    return [each for each in _SCOPES if each not in without]


def manifest(url: str = "", *, redirect: str = "", mention_only: bool = False) -> str:
    """The manifest as YAML, for HTTP at `url`, or else for Socket Mode.

    `redirect` is where people come back to who have installed it in their workspace. With
    `mention_only` the app cannot read along in channels. Direct messages stay.
    """
    without = _OVERHEARD if mention_only else set()
    request = {"request_url": url} if url else {}
    made = {
        "display_information": {"name": "Coze", "description": "Talk to a Coze bot"},
        "features": _features(url),
        "oauth_config": {
            **({"redirect_urls": [redirect]} if redirect else {}),
            "scopes": {"bot": scopes(mention_only=mention_only)},
        },
        "settings": {
            "event_subscriptions": {
                **request,
                "bot_events": [
                    *(each for each in _EVENTS if each not in without),
                    *(_OF_INSTALLATIONS if redirect else ()),
                ],
            },
            "interactivity": {"is_enabled": True, **request},
            "socket_mode_enabled": not url,
            "org_deploy_enabled": False,
            "token_rotation_enabled": False,
        },
    }
    return yaml.safe_dump(made, sort_keys=False)


def _features(url: str) -> dict[str, Any]:
    return {
        # Its older name, assistant_view, is refused for new apps.
        "agent_view": {"agent_description": "Answers questions with a bot made in Coze."},
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Coze", "always_online": True},
        "shortcuts": [
            {
                "name": "Ask the bot about this",
                "type": "message",
                "callback_id": about.CALLBACK,
                "description": "Have a message explained, or ask about it",
            }
        ],
        "slash_commands": [
            {
                "command": "/coze",
                **({"url": url} if url else {}),
                "description": "Steer the bot",
                "usage_hint": " | ".join(n for n in (*COMMANDS, *THREADED) if n != "start"),
                "should_escape": False,
            }
        ],
    }
