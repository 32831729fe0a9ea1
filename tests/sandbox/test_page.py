"""The sandbox's page: its files, what it lets people do, and whom it refuses."""

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator
from tests.sandbox import slack_client, telegram_client
from tests.sandbox.page_client import ANN, BO, DIRECT, GENERAL, STOP, TEAM, done, page_of


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


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html"),
        ("/page.css", "text/css"),
        ("/chats.css", "text/css"),
        ("/page.js", "text/javascript"),
        ("/pane.js", "text/javascript"),
        ("/nodes.js", "text/javascript"),
        ("/text.js", "text/javascript"),
        ("/media.js", "text/javascript"),
        ("/menu.js", "text/javascript"),
        ("/tray.js", "text/javascript"),
        ("/voice.js", "text/javascript"),
        ("/telegram.js", "text/javascript"),
        ("/slack.js", "text/javascript"),
    ],
)
async def test_the_files_of_the_page_are_served_under_a_strict_policy(
    page: httpx.AsyncClient, path: str, media_type: str
) -> None:
    response = await page.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    policy = response.headers["content-security-policy"]
    assert {"default-src 'none'", "script-src 'self'", "media-src 'self'"} <= {*policy.split("; ")}
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "innerHTML" not in response.text


async def test_everything_that_the_page_loads_is_served(page: httpx.AsyncClient) -> None:
    seen, found = set[str](), {"/"}
    while found:
        path = found.pop()
        response = await page.get(path)
        assert response.status_code == 200, path
        seen.add(path)
        loaded = re.findall(r'(?:href|src)="(/[^"]+)"|from "\.(/[^"]+)"', response.text)
        found |= {one or other for one, other in loaded} - seen
    assert {"/page.css", "/page.js", "/text.js"} <= seen


async def test_what_is_said_in_telegram_arrives_under_the_names_of_its_writers(
    page: httpx.AsyncClient, telegram: TelegramSimulator
) -> None:
    await done(page, "/telegram/say", text="Hi", chat=ANN, user=ANN)
    await done(page, "/telegram/say", text="Hello", chat=BO, user=ANN)
    await done(page, "/telegram/say", text="@coze_sandbox_bot?", chat=TEAM, user=BO)
    written = [telegram.messages(chat)[0] for chat in (ANN, BO, TEAM)]
    assert [(shown.name, shown.text) for shown in written] == [
        ("Ann", "Hi"),
        ("Bo", "Hello"),
        ("Bo", "@coze_sandbox_bot?"),
    ]


async def test_a_button_in_telegram_is_pressed_by_who_speaks(
    page: httpx.AsyncClient, telegram: TelegramSimulator
) -> None:
    await done(page, "/telegram/say", text="/new", chat=TEAM, user=BO)
    rows = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop:7"}]]}
    async with telegram_client.client_of(telegram) as bot:
        sent = await bot("sendMessage", chat_id=TEAM, text="Once", reply_markup=rows)
        press = {"chat": TEAM, "message_id": sent["message_id"], "label": "Stop"}
        await done(page, "/telegram/press", **press, user=BO)
        query = (await bot("getUpdates", offset=-1))[0]["callback_query"]
    assert (query["data"], query["from"]["first_name"]) == ("stop:7", "Bo")


async def test_a_reaction_in_telegram_is_made_and_taken_back_by_who_speaks(
    page: httpx.AsyncClient, telegram: TelegramSimulator
) -> None:
    await done(page, "/telegram/say", text="/new", chat=TEAM, user=BO)
    telegram.promote(TEAM)
    async with telegram_client.client_of(telegram) as bot:
        await bot("getUpdates", allowed_updates=["message_reaction"])
        message = await bot("sendMessage", chat_id=TEAM, text="Hello")
        reaction = {"chat": TEAM, "message_id": message["message_id"], "user": BO}
        await done(page, "/telegram/react", **reaction, emoji="👍")
        seen = (await bot("getUpdates", offset=-1))[0]["message_reaction"]
    assert [seen["user"]["first_name"], seen["new_reaction"][0]["emoji"]] == ["Bo", "👍"]
    assert telegram.messages(TEAM)[1].reactions == {BO: "👍"}
    await done(page, "/telegram/react", **reaction, emoji="")
    assert telegram.messages(TEAM)[1].reactions == {}


async def test_what_is_said_in_slack_arrives_in_its_thread(
    page: httpx.AsyncClient, slack: SlackSimulator
) -> None:
    await done(page, "/slack/say", text="<@U0BOT> hi", channel=GENERAL, user="U0ANN")
    root = slack.messages(GENERAL)[0].ts
    await done(page, "/slack/say", text="me too", channel=GENERAL, user="U0BEN", thread_ts=root)
    assert [(shown.user, shown.text) for shown in slack.messages(GENERAL, root)] == [
        ("U0ANN", "<@U0BOT> hi"),
        ("U0BEN", "me too"),
    ]


async def test_buttons_and_commands_of_slack_reach_the_app(
    page: httpx.AsyncClient, slack: SlackSimulator
) -> None:
    async with slack_client.client_of(slack) as client, slack_client.listening(client) as ear:
        blocks = [{"type": "actions", "elements": [STOP]}]
        body = {"channel": GENERAL, "text": "Once", "blocks": blocks}
        sent = await slack_client.call(client, "chat.postMessage", **body)
        await ear.ack(await ear.frame())  # the bot's own message
        press = {"channel": GENERAL, "ts": sent["ts"], "label": "Stop", "user": "U0BEN"}
        await done(page, "/slack/press", **press)
        pressed = (await ear.frame())["payload"]
        await done(page, "/slack/command", text="new", channel="D0ANN")
        given = (await ear.frame())["payload"]
    assert (pressed["actions"][0]["value"], pressed["user"]["id"]) == ("7", "U0BEN")
    assert (given["command"], given["text"], given["channel_id"]) == ("/coze", "new", "D0ANN")


