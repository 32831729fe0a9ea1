"""`coze-bridge ask`."""

import argparse
import getpass
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from bridge.cli.loop import Failure, run_async
from bridge.config import Config, ConfigError, load
from bridge.core.model import Address, Kind, Message, Prompt, Upload, User
from bridge.core.ports import Question, Services
from bridge.core.routing import coze_user
from bridge.flow.bot import Bot, variables
from bridge.making import coze_client, make_bots, make_tools
from bridge.platforms.terminal.ask import ask as ask_in_terminal

_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp"})


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
    settings = config.bots[name]
    if args.no_stream and settings.mode == "stream":
        config = replace(config, bots={name: replace(settings, mode="blocking")})
    tools = make_tools(config)
    try:
        async with coze_client(config) as client:
            bot = make_bots(config, client, tools)[name]
            files = [await _uploaded(file, bot.services) for file in args.attach]
            question = _question(bot, args.text, tuple(files), args.conversation)
            return await ask_in_terminal(bot.backend, question, thoughts=bot.show_reasoning)
    finally:
        await tools.aclose()


def _question(bot: Bot, text: str, files: tuple[Upload, ...], where: str | None) -> Question:
    who = getpass.getuser()
    user, message = coze_user("terminal", who), Message("", Address("", ""), User(who, who), text)
    return Question(
        job=uuid.uuid4().hex,  # Coze refuses an empty one
        user=user,
        conversation=where,
        prompt=Prompt(text, files),
        variables=variables(bot, message, user=user, platform="terminal"),
    )


async def _uploaded(file: str, services: Services) -> Upload:
    """A file of this machine, at Coze."""
    path = Path(file)
    kind: Kind = "image" if path.suffix.lower() in _PICTURES else "file"
    with _opened(path) as opened:
        return await services.upload(opened, path.name, kind)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise Failure(f"--attach: {path}: {(error.strerror or str(error)).lower()}") from error
