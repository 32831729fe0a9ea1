"""What Telegram channels need of the rest of the file, and of one another."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from bridge.config.addresses import unaddressable
from bridge.config.schema import Config, Telegram

Fault = tuple[str, str, str, str]  # where, found, expected, remedy

_OWN = "api.telegram.org"
_PORTS = (None, 443, 80, 88, 8443)  # https://core.telegram.org/bots/api#setwebhook, 2026-11


def telegram_faults(config: Config) -> Iterator[Fault]:
    """A fault for each thing that does not fit."""
    tokens: dict[str, str] = {}
    for name, channel in config.enabled().items():
        if not isinstance(channel, Telegram):
            continue
        path = f"channels.{name}"
        if channel.local_api and _is_telegrams(channel):
            remedy = "set api_base to yours, or remove local_api"
            yield f"{path}.local_api", "true", "an api_base other than Telegram's own", remedy
        if channel.mode == "webhook":
            yield from _webhook(path, name, channel, config.http.public_url)
        if channel.token in tokens:
            found = f"the token of {tokens[channel.token]}"
            yield f"{path}.token", found, "one of its own", "make another bot with @BotFather"
        tokens[channel.token] = path


def _webhook(path: str, name: str, channel: Telegram, public_url: str) -> Iterator[Fault]:
    """What keeps Telegram from reaching us."""
    yield from unaddressable(path, name)
    where, remedy = "http.public_url", "set BRIDGE_PUBLIC_URL, or write mode: polling"
    if not public_url:
        expected = f"an https:// address for {path}.mode: webhook"
        yield where, "nothing", expected, remedy
        return
    url, telegrams = urlsplit(public_url), _is_telegrams(channel)
    if url.scheme != "https" and (telegrams or not _is_loopback(url)):
        expected = "https:// where Telegram sends messages to"
        yield where, f'"{public_url}"', expected, remedy
    elif telegrams and _port(url) not in _PORTS:
        expected = "one of the ports 443, 80, 88 and 8443, which Telegram knows"
        yield where, f'"{public_url}"', expected, remedy


def _is_telegrams(channel: Telegram) -> bool:
    return urlsplit(channel.api_base).hostname == _OWN


def _is_loopback(url: SplitResult) -> bool:
    host = url.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _port(url: SplitResult) -> int | None:
    try:
        return url.port
    except ValueError:  # it is no number, or out of range
        return 0
