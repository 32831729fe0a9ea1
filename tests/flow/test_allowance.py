"""How much a user may ask for, and what they are told of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.core.model import Usage
from bridge.core.ports import Progress, Spent
from bridge.core.routing import Policy
from bridge.core.texts import say
from bridge.flow import allowance as allowance_module
from bridge.flow.allowance import Allowance
from tests.flow.fake_coze import FakeCoze
from tests.flow.fake_store import FakeLease, FakeLimiter, FakeRecords
from tests.flow.fakes import message
from tests.flow.office import ANN, BEN, Office


class Noon(datetime):
    """It is a quarter past noon, and a moment."""

    @classmethod
    def now(cls, tz=None):
        return datetime(2026, 2, 28, 12, 15, 0, 1, tzinfo=UTC)


class LastMoment(datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance_module, "datetime", Noon)


class Till:
    def __init__(self, *, per_minute: int = 0, per_day: int = 0) -> None:
        self.limiter, self.records = FakeLimiter(), FakeRecords()
        self.allowance = Allowance(self.limiter, self.records, per_minute, per_day)

    def spent(self, *tokens: int, who: str = "ann") -> None:
        """What somebody used, today first: one turn a day."""
        self.records.days[f"user:{who}"] = [Spent(1, each) for each in tokens]

    async def refusal(self, who: str = "ann", language: str = "en", **lease) -> str:
        asked = FakeLease(message("1", language=language), **lease)
        return await self.allowance.refusal(asked, who)


@pytest.mark.parametrize(("tokens", "may"), [(0, True), (99, True), (100, False), (500, False)])
async def test_who_has_used_up_the_day_may_ask_no_more(tokens: int, may: bool):
    till = Till(per_day=100)
    till.spent(tokens)
    assert (await till.refusal() == "") == may


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_who_is_refused_is_told_when_the_next_day_begins(language: str):
    till = Till(per_day=100)
    till.spent(100)
    assert await till.refusal(language=language) == say("budget", language, hours=11, minutes=45)


async def test_a_day_that_is_nearly_over_is_not_told_to_be(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(allowance_module, "datetime", LastMoment)
    till = Till(per_day=100)
    till.spent(100)
    assert await till.refusal() == say("budget", "en", hours=0, minutes=1)


async def test_each_day_and_each_user_has_an_allowance_of_its_own():
    till = Till(per_day=100)
    till.spent(0, 100)
    till.spent(100, who="ben")
    assert await till.refusal() == ""
    assert await till.refusal("ben") != ""


async def test_who_asks_too_often_is_told_how_long_to_wait():
    till = Till(per_minute=2)
    assert [await till.refusal() for _ in range(2)] == ["", ""]
    assert await till.refusal() == say("slow_down", "en", seconds=30)
    assert await till.refusal("ben") == ""


async def test_who_has_used_up_the_day_draws_on_nothing_else():
    till = Till(per_minute=2, per_day=100)
    till.spent(100)
    await till.refusal()
    assert till.limiter.asked == 0


@pytest.mark.parametrize("lease", [{"attempt": 2}, {"progress": Progress(asked=True)}])
async def test_a_message_is_counted_once_however_often_it_is_tried(lease: dict[str, Any]):
    till = Till(per_minute=1, per_day=100)
    till.spent(100)
    assert await till.refusal(**lease) == ""
    assert till.limiter.asked == 0


async def test_without_a_limit_nobody_is_counted():
    till = Till()
    till.spent(10**9)
    till.records.down = till.limiter.down = True
    assert [await till.refusal() for _ in range(100)] == [""] * 100
    assert till.limiter.asked == 0


@pytest.mark.parametrize("away", ["records", "limiter"])
async def test_without_the_store_nobody_is_refused(away: str):
    till = Till(per_minute=1, per_day=100)
    till.spent(0)
    getattr(till, away).down = True
    assert [await till.refusal() for _ in range(3)] == [""] * 3


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_what_was_used_is_told_of_today_and_of_the_month(language: str):
    till = Till()
    till.spent(1200, *[1000] * 40)
    text = await till.allowance.told("ann", language)
    used = {"today_turns": 1, "today_tokens": "1,200", "turns": 30, "tokens": "30,200"}
    assert text == say("usage", language, **used)


async def test_who_used_nothing_is_told_so():
    text = await Till().allowance.told("ann", "en")
    assert "Today: 0 answers, 0 tokens." in text


@pytest.mark.parametrize(("spent", "left"), [(1200, "8,800"), (10_000, "0"), (12_345, "0")])
async def test_what_is_left_of_the_day_is_told_where_it_is_limited(spent: int, left: str):
    till = Till(per_day=10_000)
    till.spent(spent)
    text = await till.allowance.told("ann", "en")
    limit = say("usage.limit", "en", most="10,000", left=left, hours=11, minutes=45)
    assert text.endswith(f"\n\n{limit}")


def dear() -> FakeCoze:
    coze = FakeCoze("Hello.")
    coze.usage = Usage(60, 50, 10)
    return coze


async def test_who_asks_is_who_pays_also_in_a_conversation_that_somebody_else_began():
    policy = Policy("telegram", "bot", session="chat")
    office = Office(coze=dear(), policy=policy, per_day=100)
    await office.turn("1", user="501")
    await office.turn("2", user="502")
    assert [question.user for question in office.coze.asked] == [ANN, ANN]
    assert {who: office.records.days[f"user:{who}"] for who in (ANN, BEN)} == {
        ANN: [Spent(1, 60)],
        BEN: [Spent(1, 60)],
    }


async def test_who_is_refused_costs_nothing_and_is_told_so():
    office = Office(coze=dear(), per_day=100)
    for id_ in "123":
        await office.turn(id_)
    assert len(office.coze.asked) == 2
    assert office.last == say("budget", "en", hours=11, minutes=45)


async def test_commands_of_the_bridge_are_free():
    office = Office(per_minute=1)
    await office.turn("1")
    await office.turn("2", "", "new")
    assert office.last == say("new", "en")
    await office.control("3", "", "usage")
    assert office.last.startswith("Today:")
