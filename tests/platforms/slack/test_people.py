"""Who speaks: asked for once, and never in the way."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.core.model import User
from bridge.platforms.slack import people
from bridge.platforms.slack.people import People
from tests.platforms.slack.oddslack import OddSlack, adapter_before
from tests.platforms.waiting import until

SEEN = User("U0ANN")
CHINESE = User("U0ANN", language="zh")


@pytest.fixture
def host() -> OddSlack:
    return OddSlack()


@pytest.fixture
async def asking(host: OddSlack) -> AsyncIterator[People]:
    """Asks `host` about people."""
    async with adapter_before(host) as adapter:
        yield adapter._people


@pytest.mark.parametrize(
    ("user", "name"),
    [
        ({"name": "ann", "real_name": "Ann Lee", "profile": {"display_name": "annie"}}, "annie"),
        ({"name": "ann", "real_name": "Ann Lee", "profile": {"display_name": ""}}, "Ann Lee"),
        ({"name": "ann"}, "ann"),
        ({"name": None, "profile": None, "locale": None}, "known"),
        ({}, "known"),
    ],
)
async def test_a_user_goes_by_the_name_that_people_see(
    host: OddSlack, asking: People, user: dict[str, Any], name: str
):
    host.user = user
    assert await asking.introduced(User("U0ANN", "known")) == User("U0ANN", name)
    [(method, params)] = host.calls
    assert (method, params) == ("users.info", {"user": "U0ANN", "include_locale": "1"})


@pytest.mark.parametrize(
    ("locale", "seen", "language"),
    [
        ("zh-CN", "en", "zh-CN"),
        ("zh-TW", "zh", "zh-TW"),
        ("de-DE", "en", "de-DE"),
        ("ja-JP", "zh", "ja-JP"),
        ("en-US", "en", "en-US"),
        ("en-US", "zh", "zh"),
        ("en-GB", "zh", "zh"),
        ("", "zh", "zh"),
        ("", "en", "en"),
    ],
)
async def test_a_language_that_was_chosen_counts_more_than_one_that_is_seen(
    host: OddSlack, asking: People, locale: str, seen: str, language: str
):
    host.user["locale"] = locale
    user = await asking.introduced(User("U0ANN", language=seen))
    assert user.language == language


async def test_a_user_is_asked_for_once_an_hour(
    host: OddSlack, asking: People, monkeypatch: pytest.MonkeyPatch
):
    now = 1000.0
    monkeypatch.setattr(people, "_now", lambda: now)
    for _ in range(3):
        await asking.introduced(SEEN)
    now += 3599
    await asking.introduced(SEEN)
    assert len(host.calls) == 1
    now += 2
    host.user["name"] = "anna"
    assert (await asking.introduced(SEEN)).name == "anna"
    assert len(host.calls) == 2


async def test_two_messages_at_once_ask_once(host: OddSlack, asking: People):
    both = await asyncio.gather(asking.introduced(SEEN), asking.introduced(CHINESE))
    assert [user.name for user in both] == ["ann", "ann"]
    assert len(host.calls) == 1


@pytest.mark.parametrize("error", ["missing_scope", "user_not_found", "internal_error"])
async def test_who_is_not_told_stays_as_seen_and_is_asked_for_a_minute_later(
    host: OddSlack, asking: People, monkeypatch: pytest.MonkeyPatch, error: str
):
    now = 1000.0
    monkeypatch.setattr(people, "_now", lambda: now)
    host.refuse["users.info"] = error
    for _ in range(3):
        assert await asking.introduced(CHINESE) == CHINESE
    assert len(host.calls) == 1
    del host.refuse["users.info"]
    now += 61
    assert (await asking.introduced(CHINESE)).name == "ann"


async def test_who_was_known_stays_known_when_nothing_more_is_told(
    host: OddSlack, asking: People, monkeypatch: pytest.MonkeyPatch
):
    now = 1000.0
    monkeypatch.setattr(people, "_now", lambda: now)
    await asking.introduced(SEEN)
    host.drop = "users.info"
    now += 3601
    assert (await asking.introduced(SEEN)).name == "ann"
    assert asking.name("U0ANN") == "ann"


async def test_a_slow_answer_is_not_waited_for_but_serves_the_next_message(
    host: OddSlack, asking: People, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(people, "_PATIENCE", 0.01)
    host.slow.clear()
    assert await asking.introduced(SEEN) == SEEN
    assert await asking.introduced(SEEN) == SEEN
    host.slow.set()
    await until(lambda: asking.name("U0ANN") == "ann")
    assert (await asking.introduced(SEEN)).name == "ann"
    assert len(host.calls) == 1


async def test_who_is_not_to_be_asked_for_is_only_known_or_not(host: OddSlack, asking: People):
    assert await asking.introduced(SEEN, ask=False) == SEEN
    assert host.calls == []
    await asking.introduced(SEEN)
    assert (await asking.introduced(SEEN, ask=False)).name == "ann"
    assert len(host.calls) == 1


async def test_not_everybody_is_remembered_for_ever(
    host: OddSlack, asking: People, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(people, "_MOST", 2)
    for user in ("U1", "U2", "U3"):
        await asking.introduced(User(user))
    assert [asking.name(user) for user in ("U1", "U2", "U3")] == ["", "ann", "ann"]


async def test_it_stops_while_it_asks(host: OddSlack, asking: People):
    host.slow.clear()
    waiting = asyncio.create_task(asking.introduced(SEEN))
    await until(lambda: host.calls)
    await asking.aclose()
    assert await waiting == SEEN
    host.slow.set()
