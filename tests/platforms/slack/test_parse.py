"""What the events of Slack mean to the bridge."""

from typing import Any

import pytest

from bridge.core.model import Address, FileRef, Message, User
from tests.platforms.slack.deliveries import ME, direct, event, heard, meaning, pressed


def test_a_mention_is_its_text_in_a_thread_of_its_own():
    assert event("<@U0BOT> hello", type="app_mention") == Message(
        id="sl:T1:C1:5.000001",
        address=Address("slack", "C1", "5.000001"),
        user=User("U1"),
        text="hello",
        private=False,
        team="T1",
    )


def test_the_two_events_of_a_mention_are_one_message():
    mention = event("<@U0BOT> hello", type="app_mention", event_ts="5.1")
    message = event("<@U0BOT> hello", channel_type="channel", client_msg_id="x")
    assert mention == message


def test_another_channel_or_workspace_has_other_ids():
    ids = {
        heard("<@U0BOT> hello").id,
        heard("<@U0BOT> hello", channel="C2").id,
        heard("<@U0BOT> hello", ts="5.000002").id,
    }
    assert len(ids) == 3


def test_a_mention_in_a_thread_is_answered_there():
    assert heard("<@U0BOT> hello", thread_ts="4.000001").address.thread == "4.000001"


def test_what_is_said_to_nobody_in_a_thread_may_be_meant_for_the_bot():
    message = heard("go on", thread_ts="4.000001")
    assert (message.addressed, message.text) == (False, "go on")
    assert heard("<@U0BOT> go on", thread_ts="4.000001").addressed


@pytest.mark.parametrize(
    "called", ["<@U0BEN>", "<@W0BEN|ben>", "<!here>", "<!subteam^S1>", "<!subteam^S1|@team>"]
)
def test_what_is_said_to_somebody_else_is_not_meant_for_the_bot(called: str):
    assert event(f"ask {called}", thread_ts="4.000001") is None
    assert heard(f"<@U0BOT> ask {called}", thread_ts="4.000001").addressed


def test_a_date_is_nobody():
    assert event("by <!date^1392734382^{date}|Friday>?", thread_ts="4.000001")


def test_somebody_else_beside_the_bot_is_no_hindrance():
    message = heard("<@U0BEN> and <@U0BOT> hello", thread_ts="4.000001")
    assert message.addressed
    assert message.text.startswith("@Ben and")


def test_what_is_said_to_nobody_outside_of_threads_is_ignored():
    assert event("lunch?") is None


def test_a_direct_message_needs_no_mention():
    message = direct("hello")
    assert message.private
    assert message.addressed
    assert message.address == Address("slack", "D1", "5.000001")
    assert direct("hello", thread_ts="4.000001").address.thread == "4.000001"


def test_a_group_of_direct_messages_is_not_private():
    assert event("hello", channel="G1", channel_type="mpim") is None
    assert not heard("<@U0BOT> hello", channel="G1", channel_type="mpim").private


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_people_also_speak_in_these_subtypes(subtype: str):
    assert direct("hello", subtype=subtype).text == "hello"


@pytest.mark.parametrize(
    "fields",
    [
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"subtype": "bot_message"},
        {"bot_id": "B1"},
        {"user": ME},
        {"user": "USLACKBOT"},
        {"user": None},
        {"ts": None},
        {"type": "reaction_added"},
    ],
)
def test_what_no_person_says_is_ignored(fields: dict[str, Any]):
    assert event("<@U0BOT> hello", **{"channel": "D1", "channel_type": "im"} | fields) is None


def test_another_kind_of_delivery_is_ignored():
    assert meaning({"type": "view_submission"}) is None


def test_files_are_sent_with_their_text_or_without():
    file = {"id": "F1", "name": "a.png", "mimetype": "image/png", "size": 5, "mode": "hosted"}
    ours = (FileRef("F1", "image", "a.png", 5),)
    message = direct("look", subtype="file_share", files=[file])
    assert (message.command, message.text, message.files) == ("", "look", ours)
    message = direct("", subtype="file_share", files=[file])
    assert (message.command, message.text, message.files) == ("", "", ours)
    message = heard("<@U0BOT>", type="app_mention", files=[file])
    assert (message.command, message.text, message.files) == ("", "", ours)


