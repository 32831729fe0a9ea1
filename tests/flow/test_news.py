"""A group is told of one trouble once, not for each of the messages that wait."""

import asyncio

import pytest

from bridge.core.errors import Denied, Unavailable
from bridge.core.ports import Progress
from bridge.core.texts import say
from bridge.flow.news import QUIET_FOR
from tests.flow.fake_coze import FakeCoze
from tests.flow.fakes import message
from tests.flow.office import Office


def office_without_coze() -> Office:
    office = Office()
    office.coze.faults.add("ask", *[Unavailable("502")] * 9)
    return office


async def asks(office: Office, *ids: str, private: bool = False, **more: str) -> None:
    for id_ in ids:
        await office.turn(id_, private=private, **more)


async def test_each_member_of_a_group_meets_the_trouble_and_one_is_told():
    office = office_without_coze()
    await asks(office, "1", "2", "3")
    assert len(office.texts) == 1
    assert say("error.unavailable", "en") in office.last
    assert office.coze.sent == 3
    assert {record.status for record in office.records.turns.values()} == {"failed"}


async def test_after_a_while_it_is_told_again():
    office = office_without_coze()
    await asks(office, "1")
    await asyncio.sleep(QUIET_FOR)
    await asks(office, "2")
    assert len(office.texts) == 2


async def test_another_trouble_is_news_and_so_is_the_same_in_another_topic():
    office = Office()
    office.coze.faults.add("ask", Unavailable("502"), Denied("token"), Unavailable("502"))
    await asks(office, "1", "2")
    assert say("error.setup", "en") in office.last
    await asks(office, "3", thread="5")
    assert len(office.texts) == 3


async def test_alone_with_the_bot_everybody_is_told_each_time():
    office = office_without_coze()
    await asks(office, "1", "2", private=True)
    assert len(office.texts) == 2


async def test_what_was_said_stays_with_its_trouble_below():
    office = Office(coze=FakeCoze("Hello ", "there."))
    office.coze.faults.add("said", *[None, Unavailable("cut")] * 2)
    await asks(office, "1", "2")
    assert len(office.texts) == 2
    assert all("⚠️" in text and text.startswith("Hello") for text in office.texts)


async def test_a_status_that_was_shown_goes():
    office = Office(coze=FakeCoze("Hello.", pace=5.0))
    office.coze.thinks = "Hm."
    office.coze.faults.add("said", *[Unavailable("cut")] * 2)
    await asks(office, "1", "2")
    assert len(office.chat.called("post")) == 2
    assert len(office.texts) == 1


@pytest.mark.parametrize("why", ["tried again", "handed over", "the store is away"])
async def test_who_may_not_have_seen_it_is_told(why: str):
    office = office_without_coze()
    await asks(office, "1")
    office.chat.messages.clear()
    office.records.down = why == "the store is away"
    office.arrives(message("2", private=False))
    office.lease.attempt = 2 if why == "tried again" else 1
    office.lease.progress = Progress(asked=why == "handed over")
    await office.again()
    assert say("error.unavailable", "en") in office.last
