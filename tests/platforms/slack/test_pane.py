"""The bot's own pane: who opens it is welcomed once, and offered questions."""

import pytest

from bridge.core.errors import BridgeError, RateLimited, Uncertain
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackSimulator
from tests.platforms.slack.filehost import FileHost, adapter_before
from tests.platforms.slack.rig import ANN, DIRECT, happen, to
from tests.platforms.waiting import Heard, listening, until

ROOT = "5.000001"
PROMPTS = "assistant.threads.setSuggestedPrompts"
OPENED = {"type": "app_home_opened", "tab": "messages", "user": ANN, "channel": DIRECT}
PANE = {"user_id": ANN, "channel_id": DIRECT, "thread_ts": ROOT, "context": {}}


@pytest.mark.parametrize("thread", [None, ROOT])
async def test_questions_are_offered_where_the_pane_has_a_place_for_them(thread: str | None):
    host = FileHost()
    async with adapter_before(host) as adapter:
        assert await adapter.prompts(to(thread, chat=DIRECT), ["One?", "x" * 100])
    [(method, params)] = host.calls
    assert method == PROMPTS
    assert params == {
        "channel_id": DIRECT,
        **({"thread_ts": ROOT} if thread else {}),
        "prompts": [
            {"title": "One?", "message": "One?"},
            {"title": "x" * 74 + "…", "message": "x" * 100},
        ],
    }


async def test_no_more_questions_are_offered_than_slack_takes():
    host = FileHost()
    async with adapter_before(host) as adapter:
        assert await adapter.prompts(to(chat=DIRECT), [f"{n}?" for n in range(9)])
    assert [prompt["message"] for prompt in host.calls[0][1]["prompts"]] == [
        "0?",
        "1?",
        "2?",
        "3?",
    ]


async def test_elsewhere_there_is_no_place_for_questions():
    host = FileHost()
    async with adapter_before(host) as adapter:
        assert not await adapter.prompts(to(ROOT), ["One?"])
        assert not await adapter.prompts(to(ROOT, chat=DIRECT, only_for=ANN), ["One?"])
    assert host.calls == []


@pytest.mark.parametrize("error", ["missing_scope", "invalid_thread_ts", "channel_not_found"])
async def test_a_chat_that_takes_no_questions_is_not_asked_again(error: str):
    host = FileHost()
    host.refuse[PROMPTS] = error
    async with adapter_before(host) as adapter:
        assert not await adapter.prompts(to(ROOT, chat=DIRECT), ["One?"])
        assert not await adapter.prompts(to(ROOT, chat=DIRECT), ["One?"])
        assert len(host.calls) == 1
        assert not await adapter.prompts(to(ROOT, chat="D0BEN"), ["One?"])
    assert len(host.calls) == 2


@pytest.mark.parametrize(
    ("error", "meaning"), [("ratelimited", RateLimited), ("internal_error", Uncertain)]
)
async def test_questions_that_fail_once_may_be_offered_again(
    error: str, meaning: type[BridgeError]
):
    host = FileHost()
    host.refuse[PROMPTS] = error
    async with adapter_before(host) as adapter:
        with pytest.raises(meaning):
            await adapter.prompts(to(chat=DIRECT), ["One?"])
        del host.refuse[PROMPTS]
        assert await adapter.prompts(to(chat=DIRECT), ["One?"])


async def test_who_opens_a_thread_of_the_pane_is_welcomed_in_it(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("what was before", channel=DIRECT)
        happen(slack, {"type": "assistant_thread_started", "assistant_thread": PANE})
        happen(slack, {"type": "assistant_thread_context_changed", "assistant_thread": PANE})
        await until(lambda: len(slack.acked) == 3)
    [message] = [message for message in heard.messages if message.command]
    assert (message.command, message.user.name, message.private) == ("start", "Ann", True)
    assert (message.address.chat, message.address.thread) == (DIRECT, ROOT)


async def test_who_opens_the_whole_pane_is_welcomed_while_nothing_was_said(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        happen(slack, OPENED)
        await until(lambda: len(slack.acked) == 1)
        assert [message.command for message in heard.messages] == ["start"]
        slack.say("hello", channel=DIRECT)
        happen(slack, OPENED)
        happen(slack, OPENED | {"tab": "home"})
        await until(lambda: len(slack.acked) == 4)
    assert [message.command for message in heard.messages] == ["start", ""]


@pytest.mark.parametrize("fault", [{"error": "missing_scope"}, {"drop": True}])
async def test_nobody_is_welcomed_where_it_cannot_be_told_whether_something_was_said(
    slack: SlackSimulator, adapter: SlackAdapter, fault: dict[str, object]
):
    slack.fail("conversations.history", times=3, **fault)  # type: ignore[arg-type]
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        happen(slack, OPENED)
        await until(lambda: slack.acked)
    assert heard.messages == []
    assert slack.lost == []
