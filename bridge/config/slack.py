"""What Slack channels need of the rest of the file."""

from collections.abc import Iterator

from bridge.config.addresses import unaddressable
from bridge.config.schema import Config, Slack

Fault = tuple[str, str, str, str]  # where, found, expected, remedy


def slack_faults(config: Config) -> Iterator[Fault]:
    """A fault for each thing that does not fit."""
    for name, channel in config.enabled().items():
        if not isinstance(channel, Slack):
            continue
        for key in ("bot_token", channel.second):
            if not getattr(channel, key).strip():
                what = "a token" if key.endswith("token") else "the secret that mode: http needs"
                yield f"channels.{name}.{key}", "nothing", what, f"set SLACK_{key.upper()}"
        if channel.mode == "http":
            yield from unaddressable(f"channels.{name}", name)
