"""Messages of the simulated Slack that grow: who may begin one, how much it takes, how it ends."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.slack.limits import SlackLimits
from bridge.sandbox.slack.streaming import Streaming
from tests.sandbox.slack_client import GENERAL, error

DIRECT = "D0ANN"
ANN = {"recipient_user_id": "U0ANN", "recipient_team_id": "T0SANDBOX"}
MARK = {"event_type": "e", "event_payload": {}}


async def begun(slack: SlackSimulator, client: AsyncWebClient, text: str = "one") -> str:
    """The `ts` of a stream in Ann's direct messages."""
    root = slack.say("hello", channel=DIRECT)
    started = await client.chat_startStream(channel=DIRECT, thread_ts=root, markdown_text=text)
    return str(started["ts"])


async def test_a_message_grows_and_ends_with_blocks_and_metadata(slack, client):
    ts = await begun(slack, client, "**one**")
    await client.chat_appendStream(channel=DIRECT, ts=ts, markdown_text=" two")
    assert slack.streaming(DIRECT, ts)
    block = {"type": "section", "text": {"type": "plain_text", "text": "!"}}
    more = {"blocks": [block], "metadata": MARK, "session_status": "active"}
    await client.chat_stopStream(channel=DIRECT, ts=ts, markdown_text=" three", **more)
    shown = slack.messages(DIRECT)[-1]
    assert (shown.text, shown.metadata, shown.edits) == ("**one** two three", MARK, 0)
    assert len(shown.blocks) == 1
    assert not slack.streaming(DIRECT, ts)


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ("recipient_user_id", "missing_recipient_user_id"),
        ("recipient_team_id", "missing_recipient_team_id"),
        ("thread_ts", "invalid_arguments"),
        ("", ""),
    ],
)
async def test_in_a_channel_a_stream_has_a_thread_and_a_reader(slack, client, missing, why):
    args = {"channel": GENERAL, "thread_ts": slack.say("hello"), "markdown_text": "one", **ANN}
    call = client.api_call("chat.startStream", json={**args, missing: None})
    if why:
        assert await error(call) == why
    else:
        await call


async def test_what_is_no_root_or_has_metadata_is_refused(slack, client):
    root = slack.say("hello", channel=DIRECT)
    reply = slack.say("more", channel=DIRECT, thread_ts=root)
    at = {"channel": DIRECT, "markdown_text": "one"}
    assert await error(client.chat_startStream(thread_ts=reply, **at)) == "thread_not_found"
    with_mark = client.chat_startStream(thread_ts=root, metadata=MARK, **at)
    assert await error(with_mark) == "invalid_arguments"


async def test_a_stream_takes_so_many_bytes_and_a_call_so_many_characters(slack, client):
    ts = await begun(slack, client, "汉" * 3500)
    grow = client.chat_appendStream
    assert await error(grow(channel=DIRECT, ts=ts, markdown_text="汉" * 34)) == "msg_too_long"
    await grow(channel=DIRECT, ts=ts, markdown_text="汉" * 33)
    long = client.chat_startStream(
        channel=DIRECT, thread_ts=slack.say("hi", channel=DIRECT), markdown_text="x" * 12_001
    )
    assert await error(long) == "msg_too_long"


async def test_while_it_grows_a_message_can_be_neither_edited_nor_deleted(slack, client):
    ts = await begun(slack, client)
    conflict = "streaming_state_conflict"
    assert await error(client.chat_update(channel=DIRECT, ts=ts, text="two")) == conflict
    assert await error(client.chat_delete(channel=DIRECT, ts=ts)) == conflict
    await client.chat_stopStream(channel=DIRECT, ts=ts)
    await client.chat_update(channel=DIRECT, ts=ts, text="two")


async def test_a_stream_ends_by_itself_or_as_its_reader_wants(slack, client):
    over, stopped = await begun(slack, client), await begun(slack, client)
    slack.stop_stream(stopped, channel=DIRECT)
    slack.end_streams()
    grow, stop = client.chat_appendStream, client.chat_stopStream
    for ts, why in ((over, "message_not_in_streaming_state"), (stopped, "stopped_by_user")):
        assert await error(grow(channel=DIRECT, ts=ts, markdown_text="x")) == why
        ended = "message_not_in_streaming_state"
        assert await error(stop(channel=DIRECT, ts=ts)) == ended
        await client.chat_update(channel=DIRECT, ts=ts, text="two")


def test_a_stream_lasts_five_minutes():
    clock = [0.0]
    streams = Streaming(now=lambda: clock[0])
    streams.begin(DIRECT, "1.0", "markdown_text")
    clock[0] = 299.0
    assert streams.growing(DIRECT, "1.0")
    clock[0] = 300.0
    assert not streams.growing(DIRECT, "1.0")


async def test_text_comes_in_one_way_and_only_to_messages_of_the_app(slack, client):
    ts = await begun(slack, client)
    grow = client.chat_appendStream
    chunks = [{"type": "markdown_text", "text": "two"}]
    both = grow(channel=DIRECT, ts=ts, chunks=chunks, markdown_text="x")
    assert await error(both) == "cannot_provide_both_markdown_text_and_chunks"
    assert await error(grow(channel=DIRECT, ts=ts, chunks=chunks)) == "streaming_mode_mismatch"
    assert await error(grow(channel=DIRECT, ts=ts)) == "markdown_text_or_chunks_required"
    other = slack.say("hi", channel=DIRECT)
    owned = grow(channel=DIRECT, ts=other, markdown_text="x")
    assert await error(owned) == "message_not_owned_by_app"


def test_the_tiers_of_streams():
    limits = SlackLimits()
    methods = ("chat.startStream", "chat.appendStream", "chat.stopStream")
    assert [limits.of(method) for method in methods] == [20, 100, 20]
