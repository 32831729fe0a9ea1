"""The assistant's pane of the simulated Slack: threads, prompts, titles and statuses."""

from typing import Any

import pytest
from slack_bolt.async_app import (
    AsyncApp,
    AsyncAssistant,
    AsyncSay,
    AsyncSetStatus,
    AsyncSetSuggestedPrompts,
)
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import Prompt, SlackSimulator
from tests.sandbox.slack_client import GENERAL, bolt, client_of, error, events, listening

PROMPTS = [
    {"title": "Write", "message": "Write me a poem"},
    {"title": "Explain", "message": "Explain this channel"},
]


async def test_an_opened_pane_begins_a_thread(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client):
        channel, root = slack.open_assistant("U0ANN", viewing=GENERAL)
        slack.open_assistant("U0BEN")
    anns, bens = (event["assistant_thread"] for event in events(slack))
    assert (channel, anns["channel_id"], anns["thread_ts"]) == ("D0ANN", "D0ANN", root)
    assert anns["user_id"] == "U0ANN"
    assert anns["context"] == {
        "channel_id": GENERAL,
        "team_id": "T0SANDBOX",
        "enterprise_id": None,
    }
    assert (bens["user_id"], bens["context"]) == ("U0BEN", {})
    assert slack.messages(channel)[0].subtype == "assistant_app_thread"


