"""What the file may ask for already, but the bridge cannot do yet."""

from collections.abc import Iterator

from bridge.config.schema import Config, Slack, Telegram

Fault = tuple[str, str, str, str]


def not_yet(config: Config) -> Iterator[Fault]:
    """A fault for each value that would otherwise be ignored."""
    yield from _general(config)
    for name, bot in config.bots.items():
        here = f"bots.{name}"
        if bot.show_reasoning:
            yield f"{here}.show_reasoning", "true", "false: it cannot be shown yet", "remove it"
        if bot.workflows:
            yield f"{here}.workflows", "workflows", "none: they do not run yet", "remove them"
    for name, channel in config.channels.items():
        yield from _channel(f"channels.{name}", channel)
    for at, route in enumerate(config.routes):
        if route.command is not None:
            path = f"routes[{at}].command"
            yield path, "a command", "none: routes by command do not work yet", "remove it"


def _general(config: Config) -> Iterator[Fault]:
    if config.coze.oauth:
        yield "coze.oauth", "OAuth", "null: it does not work yet", "use coze.token"
    store = config.store
    if store.redis_url.startswith("redis+"):
        expected = "redis://, rediss:// or unix://: Sentinel and Cluster do not work yet"
        yield "store.redis_url", "another kind of address", expected, "use a single Redis"
    if store.shards != 1:
        yield "store.shards", str(store.shards), "1: shards do not work yet", "remove it"
    if store.replicas_to_wait:
        found = str(store.replicas_to_wait)
        yield "store.replicas_to_wait", found, "0: waiting does not work yet", "remove it"
    if config.limits.tokens_per_user_per_day:
        found = str(config.limits.tokens_per_user_per_day)
        path = "limits.tokens_per_user_per_day"
        yield path, found, "0: tokens are not counted yet", "remove it"


def _channel(path: str, channel: Telegram | Slack) -> Iterator[Fault]:
    works = {"mode": "polling" if isinstance(channel, Telegram) else "socket"}
    asked: dict[str, str] = {"mode": channel.mode, "streaming": channel.streaming}
    if channel.streaming not in ("edits", "off"):
        works["streaming"] = "edits or off"
    if isinstance(channel, Telegram) and channel.access == "pairing":
        asked["access"], works["access"] = channel.access, "open or allowlist"
    for key, value in works.items():
        if asked[key] != value:
            expected = f"{value}: {asked[key]} does not work yet"
            yield f"{path}.{key}", f'"{asked[key]}"', expected, f"write {key}: {value.split()[0]}"
