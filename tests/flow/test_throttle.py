import asyncio

import pytest

from bridge.core.ports import Budget
from bridge.flow.throttle import Rank, Throttle
from tests.flow.clock import now, settled
from tests.flow.fake_store import FakeLimiter

CHAT, BOT = Budget("chat", 1.0, 1), Budget("bot", 0.1, 4)


class Crowd:
    """Callers of one throttle, and the order and time in which they were let in."""

    def __init__(self) -> None:
        self.limiter = FakeLimiter()
        self.throttle = Throttle(self.limiter)
        self.let_in: list[tuple[str, float]] = []
        self.callers: list[asyncio.Task[None]] = []

    async def come(self, name: str, rank: Rank, *budgets: Budget) -> asyncio.Task[None]:
        async def call() -> None:
            await self.throttle.admit(budgets, rank)
            self.let_in.append((name, round(now(), 3)))

        self.callers.append(asyncio.create_task(call()))
        await asyncio.sleep(0)
        return self.callers[-1]

    async def all_in(self) -> list[str]:
        await asyncio.gather(*self.callers, return_exceptions=True)
        return [name for name, _ in self.let_in]


async def test_who_may_go_goes_at_once():
    crowd = Crowd()
    await crowd.come("a", Rank.EDIT, CHAT)
    assert await crowd.all_in() == ["a"]
    assert now() < 0.001


async def test_no_budgets_are_no_wait():
    crowd = Crowd()
    await crowd.come("a", Rank.EDIT)
    assert await crowd.all_in() == ["a"]


async def test_finals_go_before_firsts_and_firsts_before_edits():
    crowd = Crowd()
    await crowd.come("spent", Rank.FINAL, CHAT)
    for name, rank in [
        ("edit 1", Rank.EDIT),
        ("first 1", Rank.FIRST),
        ("final 1", Rank.FINAL),
        ("edit 2", Rank.EDIT),
        ("final 2", Rank.FINAL),
        ("first 2", Rank.FIRST),
    ]:
        await crowd.come(name, rank, CHAT)
    names = await crowd.all_in()
    assert names[1:] == ["final 1", "final 2", "first 1", "first 2", "edit 1", "edit 2"]
    assert [at for _, at in crowd.let_in] == pytest.approx(range(7), abs=0.01)


async def test_a_final_that_comes_late_overtakes_those_who_wait():
    crowd = Crowd()
    await crowd.come("spent", Rank.FINAL, CHAT)
    await crowd.come("edit", Rank.EDIT, CHAT)
    await asyncio.sleep(0.5)
    await crowd.come("final", Rank.FINAL, CHAT)
    assert (await crowd.all_in())[1:] == ["final", "edit"]


async def test_one_chats_closed_budget_delays_no_other_chat():
    crowd = Crowd()
    await crowd.throttle.close(CHAT, 60.0)
    await crowd.come("closed", Rank.FINAL, CHAT, BOT)
    for number in range(3):
        await crowd.come(f"open {number}", Rank.EDIT, Budget(f"chat {number}", 1.0, 1), BOT)
    await settled()
    names = [name for name, at in crowd.let_in if at < 1.0]
    assert len(names) == 2  # edits leave half of the bot's burst alone
    await crowd.all_in()
    assert crowd.let_in[-1][0] == "closed"
    assert crowd.let_in[-1][1] >= 60.0
    assert crowd.let_in[-2][1] < 1.0


async def test_edits_leave_half_of_a_burst_to_finals():
    crowd = Crowd()
    slow = Budget("bot", 10.0, 4)
    for number in range(4):
        await crowd.come(f"edit {number}", Rank.EDIT, slow)
    await settled()
    assert [name for name, _ in crowd.let_in] == ["edit 0", "edit 1"]
    await crowd.come("final", Rank.FINAL, slow)
    await crowd.come("first", Rank.FIRST, slow)
    await settled()
    assert [name for name, _ in crowd.let_in][2:] == ["final", "first"]
    for caller in crowd.callers:
        caller.cancel()


async def test_a_pause_holds_back_all_ranks_until_it_ends():
    crowd = Crowd()
    await crowd.throttle.close(BOT, 30.0)
    for rank in Rank:
        await crowd.come(rank.name, rank, BOT)
    assert await crowd.all_in() == ["FINAL", "FIRST", "EDIT"]
    assert all(at >= 30.0 for _, at in crowd.let_in)


async def test_a_cancelled_waiter_costs_nobody_his_turn():
    crowd = Crowd()
    await crowd.come("spent", Rank.FINAL, CHAT)
    gone = await crowd.come("gone", Rank.FINAL, CHAT)
    await crowd.come("here", Rank.EDIT, CHAT)
    await asyncio.sleep(0.5)
    gone.cancel()
    assert await crowd.all_in() == ["spent", "here"]
    assert crowd.let_in[-1][1] == pytest.approx(1.0, abs=0.01)


async def test_when_all_waiters_have_gone_the_next_is_let_in_as_usual():
    crowd = Crowd()
    await crowd.come("spent", Rank.FINAL, CHAT)
    gone = await crowd.come("gone", Rank.FINAL, CHAT)
    await settled()
    gone.cancel()
    await settled()
    await crowd.come("next", Rank.FINAL, CHAT)
    assert await crowd.all_in() == ["spent", "next"]


async def test_without_the_store_everyone_is_let_in():
    crowd = Crowd()
    crowd.limiter.down = True
    for number in range(5):
        await crowd.come(str(number), Rank.EDIT, CHAT)
    assert len(await crowd.all_in()) == 5
    assert now() < 0.001


async def test_without_the_store_a_named_pause_is_kept_here():
    crowd = Crowd()
    crowd.limiter.down = True
    await crowd.throttle.close(CHAT, 20.0)
    await crowd.come("a", Rank.FINAL, CHAT)
    await crowd.all_in()
    assert now() >= 20.0


async def test_who_waits_does_not_ask_the_store_again_and_again():
    crowd = Crowd()
    await crowd.throttle.close(CHAT, 600.0)
    await crowd.come("a", Rank.FINAL, CHAT)
    await crowd.all_in()
    assert crowd.limiter.asked <= 2


async def test_replicas_share_what_there_is():
    crowd, other = Crowd(), Crowd()
    other.limiter = crowd.limiter
    other.throttle = Throttle(crowd.limiter)
    for number in range(3):
        await crowd.come(f"here {number}", Rank.FINAL, CHAT)
        await other.come(f"there {number}", Rank.FINAL, CHAT)
    await crowd.all_in()
    await other.all_in()
    times = sorted(at for _, at in crowd.let_in + other.let_in)
    assert times == pytest.approx(range(6), abs=0.01)


async def test_a_long_line_is_no_pause_that_is_given_up():
    crowd = Crowd()

    async def final() -> None:
        await crowd.throttle.admit((CHAT,), Rank.FINAL, longest=10.0)

    await asyncio.gather(*(final() for _ in range(50)))
    assert now() == pytest.approx(49.0, abs=0.01)


async def test_the_longest_of_two_pauses_counts():
    crowd = Crowd()
    await crowd.throttle.close(CHAT, 20.0)
    await crowd.throttle.close(CHAT, 1.0)
    crowd.limiter.due.clear()  # as a store that was away would have it
    await crowd.come("a", Rank.FINAL, CHAT)
    await crowd.all_in()
    assert now() >= 20.0
