"""The process dies at each step of a workflow; it is never run, nor answered, a second time."""

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from bridge.core.errors import LeaseLost
from bridge.core.model import Shown
from bridge.core.ports import Progress, Waiting
from bridge.core.routing import turn_id
from tests.flow.clock import run
from tests.flow.errands import (
    CITY,
    COUNT,
    MONTH,
    OUTPUT,
    TEXT,
    office_with,
    question,
    trouble,
)
from tests.flow.fake_workflow import NAMED, FakeWorkflow
from tests.flow.fakes import Crash, Fate, message
from tests.flow.office import SESSION, Office

Begin = Callable[[], Awaitable[tuple[Office, FakeWorkflow]]]
when = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


async def lives(begin: Begin, *fates: Fate) -> tuple[Office, FakeWorkflow, int]:
    """Let processes die at the last message as told, then one that lives."""
    office, flow = await begin()
    deaths = 0
    for fate in fates:
        office.live(fate)
        try:
            await office.again()
        except Crash:
            deaths += 1
        else:
            break
    office.live(Fate())
    if deaths == len(fates):
        await office.again()
    return office, flow, deaths


def each_step(begin: Begin, check: Callable[[Office, FakeWorkflow], None], *, after: bool) -> int:
    """Die at each step, once; returns how many steps there are."""
    for at in itertools.count():
        office, flow, deaths = run(lives(begin, Fate(at, after)))
        check(office, flow)
        assert office.chat.complaints == []
        assert len(office.texts) == len(set(office.texts)), "posted twice"
        if not deaths:
            return at
    raise AssertionError


def begins(*declared, text: str = "a tale", **more) -> Begin:
    """The command has arrived."""

    async def begin() -> tuple[Office, FakeWorkflow]:
        office, flow = office_with(*declared, **{"pace": 2.0, **more})
        office.arrives(message("1", text, "sum"))
        return office, flow

    return begin


def goes_on(begin: Begin, *texts: str) -> Begin:
    """The command has been answered, and all of these but the last, which has arrived."""

    async def later() -> tuple[Office, FakeWorkflow]:
        office, flow = await begin()
        await office.again()
        for number, text in enumerate(texts[:-1], 2):
            await office.turn(str(number), text)
        office.arrives(message(str(len(texts) + 1), texts[-1]))
        return office, flow

    return later


@when
def test_a_workflow_is_never_run_twice(after: bool):
    def check(office: Office, flow: FakeWorkflow) -> None:
        broken_off = trouble(office, "error.broken_off")
        assert office.texts in ([OUTPUT], [broken_off])
        assert len(flow.runs) <= 1, "run twice"
        assert flow.runs or office.texts == [broken_off], "an output of nothing"
        assert office.memory.waits == {}

    assert each_step(begins(TEXT), check, after=after) > 8


def test_before_it_may_have_run_a_crash_costs_nothing():
    async def story() -> int:
        for at in itertools.count():
            office, flow = await begins(TEXT)()
            office.live(Fate(at))
            with pytest.raises(Crash):
                await office.again()
            if office.lease.progress.asked:
                return at
            office.live(Fate())
            await office.again()
            assert office.texts == [OUTPUT]
            assert len(flow.runs) == 1
        raise AssertionError

    assert run(story()) > 1


@when
def test_a_run_that_coze_named_is_picked_up_wherever_the_bridge_died(after: bool):
    def check(office: Office, flow: FakeWorkflow) -> None:
        assert len(flow.runs) <= 1, "run twice"
        if office.lease.progress.run:
            assert office.texts == [OUTPUT]
            assert len(flow.runs) == 1
        else:
            assert office.texts == [trouble(office, "error.broken_off")]

    assert each_step(begins(TEXT, named=True), check, after=after) > 8


async def test_a_run_that_is_picked_up_is_not_run():
    office, flow = office_with(TEXT, named=True)
    office.arrives(message("1", "a tale", "sum"))
    office.lease.progress = Progress(asked=True, conversation="w1", run=NAMED)
    await office.again()
    assert office.texts == [OUTPUT]
    assert (flow.runs, flow.picked_up) == ([], [NAMED])


async def test_a_run_without_a_name_is_said_to_have_broken_off():
    office, flow = office_with(TEXT)
    office.arrives(message("1", "a tale", "sum"))
    office.lease.progress = Progress(asked=True)
    await office.again()
    assert office.texts == [trouble(office, "error.broken_off")]
    assert office.buttons() == [f"retry:{turn_id('1')}"]
    assert flow.runs == []


@when
def test_a_question_of_the_workflow_is_open_or_broken_off(after: bool):
    def check(office: Office, flow: FakeWorkflow) -> None:
        assert len(flow.runs) <= 1, "run twice"
        if office.memory.waits:
            assert office.texts == ["❓ Which city?"]
            assert office.buttons() == ["answer:shkpsvhf:0", "answer:shkpsvhf:1"]
            run(office.turn("2", "Rome"))
            assert office.last == OUTPUT
            assert flow.resumed == [("event-1", "Rome")]
        else:
            assert office.texts == [trouble(office, "error.broken_off")]

    assert each_step(begins(TEXT, asks=(CITY,)), check, after=after) > 8


