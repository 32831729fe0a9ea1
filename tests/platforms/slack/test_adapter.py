"""What the adapter does in Slack, seen from the people's side."""

import pytest

from bridge.core.errors import Denied, Gone, Retryable
from bridge.core.model import Button, Piece
from bridge.core.ports import Budget, Call
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.rates import Rates
from bridge.sandbox.slack import SlackSimulator
from tests.platforms.slack.rig import ANN, BOT, DIRECT, GENERAL, adapter_at, to

STATUS = "assistant.threads.setStatus"


def made(slack: SlackSimulator, method: str) -> int:
    """How many calls of a method there were."""
    return sum(call.method == method for call in slack.calls)


async def test_it_tells_who_it_is_by_both_tokens(slack: SlackSimulator, adapter: SlackAdapter):
    assert await adapter.whoami() == "coze in sandbox"
    assert [call.method for call in slack.calls] == ["auth.test", "apps.connections.open"]
    assert adapter.platform == "slack"


async def test_a_post_is_shown_in_its_thread_under_the_id_that_it_returns(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say(f"{BOT} hi")
    id_ = await adapter.post(to(root), Piece("*hello*", (Button("Stop", "stop:1"),)), mark="1")
    shown = slack.messages(GENERAL, root)[-1]
    assert (shown.ts, shown.thread_ts, shown.plain()) == (id_, root, "*hello*")
    assert [(button.label, button.value) for button in shown.buttons] == [("Stop", "stop:1")]


async def test_a_post_shows_no_preview_of_links(slack: SlackSimulator, adapter: SlackAdapter):
    await adapter.post(to(), Piece("https://a.test"), mark="1")
    [call] = slack.calls
    assert {str(call.params[name]).lower() for name in ("unfurl_links", "unfurl_media")} <= {
        "false",
        "0",
    }


async def test_an_edit_replaces_text_and_buttons_and_keeps_the_mark(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say(f"{BOT} hi")
    id_ = await adapter.post(to(root), Piece("hel", (Button("Stop", "stop:1"),)), mark="1")
    await adapter.edit(to(root), id_, Piece("hello"))
    shown = slack.messages(GENERAL, root)[-1]
    assert (shown.plain(), shown.buttons, shown.edits) == ("hello", [], 1)
    assert await adapter.find(to(root), mark="1") == id_


async def test_an_edit_that_changes_nothing_is_success(adapter: SlackAdapter):
    id_ = await adapter.post(to(), Piece("hello"), mark="1")
    await adapter.edit(to(), id_, Piece("hello"))


async def test_an_edit_of_a_missing_message_finds_it_gone(adapter: SlackAdapter):
    with pytest.raises(Gone):
        await adapter.edit(to(), "1.000001", Piece("hello"))


async def test_a_removed_message_is_not_there(slack: SlackSimulator, adapter: SlackAdapter):
    id_ = await adapter.post(to(), Piece("hello"), mark="1")
    await adapter.delete(to(), id_)
    assert slack.messages(GENERAL) == []


async def test_the_removal_of_a_missing_message_is_success(
    slack: SlackSimulator, adapter: SlackAdapter
):
    await adapter.delete(to(), "1.000001")
    assert slack.calls[-1].error == "message_not_found"


async def test_a_post_is_found_by_its_mark(slack: SlackSimulator, adapter: SlackAdapter):
    root = slack.say(f"{BOT} hi")
    ids = [await adapter.post(to(root), Piece("same"), mark=mark) for mark in ("7:0", "7:1")]
    assert await adapter.find(to(root), mark="7:1") == ids[1]
    assert await adapter.find(to(root), mark="7:0") == ids[0]
    assert await adapter.find(to(root), mark="7:2") is None


async def test_a_post_is_found_at_the_end_of_a_long_thread(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say(f"{BOT} hi")
    for number in range(250):
        slack.say(f"and {number}", thread_ts=root)
    id_ = await adapter.post(to(root), Piece("hello"), mark="1")
    assert await adapter.find(to(root), mark="1") == id_


async def test_a_post_is_not_found_in_another_thread(slack: SlackSimulator, adapter: SlackAdapter):
    root, other = slack.say(f"{BOT} hi"), slack.say(f"{BOT} ho")
    await adapter.post(to(root), Piece("hello"), mark="1")
    assert await adapter.find(to(other), mark="1") is None


@pytest.mark.parametrize("error", ["missing_scope", "thread_not_found", "invalid_arguments"])
async def test_without_permission_to_read_there_is_no_telling(
    slack: SlackSimulator, adapter: SlackAdapter, error: str
):
    slack.fail("conversations.replies", error=error)
    assert await adapter.find(to("1.000001"), mark="1") is None


async def test_a_search_that_fails_is_not_taken_for_nothing_found(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.fail("conversations.replies", drop=True, times=3)  # a read is repeated
    with pytest.raises(Retryable):
        await adapter.find(to("1.000001"), mark="1")


async def test_outside_of_threads_nothing_is_searched(
    slack: SlackSimulator, adapter: SlackAdapter
):
    assert await adapter.find(to(), mark="1") is None
    assert await adapter.find(to("1.000001", only_for=ANN), mark="1") is None
    assert slack.calls == []


async def test_what_is_for_one_user_only_is_seen_by_nobody_else(
    slack: SlackSimulator, adapter: SlackAdapter
):
    id_ = await adapter.post(to(only_for=ANN), Piece("just for you"), mark="1")
    [shown] = slack.messages(GENERAL)
    assert (shown.ts, shown.visible_to, shown.plain()) == (id_, ANN, "just for you")


async def test_what_is_for_one_user_only_appears_in_its_thread(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say(f"{BOT} hi")
    await adapter.post(to(root), Piece("hello"), mark="1")
    await adapter.post(to(root, only_for=ANN), Piece("just for you"), mark="2")
    shown = slack.messages(GENERAL, root)[-1]
    assert (shown.visible_to, shown.thread_ts) == (ANN, root)


async def test_a_direct_message_is_answered_where_it_was_said(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say("hi", channel=DIRECT)
    await adapter.post(to(root, chat=DIRECT), Piece("hello"), mark="1")
    assert slack.messages(DIRECT, root)[-1].plain() == "hello"


async def test_the_status_shows_that_the_bot_is_at_work(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say(f"{BOT} hi")
    await adapter.typing(to(root))
    assert "thinking" in slack.status(GENERAL, root)
    await adapter.post(to(root), Piece("hello"), mark="1")
    assert slack.status(GENERAL, root) == ""


async def test_outside_of_threads_there_is_no_status(slack: SlackSimulator, adapter: SlackAdapter):
    await adapter.typing(to())
    assert slack.calls == []


async def test_a_channel_that_takes_no_status_is_not_asked_again(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root, elsewhere = slack.say(f"{BOT} hi"), slack.say("hi", channel=DIRECT)
    slack.fail(STATUS, error="missing_scope")
    with pytest.raises(Denied):
        await adapter.typing(to(root))
    await adapter.typing(to(root))
    assert made(slack, STATUS) == 1
    await adapter.typing(to(elsewhere, chat=DIRECT))
    assert made(slack, STATUS) == 2


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 500}])
async def test_a_status_that_fails_once_is_tried_again(
    slack: SlackSimulator, adapter: SlackAdapter, fault: dict[str, object]
):
    root = slack.say(f"{BOT} hi")
    slack.fail(STATUS, **fault)  # type: ignore[arg-type]
    with pytest.raises(Retryable):
        await adapter.typing(to(root))
    await adapter.typing(to(root))
    assert slack.status(GENERAL, root)


async def test_a_message_as_long_as_they_may_be_is_posted_and_edited(
    slack: SlackSimulator, adapter: SlackAdapter
):
    whole = "字" * adapter.limits(to()).size.most
    id_ = await adapter.post(to(), Piece(whole), mark="m1")
    await adapter.edit(to(), id_, Piece(whole.replace("字", "<")[:2700]))
    await adapter.edit(to(), id_, Piece(whole, plain=True))
    assert slack.messages(GENERAL)[-1].plain().replace("\n", "") == whole


async def test_the_operator_sets_the_pace(adapter: SlackAdapter):
    assert adapter.limits(to()).edit_every >= 60 / 50
    assert adapter.limits(to()).typing_every < 120
    assert adapter.limits(to()).size.most < 12_000
    async with adapter_at("http://127.0.0.1") as other:
        slow = SlackAdapter(
            "slack", "x", "y", api_base="http://127.0.0.1/", rates=Rates(edit_every=9.0)
        )
        assert slow.limits(to()).edit_every == 9.0
        assert other.limits(to()).edit_every == adapter.limits(to()).edit_every
        await slow.aclose()


def calls_in(budget: Budget, seconds: float) -> float:
    """How many calls a budget lets through in so many seconds at most."""
    return budget.burst + seconds / budget.every


async def test_budgets_stay_below_what_slack_allows(adapter: SlackAdapter):
    [posts] = adapter.budgets("post", to())
    assert posts.every >= 1.0
    kinds: list[Call] = ["edit", "delete"]
    for kind in kinds:
        [budget] = adapter.budgets(kind, to())
        assert calls_in(budget, 60) <= 50


async def test_posts_are_counted_for_each_channel_and_edits_for_all(adapter: SlackAdapter):
    assert adapter.budgets("post", to()) != adapter.budgets("post", to(chat=DIRECT))
    assert adapter.budgets("post", to()) == adapter.budgets("post", to("1.000001"))
    assert adapter.budgets("edit", to()) == adapter.budgets("edit", to(chat=DIRECT))
    assert adapter.budgets("edit", to()) != adapter.budgets("delete", to())


async def test_commands_are_typed_behind_the_apps_name(adapter: SlackAdapter):
    assert adapter.commands(["new", "stop"]) == {"new": "/coze new", "stop": "/coze stop"}
