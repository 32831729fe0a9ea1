"""The bot's own pane: who opens it is welcomed once, and offered questions."""

import pytest

from bridge.core.errors import BridgeError, RateLimited, Uncertain
from bridge.core.model import Piece
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.slack.pane import STATUS_LASTS
from tests.platforms.slack.rig import ANN, BOT, DIRECT, to
from tests.platforms.waiting import Heard, listening, until

RENAME = "agents.sessions.rename"
PROMPTS = "assistant.threads.setSuggestedPrompts"


async def test_questions_are_offered_in_a_thread_of_the_pane(
    slack: SlackSimulator, adapter: SlackAdapter
):
    chat, root = slack.open_assistant()
    assert await adapter.prompts(to(root, chat=chat), ["One?", "x" * 100])
    assert slack.prompts(chat, root) == (("One?", "One?"), ("x" * 74 + "…", "x" * 100))


async def test_questions_are_offered_above_all_threads_where_the_pane_is_opened_as_a_whole(
    slack: SlackSimulator, adapter: SlackAdapter
):
    assert await adapter.prompts(to(chat=DIRECT), ["One?"])
    assert slack.prompts(DIRECT) == (("One?", "One?"),)


async def test_no_more_questions_are_offered_than_slack_takes(
    slack: SlackSimulator, adapter: SlackAdapter
):
    assert await adapter.prompts(to(chat=DIRECT), [f"{n}?" for n in range(9)])
    assert [prompt.message for prompt in slack.prompts(DIRECT)] == ["0?", "1?", "2?", "3?"]


async def test_elsewhere_there_is_no_place_for_questions(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say(f"{BOT} hi")
    assert not await adapter.prompts(to(root), ["One?"])
    assert not await adapter.prompts(to(chat=DIRECT, only_for=ANN), ["One?"])
    assert slack.calls == []


@pytest.mark.parametrize("error", ["missing_scope", "invalid_thread_ts", "channel_not_found"])
async def test_a_chat_that_takes_no_questions_is_not_asked_again(
    slack: SlackSimulator, adapter: SlackAdapter, error: str
):
    slack.channel("D0BEN", "D0BEN", members=("U0BEN", "U0BOT"))
    slack.fail(PROMPTS, error=error)
    for _ in range(3):
        assert not await adapter.prompts(to(chat=DIRECT), ["One?"])
    assert len(slack.calls) == 1
    assert await adapter.prompts(to(chat="D0BEN"), ["One?"])


async def test_without_the_permission_there_are_no_questions(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.scopes.remove("assistant:write")
    assert not await adapter.prompts(to(chat=DIRECT), ["One?"])


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        ({"error": "ratelimited", "retry_after": 0}, RateLimited),
        ({"error": "internal_error"}, Uncertain),
        ({"drop": True}, Uncertain),
    ],
)
async def test_questions_that_fail_once_may_be_offered_again(
    slack: SlackSimulator,
    adapter: SlackAdapter,
    fault: dict[str, object],
    meaning: type[BridgeError],
):
    slack.fail(PROMPTS, **fault)  # type: ignore[arg-type]
    with pytest.raises(meaning):
        await adapter.prompts(to(chat=DIRECT), ["One?"])
    assert await adapter.prompts(to(chat=DIRECT), ["One?"])


async def test_who_opens_a_thread_of_the_pane_is_welcomed_in_it(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.say("what was before", channel=DIRECT)
        chat, root = slack.open_assistant(viewing="C0GENERAL")
        await until(lambda: len(slack.acked) == len(slack.deliveries) > 1)
    [message] = [message for message in heard.messages if message.command]
    assert (message.command, message.user.name, message.private) == ("start", "Ann", True)
    assert message.address == to(root, chat=chat)


async def test_who_opens_the_whole_pane_is_welcomed_while_nothing_was_said(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.open_home()
        await until(lambda: len(slack.acked) == 1)
        [message] = heard.messages
        assert (message.command, message.address) == ("start", to(chat=DIRECT))
        slack.say("hello", channel=DIRECT)
        slack.open_home()
        await until(lambda: len(slack.acked) == 3)
    assert [message.command for message in heard.messages] == ["start", ""]


@pytest.mark.parametrize("fault", [{"error": "missing_scope"}, {"drop": True}])
async def test_nobody_is_welcomed_where_it_cannot_be_told_whether_something_was_said(
    slack: SlackSimulator, adapter: SlackAdapter, fault: dict[str, object]
):
    slack.fail("conversations.history", times=3, **fault)  # type: ignore[arg-type]
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.open_home()
        await until(lambda: slack.acked)
    assert heard.messages == []
    assert slack.lost == []


async def test_a_thread_is_called_by_its_session_and_else_by_its_pane(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root, other = slack.say("hi", channel=DIRECT), slack.say("hello", channel=DIRECT)
    await adapter.post(to(root, chat=DIRECT), Piece("Hi."), mark="m")
    slack.calls.clear()
    await adapter.entitle(to(root, chat=DIRECT), "On rivers")
    assert [call.method for call in slack.calls] == [RENAME]
    await adapter.entitle(to(other, chat=DIRECT), "On seas")  # no session there
    assert [slack.title(DIRECT, ts) for ts in (root, other)] == ["On rivers", "On seas"]
    slack.agent = False
    for _ in range(3):
        await adapter.entitle(to(root, chat=DIRECT), "On lakes")
    assert slack.title(DIRECT, root) == "On lakes"
    assert [call.error for call in slack.calls if call.method == RENAME] == [
        None,
        "session_not_found",
        "not_authorized",
    ]


async def test_where_titles_are_refused_they_are_not_tried_again(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.agent = False
    slack.scopes.remove("assistant:write")
    root = slack.say("hi", channel=DIRECT)
    for _ in range(3):
        await adapter.entitle(to(root, chat=DIRECT), "On rivers")
    assert len(slack.calls) == 2


async def test_the_status_is_renewed_before_it_lapses_and_can_be_taken_back(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say(f"{BOT} hi")
    assert adapter.limits(to(root)).typing_every < STATUS_LASTS
    await adapter.typing(to(root))
    assert slack.status("C0GENERAL", root)
    await adapter.idle(to(root))
    assert slack.status("C0GENERAL", root) == ""


async def test_slacks_own_stop_button_stops_what_is_written_in_its_thread(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say("hello")
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections)
        slack.stop_agent(root, channel="C0GENERAL", user="U0BEN")
        await until(lambda: heard.messages)
    [message] = heard.messages
    assert (message.command, message.user.id, message.private) == ("halt", "U0BEN", False)
    assert message.address == to(root)
