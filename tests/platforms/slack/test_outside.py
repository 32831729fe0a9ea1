"""Who is from outside of the workspace, as deliveries and Slack itself tell."""

from typing import Any

import pytest

from bridge.core.model import Message
from bridge.platforms.slack import people
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.teams import by_event, home, member_of
from bridge.sandbox.slack import SlackSimulator
from tests.platforms.slack.deliveries import event, heard, pressed
from tests.platforms.slack.rig import BOT, DIRECT, GENERAL
from tests.platforms.waiting import Heard, listening, until

GRID = {"authorizations": [{"team_id": "T1", "enterprise_id": "E1"}], "context_team_id": "T1"}


@pytest.mark.parametrize(
    ("fields", "team"),
    [
        ({}, ""),
        ({"team": "T1"}, "T1"),
        ({"team": "T2"}, "T2"),
        ({"team": "T1", "user_team": "T2"}, "T2"),
        ({"team": "T1", "user_team": "T1", "source_team": "T3"}, "T3"),
    ],
)
def test_who_speaks_is_of_another_workspace_if_one_is_named(fields: dict[str, str], team: str):
    message = heard(f"{BOT} hi", **fields)
    assert (message.team, message.user.team) == ("T1", team)


def test_the_organisation_of_a_workspace_is_no_other_one():
    told = {"event": {"user_team": "E1", "team": "T1"}, "team_id": "T1"}
    assert by_event(told | GRID) == "T1"
    assert by_event(told) == "E1"
    assert by_event({"event": {"team": "T2"}, "team_id": "T2"} | GRID) == "T2"


def test_a_press_tells_the_workspace_of_who_presses_and_its_message_that_of_the_app():
    body = {"team": {"id": "T2"}, "message": {"team": "T1"}}
    assert home(body) == "T1"
    assert member_of(body, "T2") == "T2"
    message = pressed(user={"id": "U1", "team_id": "T2"})
    assert message
    assert (message.team, message.user.team) == ("T1", "T2")


@pytest.mark.parametrize(
    "fields",
    [
        {"bot_id": "B1"},
        {"app_id": "A1"},
        {"bot_profile": {"id": "B1"}},
        {"subtype": "bot_message"},
        {"user": "U0BOT"},
        {"user": "USLACKBOT"},
    ],
)
def test_what_apps_say_is_not_heard(fields: dict[str, Any]):
    assert event(f"{BOT} hi", **fields) is None
    assert event("hi", **{"channel": "D1", "channel_type": "im", **fields}) is None


async def arrived(adapter: SlackAdapter, *gestures: Any) -> list[Message]:
    """What became of the gestures."""
    ear = Heard()
    async with listening(adapter, ear):
        await until(lambda: not adapter.trouble)
        for gesture in gestures:
            gesture()
        await until(lambda: len({message.id for message in ear.messages}) >= len(gestures))
    return ear.messages


async def test_guests_are_known_even_where_they_need_not_speak_to_the_bot(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.user("U0BEN", "Ben", guest="multi")
    root = slack.say("hello")
    [message] = await arrived(adapter, lambda: slack.say("hi", user="U0BEN", thread_ts=root))
    assert (message.addressed, message.user.guest, message.user.team) == (False, True, "T0SANDBOX")


async def test_a_channel_that_is_shared_is_known_by_messages_and_asked_for_by_commands(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.channel("C0PARTNER", "partner", shared=True)
    said = await arrived(
        adapter,
        lambda: slack.say(BOT + " hi", channel="C0PARTNER"),
        lambda: slack.command("new", channel="C0PARTNER"),
        lambda: slack.command("new", channel="C0PARTNER"),
        lambda: slack.command("new", channel=GENERAL),
        lambda: slack.command("new", channel=DIRECT),
    )
    found = {(m.address.chat, m.external) for m in said}
    assert found == {("C0PARTNER", True), (GENERAL, False), (DIRECT, False)}
    asked = [c.params["channel"] for c in slack.calls if c.method == "conversations.info"]
    assert sorted(asked) == [GENERAL, "C0PARTNER"]


async def test_where_slack_refuses_to_tell_everybody_is_taken_for_an_outsider(
    slack: SlackSimulator, adapter: SlackAdapter, caplog: pytest.LogCaptureFixture
):
    slack.scopes.difference_update({"users:read", "channels:read"})
    said = await arrived(adapter, lambda: slack.command("new"), lambda: slack.say(f"{BOT} hi"))
    assert {(m.user.guest, m.external) for m in said} == {(True, True), (True, False)}
    assert "missing_scope users:read" in caplog.text
    assert "missing_scope channels:read" in caplog.text


async def test_while_slack_is_away_nobody_is_taken_for_a_member_and_what_was_said_comes_again(
    slack: SlackSimulator, adapter: SlackAdapter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(people, "_AWAY", 0.0)
    slack.user("U0BEN", "Ben", guest="multi")
    slack.fail("users.info", status=503)
    root = slack.say("hello")
    [message] = await arrived(adapter, lambda: slack.say("hi", user="U0BEN", thread_ts=root))
    assert message.user.guest
    assert any(delivery.retry_attempt for delivery in slack.deliveries)
