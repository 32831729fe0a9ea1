"""What Slack channels need of the rest of the file."""

import re
from collections.abc import Iterator

from bridge.config.addresses import unaddressable
from bridge.config.schema import Config, Slack

Fault = tuple[str, str, str, str]  # where, found, expected, remedy


def slack_faults(config: Config) -> Iterator[Fault]:
    """A fault for each thing that does not fit."""
    for name, channel in config.channels.items():
        if isinstance(channel, Slack):
            yield from _listed(f"channels.{name}.allow", channel)
    for name, channel in config.enabled().items():
        if not isinstance(channel, Slack):
            continue
        for key in ("bot_token", channel.second):
            if not getattr(channel, key).strip():
                what = "a token" if key.endswith("token") else "the secret that mode: http needs"
                yield f"channels.{name}.{key}", "nothing", what, f"set SLACK_{key.upper()}"
        if channel.mode == "http":
            yield from unaddressable(f"channels.{name}", name)


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
