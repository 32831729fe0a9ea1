"""How a workflow ends: well, stopped, failed and tried again, and what is kept of it."""

import asyncio
import json
from typing import BinaryIO

import pytest

from bridge.core.errors import (
    BridgeError,
    Denied,
    RateLimited,
    Rejected,
    StoreUnavailable,
    Unavailable,
    Uncertain,
)
from bridge.core.model import FileRef
from bridge.core.ports import Spent, Waiting
from bridge.core.routing import turn_id
from bridge.core.texts import say
from bridge.flow.worker import Job
from tests.flow.errands import (
    CITY,
    COUNT,
    OUTPUT,
    SCAN,
    TEXT,
    office_with,
    trouble,
)
from tests.flow.fake_workflow import FakeWorkflow
from tests.flow.fakes import message
from tests.flow.office import ANN, SESSION, Office


async def test_a_question_that_failed_to_be_answered_can_be_answered_again():
    office, flow = office_with(TEXT, asks=(CITY,))
    await office.turn("1", "a tale", "sum")
    flow.faults.add("resume", Unavailable("502"))
    await office.turn("2", "Rome")
    assert office.last == trouble(office, "error.unavailable")
    await office.turn("3", "Rome")
    assert office.last == OUTPUT
    assert flow.resumed == [("event-1", "Rome")]
    assert len(flow.runs) == 1


async def test_a_question_that_coze_no_longer_asks_is_not_kept():
    office, flow = office_with(TEXT, asks=(CITY,))
    await office.turn("1", "a tale", "sum")
    flow.faults.add("resume", Rejected("it has ended"))
    await office.turn("2", "Rome")
    assert office.memory.waits == {}
    await office.turn("3", "hello")
    assert office.last == "Hello."


async def test_a_stop_while_it_runs_keeps_what_was_said_and_nothing_waits():
    office, flow = office_with(TEXT, says=("half ", "more ", "all"), pace=10.0)
    office.arrives(message("1", "a tale", "sum"))
    job = Job(office.lease)
    working = asyncio.create_task(office.desk.on_turn(job))
    await asyncio.sleep(25)
    job.stop()
    await working
    assert office.last == "half more \n\n⏹ Stopped."
    assert office.memory.waits == {}
    assert len(flow.runs) == 1


async def test_a_stop_while_an_answer_is_on_its_way_closes_the_question():
    office, _ = office_with(TEXT, asks=(CITY,), pace=10.0)
    await office.turn("1", "a tale", "sum")
    office.arrives(message("2", "Rome"))
    job = Job(office.lease)
    working = asyncio.create_task(office.desk.on_turn(job))
    await asyncio.sleep(5)
    job.stop()
    await working
    assert office.memory.waits == {}


async def test_a_stop_while_a_file_is_on_its_way_closes_the_question():
    office, flow = office_with(SCAN)
    await office.turn("1", "", "sum")
    download = office.chat.download

    async def slow(file: FileRef, into: BinaryIO, *, most: int) -> None:
        await asyncio.sleep(100)
        await download(file, into, most=most)

    office.chat.download = slow  # type: ignore[method-assign]
    office.arrives(message("2", "", files=(FileRef("f", "file", "a.pdf"),)))
    job = Job(office.lease)
    working = asyncio.create_task(office.desk.on_turn(job))
    await asyncio.sleep(5)
    job.stop()
    await working
    assert office.memory.waits == {}
    assert flow.runs == []


async def test_a_question_that_cannot_be_shown_is_not_waited_for():
    office, _ = office_with(TEXT, asks=(CITY,), pace=10.0)
    office.chat.faults.add("edit", Rejected("no"), Rejected("not even plain"))
    with pytest.raises(Rejected):
        await office.turn("1", "a tale", "sum")
    assert office.memory.waits == {}


async def test_stop_ends_the_waiting_and_the_next_message_is_for_the_bot():
    office, flow = office_with(TEXT, asks=(CITY,))
    await office.turn("1", "a tale", "sum")
    await office.control("2", "", "stop")
    assert office.last == say("stop.waiting", "en")
    await office.turn("3", "hello")
    assert office.last == "Hello."
    assert flow.resumed == []


@pytest.mark.parametrize(
    "error",
    [Unavailable("502"), RateLimited("busy", retry_after=1), Denied("no"), Rejected("no")],
    ids=lambda error: type(error).__name__,
)
async def test_why_there_is_no_output_is_told_with_a_button_to_try_again(error: BridgeError):
    office, flow = office_with(TEXT)
    flow.faults.add("run", error)
    await office.turn("1", "a tale", "sum")
    assert office.texts == [trouble(office, error.say)]
    assert office.buttons() == [f"retry:{turn_id('1')}"]
    assert flow.runs == []
    await office.turn("2", "", "retry")
    assert office.last == OUTPUT
    assert flow.runs == [(ANN, {"text": "a tale"})]


async def test_what_was_said_before_it_failed_is_kept():
    office, flow = office_with(TEXT)
    flow.faults.add("said", None, Unavailable("cut"))
    await office.turn("1", "a tale", "sum")
    assert office.texts == [f"In short: \n\n{trouble(office, 'error.unavailable')}"]
    assert office.memory.waits == {}


