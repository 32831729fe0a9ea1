"""The shortcut of a message: a form, and the question that is sent with it."""

from collections.abc import AsyncIterator

import pytest

from bridge.core.model import Address, Quote
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackSimulator, View
from tests.platforms.slack.rig import ANN, GENERAL
from tests.platforms.waiting import Heard, listening, until


@pytest.fixture
async def heard(slack: SlackSimulator, adapter: SlackAdapter) -> AsyncIterator[Heard]:
    """What the adapter hears while it listens."""
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        yield heard


async def opened(slack: SlackSimulator, ts: str, **where: str) -> View:
    """What is seen after the shortcut was chosen."""
    slack.shortcut(ts, **where)
    [view] = await slack.changes.until(lambda: slack.views)
    return view


async def test_the_form_shows_the_message_and_is_sent_with_it(slack: SlackSimulator, heard: Heard):
    root = slack.say("who?")
    said = slack.say(f"a < b & c\n{'x' * 5000}", thread_ts=root, user="U0BEN")
    view = await opened(slack, said)
    slack.submit(view.id, {"question": {"question": "is it?"}})
    [message] = await slack.changes.until(lambda: [m for m in heard.messages if m.command])
    assert (message.command, message.text, message.user.name) == ("about", "is it?", "Ann")
    assert message.address == Address("slack", GENERAL, root)
    assert message.quote == Quote(f"a < b & c\n{'x' * 5000}", "Ben")
    assert not slack.views


async def test_without_a_question_the_bot_is_asked_to_explain_in_the_users_language(
    slack: SlackSimulator, heard: Heard
):
    slack.user(ANN, "Ann", locale="zh-CN")
    view = await opened(slack, said := slack.say("E=mc²", user="U0BEN"))
    assert view.title == "就这条消息提问"
    slack.submit(view.id, {})
    [message] = await slack.changes.until(lambda: heard.messages)
    assert (message.text, message.address.thread) == ("请解释一下这条消息。", said)


@pytest.mark.parametrize("channel", ["C0ELSE", "G0ELSE", "D0ELSE"])
async def test_where_the_bot_is_not_there_is_a_sentence_and_nothing_to_send(
    slack: SlackSimulator, heard: Heard, channel: str
):
    slack.channel(channel, "else", members=("U0ANN", "U0BEN"))
    view = await opened(slack, slack.say("hi", channel=channel), channel=channel)
    [notice] = view.blocks
    assert notice["text"]["text"].startswith("I am not in this conversation")
    assert view.body["submit"] is None


async def test_in_direct_messages_with_the_bot_it_is_asked(slack: SlackSimulator, heard: Heard):
    view = await opened(slack, slack.say("hi", channel="D0ANN"), channel="D0ANN")
    slack.submit(view.id, {})
    [message] = await slack.changes.until(lambda: [m for m in heard.messages if m.command])
    assert message.private


async def test_what_cannot_be_looked_at_is_no_hindrance(slack: SlackSimulator, heard: Heard):
    slack.scopes.discard("channels:read")
    slack.scopes.discard("users:read")
    assert (await opened(slack, slack.say("hi"))).body["submit"]


async def test_who_waits_in_vain_for_the_form_is_told(slack: SlackSimulator, heard: Heard):
    slack.fail("views.open", error="expired_trigger_id")
    slack.shortcut(slack.say("hi"))
    [told] = await slack.changes.until(
        lambda: [m for m in slack.messages(GENERAL) if m.visible_to == ANN]
    )
    assert told.text == "That took too long. Please try again."