async def test_opening_the_assistant_and_its_messages_reaches_the_app(
    page: httpx.AsyncClient, slack: SlackSimulator
) -> None:
    async with slack_client.client_of(slack) as client, slack_client.listening(client) as ear:
        await done(page, "/slack/home")
        await ear.ack(await ear.frame())
        await done(page, "/slack/assistant")
        await ear.ack(await ear.frame())
    home, pane = slack_client.events(slack)
    assert (home["type"], home["tab"], home["channel"]) == ("app_home_opened", "messages", DIRECT)
    assert (pane["type"], pane["assistant_thread"]["user_id"]) == (
        "assistant_thread_started",
        "U0ANN",
    )


async def test_a_prompt_that_is_picked_is_said_where_it_was_offered(
    page: httpx.AsyncClient, slack: SlackSimulator
) -> None:
    await done(page, "/slack/assistant")
    root = slack.messages(DIRECT)[0].ts
    async with slack_client.client_of(slack) as client:
        for title, where in (("In here", {"thread_ts": root}), ("At the top", {})):
            prompts = [{"title": title, "message": f"{title}!"}]
            await slack_client.call(
                client,
                "assistant.threads.setSuggestedPrompts",
                channel_id=DIRECT,
                prompts=prompts,
                **where,
            )
    await done(page, "/slack/pick", title="In here", channel=DIRECT, thread_ts=root)
    await done(page, "/slack/pick", title="At the top", channel=DIRECT)
    said = [(shown.text, shown.thread_ts) for shown in slack.messages(DIRECT)[1:]]
    assert said == [("In here!", root), ("At the top!", None)]


SAID = {"text": "Hi", "chat": ANN, "user": ANN}
REACTED = {"chat": ANN, "message_id": 1, "emoji": "👍"}
WRITTEN = {"text": "Hi", "channel": GENERAL, "user": "U0ANN"}


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("/telegram/say", "{", "truncated"),
        ("/telegram/say", {"text": "Hi", "chat": ANN}, "`user`"),
        ("/telegram/say", {**SAID, "name": "Eve"}, "unknown field `name`"),
        ("/telegram/say", {**SAID, "chat": 7}, "`$.chat`"),
        ("/telegram/say", {**SAID, "text": " "}, "text must be non-empty"),
        ("/telegram/press", {"chat": ANN, "message_id": 9, "label": "Stop"}, "no message 9"),
        ("/telegram/react", REACTED, "no message 1"),
        ("/telegram/react", {**REACTED, "emoji": "🥦"}, "nobody can react with"),
        ("/slack/say", {**WRITTEN, "text": " "}, "needs a text"),
        ("/slack/say", {**WRITTEN, "thread_ts": "1.0"}, "no thread 1.0"),
        ("/slack/say", {**WRITTEN, "channel": "D0ANN", "user": "U0BEN"}, "U0BEN is not in"),
        ("/slack/press", {"channel": GENERAL, "ts": "1.0", "label": "Stop"}, "no message 1.0"),
        ("/slack/command", {"text": "new", "channel": "C0OTHER"}, "`$.channel`"),
        ("/slack/pick", {"title": "Go", "channel": "D0ANN"}, "no prompt 'Go'"),
    ],
)
async def test_what_nobody_could_do_is_refused_with_a_sentence(
    page: httpx.AsyncClient, path: str, body: object, why: str
) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    headers = {"Content-Type": "application/json"}
    response = await page.post(path, content=content, headers=headers)
    error = response.json()["error"]
    assert response.status_code == 400
    assert why in error
    assert error.endswith(".")


async def test_only_json_is_taken(page: httpx.AsyncClient, telegram: TelegramSimulator) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        response = await page.post(
            "/telegram/say", content=json.dumps(SAID), headers={"Content-Type": media_type}
        )
        assert response.status_code == 415
    assert telegram.messages(ANN) == []


async def test_more_than_a_person_can_say_is_refused(
    page: httpx.AsyncClient, telegram: TelegramSimulator
) -> None:
    response = await page.post("/telegram/say", json={**SAID, "text": "x" * (1 << 20)})
    assert response.status_code == 413
    assert telegram.messages(ANN) == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80"])
async def test_a_page_under_a_foreign_name_gets_nothing(
    page: httpx.AsyncClient, telegram: TelegramSimulator, host: str
) -> None:
    for path in ("/", "/events"):
        assert (await page.get(path, headers={"Host": host})).status_code == 400
    said = await page.post("/telegram/say", json=SAID, headers={"Host": host})
    assert said.status_code == 400
    assert telegram.messages(ANN) == []


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null"])
async def test_a_page_of_another_origin_gets_nothing(
    page: httpx.AsyncClient, telegram: TelegramSimulator, origin: str
) -> None:
    assert (await page.get("/events", headers={"Origin": origin})).status_code == 403
    said = await page.post("/telegram/say", json=SAID, headers={"Origin": origin})
    assert said.status_code == 403
    assert telegram.messages(ANN) == []


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
async def test_the_page_itself_is_heard_under_each_local_name(
    page: httpx.AsyncClient, host: str
) -> None:
    headers = {"Host": host, "Origin": f"http://{host}"}
    response = await page.post("/telegram/say", json=SAID, headers=headers)
    assert response.status_code == 204