@pytest.mark.parametrize("said", [False, True], ids=["", "said"])
def test_a_question_that_was_stored_is_asked_by_the_successor(said: bool):
    asked = replace(CITY, question="") if said else CITY

    async def story() -> None:
        for at in itertools.count():
            office, flow = await begins(TEXT, asks=(asked,))()
            flow.leads_in = "Which city?" if said else ""
            office.live(Fate(at))
            with pytest.raises(Crash):
                await office.again()
            if office.memory.waits:
                break
        office.live(Fate())
        await office.again()
        assert office.texts == ["❓ Which city?"]
        assert office.memory.waits[SESSION].resume == "event-1"
        assert len(flow.runs) == 1

    run(story())


@when
def test_an_answer_reaches_a_workflow_once(after: bool):
    def check(office: Office, flow: FakeWorkflow) -> None:
        assert len(flow.runs) == 1
        assert len(flow.resumed) <= 1, "answered twice"
        assert office.last in (OUTPUT, trouble(office, "error.broken_off"))
        assert flow.resumed or office.last != OUTPUT
        assert office.memory.waits == {}

    begin = goes_on(begins(TEXT, asks=(CITY,)), "Rome")
    assert each_step(begin, check, after=after) > 8


@when
def test_an_answer_is_not_taken_for_that_to_the_next_question(after: bool):
    def check(office: Office, flow: FakeWorkflow) -> None:
        assert flow.resumed in ([], [("event-1", "Rome")])
        assert office.last in ("❓ Which month?", trouble(office, "error.broken_off"))
        if office.memory.waits:
            assert office.last == "❓ Which month?"

    begin = goes_on(begins(TEXT, asks=(CITY, MONTH)), "Rome")
    assert each_step(begin, check, after=after) > 8


@when
def test_an_input_is_asked_for_wherever_the_bridge_died(after: bool):
    def check(office: Office, flow: FakeWorkflow) -> None:
        assert office.texts == [question("input.needed", "text", about="What to sum up")]
        assert office.memory.waits[SESSION].missing == "text"
        assert flow.runs == []

    assert each_step(begins(TEXT, COUNT, text=""), check, after=after) > 4


@when
def test_an_input_is_not_taken_for_the_next_one(after: bool):
    def check(office: Office, flow: FakeWorkflow) -> None:
        assert office.last == question("input.needed", "count")
        assert office.memory.waits[SESSION].inputs == {"text": "a tale"}
        assert flow.runs == []

    begin = goes_on(begins(TEXT, COUNT, text=""), "a tale")
    assert each_step(begin, check, after=after) > 4


@when
@pytest.mark.parametrize("named", [False, True], ids=["", "named"])
def test_a_workflow_whose_inputs_were_asked_for_is_never_run_twice(after: bool, named: bool):
    def check(office: Office, flow: FakeWorkflow) -> None:
        assert len(flow.runs) <= 1
        assert all(inputs == {"text": "a tale", "count": 3} for _, inputs in flow.runs)
        assert office.last in (OUTPUT, trouble(office, "error.broken_off"))
        assert office.last == OUTPUT or not office.lease.progress.run
        assert office.memory.waits == {}

    begin = goes_on(begins(TEXT, COUNT, text="", named=named), "a tale", "3")
    assert each_step(begin, check, after=after) > 8


@when
def test_a_second_crash_changes_nothing(after: bool):
    for first in (3, 5, 7):
        for second in itertools.count():
            fates = Fate(first, after), Fate(second, after)
            office, flow, deaths = run(lives(begins(TEXT, named=True), *fates))
            assert len(flow.runs) <= 1
            if office.lease.progress.run:
                assert office.texts == [OUTPUT]
            if deaths < 2:
                break


async def test_who_lost_the_lease_runs_nothing():
    office, flow = office_with(TEXT)
    office.arrives(message("1", "a tale", "sum"))
    office.lease.lost = True
    with pytest.raises(LeaseLost):
        await office.again()
    assert flow.runs == []
    assert office.texts == []


async def test_a_stop_that_was_stored_ends_what_the_process_before_was_at():
    office, flow = office_with(TEXT)
    office.arrives(message("1", "a tale", "sum"))
    office.memory.waits[SESSION] = Waiting("sum", resume="event-1")
    office.lease.progress = Progress(asked=True, stop=True)
    await office.again()
    assert office.texts == ["⏹ Stopped."]
    assert office.memory.waits == {}
    assert flow.runs == []


async def test_what_was_posted_before_a_crash_is_gone_on_with():
    office, flow = office_with(TEXT, named=True)
    office.arrives(message("1", "a tale", "sum"))
    await office.again()
    office.lease.progress = Progress(
        asked=True, conversation="w1", run=NAMED, shown=(Shown("m0"),)
    )
    await office.again()
    assert len(office.chat.called("post")) == 1
    assert office.texts == [OUTPUT]
    assert len(flow.runs) == 1