async def test_a_run_whose_beginning_was_not_confirmed_is_not_begun_again_by_itself():
    office, flow = office_with(TEXT)
    flow.faults.add("run", Uncertain("timeout"), happened=True)
    await office.turn("1", "a tale", "sum")
    assert office.texts == [trouble(office, "error.unavailable")]
    assert len(flow.runs) == 1


async def test_a_workflow_whose_inputs_cannot_be_learned_can_be_tried_again():
    office, flow = office_with(TEXT)
    await office.turn("1", "an older question")
    flow.faults.add("parameters", Unavailable("502"))
    await office.turn("2", "a tale", "sum")
    assert office.last == trouble(office, "error.unavailable")
    await office.turn("3", "", "retry")
    assert office.last == OUTPUT
    assert flow.runs == [(ANN, {"text": "a tale"})]
    assert office.coze.sent == 1


async def test_to_try_again_is_to_run_it_with_all_of_its_inputs():
    office, flow = office_with(TEXT, COUNT)
    await office.turn("1", "a tale", "sum")
    flow.faults.add("run", Unavailable("502"))
    await office.turn("2", "3")
    assert office.last == trouble(office, "error.unavailable")
    await office.turn("3", "", "retry")
    assert office.last == OUTPUT
    assert flow.runs == [(ANN, {"text": "a tale", "count": 3})]


async def test_to_try_again_sends_the_files_again_that_coze_has():
    office, flow = office_with(SCAN)
    office.chat.uploads["f"] = b"pdf"
    flow.faults.add("run", Unavailable("502"))
    await office.turn("1", "", "sum", files=(FileRef("f", "file", "a.pdf"),))
    await office.turn("2", "", "retry")
    assert flow.runs == [(ANN, {"scan": json.dumps({"file_id": "file-1"})})]
    assert len(office.services.uploads) == 1


async def test_a_workflow_of_another_bot_can_be_tried_again_too():
    flow = FakeWorkflow(TEXT)
    office = Office(flows={"sum": flow}, owner="other")
    flow.faults.add("run", Unavailable("502"))
    await office.turn("1", "a tale", "sum")
    await office.turn("2", "", "retry")
    assert office.last == OUTPUT
    assert [inputs for _, inputs in flow.runs] == [{"text": "a tale"}]


async def test_retry_after_it_ended_well_runs_it_again():
    office, flow = office_with(TEXT)
    await office.turn("1", "a tale", "sum")
    await office.turn("2", "", "retry")
    assert [inputs for _, inputs in flow.runs] == [{"text": "a tale"}] * 2
    assert office.coze.sent == 0


async def test_the_operator_hears_what_only_they_can_settle():
    office, flow = office_with(TEXT)
    error = Rejected("publish the workflow at Coze")
    error.alert = "Coze 4200"
    flow.faults.add("run", error, error)
    for id_ in "12":
        await office.turn(id_, "a tale", "sum")
    assert office.told == ["⚠️ bot: publish the workflow at Coze"]


async def test_what_a_workflow_used_is_on_the_account_of_its_user():
    office, _ = office_with(TEXT)
    await office.turn("1", "a tale", "sum")
    assert office.records.days[f"user:{ANN}"] == [Spent(1, 23)]
    record = office.records.turns[turn_id("1")]
    assert (record.bot, record.status, record.message) == ("bot", "done", "1")
    assert record.run is None


async def test_a_workflow_that_takes_too_long_is_ended_and_waits_for_nothing():
    flow = FakeWorkflow(TEXT, says=tuple("abcdefgh"), pace=10.0)
    office = Office(flows={"sum": flow}, turn_timeout=25.0)
    await office.turn("1", "a tale", "sum")
    assert office.last == f"ab\n\n{trouble(office, 'error.timeout')}"
    assert office.memory.waits == {}


async def test_a_question_that_was_answered_is_closed_also_in_a_full_store():
    office, flow = office_with(TEXT, asks=(CITY,))
    await office.turn("1", "a tale", "sum")
    office.records.full = True
    await office.turn("2", "Rome")
    assert office.memory.waits == {}
    await office.turn("3", "hello")
    assert flow.resumed == [("event-1", "Rome")]


async def test_a_full_store_keeps_no_output_from_its_user():
    office, _ = office_with(TEXT)
    office.records.full = office.memory.full = True
    await office.turn("1", "a tale", "sum")
    assert office.texts == [OUTPUT]


async def test_a_store_that_is_away_when_it_asks_is_left_to_the_inbox():
    office, _ = office_with(TEXT, COUNT)
    office.memory.full = True
    with pytest.raises(StoreUnavailable):
        await office.turn("1", "a tale", "sum")
    assert office.texts == []


async def test_a_workflow_that_is_no_longer_configured_waits_for_nothing():
    office, _ = office_with(TEXT)
    office.memory.waits[SESSION] = Waiting("gone", resume="event-1")
    await office.turn("1", "hello")
    assert office.texts == ["Hello."]
