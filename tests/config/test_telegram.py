"""What a Telegram channel needs of the rest of the file."""

import pytest

from tests.config.test_load import Faults, Read, faults, read

__all__ = ["faults", "read"]  # fixtures

OWN = "api_base: http://127.0.0.1:8081"


def written(channel: str, http: str = "", name: str = "tg") -> str:
    """A file with one Telegram channel."""
    return (
        "coze: {token: t}\n"
        "bots: {a: {bot_id: '1'}}\n"
        f"channels: {{{name}: {{platform: telegram, bot: a, token: '1:x', {channel}}}}}\n"
        f"http: {{{http}}}\n"
    )


HOOK = "mode: webhook"
SECURE = "https:// where Telegram sends messages to"
URL = "set BRIDGE_PUBLIC_URL, or write mode: polling"


@pytest.mark.parametrize(
    ("channel", "url", "expected"),
    [
        (HOOK, "", "an https:// address for channels.tg.mode: webhook"),
        (HOOK, "http://bridge.example.com", SECURE),
        (HOOK, "http://127.0.0.1:8080", SECURE),
        (f"{HOOK}, {OWN}", "http://10.0.0.2", SECURE),
        (HOOK, "https://a.b:8080", "one of the ports 443, 80, 88 and 8443, which Telegram knows"),
        (HOOK, "https://a.b:x", "one of the ports 443, 80, 88 and 8443, which Telegram knows"),
    ],
)
def test_where_telegram_could_not_reach_us_is_a_fault(
    faults: Faults, channel: str, url: str, expected: str
):
    found = f'"{url}"' if url else "nothing"
    assert faults(written(channel, f"public_url: '{url}'")) == [
        f"http.public_url: found {found}, expected {expected}; {URL}"
    ]


def test_telegrams_own_server_is_not_local(faults: Faults):
    [line] = faults(written("local_api: true"))
    expected = "found true, expected an api_base other than Telegram's own"
    remedy = "set api_base to yours, or remove local_api"
    assert line == f"channels.tg.local_api: {expected}; {remedy}"


def test_the_name_of_a_channel_with_a_webhook_is_part_of_an_address(faults: Faults):
    [line] = faults(written("mode: webhook", "public_url: 'https://a.b'", name="a/b"))
    assert line.startswith('channels.a/b: found "a/b", expected letters, digits')


def test_two_channels_cannot_be_one_bot(faults: Faults):
    first = "channels: {first: {platform: telegram, bot: a, token: '1:x'}, "
    [line] = faults(written("session: auto").replace("channels: {", first))
    expected = "found the token of channels.first, expected one of its own"
    assert line == f"channels.tg.token: {expected}; make another bot with @BotFather"


@pytest.mark.parametrize(
    ("channel", "http"),
    [
        ("mode: webhook", "public_url: 'https://bridge.example.com'"),
        ("mode: webhook", "public_url: 'https://bridge.example.com:8443/coze/'"),
        (f"mode: webhook, {OWN}", "public_url: 'https://bridge.internal:444'"),
        (f"mode: webhook, {OWN}", "public_url: 'http://127.0.0.1:8080'"),
        (f"mode: webhook, {OWN}", "public_url: 'http://localhost:8080'"),
        (f"mode: webhook, {OWN}", "public_url: 'http://[::1]:8080'"),
        (f"local_api: true, {OWN}", ""),
    ],
)
def test_what_can_be_reached_is_fine(read: Read, channel: str, http: str):
    assert read(written(channel, http)).enabled()
