"""The manifest from which Slack makes the app, with no more permissions than are used."""

import yaml

from bridge.core.commands import COMMANDS

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
    "app_home_opened",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
]


def manifest() -> str:
    """The manifest for Socket Mode, as YAML."""
    made = {
        "display_information": {"name": "Coze", "description": "Talk to a Coze bot"},
        "features": {
            # Its older name, assistant_view, is refused for new apps.
            "agent_view": {"agent_description": "Answers questions with a bot made in Coze."},
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Coze", "always_online": True},
            "slash_commands": [
                {
                    "command": "/coze",
                    "description": "Steer the bot",
                    "usage_hint": " | ".join(name for name in COMMANDS if name != "start"),
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": _SCOPES}},
        "settings": {
            "event_subscriptions": {"bot_events": _EVENTS},
            "interactivity": {"is_enabled": True},
            "socket_mode_enabled": True,
            "org_deploy_enabled": False,
            "token_rotation_enabled": False,
        },
    }
    return yaml.safe_dump(made, sort_keys=False)
