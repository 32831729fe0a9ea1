"""`coze-bridge run`."""

import argparse
from collections.abc import Mapping

from bridge import app
from bridge.cli.loop import start_logs, until_told
from bridge.cli.sandbox import start_sandbox
from bridge.config import load

_CHANNELS = (
    ("TELEGRAM_BOT_TOKEN",),
    ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"),
    ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"),
)
_COZE = ("COZE_API_TOKEN", "COZE_BOT_ID")


def run(args: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Run the bridge until it is told to stop."""
    if args.or_sandbox and not _has_tokens(env):
        print("No tokens in the environment or in .env: starting the sandbox. README.md tells")
        print("how to get a Telegram bot or a Slack app in five minutes.\n")
        return start_sandbox(8800, env)
    config = load(args.file, env)
    start_logs(config)
    return until_told(lambda stopping, hurry: app.run(config, stopping, hurry))


def _has_tokens(env: Mapping[str, str]) -> bool:
    """Whether a channel's tokens and Coze's are there."""
    channel = any(all(map(env.get, names)) for names in _CHANNELS)
    return channel and all(map(env.get, _COZE))
