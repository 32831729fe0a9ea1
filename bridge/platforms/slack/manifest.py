"""The manifest from which Slack makes the app, with no more permissions than are used."""

import yaml

_SCOPES = [
    "app_mentions:read",
    "channels:history",
    "chat:write",
    "commands",
    "groups:history",
    "im:history",
    "mpim:history",
]
_EVENTS = ["app_mention", "message.channels", "message.groups", "message.im", "message.mpim"]


def manifest() -> str:
    """The manifest for Socket Mode, as YAML."""
    made = {
        "display_information": {"name": "Coze", "description": "Talk to a Coze bot"},
        "features": {
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
                    "usage_hint": "new | stop | retry | help",
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
