"""`coze-bridge ask`."""

import argparse
import getpass
import uuid
from collections.abc import Mapping

from msgspec.structs import replace

from bridge.app import coze_client, make_backend
from bridge.cli.loop import run_async
from bridge.config import Config, ConfigError, load
from bridge.core.ports import Question
from bridge.core.routing import coze_user
from bridge.platforms.terminal.ask import ask as ask_in_terminal


def ask(args: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Ask one question and print the answer."""
    config = load(args.file, env, serving=False)
    name = args.bot or next(iter(config.bots))
    if name not in config.bots:
        known = ", ".join(config.bots)
        raise ConfigError([f'--bot: found "{name}", expected one of {known}; name one of them'])
    if not config.coze.token:
        raise ConfigError(
            ["coze.token: found nothing, expected a token of Coze; set COZE_API_TOKEN"]
        )
    return 0 if run_async(_ask(config, name, args)) else 1


async def _ask(config: Config, name: str, args: argparse.Namespace) -> bool:
    bot = config.bots[name]
    if args.no_stream:
        bot = replace(bot, mode="blocking")
    question = Question(
        job=uuid.uuid4().hex,  # Coze refuses an empty one
        user=coze_user("terminal", getpass.getuser()),
        conversation=args.conversation,
        text=args.text,
        variables=bot.variables,
    )
    async with coze_client(config) as client:
        return await ask_in_terminal(make_backend(client, bot), question)
