"""The manifest: what the command prints, and no more permissions than are used."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.cli import main
from bridge.core.commands import COMMANDS, THREADED
from bridge.platforms.slack import about
from bridge.platforms.slack.manifest import manifest

ROOT = Path(__file__).parents[3]
HISTORY = {"channels:history", "groups:history", "im:history", "mpim:history"}
# docs.slack.dev/reference/methods and docs.slack.dev/reference/events
NEEDED_BY_METHOD = {
    "api_call": set(),  # oauth.v2.access, which needs no token
    "auth_revoke": set(),
    "auth_test": set(),
    "apps_connections_open": set(),  # the app's own token
    "agents_sessions_rename": {"chat:write"},
    "assistant_threads_setTitle": {"assistant:write"},
    "assistant_threads_setStatus": {"chat:write"},
    "assistant_threads_setSuggestedPrompts": {"assistant:write"},
    "chat_appendStream": {"chat:write"},
    "chat_delete": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_startStream": {"chat:write"},
    "chat_stopStream": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": HISTORY,
    "conversations_info": {"channels:read", "groups:read"},
    "conversations_replies": HISTORY,
    "files_completeUploadExternal": {"files:write"},
    "files_delete": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "files_info": {"files:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
}
NEEDED_BY_EVENT: dict[str, set[str]] = {
    "agent_session_stopped": set(),  # the app has to be an agent
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
}


@pytest.fixture
def made() -> dict[str, Any]:
    made = yaml.safe_load(manifest())
    assert isinstance(made, dict)
    return made


def scopes(made: dict[str, Any]) -> set[str]:
    return set(made["oauth_config"]["scopes"]["bot"])


def used() -> set[str]:
    """The methods of the Web API that the adapter calls."""
    sources = (ROOT / "bridge/platforms/slack").glob("*.py")
    calls = re.compile(r"_client\.(\w+)\(")
    return {name for source in sources for name in calls.findall(source.read_text("utf-8"))}


@pytest.mark.parametrize(
    ("file", "args"),
    [
        ("slack-manifest.yaml", ()),
        ("slack-manifest-http.yaml", ("--http", "https://bridge.example.com")),
    ],
)
def test_the_file_is_what_the_command_prints(
    capsys: pytest.CaptureFixture[str], file: str, args: tuple[str, ...]
):
    assert main(["manifest", "slack", *args]) == 0
    assert (ROOT / "config" / file).read_text("utf-8") == capsys.readouterr().out


def test_by_http_all_comes_to_the_door_of_the_channel(capsys: pytest.CaptureFixture[str]):
    url = "https://example.com/coze/"
    assert main(["manifest", "slack", "--http", url, "--channel", "team-b"]) == 0
    made = yaml.safe_load(capsys.readouterr().out)
    settings, [command] = made["settings"], made["features"]["slash_commands"]
    to = "https://example.com/coze/slack/team-b/events"
    assert settings["event_subscriptions"]["request_url"] == to
    assert settings["interactivity"] == {"is_enabled": True, "request_url": to}
    assert command["url"] == to
    assert settings["socket_mode_enabled"] is False


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (("--http", "http://example.com"), '--http: found "http://example.com"'),
        (("--http", ""), '--http: found ""'),
        (("--http", "https://"), '--http: found "https://"'),
        (("--http", "https://a.b/?x"), '--http: found "https://a.b/?x"'),
        (("--http", "https://a.b", "--channel", "a/b"), '--channel: found "a/b"'),
    ],
)
def test_an_address_that_slack_does_not_call_is_one_sentence(
    capsys: pytest.CaptureFixture[str], args: tuple[str, ...], found: str
):
    assert main(["manifest", "slack", *args]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert f"{found}, expected" in err


def test_who_is_to_hear_mentions_only_cannot_read_along_in_channels():
    all_, some = yaml.safe_load(manifest()), yaml.safe_load(manifest(mention_only=True))
    less = {"channels:history", "groups:history", "mpim:history"}
    assert scopes(all_) - scopes(some) == less
    events = some["settings"]["event_subscriptions"]["bot_events"]
    assert {"app_mention", "message.im"} <= set(events)
    for event in events:
        assert NEEDED_BY_EVENT[event] <= scopes(some), event


def test_each_method_that_is_called_is_permitted(made: dict[str, Any]):
    assert "chat_postMessage" in used()
    for method in used():
        assert NEEDED_BY_METHOD[method] <= scopes(made), method


def test_each_event_that_is_wanted_is_permitted(made: dict[str, Any]):
    events = made["settings"]["event_subscriptions"]["bot_events"]
    assert set(events) == set(NEEDED_BY_EVENT)
    for event in events:
        assert NEEDED_BY_EVENT[event] <= scopes(made), event


def test_there_is_no_permission_that_nothing_needs(made: dict[str, Any]):
    needed = [NEEDED_BY_METHOD[method] for method in used()]
    needed += [NEEDED_BY_EVENT[e] for e in made["settings"]["event_subscriptions"]["bot_events"]]
    assert scopes(made) - set().union(*needed) == {"commands"}
    assert made["features"]["slash_commands"]


def test_it_is_for_socket_mode_with_buttons_and_direct_messages(made: dict[str, Any]):
    assert made["settings"]["socket_mode_enabled"] is True
    assert made["settings"]["interactivity"]["is_enabled"] is True
    assert made["features"]["app_home"]["messages_tab_enabled"] is True
    assert made["features"]["app_home"]["home_tab_enabled"] is True
    assert made["features"]["app_home"]["messages_tab_read_only_enabled"] is False


def test_the_command_is_the_one_that_the_bridge_tells_of(made: dict[str, Any]):
    [command] = made["features"]["slash_commands"]
    assert command["command"] == "/coze"
    assert command["should_escape"] is False
    assert set(command["usage_hint"].split(" | ")) == {*COMMANDS, *THREADED} - {"start"}


def test_it_is_an_agent_by_the_name_that_slack_takes_for_new_apps(made: dict[str, Any]):
    assert "assistant_view" not in made["features"]
    assert 0 < len(made["features"]["agent_view"]["agent_description"]) <= 300
    assert "assistant:write" in scopes(made)


def test_nothing_in_it_is_longer_than_slack_takes(made: dict[str, Any]):
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    assert len(made["features"]["bot_user"]["display_name"]) <= 80


def test_the_shortcut_of_messages_is_the_one_that_is_understood(made: dict[str, Any]):
    [shortcut] = made["features"]["shortcuts"]
    assert (shortcut["type"], shortcut["callback_id"]) == ("message", about.CALLBACK)
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150
