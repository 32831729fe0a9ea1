"""Where nobody can be answered any more, all that was to be said there ends quietly."""

import asyncio

import pytest

from bridge.core.errors import BridgeError, ChatClosed, ChatGone, Gone
from bridge.core.ports import ALL, Offer, Waiting
from bridge.flow.worker import Job, Worker
from tests.flow.fake_coze import FakeCoze
from tests.flow.fake_inbox import FakeInbox
from tests.flow.fake_store import FakeLease
from tests.flow.fakes import HERE, message
from tests.flow.office import SESSION, Office

CLOSED = [ChatClosed("bot was blocked by the user"), ChatGone("user is deactivated")]


def office_at_work() -> Office:
    """A long answer, in a session that remembers a good deal."""
    office = Office(coze=FakeCoze(*"abcdefgh", pace=10.0))
    office.talks("c1")
    office.memory.waits[SESSION] = Waiting("summary")
    office.memory.bots[SESSION] = "bot"
    office.records.offers[SESSION] = Offer(HERE, "m9", "x", "t")
    return office


@pytest.mark.parametrize("error", CLOSED, ids=["blocked", "gone"])
@pytest.mark.parametrize("call", ["post", "edit"])
async def test_the_run_ends_and_what_waits_is_dropped(error: BridgeError, call: str):
    office = office_at_work()
    office.records.offers.clear()
    office.chat.faults.add(call, error)
    with pytest.raises(ChatClosed):
        await office.turn("1")
    assert [run.chat for run in office.coze.cancelled] == ["r1"]
    assert office.turns.stopped == [(SESSION, ALL)]
    assert len(office.chat.called(call)) == 1


@pytest.mark.parametrize(("error", "ends"), [*zip(CLOSED, (False, True), strict=True)], ids=str)
async def test_a_chat_that_is_gone_ends_its_sessions_and_one_that_is_closed_does_not(
    error: BridgeError, *, ends: bool
):
    office = office_at_work()
    office.chat.faults.add("post", error)
    with pytest.raises(ChatClosed):
        await office.turn("1")
    assert bool(office.groups.ended) == ends
    assert office.memory.talks


async def test_a_command_in_a_chat_that_is_gone_ends_its_sessions_too():
    office = office_at_work()
    office.chat.faults.add("post", CLOSED[1])
    with pytest.raises(ChatGone):
        await office.control("1", "", "help")
    assert office.groups.ended == ["7"]


async def test_a_message_that_is_gone_ends_nothing():
    office = office_at_work()
    office.memory.waits.clear()
    office.chat.faults.add("edit", Gone("message to edit not found"))
    await office.turn("1")
    assert "abcdefgh" in office.last
    assert office.memory.talks


@pytest.mark.parametrize("error", CLOSED, ids=["blocked", "gone"])
async def test_nobody_is_alarmed_and_it_is_not_tried_again(
    error: BridgeError, caplog: pytest.LogCaptureFixture
):
    async def handle(_: Job) -> None:
        raise error

    inbox, lease = FakeInbox(), FakeLease(message())
    inbox.due = [lease]
    worker = Worker(inbox, handle, slots=1, renew_every=5.0)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await worker.drain(0)
    assert lease.end == "finished"
    assert [record for record in caplog.records if record.levelname != "INFO"] == []