def test_files_that_cannot_be_read_are_told_to_be_unsupported():
    message = direct("", subtype="file_share", files=[{"id": "F1", "mode": "external"}])
    assert (message.command, message.files) == ("unsupported", ())
    message = direct("look", subtype="file_share", files=[{"id": "F1", "mode": "tombstone"}])
    assert (message.command, message.text) == ("", "look")


def test_a_mention_with_nothing_else_asks_for_help():
    assert heard("<@U0BOT>").command == "help"


@pytest.mark.parametrize(
    ("text", "command", "only_for"),
    [
        ("<@U0BOT> mute", "mute", None),
        ("Stop <@U0BOT>", "stop", None),
        ("<@U0BOT> translate", "translate", None),
        ("<@U0BOT> usage", "usage", "U1"),
    ],
)
def test_a_mention_with_one_word_of_the_menu_is_that_command(
    text: str, command: str, only_for: str | None
):
    message = heard(text, thread_ts="4.000001")
    assert (message.command, message.text) == (command, "")
    assert message.address == Address("slack", "C1", "4.000001", only_for=only_for)
    # An ephemeral message is not seen in a thread that nobody has answered.
    assert heard(text).address == Address("slack", "C1", "5.000001")


@pytest.mark.parametrize("text", ["stop it, <@U0BOT>", "<@U0BOT> <@U0BEN> stop", "<@U0BOT> end"])
def test_any_other_mention_is_a_question(text: str):
    assert heard(text, thread_ts="4.000001").command == ""


def test_without_a_mention_the_word_is_a_word():
    assert heard("stop", thread_ts="4.000001").command == ""
    assert direct("stop").command == ""


def test_who_opens_a_thread_of_the_pane_is_welcomed_there():
    pane = {"user_id": "U1", "channel_id": "D1", "thread_ts": "7.000001", "context": {}}
    body = {"type": "assistant_thread_started", "assistant_thread": pane, "event_ts": "7.1"}
    wrapped = {"type": "event_callback", "team_id": "T1", "event": body}
    message = meaning(wrapped)
    assert message == Message(
        id="sl:T1:D1:7.000001:start",
        address=Address("slack", "D1", "7.000001"),
        user=User("U1"),
        text="",
        command="start",
        team="T1",
    )
    assert meaning(wrapped | {"event": body | {"event_ts": "7.2"}}) == message


def test_who_opens_the_whole_pane_is_welcomed_outside_of_threads():
    message = heard(type="app_home_opened", tab="messages", channel="D1", event_ts="7.1")
    assert (message.command, message.private) == ("start", True)
    assert message.address == Address("slack", "D1")
    assert message == heard(type="app_home_opened", tab="messages", channel="D1", event_ts="8.1")


def test_who_looks_at_the_home_is_shown_their_own():
    message = heard(type="app_home_opened", tab="home", channel="D1", event_ts="7.1")
    assert (message.command, message.private) == ("home", True)
    assert message.address == Address("slack", "D1", only_for="U1")
    again = heard(type="app_home_opened", tab="home", channel="D1", event_ts="8.1")
    assert again.id != message.id


def test_what_is_pressed_at_home_is_about_the_direct_messages():
    view = {"type": "home", "id": "V1", "private_metadata": "D1"}
    container = {"type": "view", "view_id": "V1"}
    message = pressed("new", channel=None, message=None, view=view, container=container)
    assert message
    assert (message.command, message.on, message.address) == ("new", "", Address("slack", "D1"))
    modal = {"type": "modal", "id": "V1", "private_metadata": "D1"}
    assert pressed("new", channel=None, message=None, view=modal, container=container) is None


def test_what_else_happens_around_the_pane_is_ignored():
    assert event(type="app_home_opened", tab="other", channel="D1") is None
    assert event(type="assistant_thread_context_changed", assistant_thread={}) is None
    assert event(subtype="assistant_app_thread", channel="D1", channel_type="im") is None
