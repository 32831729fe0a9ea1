"""What the sandbox's page is told: a stream of snapshots of both chats."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest

from bridge.sandbox.page import page_app
from bridge.sandbox.page.snapshot import snapshot
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve
from tests.sandbox import slack_client, telegram_client
from tests.sandbox.page_client import ANN, DIRECT, GENERAL, STOP, page_of, snapshots


@pytest.fixture
async def telegram() -> TelegramSimulator:
    return TelegramSimulator(limits=None)


@pytest.fixture
async def slack() -> SlackSimulator:
    return SlackSimulator(limits=None)


@pytest.fixture
async def page(
    telegram: TelegramSimulator, slack: SlackSimulator
) -> AsyncIterator[httpx.AsyncClient]:
    async with page_of(telegram, slack) as page:
        yield page


async def test_a_snapshot_comes_at_once_and_after_each_change(
    page: httpx.AsyncClient, telegram: TelegramSimulator, slack: SlackSimulator
) -> None:
    async with page.stream("GET", "/events") as response, asyncio.timeout(30):
        assert response.headers["content-type"] == "text/event-stream"
        stream = snapshots(response)
        first = await anext(stream)
        assert first == {"note": "simulated Coze", **snapshot(telegram, slack)}
        await page.post("/telegram/say", json={"text": "Hi", "chat": ANN, "user": ANN})
        after = await anext(stream)
        assert [each["text"] for each in after["telegram"]["501"]["messages"]] == ["Hi"]
        slack.say("<@U0BOT> hi")
        assert len((await anext(stream))["slack"][GENERAL]["threads"]) == 1


async def test_a_message_of_slack_is_seen_as_it_grows(slack: SlackSimulator) -> None:
    root = slack.say("hi", channel=DIRECT)
    async with slack_client.client_of(slack) as client:
        begun = await client.chat_startStream(channel=DIRECT, thread_ts=root, markdown_text="*a*")
        seen = [snapshot(TelegramSimulator(), slack)["slack"][DIRECT]["threads"][0]["replies"]]
        await client.chat_appendStream(channel=DIRECT, ts=begun["ts"], markdown_text=" b")
        seen.append(snapshot(TelegramSimulator(), slack)["slack"][DIRECT]["threads"][0]["replies"])
    parts = [[{"style": "markdown", "text": text}] for text in ("*a*", "*a* b")]
    assert [[reply["parts"] for reply in replies] for replies in seen] == [[p] for p in parts]


async def test_changes_that_come_together_are_told_together(
    page: httpx.AsyncClient, telegram: TelegramSimulator, slack: SlackSimulator
) -> None:
    async with page.stream("GET", "/events") as response, asyncio.timeout(30):
        stream = snapshots(response)
        await anext(stream)
        telegram.changes.notify()  # nothing to see
        for number in range(20):
            telegram.say(f"{number}")
            slack.say(f"{number}")
        told = await anext(stream)
    assert len(told["telegram"]["501"]["messages"]) == 20
    assert len(told["slack"][GENERAL]["threads"]) == 20


async def test_a_stream_ends_with_its_server(
    telegram: TelegramSimulator, slack: SlackSimulator
) -> None:
    async with contextlib.AsyncExitStack() as stack, asyncio.timeout(30):
        client = await stack.enter_async_context(httpx.AsyncClient())
        async with serve(page_app(telegram, slack)) as url:
            stream = client.stream("GET", f"{url}/events")
            response = await stack.enter_async_context(stream)
            told = snapshots(response)
            await anext(told)
        assert [each async for each in told] == []  # a proper end, no broken connection


async def test_nothing_is_left_of_a_client_that_has_gone(
    page: httpx.AsyncClient, telegram: TelegramSimulator, slack: SlackSimulator
) -> None:
    async with page.stream("GET", "/events") as response:
        await anext(snapshots(response))
        assert telegram.changes._watchers
        assert slack.changes._watchers
    async with asyncio.timeout(30):
        while telegram.changes._watchers or slack.changes._watchers:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_snapshot_shows_what_the_bot_did_in_telegram(
    telegram: TelegramSimulator, slack: SlackSimulator
) -> None:
    telegram.say("Hi")
    rows = [[{"text": "Stop", "callback_data": "x"}, {"text": "Open", "url": "https://e.org"}]]
    async with telegram_client.client_of(telegram) as bot:
        await bot("sendChatAction", chat_id=ANN, action="typing")
        await bot("sendMessage", chat_id=ANN, text="One", reply_parameters={"message_id": 1})
        bold = [{"type": "bold", "offset": 0, "length": 3}]
        markup = {"inline_keyboard": rows}
        two = {"message_id": 2, "text": "Two", "entities": bold, "reply_markup": markup}
        await bot("editMessageText", chat_id=ANN, **two)
        menu = [{"command": "new", "description": "Begin anew"}]
        await bot("setMyCommands", commands=menu)
        telegram.react(2, "👎")
    chat = snapshot(telegram, slack)["telegram"]["501"]
    assert (chat["typing"], chat["menu"]) == (1, menu)
    assert chat["messages"][1] == {
        "id": 2,
        "album": "",
        "name": "Coze sandbox",
        "from_bot": True,
        "text": "Two",
        "entities": bold,
        "media": [],
        "buttons": [[{"label": "Stop", "works": True}, {"label": "Open", "works": False}]],
        "reply_to": 1,
        "reaction": "",
        "reactions": {"501": "👎"},
        "edits": 1,
    }


async def test_a_snapshot_tells_what_the_bot_told_who_pressed_last(
    telegram: TelegramSimulator, slack: SlackSimulator
) -> None:
    telegram.say("Hi")
    assert snapshot(telegram, slack)["toast"] is None
    rows = {"inline_keyboard": [[{"text": "👍", "callback_data": "up"}]]}
    async with telegram_client.client_of(telegram) as bot:
        await bot("sendMessage", chat_id=ANN, text="One", reply_markup=rows)
        for text in ("Thank you!", "Again?"):
            query = telegram.press(2, "👍", chat=ANN)
            await bot("answerCallbackQuery", callback_query_id=query, text=text)
    assert snapshot(telegram, slack)["toast"] == {"query": query, "text": "Again?"}


async def test_a_snapshot_shows_what_the_bot_did_in_slack(
    telegram: TelegramSimulator, slack: SlackSimulator
) -> None:
    root = slack.say("<@U0BOT> 1 < 2")
    thought = {"type": "plain_text", "text": "Hm."}
    go = {**STOP, "text": {"type": "plain_text", "text": "Go"}}
    blocks = [
        {"type": "context", "elements": [thought]},
        {"type": "markdown", "text": "**1 &lt; 2**"},
        {"type": "divider"},
        {"type": "actions", "elements": [STOP, go]},
        {"type": "actions", "elements": [go]},
    ]
    async with slack_client.client_of(slack) as client:
        body = {"channel": GENERAL, "thread_ts": root, "text": "x"}
        sent = await slack_client.call(client, "chat.postMessage", **body, blocks=blocks)
        await slack_client.call(client, "chat.postEphemeral", **body, user="U0BEN")
        await slack_client.call(
            client,
            "assistant.threads.setStatus",
            channel_id=GENERAL,
            thread_ts=root,
            status="is thinking…",
        )
    slack.react(sent["ts"], "thumbsup", channel=GENERAL)
    [thread] = snapshot(telegram, slack)["slack"][GENERAL]["threads"]
    assert (thread["ts"], thread["status"], thread["prompts"]) == (root, "is thinking…", [])
    assert thread["root"]["name"] == "Ann"
    assert thread["root"]["parts"] == [{"style": "plain", "text": "<@U0BOT> 1 < 2"}]
    assert thread["root"]["mentions"] == {"<@U0BOT>": "@Coze"}
    answer, whisper = thread["replies"]
    assert whisper["only_for"] == {"user": "U0BEN", "name": "Ben"}
    assert answer == {
        "ts": sent["ts"],
        "name": "Coze",
        "from_bot": True,
        "parts": [
            {"style": "context", "text": "Hm."},
            {"style": "markdown", "text": "**1 < 2**"},
        ],
        "mentions": {},
        "files": [],
        "buttons": [[_button("Stop"), _button("Go")], [_button("Go")]],
        "only_for": None,
        "reactions": ["thumbsup"],
        "edits": 0,
    }
    slack.delete(root)
    [thread] = snapshot(telegram, slack)["slack"][GENERAL]["threads"]
    assert (thread["root"], len(thread["replies"])) == (None, 2)


def _button(label: str) -> dict[str, object]:
    return {"label": label, "works": True}


async def test_a_snapshot_shows_the_assistant_and_what_it_suggests(
    telegram: TelegramSimulator, slack: SlackSimulator
) -> None:
    pane = slack.open_assistant()
    async with slack_client.client_of(slack) as client:
        for title, where in (("In here", {"thread_ts": pane.ts}), ("At the top", {})):
            prompts = [{"title": title, "message": "?"}]
            body = {"channel_id": DIRECT, "prompts": prompts, **where}
            await slack_client.call(client, "assistant.threads.setSuggestedPrompts", **body)
    shown = snapshot(telegram, slack)["slack"][DIRECT]
    [thread] = shown["threads"]
    assert (thread["prompts"], shown["prompts"]) == (["In here"], ["At the top"])
    assert (thread["root"]["name"], thread["root"]["from_bot"]) == ("Coze", True)
