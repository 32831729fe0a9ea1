"""What a delivery means to the bridge."""

from typing import Any

import pytest

from bridge.core.model import Address, Message, User
from bridge.platforms.slack.parse import parse

ME = "U0BOT"


def event(text: str = "", **fields: Any) -> Message | None:
    """What an event means; by default a person's message in a channel."""
    body = {"type": "message", "channel": "C1", "user": "U1", "ts": "5.000001", "text": text}
    wrapped = {"type": "event_callback", "team_id": "T1", "event": body | fields}
    return parse(wrapped, "slack", ME)


def heard(text: str = "", **fields: Any) -> Message:
    """What an event means, which is something."""
    message = event(text, **fields)
    assert message
    return message


def direct(text: str = "", **fields: Any) -> Message:
    """What a direct message means."""
    return heard(text, channel="D1", channel_type="im", **fields)


def typed(text: str, **fields: Any) -> Message:
    """What a slash command means."""
    body = {
        "command": "/coze",
        "text": text,
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "user_name": "ann",
        "trigger_id": "13.37.abc",
    }
    message = parse(body | fields, "slack", ME)
    assert message
    return message


def pressed(value: str | None = "stop:sl:1", **fields: Any) -> Message | None:
    """What a pressed button means."""
    action = {"type": "button", "action_id": "coze_bridge_0", "action_ts": "6.000001"}
    body = {
        "type": "block_actions",
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "channel": {"id": "C1"},
        "trigger_id": "13.37.abc",
        "message": {"ts": "5.000002", "thread_ts": "5.000001", "text": "你好"},
        "actions": [action | ({} if value is None else {"value": value})],
    }
    return parse(body | fields, "slack", ME)


def test_a_mention_is_its_text_in_a_thread_of_its_own():
    assert event("<@U0BOT> hello", type="app_mention") == Message(
        id="sl:T1:C1:5.000001",
        address=Address("slack", "C1", "5.000001"),
        user=User("U1"),
        text="hello",
        private=False,
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


@pytest.mark.parametrize("text", ["<@U0BEN> you?", "ask <@W0BEN|ben>"])
def test_what_is_said_to_somebody_else_is_not_meant_for_the_bot(text: str):
    assert event(text, thread_ts="4.000001") is None


def test_somebody_else_beside_the_bot_is_no_hindrance():
    message = heard("<@U0BEN> and <@U0BOT> hello", thread_ts="4.000001")
    assert message.addressed
    assert message.text.startswith("<@U0BEN> and")


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
    assert parse({"type": "view_submission"}, "slack", ME) is None


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("is 1 &lt; 2 &amp; 3 &gt; 2?", "is 1 < 2 & 3 > 2?"),
        ("&amp;lt; stays", "&lt; stays"),
        ("see <https://a.test/?b=1&amp;c=2>", "see https://a.test/?b=1&c=2"),
        ("see <https://a.test/|the docs>.", "see the docs (https://a.test/)."),
        ("write <mailto:ann@a.test|ann@a.test>", "write ann@a.test (mailto:ann@a.test)"),
        ("  你好 \n", "你好"),
    ],
)
def test_entities_and_links_are_made_readable(sent: str, read: str):
    assert direct(sent).text == read


@pytest.mark.parametrize("text", [":wave: hello", "well done :tada:", "list these: a, b,"])
def test_what_a_person_wrote_keeps_its_punctuation(text: str):
    assert direct(text).text == text


@pytest.mark.parametrize("text", ["<@U0BOT>: hello", "<@U0BOT>, hello", "hello <@U0BOT>"])
def test_the_name_of_the_bot_is_taken_out(text: str):
    assert heard(text).text == "hello"


def test_the_name_of_the_bot_is_taken_out_with_its_label():
    assert heard("<@U0BOT|coze> hello").text == "hello"


@pytest.mark.parametrize(("text", "language"), [("你好 there", "zh"), ("hello", "en")])
def test_chinese_is_seen(text: str, language: str):
    assert direct(text).user.language == language


def test_files_without_text_are_told_to_be_unsupported():
    message = direct("", subtype="file_share", files=[{"id": "F1"}])
    assert (message.command, message.text) == ("unsupported", "")


def test_files_with_text_are_their_text():
    message = direct("look", subtype="file_share", files=[{"id": "F1"}])
    assert (message.command, message.text) == ("", "look")


def test_a_mention_with_nothing_else_asks_for_help():
    assert heard("<@U0BOT>").command == "help"


def test_a_press_is_the_command_that_its_button_stands_for():
    assert pressed() == Message(
        id="sl:T1:U1:6.000001",
        address=Address("slack", "C1", "5.000001"),
        user=User("U1", language="zh"),
        text="sl:1",
        command="stop",
        private=False,
    )


def test_a_press_under_a_message_outside_of_threads_is_about_its_thread():
    message = pressed(message={"ts": "5.000002"})
    assert message
    assert message.address.thread == "5.000002"


def test_each_press_has_an_id_of_its_own():
    again = {"value": "stop:sl:1", "action_ts": "6.000002"}
    one, same, other = pressed(), pressed(), pressed(actions=[again])
    assert one
    assert same
    assert other
    assert one.id == same.id != other.id


def test_a_press_on_a_message_that_is_not_shown_to_us_still_counts():
    message = pressed(message=None)
    assert message
    assert (message.command, message.address.thread) == ("stop", None)


@pytest.mark.parametrize("fields", [{"actions": []}, {"channel": None}])
def test_a_press_on_nothing_of_ours_is_ignored(fields: dict[str, Any]):
    assert pressed(**fields) is None


def test_a_press_without_a_meaning_is_ignored():
    assert pressed(value=None) is None


@pytest.mark.parametrize("word", ["new", "NEW", "stop", "retry", "help", "start"])
def test_a_slash_command_is_answered_to_its_user_alone(word: str):
    assert typed(f" {word} ") == Message(
        id="sl:T1:U1:13.37.abc",
        address=Address("slack", "C1", only_for="U1"),
        user=User("U1", "ann"),
        text="",
        command=word.lower(),
        private=False,
    )


@pytest.mark.parametrize("text", ["", "what?", "newer", "/new"])
def test_an_unknown_word_asks_for_help(text: str):
    assert typed(text).command == "help"


def test_what_follows_the_word_is_kept_but_for_stop():
    assert typed("new  topic please ").text == "topic please"
    assert typed("stop sl:T1:C1:1").text == ""


def test_a_slash_command_in_a_direct_message_is_private():
    assert typed("new", channel_id="D1").private
    assert not typed("new").private
