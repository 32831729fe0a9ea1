"""The simulated Slack's Web API, asked by the real SDK."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import Button, SlackSimulator
from tests.sandbox.slack_client import GENERAL, call, client_of, error, refused

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Stop"}, "action_id": "stop"}


@pytest.fixture
def slack() -> SlackSimulator:
    return SlackSimulator(limits=None)


@pytest.fixture
async def client(slack: SlackSimulator) -> AsyncIterator[AsyncWebClient]:
    async with client_of(slack) as client:
        yield client


async def post(client: AsyncWebClient, **args: object) -> Any:
    return await call(client, "chat.postMessage", **{"channel": GENERAL, **args})


async def test_a_token_tells_who_it_belongs_to(client: AsyncWebClient) -> None:
    who = await client.auth_test()
    assert (who["user_id"], who["bot_id"], who["team_id"]) == ("U0BOT", "B0BOT", "T0SANDBOX")
    assert (await client.auth_test(token="xapp-sandbox"))["app_id"] == "A0SANDBOX"


async def test_a_wrong_token_or_method_is_refused(client: AsyncWebClient) -> None:
    assert await error(client.auth_test(token="")) == "not_authed"
    assert await error(client.auth_test(token="xoxb-stolen")) == "invalid_auth"
    opening = client.apps_connections_open(app_token="xoxb-sandbox")
    assert await error(opening) == "not_allowed_token_type"
    posting = client.chat_postMessage(token="xapp-sandbox", channel=GENERAL, text="hi")
    assert await error(posting) == "not_allowed_token_type"
    assert await error(client.api_call("chat.shout")) == "unknown_method"


@pytest.mark.parametrize("where", ["params", "data", "json"])
async def test_arguments_arrive_in_query_form_or_json(
    slack: SlackSimulator, client: AsyncWebClient, where: str
) -> None:
    args: Any = {"channel": GENERAL, "text": "hi", "blocks": '[{"type": "divider"}]'}
    headers = {"Authorization": "Bearer xoxb-sandbox"}
    async with httpx.AsyncClient(base_url=client.base_url, headers=headers) as http:
        answer = (await http.post("chat.postMessage", **{where: args})).json()
        assert answer["ok"]
        answer = (await http.get("users.info", params={"user": "U0ANN"})).json()
        assert answer["user"]["real_name"] == "Ann"
        broken = await http.post(
            "auth.test", content="{", headers={"Content-Type": "application/json"}
        )
        assert broken.json() == {"ok": False, "error": "invalid_json"}
    assert [shown.blocks[0]["type"] for shown in slack.messages(GENERAL)] == ["divider"]
    assert [call.params.get("text") for call in slack.calls] == ["hi", None, None]


async def test_a_post_lands_in_its_channel_or_thread(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    root = slack.say("hello")
    slack.say("unrelated")
    reply = await client.chat_postMessage(channel="#general", thread_ts=root, text="a &lt; b")
    assert (reply["channel"], reply["message"]["thread_ts"]) == (GENERAL, root)
    assert [shown.ts for shown in slack.messages(GENERAL, root)] == [root, reply["ts"]]
    shown = slack.messages(GENERAL)[-1]
    assert (shown.user, shown.bot_id, shown.plain()) == ("U0BOT", "B0BOT", "a < b")
    await client.chat_postMessage(channel="U0ANN", text="psst")
    assert slack.messages("D0ANN")[0].text == "psst"
    nested = client.chat_postMessage(channel=GENERAL, thread_ts=reply["ts"], text="deeper")
    assert await error(nested) == "thread_not_found"


async def test_a_post_that_slack_would_refuse_is_refused(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.channel("C0OTHER", "other", members=["U0ANN"])
    slack.channel("G0SECRET", "secret", members=["U0ANN"])
    assert await error(post(client, channel="C0NONE", text="hi")) == "channel_not_found"
    assert await error(post(client, channel="G0SECRET", text="hi")) == "channel_not_found"
    assert await error(post(client, channel="C0OTHER", text="hi")) == "not_in_channel"
    assert await error(post(client, text=" ")) == "no_text"
    assert await error(post(client, text="a", markdown_text="b")) == "markdown_text_conflict"
    assert await error(post(client, markdown_text="x" * 12_001)) == "msg_too_long"
    assert await error(post(client, text="a", metadata={"a": 1})) == "invalid_metadata_schema"
    assert slack.messages(GENERAL) == []
    assert len((await post(client, text="x" * 50_000))["message"]["text"]) == 40_000


@pytest.mark.parametrize(
    "block",
    [
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}},
        {"type": "section", "text": {"type": "markdown", "text": "x"}},
        {"type": "section", "block_id": "x" * 256, "text": {"type": "mrkdwn", "text": "x"}},
        {"type": "section"},
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
        {"type": "actions", "elements": []},
        {"type": "actions", "elements": [BUTTON | {"action_id": str(i)} for i in range(26)]},
        {"type": "actions", "elements": [BUTTON, BUTTON]},
        {"type": "actions", "elements": [BUTTON | {"value": "x" * 2001}]},
        {"type": "actions", "elements": [BUTTON | {"action_id": "x" * 256}]},
        {
            "type": "actions",
            "elements": [BUTTON | {"text": {"type": "plain_text", "text": "x" * 76}}],
        },
        {"type": "speech"},
    ],
)
async def test_a_block_beyond_its_limits_is_refused(
    client: AsyncWebClient, block: dict[str, Any]
) -> None:
    answer = await refused(post(client, blocks=[block]))
    assert answer["error"] == "invalid_blocks"
    assert "/blocks/0" in answer["response_metadata"]["messages"][0]


async def test_too_many_or_too_long_blocks_are_refused(client: AsyncWebClient) -> None:
    assert await error(post(client, blocks=[{"type": "divider"}] * 51)) == "invalid_blocks"
    halves = [{"type": "markdown", "text": "x" * 6001}] * 2
    assert await error(post(client, blocks=halves)) == "msg_blocks_too_long"
    assert await error(post(client, blocks="[{")) == "invalid_blocks_format"


async def test_what_is_shown_is_what_a_user_reads_and_can_press(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    await post(
        client,
        text="fallback <!here>",
        blocks=[
            {"type": "markdown", "text": "see <https://x.test|this> &lt;!channel&gt; <@U0ANN>"},
            {"type": "section", "text": {"type": "plain_text", "text": "inert <!everyone>"}},
            {"type": "actions", "elements": [BUTTON | {"value": "7"}]},
        ],
    )
    shown = slack.messages(GENERAL)[0]
    assert shown.plain() == "see this <!channel> <@U0ANN>\ninert <!everyone>"
    assert shown.pings == ["<!here>", "<@U0ANN>"]
    assert shown.buttons == [Button("Stop", "stop", "7")]


async def test_an_update_changes_the_bots_own_message(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    ts = (await post(client, text="one", blocks=[{"type": "divider"}]))["ts"]
    theirs = slack.say("mine")

    async def update(ts: str, **args: object) -> Any:
        return await call(client, "chat.update", channel=GENERAL, ts=ts, **args)

    assert (await update(ts, text="two"))["text"] == "two"
    shown = slack.messages(GENERAL)[0]
    assert (shown.text, shown.blocks, shown.edits) == ("two", (), 1)
    assert (await update(ts, markdown_text="x" * 12_000))["ok"]
    assert await error(update(ts, text="x" * 4001)) == "msg_too_long"
    assert await error(update(theirs, text="yours")) == "cant_update_message"
    assert await error(update("1.000000", text="none")) == "message_not_found"
    assert await error(update(ts)) == "no_text"


async def test_metadata_stays_with_a_message_through_its_edits(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    root = slack.say("hello")
    turn = {"event_type": "coze_turn", "event_payload": {"event_id": "Ev1"}}
    ts = (await post(client, thread_ts=root, text="one", metadata=turn))["ts"]
    await client.chat_update(channel=GENERAL, ts=ts, text="two")
    thread = await client.conversations_replies(
        channel=GENERAL, ts=root, include_all_metadata=True
    )
    assert [message.get("metadata") for message in thread["messages"]] == [None, turn]
    assert (
        "metadata"
        not in (await client.conversations_replies(channel=GENERAL, ts=root))["messages"][1]
    )


async def test_a_deleted_message_is_gone_and_a_thread_keeps_its_tombstone(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    root = slack.say("hello")
    ts = (await client.chat_postMessage(channel=GENERAL, thread_ts=root, text="hi"))["ts"]
    assert await error(client.chat_delete(channel=GENERAL, ts=root)) == "cant_delete_message"
    slack.delete(root)
    thread = await client.conversations_replies(channel=GENERAL, ts=root)
    assert [message.get("subtype") for message in thread["messages"]] == ["tombstone", None]
    await client.chat_delete(channel=GENERAL, ts=ts)
    assert slack.messages(GENERAL) == []
    assert await error(client.chat_delete(channel=GENERAL, ts=ts)) == "message_not_found"


async def test_an_ephemeral_message_needs_a_member_and_a_live_thread(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    root = slack.say("hello")

    async def whisper(user: str = "U0BEN", thread_ts: str | None = None) -> Any:
        return await client.chat_postEphemeral(
            channel=GENERAL, user=user, text="psst", thread_ts=thread_ts
        )

    assert await error(whisper("U0CAT")) == "user_not_in_channel"
    await whisper(thread_ts=root)
    assert len(slack.messages(GENERAL)) == 1
    slack.say("and", thread_ts=root)
    await whisper(thread_ts=root)
    assert [shown.visible_to for shown in slack.messages(GENERAL, root)] == [None, None, "U0BEN"]
    thread = await client.conversations_replies(channel=GENERAL, ts=root)
    assert len(thread["messages"]) == 2


async def test_reads_are_paged_and_bounded(slack: SlackSimulator, client: AsyncWebClient) -> None:
    root = slack.say("root")
    replies = [slack.say(str(index), thread_ts=root) for index in range(5)]
    pages = await client.conversations_replies(channel=GENERAL, ts=root, limit=2)
    texts = [[message["text"] for message in page["messages"]] async for page in pages]
    assert texts == [["root", "0", "1"], ["root", "2", "3"], ["root", "4"]]
    late = await client.conversations_replies(channel=GENERAL, ts=root, oldest=replies[2])
    assert [message["text"] for message in late["messages"]] == ["root", "3", "4"]
    slack.say("last")
    history = await client.conversations_history(channel=GENERAL)
    assert [message["text"] for message in history["messages"]] == ["last", "root"]
    assert history["messages"][1]["reply_count"] == 5
    reading = client.conversations_history(channel=GENERAL, cursor="nowhere")
    assert await error(reading) == "invalid_cursor"
    missing = client.conversations_replies(channel=GENERAL, ts="1.000000")
    assert await error(missing) == "thread_not_found"


async def test_channels_and_people_can_be_looked_up(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.channel("C0SHARED", "shared", shared=True)
    assert (await client.conversations_info(channel="C0SHARED"))["channel"]["is_ext_shared"]
    opened = await client.conversations_open(users="U0ANN")
    assert (opened["channel"]["id"], opened["already_open"]) == ("D0ANN", True)
    new = (await client.conversations_open(users="U0BEN"))["channel"]["id"]
    assert (await client.conversations_info(channel=new))["channel"]["user"] == "U0BEN"
    assert await error(client.conversations_open(users="U0CAT")) == "user_not_found"
    assert await error(client.users_info(user="U0CAT")) == "user_not_found"


async def test_a_reaction_is_added_once(slack: SlackSimulator, client: AsyncWebClient) -> None:
    ts = slack.say("hello")
    await client.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
    assert slack.messages(GENERAL)[0].reactions == ("eyes",)
    again = client.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
    assert await error(again) == "already_reacted"
    colons = client.reactions_add(channel=GENERAL, timestamp=ts, name=":eyes:")
    assert await error(colons) == "invalid_name"
    nowhere = client.reactions_add(channel=GENERAL, timestamp="1.000000", name="eyes")
    assert await error(nowhere) == "message_not_found"


async def test_a_status_is_shown_until_the_bot_answers(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    root = slack.say("hello", channel="D0ANN")

    async def say_status(thread_ts: str, status: str) -> Any:
        return await client.assistant_threads_setStatus(
            channel_id="D0ANN", thread_ts=thread_ts, status=status, loading_messages=["hm"]
        )

    await say_status(root, "is thinking…")
    assert slack.status("D0ANN", root) == "is thinking…"
    reply = await client.chat_postMessage(channel="D0ANN", thread_ts=root, text="hi")
    assert slack.status("D0ANN", root) == ""
    assert await error(say_status(reply["ts"], "lost")) == "invalid_thread_ts"


async def test_fifty_threads_are_edited_at_once(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async def turn(root: str) -> None:
        ts = (await client.chat_postMessage(channel=GENERAL, thread_ts=root, text="0"))["ts"]
        for index in range(1, 5):
            await client.chat_update(channel=GENERAL, ts=ts, text=str(index))

    roots = [slack.say(f"question {index}") for index in range(50)]
    await asyncio.gather(*(turn(root) for root in roots))
    assert all(slack.messages(GENERAL, root)[1].text == "4" for root in roots)
    assert sum(call.ok for call in slack.calls) == 250
