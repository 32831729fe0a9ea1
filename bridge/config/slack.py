"""What Slack channels need of the rest of the file."""

import base64
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bridge.config.addresses import unaddressable
from bridge.config.schema import Config, Slack
from bridge.platforms.slack.install import PAGES

Fault = tuple[str, str, str, str]  # where, found, expected, remedy

_OF_CLIENT = ("client_secret", "encryption_key")
_NEEDED = {
    "client_secret": "the Client Secret of the app with this client_id",
    "encryption_key": "a key for the tokens in the store, as `openssl rand -base64 32` makes one",
    "signing_secret": "the secret that mode: http needs",
}
_BYTES = 32  # of a key
_STANDARD = str.maketrans("-_", "+/")


def slack_faults(config: Config) -> Iterator[Fault]:
    """A fault for each thing that does not fit."""
    for name, channel in config.channels.items():
        if isinstance(channel, Slack):
            yield from _listed(f"channels.{name}.allow", channel)
    for name, channel in config.enabled().items():
        if not isinstance(channel, Slack):
            continue
        first = _OF_CLIENT if channel.client_id else ("bot_token",)
        for key in (*first, channel.second):
            if not getattr(channel, key).strip():
                what = _NEEDED.get(key, "a token")
                yield f"channels.{name}.{key}", "nothing", what, f"set SLACK_{key.upper()}"
        if channel.mode == "http" or channel.client_id:
            yield from unaddressable(f"channels.{name}", name)
        if channel.client_id:
            yield from _installed(f"channels.{name}", name, channel, config)


def _installed(path: str, name: str, channel: Slack, config: Config) -> Iterator[Fault]:
    """What does not fit an app that people install in their workspaces."""
    if not re.fullmatch(r"[0-9]+\.[0-9]+", channel.client_id):
        remedy = "copy the Client ID from the app's Basic Information"
        yield f"{path}.client_id", f'"{channel.client_id}"', "an id like 123.456", remedy
    if channel.bot_token:
        expected = "nothing beside client_id: each workspace has a token of its own"
        yield f"{path}.bot_token", "a value", expected, "remove one of them"
    if channel.encryption_key and not all(map(_is_key, channel.encryption_key.split(","))):
        expected = "32 bytes in base64, or several such keys with commas between them"
        remedy = "make one with: openssl rand -base64 32"
        yield f"{path}.encryption_key", "a value that is not shown", expected, remedy
    if not config.http.public_url or (
        urlsplit(channel.api_base).hostname == "slack.com"
        and not config.http.public_url.startswith("https:")
    ):
        found = f'"{config.http.public_url}"' if config.http.public_url else "nothing"
        expected = f"the https:// address at which browsers reach {path}"
        yield "http.public_url", found, expected, "set BRIDGE_PUBLIC_URL"
    if name in PAGES:
        expected = f"another name than {name}, which is a page at which the app is installed"
        yield path, f'"{name}"', expected, "rename it"
    if config.operator and config.operator.channel == name:
        expected = "a channel with one workspace"
        yield "operator.channel", f'"{name}"', expected, "name another channel"


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key.strip().translate(_STANDARD), validate=True)) == _BYTES
    except ValueError:
        return False


def _listed(path: str, channel: Slack) -> Iterator[Fault]:
    """Names where ids belong, or ids of something else."""
    for key, listed, first, example in (
        ("users", channel.allow.users, "UW", "U012AB3CD"),
        ("chats", channel.allow.chats, "CDG", "C012AB3CD"),
        ("workspaces", channel.allow.workspaces, "TE", "T012AB3CD"),
    ):
        for at, each in enumerate(listed):
            if not re.fullmatch(f"[{first}][A-Z0-9]+", each):
                remedy = (
                    "copy it from the profile, the channel's details or the address in a browser"
                )
                yield f"{path}.{key}[{at}]", f'"{each}"', f"an id like {example}", remedy
