"""What a Slack channel needs of the rest of the file."""

import pytest

from bridge.config import Slack
from bridge.config.schema import SlackPace
from tests.config.test_load import Faults, Read, faults, read

__all__ = ["faults", "read"]  # fixtures


def written(channel: str, name: str = "sl") -> str:
    """A file with one Slack channel."""
    return (
        "coze: {token: t}\n"
        "bots: {a: {bot_id: '1'}}\n"
        f"channels: {{{name}: {{platform: slack, bot: a, {channel}}}}}\n"
    )


SECRET = "the secret that mode: http needs; set SLACK_SIGNING_SECRET"


@pytest.mark.parametrize(
    ("channel", "key", "expected"),
    [
        ("bot_token: b", "app_token", "a token; set SLACK_APP_TOKEN"),
        ("app_token: a", "bot_token", "a token; set SLACK_BOT_TOKEN"),
        ("mode: http, bot_token: b", "signing_secret", SECRET),
        ("mode: http, bot_token: b, app_token: a", "signing_secret", SECRET),
        ("mode: http, bot_token: b, signing_secret: ' '", "signing_secret", SECRET),
        ("mode: http, signing_secret: s", "bot_token", "a token; set SLACK_BOT_TOKEN"),
    ],
)
def test_each_mode_needs_two_keys(faults: Faults, channel: str, key: str, expected: str):
    [line] = faults(written(channel))
    assert line == f"channels.sl.{key}: found nothing, expected {expected}"


def test_by_http_no_token_of_the_app_is_needed(read: Read):
    channel = read(written("mode: http, bot_token: b, signing_secret: s")).enabled()["sl"]
    assert isinstance(channel, Slack)
    assert channel.app_token == ""


def test_a_secret_alone_does_not_turn_socket_mode_on(faults: Faults):
    [line] = faults(written("signing_secret: s"))
    assert line.startswith("channels: found no token")


def test_the_name_of_a_channel_that_slack_calls_is_part_of_an_address(faults: Faults):
    both = "bot_token: b, signing_secret: s"
    [line] = faults(written(f"mode: http, {both}", name="a/b"))
    assert line.startswith('channels.a/b: found "a/b", expected letters, digits')


def test_an_app_that_slack_allows_more_is_told_so(read: Read):
    tokens = "bot_token: b, app_token: a"
    channel = read(written(f"{tokens}, limits: {{edits_per_minute: 600, posts_per_second: 5}}"))
    assert channel.channels["sl"].limits == SlackPace(edits_per_minute=600, posts_per_second=5.0)
    assert read(written(tokens)).channels["sl"].limits == SlackPace()


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("edits_per_minute", "1", "a whole number, 2 or more"),
        ("posts_per_second", "0", "a number above 0"),
    ],
)
def test_a_pace_at_which_nothing_would_come_is_refused(
    faults: Faults, key: str, value: str, expected: str
):
    [line] = faults(written(f"bot_token: b, app_token: a, limits: {{{key}: {value}}}"))
    assert line.startswith(f'channels.sl.limits.{key}: found "{value}", expected {expected}')


@pytest.mark.parametrize("streaming", ["edits", "native", "auto", "off"])
def test_each_way_of_showing_a_growing_answer_can_be_chosen(read: Read, streaming: str):
    channel = read(written(f"bot_token: b, app_token: a, streaming: {streaming}")).channels["sl"]
    assert channel.streaming == streaming


KEY = "A" * 43 + "="
APP = f"client_id: '1.2', client_secret: s, encryption_key: '{KEY}'"
PUBLIC = "http: {public_url: 'https://b.example'}\n"


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (f"{APP}, bot_token: b", "bot_token: found a value, expected nothing beside client_id"),
        ("client_id: '1.2', encryption_key: '" + KEY + "'", "client_secret: found nothing"),
        ("client_id: '1.2', client_secret: s", "encryption_key: found nothing, expected a key"),
        (APP.replace(KEY, "short"), "make one with: openssl rand -base64 32"),
        (APP.replace(KEY, f"{KEY},"), "make one with: openssl rand -base64 32"),
        (APP.replace("1.2", "A0APP"), 'client_id: found "A0APP", expected an id like 123.456'),
    ],
)
def test_an_app_in_many_workspaces_needs_three_keys_and_no_token(
    faults: Faults, channel: str, expected: str
):
    [line] = faults(PUBLIC + written(f"app_token: a, {channel}"))
    assert line.startswith("channels.sl.")
    assert expected in line


def test_people_install_an_app_at_a_public_address(faults: Faults):
    [line] = faults(written(f"app_token: a, {APP}"))
    expected = "the https:// address at which browsers reach channels.sl; set BRIDGE_PUBLIC_URL"
    assert line == f"http.public_url: found nothing, expected {expected}"
    [line] = faults("http: {public_url: 'http://b.example'}\n" + written(f"app_token: a, {APP}"))
    assert line.startswith('http.public_url: found "http://b.example"')


def test_what_an_app_in_many_workspaces_cannot_be(faults: Faults, read: Read):
    text = PUBLIC + written(f"app_token: a, {APP.replace(KEY, f'{KEY}, {KEY}')}")
    assert read(text).enabled()
    [line] = faults(text + "operator: {channel: sl, chat: C1}\n")
    assert line.startswith('operator.channel: found "sl", expected a channel with one workspace')
    [line] = faults(PUBLIC + written(f"app_token: a, {APP}", name="install"))
    assert line.startswith('channels.install: found "install"')
