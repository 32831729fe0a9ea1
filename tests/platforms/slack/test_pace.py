"""Calls for which no budget is shared: in their turn, and never more than Slack allows."""

import asyncio
import io

import pytest

from bridge.core.errors import RateLimited
from bridge.core.model import FileRef, Piece
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.pace import ALLOWED, Turns
from bridge.platforms.slack.rates import Rates
from bridge.sandbox.slack import SlackLimits, SlackSimulator
from tests.flow.clock import now, run
from tests.platforms.slack.rig import BOT, DIRECT, GENERAL, adapter_at, to

STATUS = "assistant.threads.setStatus"


async def persist(turns: Turns, at: list[float]) -> None:
    """Take one turn, however often that is refused."""
    while True:
        try:
            await turns.take()
        except RateLimited as limit:
            await asyncio.sleep(limit.retry_after)
        else:
            at.append(now())
            return


@pytest.mark.parametrize("allowed", sorted(set(ALLOWED.values())))
def test_no_minute_sees_more_calls_than_are_allowed(allowed: int):
    at: list[float] = []

    async def crowd() -> None:
        turns = Turns.within(allowed)
        for _ in range(3):
            await asyncio.gather(*(persist(turns, at) for _ in range(allowed)))
            await asyncio.sleep(45.0)

    run(crowd())
    assert len(at) == 3 * allowed
    most = max(sum(each <= other < each + 60 for other in at) for each in at)
    assert 0.9 * allowed < most <= 0.95 * allowed
    assert at.count(at[0]) >= 0.6 * allowed  # a crowd that comes once does not wait


def test_a_pause_holds_for_those_who_stand_in_line_and_who_would_wait_long_is_refused():
    at: list[float] = []

    async def story() -> None:
        turns = Turns.within(6)  # three at once, then every 30 s
        for _ in range(3):
            await turns.take()
        waiting = asyncio.create_task(persist(turns, at))
        await asyncio.sleep(1.0)
        turns.close(50.0)
        turns.close(1.0)
        with pytest.raises(RateLimited) as limit:
            await turns.take()
        assert limit.value.retry_after > 60.0
        await waiting

    run(story())
    assert at == [pytest.approx(51.0, abs=0.1)]


def test_who_leaves_the_line_costs_nobody_a_turn():
    at: list[float] = []

    async def story() -> None:
        turns = Turns.within(6)  # three at once, then every 30 s
        for _ in range(3):
            await turns.take()
        leaving = asyncio.create_task(turns.take())
        await asyncio.sleep(1.0)
        waiting = asyncio.create_task(persist(turns, at))
        await asyncio.sleep(1.0)
        leaving.cancel()
        await waiting

    run(story())
    assert at == [pytest.approx(30.0, abs=0.1)]


def test_what_slack_allows_is_known_of_each_method():
    limits = SlackLimits()
    assert {method: limits.of(method) for method in ALLOWED} == ALLOWED


async def test_a_pause_is_kept_by_all_calls_of_the_method_and_by_no_other(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.fail("files.info", error="ratelimited", status=429, retry_after=600)
    for name in ("F1", "F2"):
        with pytest.raises(RateLimited) as limit:
            await adapter.download(FileRef(name, "file", name), io.BytesIO(), most=1)
        assert limit.value.retry_after > 500
    await adapter.post(to(), Piece("hello"), mark="1")
    assert [call.method for call in slack.calls] == ["files.info", "chat.postMessage"]
    assert slack.refused == {"files.info": 1}


async def test_a_status_that_slack_does_not_want_keeps_nothing_back(
    slack: SlackSimulator, adapter: SlackAdapter
):
    root = slack.say(f"{BOT} hi")
    slack.fail(STATUS, error="ratelimited", status=429, retry_after=600)
    for _ in range(2):
        await adapter.typing(to(root))
    assert [call.method for call in slack.calls] == [STATUS]
    assert slack.status(GENERAL, root) == ""


@pytest.mark.parametrize("edits_per_minute", [2, 5, 48, 600])
async def test_no_minute_sees_more_edits_than_the_operator_allows(edits_per_minute: int):
    async with adapter_at(
        "http://127.0.0.1:1", rates=Rates(edits_per_minute=edits_per_minute)
    ) as adapter:
        [edit] = adapter.budgets("edit", to())
        [delete] = adapter.budgets("delete", to())
    assert edit.burst + 60 / edit.every == pytest.approx(edits_per_minute)
    assert delete.burst + 60 / delete.every <= SlackLimits().tier3


async def test_edits_are_shared_by_a_workspace_and_posts_by_a_channel():
    async with adapter_at("http://127.0.0.1:1", rates=Rates(posts_per_second=0.5)) as adapter:
        here, there = to("1.1"), to("2.2", chat=DIRECT)
        assert adapter.budgets("edit", here) == adapter.budgets("edit", there)
        assert adapter.budgets("post", here) == adapter.budgets("post", to("3.3"))
        assert adapter.budgets("post", here) != adapter.budgets("post", there)
        [post] = adapter.budgets("post", here)
    assert (post.every, post.burst) == (2.0, 1)
