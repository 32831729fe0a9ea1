"""What pressed buttons and slash commands mean to the bridge."""

from typing import Any

import pytest

from bridge.core.model import Address, Message, User
from tests.platforms.slack.deliveries import pressed, typed


def test_a_press_is_the_command_that_its_button_stands_for():
    assert pressed() == Message(
        id="sl:T1:U1:6.000001",
        address=Address("slack", "C1", "5.000001"),
        user=User("U1"),
        text="sl:1",
        command="stop",
        private=False,
        on="5.000002",
        team="T1",
        trigger="13.37.abc",
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


def test_a_press_on_a_message_for_one_user_only_tells_no_message_that_could_be_changed():
    container = {"message_ts": "5.000002", "channel_id": "C1", "is_ephemeral": True}
    message = pressed(message=None, container=container)
    assert message
    assert (message.command, message.address.thread, message.on) == ("stop", None, "")
    message = pressed(message=None, container=container | {"thread_ts": "5.000001"})
    assert message
    assert message.address.thread == "5.000001"


@pytest.mark.parametrize("command", ["up", "down", "why"])
def test_what_somebody_thinks_of_an_answer_is_between_them_and_the_bot(command: str):
    message = pressed(f"{command}:bcdfghjk:style")
    assert message
    assert message.address == Address("slack", "C1", "5.000001", only_for="U1")
    assert (message.command, message.text, message.on) == (command, "bcdfghjk:style", "5.000002")


@pytest.mark.parametrize("command", ["stop", "retry", "ask", "answer"])
def test_what_follows_other_presses_is_for_all_to_see(command: str):
    message = pressed(f"{command}:1")
    assert message
    assert message.address.only_for is None


@pytest.mark.parametrize("fields", [{"actions": []}, {"channel": None}])
def test_a_press_on_nothing_of_ours_is_ignored(fields: dict[str, Any]):
    assert pressed(**fields) is None


def test_a_press_without_a_meaning_is_ignored():
    assert pressed(value=None) is None


@pytest.mark.parametrize(
    "word", ["new", "NEW", "stop", "retry", "help", "start", "usage", "export"]
)
def test_a_slash_command_is_answered_to_its_user_alone(word: str):
    assert typed(f" {word} ") == Message(
        id="sl:T1:U1:13.37.abc",
        address=Address("slack", "C1", only_for="U1"),
        user=User("U1", "ann"),
        text="",
        command=word.lower(),
        private=False,
        team="T1",
    )


@pytest.mark.parametrize("text", ["", "what?", "newer", "/new", "up", "bot"])
def test_an_unknown_word_asks_for_help(text: str):
    assert typed(text).command == "help"


def test_what_a_bot_answers_to_a_slash_command_is_for_all_to_see():
    message = typed("Translate hello")
    assert (message.command, message.text) == ("translate", "hello")
    assert message.address == Address("slack", "C1")


def test_what_follows_the_word_is_kept_but_for_stop():
    assert typed("new  topic please ").text == "topic please"
    assert typed("translate 1 &lt; 2 for <@U0BEN>").text == "1 < 2 for @Ben"
    assert typed("stop sl:T1:C1:1").text == ""


def test_a_slash_command_in_a_direct_message_is_private():
    assert typed("new", channel_id="D1").private
    assert not typed("new").private
