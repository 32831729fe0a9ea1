"""What is right by itself but does not fit together, and what is not there."""

import re
from collections.abc import Iterator
from pathlib import Path

from bridge.config.schema import Bot, Config, Telegram
from bridge.config.slack import slack_faults
from bridge.config.telegram import telegram_faults
from bridge.core.commands import reserved
from bridge.platforms.telegram.reactions import REACTIONS, bare

Fault = tuple[str, str, str, str]  # where, found, expected, remedy

_ID = re.compile(r"-?[0-9]+")

LONGEST_NAME = 59  # bytes of a bot's name: it stands in a button


def contradictions(config: Config) -> Iterator[Fault]:
    """A fault for each thing that does not fit."""
    if not config.bots:
        yield "bots", "nothing", "at least one bot", "add one"
    for name, bot in config.bots.items():
        yield from _bot(f"bots.{name}", name, bot)
    yield from _commands(config)
    yield from _names(config)
    for name, each in config.channels.items():
        if isinstance(each, Telegram):
            yield from _listed(f"channels.{name}.allow", each)
            yield from _reacts(f"channels.{name}.react", each)
    yield from telegram_faults(config)
    yield from slack_faults(config)
    if config.coze.oauth and not Path(config.coze.oauth.private_key_file).is_file():
        where, found = "coze.oauth.private_key_file", f'"{config.coze.oauth.private_key_file}"'
        yield where, found, "a file with the private key", "download it from the OAuth app's page"


def _reacts(path: str, channel: Telegram) -> Iterator[Fault]:
    """An emoji with which nobody can react."""
    if channel.react and bare(channel.react) not in REACTIONS:
        expected = "an emoji that Telegram has for reactions, like 👀, 👍, 🔥 or 🤔"
        yield path, f'"{channel.react}"', expected, "name one of those, or remove it"


def missing(config: Config) -> Iterator[Fault]:
    """What a bridge cannot run without."""
    if not (config.coze.token or config.coze.oauth):
        yield "coze.token", "nothing", "a token of Coze", "set COZE_API_TOKEN"
    if not config.enabled():
        remedy = "set TELEGRAM_BOT_TOKEN, or SLACK_BOT_TOKEN and SLACK_APP_TOKEN"
        yield "channels", "no token", "a token for at least one of them", remedy


def _listed(path: str, channel: Telegram) -> Iterator[Fault]:
    """Names where numbers belong: names change hands."""
    users = "write the number that the bot tells whoever is not on the list and writes to it"
    chats = "write the number that the bot tells a group that is not on the list, and leaves"
    for key, listed, expected, remedy in (
        ("users", channel.allow.users, "a number like 123456789", users),
        ("chats", channel.allow.chats, "a number like -1001234567890", chats),
    ):
        for at, each in enumerate(listed):
            if not _ID.fullmatch(each):
                yield f"{path}.{key}[{at}]", f'"{each}"', expected, remedy


def _bot(path: str, name: str, bot: Bot) -> Iterator[Fault]:
    if len(name.encode()) > LONGEST_NAME:
        expected = f"a name of at most {LONGEST_NAME} bytes"
        yield path, f"{len(name.encode())} bytes", expected, "shorten it"
    if bot.mode != "chatflow":
        if not bot.bot_id:
            yield f"{path}.bot_id", "nothing", "some text", "add bot_id: to it"
        for key in ("workflow_id", "app_id"):
            if getattr(bot, key):
                remedy = "remove it, or write mode: chatflow"
                yield f"{path}.{key}", "a value", "nothing unless mode is chatflow", remedy
        return
    if not bot.workflow_id:
        yield f"{path}.workflow_id", "nothing", "the chatflow's id", "add workflow_id: to it"
    if bool(bot.bot_id) == bool(bot.app_id):
        found = "both" if bot.bot_id else "nothing"
        yield f"{path}.bot_id", found, "either bot_id or app_id", "write one of them"


def _commands(config: Config) -> Iterator[Fault]:
    """Commands that are ours already, or that two bots have."""
    seen: dict[str, str] = {}
    for name, bot in config.bots.items():
        for command in bot.workflows:
            path = f"bots.{name}.workflows.{command}"
            if reserved(command):
                yield path, f"/{command}", "a name that the bridge does not use", "rename it"
            if command in seen:
                yield path, f"/{command}", f"another name than in {seen[command]}", "rename it"
            seen[command] = path
    for at, route in enumerate(config.routes):
        if route.command is not None and reserved(route.command):
            where, found = f"routes[{at}].command", f"/{route.command}"
            yield where, found, "a name that the bridge does not use", "rename it"


def _names(config: Config) -> Iterator[Fault]:
    """Names of bots and channels that nothing has."""
    bots, channels = ", ".join(config.bots), ", ".join(config.channels)
    named = [(f"channels.{name}.bot", channel.bot) for name, channel in config.channels.items()]
    named += [(f"routes[{at}].bot", route.bot) for at, route in enumerate(config.routes)]
    for path, bot in named:
        if bot not in config.bots:
            yield path, f'"{bot}"', f"one of the bots ({bots})", "name one of them, or add it"
    places = [(f"routes[{at}].channel", route.channel) for at, route in enumerate(config.routes)]
    if config.operator:
        places.append(("operator.channel", config.operator.channel))
    for path, channel in places:
        if channel is not None and channel not in config.channels:
            yield path, f'"{channel}"', f"one of the channels ({channels})", "name one of them"
