"""`coze-bridge ask`."""

import argparse
import getpass
import uuid
from collections.abc import Mapping

from msgspec.structs import replace

from bridge.cli.loop import run_async
from bridge.config import Config, ConfigError, load
from bridge.core.model import Prompt
from bridge.core.ports import Question
from bridge.core.routing import coze_user
from bridge.making import coze_client, make_backend, make_tools
from bridge.platforms.terminal.ask import ask as ask_in_terminal


def ask(args: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Ask one question and print the answer."""
    config = load(args.file, env, serving=False)
    name = args.bot or next(iter(config.bots))
    if name not in config.bots:
        known = ", ".join(config.bots)
        raise ConfigError([f'--bot: found "{name}", expected one of {known}; name one of them'])
    need_token(config)
    return 0 if run_async(_ask(config, name, args)) else 1


def need_token(config: Config) -> None:
    """Raises ConfigError where there is nothing by which Coze knows us."""
    if not (config.coze.token or config.coze.oauth):
        raise ConfigError(
            ["coze.token: found nothing, expected a token of Coze; set COZE_API_TOKEN"]
        )


async def _ask(config: Config, name: str, args: argparse.Namespace) -> bool:
    bot = config.bots[name]
    if args.no_stream and bot.mode == "stream":
        bot = replace(bot, mode="blocking")
    question = Question(
        job=uuid.uuid4().hex,  # Coze refuses an empty one
        user=coze_user("terminal", getpass.getuser()),
        conversation=args.conversation,
        prompt=Prompt(args.text),
        variables=bot.variables,
    )
    tools = make_tools(config)
    try:
        async with coze_client(config) as client:
            return await ask_in_terminal(make_backend(client, bot, tools), question)
    finally:
        await tools.aclose()