async def test_a_prompt_that_is_pressed_is_what_the_user_says(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    channel, root = slack.open_assistant()
    await client.assistant_threads_setSuggestedPrompts(
        channel_id=channel, thread_ts=root, title="Try", prompts=PROMPTS
    )
    assert slack.prompts(channel, root) == (
        Prompt("Write", "Write me a poem"),
        Prompt("Explain", "Explain this channel"),
    )
    with pytest.raises(LookupError):
        slack.pick("Sing", channel=channel, thread_ts=root)
    async with listening(client):
        ts = slack.pick("Write", channel=channel, thread_ts=root)
    event = events(slack, "message")[0]
    assert (event["ts"], event["thread_ts"], event["text"]) == (ts, root, "Write me a poem")
    assert event["channel_type"] == "im"
    assert slack.prompts(channel, root) == ()


async def test_prompts_stand_at_the_top_of_direct_messages(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    async with listening(client):
        channel = slack.open_home()
    [event] = events(slack)
    assert (event["type"], event["tab"], event["channel"]) == (
        "app_home_opened",
        "messages",
        "D0ANN",
    )
    await client.assistant_threads_setSuggestedPrompts(channel_id=channel, prompts=PROMPTS)
    slack.pick("Explain", channel=channel)
    assert [(shown.text, shown.thread_ts) for shown in slack.messages(channel)] == [
        ("Explain this channel", None)
    ]
    assert slack.prompts(channel) == ()


async def test_the_bots_own_post_leaves_the_prompts(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    channel, root = slack.open_assistant()
    await client.assistant_threads_setSuggestedPrompts(
        channel_id=channel, thread_ts=root, prompts=PROMPTS
    )
    await client.chat_postMessage(channel=channel, thread_ts=root, text="Hello!")
    assert len(slack.prompts(channel, root)) == 2


async def test_prompts_that_slack_would_refuse_are_refused(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    channel, root = slack.open_assistant()
    reply = slack.say("hi", channel=channel, thread_ts=root)

    async def refusal(prompts: Any = PROMPTS, *, at: str = channel, ts: str = root) -> str:
        args = {"channel_id": at, "thread_ts": ts, "prompts": prompts}
        return await error(client.api_call("assistant.threads.setSuggestedPrompts", json=args))

    assert await refusal([]) == "invalid_arguments"
    assert await refusal(PROMPTS * 3) == "invalid_arguments"
    assert await refusal([{"title": "no message"}]) == "invalid_arguments"
    assert await refusal([{"title": "", "message": "x"}]) == "invalid_arguments"
    assert await refusal("[{") == "invalid_arguments"
    assert await refusal(at="D0NONE") == "channel_not_found"
    assert await refusal(ts=reply) == "invalid_thread_ts"
    assert await refusal(at=GENERAL, ts=slack.say("hi")) == "invalid_thread_ts"
    slack.scopes.discard("assistant:write")
    assert await refusal() == "missing_scope"


async def test_a_title_is_given_to_a_thread(slack: SlackSimulator, client: AsyncWebClient) -> None:
    channel, root = slack.open_assistant()
    assert slack.title(channel, root) == ""
    async with listening(client):
        await client.assistant_threads_setTitle(
            channel_id=channel, thread_ts=root, title="On poems"
        )
    assert slack.title(channel, root) == "On poems"
    event = events(slack, "message")[0]
    assert (event["subtype"], event["message"]["subtype"]) == (
        "message_changed",
        "assistant_app_thread",
    )
    assert event["message"]["assistant_app_thread"]["title"] == "On poems"
    nameless = client.assistant_threads_setTitle(channel_id=channel, thread_ts=root, title="")
    assert await error(nameless) == "invalid_arguments"
    lost = client.assistant_threads_setTitle(channel_id=channel, thread_ts="1.000000", title="x")
    assert await error(lost) == "invalid_thread_ts"
    own = slack.say("a thread of mine", channel=channel)
    await client.assistant_threads_setTitle(channel_id=channel, thread_ts=own, title="Mine")
    assert slack.title(channel, own) == "Mine"
    assert slack.messages(channel)[-1].text == "a thread of mine"


async def test_a_status_has_messages_that_take_turns(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    channel, root = slack.open_assistant()

    async def say_status(*loading: str) -> Any:
        return await client.assistant_threads_setStatus(
            channel_id=channel, thread_ts=root, status="thinks", loading_messages=[*loading]
        )

    await say_status("Counting…", "Sorting…")
    assert slack.loading(channel, root) == ("Counting…", "Sorting…")
    assert await error(say_status(*["x"] * 11)) == "invalid_arguments"
    assert await error(say_status("x" * 51)) == "invalid_arguments"
    await client.chat_postMessage(channel=channel, thread_ts=root, text="Done.")
    assert (slack.status(channel, root), slack.loading(channel, root)) == ("", ())


async def test_bolts_assistant_greets_with_prompts_and_answers(slack: SlackSimulator) -> None:
    assistant = AsyncAssistant()

    async def greet(say: AsyncSay, set_suggested_prompts: AsyncSetSuggestedPrompts) -> None:
        await say("Hello!")
        await set_suggested_prompts(prompts=PROMPTS)

    async def answer(say: AsyncSay, set_status: AsyncSetStatus, payload: dict[str, Any]) -> None:
        await set_status("thinks")
        await say(f"You said: {payload['text']}")

    assistant.thread_started(greet)
    assistant.user_message(answer)
    async with client_of(slack) as client:
        app = AsyncApp(client=client)
        app.assistant(assistant)
        async with bolt(app):
            channel, root = slack.open_assistant(viewing=GENERAL)
            await slack.changes.until(lambda: slack.prompts(channel, root))
            slack.pick("Write", channel=channel, thread_ts=root)
            await slack.changes.until(lambda: len(slack.messages(channel, root)) == 4)
    assert [shown.text for shown in slack.messages(channel, root)[1:]] == [
        "Hello!",
        "Write me a poem",
        "You said: Write me a poem",
    ]


async def test_an_agent_has_sessions_with_a_status_and_a_title(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    root = slack.say("hello")
    where = {"channel_id": GENERAL, "thread_ts": root}
    named = client.agents_sessions_rename(title="On poems", **where)
    assert await error(named) == "session_not_found"
    odd = client.agents_sessions_setStatus(status="asleep", **where)
    assert await error(odd) == "invalid_arguments"
    await client.agents_sessions_setStatus(status="processing", title="First", **where)
    assert slack.title(GENERAL, root) == "First"
    await client.agents_sessions_rename(title="On poems", **where)
    assert slack.title(GENERAL, root) == "On poems"
    long = client.agents_sessions_rename(title="x" * 201, **where)
    assert await error(long) == "invalid_arguments"
    lost = client.agents_sessions_rename(channel_id=GENERAL, thread_ts="1.0", title="x")
    assert await error(lost) == "invalid_thread_ts"


async def test_an_app_that_is_no_agent_has_no_sessions(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.agent = False
    where = {"channel_id": GENERAL, "thread_ts": slack.say("hello")}
    assert await error(client.agents_sessions_rename(title="x", **where)) == "not_authorized"
    status = client.agents_sessions_setStatus(status="active", **where)
    assert await error(status) == "not_authorized"
    with pytest.raises(LookupError):
        slack.stop_agent(where["thread_ts"], channel=GENERAL)


async def test_who_stops_an_agent_is_told_to_it(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    root = slack.say("hello")
    async with listening(client):
        slack.stop_agent(root, channel=GENERAL)
    [event] = events(slack, "agent_session_stopped")
    assert (event["channel"], event["user"], event["thread_ts"]) == (GENERAL, "U0ANN", root)
    assert event["streaming_message_ts"] == []
