"""A workflow that asks its user: what is shown, and how the answer reaches it."""

import json

import pytest

from bridge.core.model import Answered, Finished, ReplyEvent, Run, Started
from bridge.coze.errors import CozeError, CozeRefused
from bridge.sandbox.coze import Ask, End, Node, Parameter, Steps, WorkflowCall
from tests.coze.flows import (
    DIALECTS,
    FLOW,
    HISTORY,
    MODES,
    RESUME,
    STREAM,
    STREAM_RESUME,
    Dialect,
    Mode,
    asked,
    flowing,
)
from tests.coze.rig import answering, folded, heard, streaming

# In Coze Studio only what is streamed can ask.
ABLE: list[tuple[Mode, Dialect]] = [*((mode, "cloud") for mode in MODES), ("stream", "studio")]
able = pytest.mark.parametrize(("mode", "dialect"), ABLE)
CITIES = ("Beijing", "Paris")
FORM = {
    "city": Parameter(required=True, description="Where to?"),
    "days": Parameter("integer"),
}


def destination(call: WorkflowCall) -> Steps:
    city = yield Ask("Which city?", CITIES if call.parameters.get("options") else ())
    yield End({"output": f"To {city}"})


def form(_: WorkflowCall) -> Steps:
    filled = yield Ask(type=5, parameters=FORM, title="输入")
    yield End({"output": filled})


def never_content(_: WorkflowCall) -> Steps:
    while True:
        yield Ask("Which city?")


def said(events: list[ReplyEvent]) -> str:
    """All that a user reads, with the question."""
    reply = folded(events)
    return f"{reply.text}\n{reply.asked.question if reply.asked else ''}"


@able
@pytest.mark.parametrize("options", [True, False])
async def test_a_question_is_asked_once_and_its_answer_goes_on(
    mode: Mode, dialect: Dialect, options: bool
) -> None:
    async with flowing(destination, mode=mode, dialect=dialect) as flow:
        events = await flow.run(options=options)
        question = asked(events)
        assert said(events).strip() == "Which city?"
        assert question.options == (CITIES if options else ())
        reply = folded(await flow.answer(question, "Paris"))
        assert (reply.text, reply.status) == ("To Paris", "done")
        assert flow.runs[0].resumed == ["Paris"]
        assert len(flow.runs) == 1
        (body,) = flow.made(STREAM_RESUME if mode == "stream" else RESUME)
    run = flow.runs[0]
    assert body["event_id"].startswith(f"{run.execute_id}/")
    assert body == {
        "workflow_id": FLOW,
        "event_id": body["event_id"],
        "interrupt_type": 2,
        "resume_data": "Paris",
    }


async def test_what_was_said_before_a_question_stays() -> None:
    def script(_: WorkflowCall) -> Steps:
        yield Node("Planner", ("Let us ", "plan."))
        yield Ask("Which city?", CITIES)

    async with flowing(script) as flow:
        events = await flow.run()
        assert said(events).split() == ["Let", "us", "plan.", "Which", "city?"]


async def test_a_question_may_stand_before_the_interrupt_alone() -> None:
    """As in the example of https://docs.coze.cn/developer_guides/workflow_stream_run."""

    def script(_: WorkflowCall) -> Steps:
        yield Ask("Which city?", data="")

    async with flowing(script) as flow:
        events = await flow.run()
        assert said(events).strip() == "Which city?"
        assert folded(await flow.answer(asked(events), "Paris")).status == "done"


@able
async def test_an_input_node_asks_for_its_fields_in_words(mode: Mode, dialect: Dialect) -> None:
    async with flowing(form, mode=mode, dialect=dialect) as flow:
        events = await flow.run()
        question = asked(events)
        assert "{" not in said(events)
        assert ["city" in line for line in question.question.splitlines()] == [True, False]
        assert "days" in question.question
        assert not question.options
        if dialect == "cloud":  # Coze Studio does not tell what they mean
            assert "Where to?" in question.question


@able
@pytest.mark.parametrize(
    ("answer", "filled"),
    [
        ("Paris", {"city": "Paris"}),
        ("the old town", {"city": "the old town"}),
        ("city=Paris days=3", {"city": "Paris", "days": "3"}),
        ('days=3 city="New York"', {"city": "New York", "days": "3"}),
        ("days=3 Paris", {"city": "Paris", "days": "3"}),
        ("a=b", {"city": "a=b"}),
    ],
)
async def test_an_input_node_gets_its_fields_as_json(
    mode: Mode, dialect: Dialect, answer: str, filled: dict[str, str]
) -> None:
    async with flowing(form, mode=mode, dialect=dialect) as flow:
        reply = folded(await flow.answer(await flow.asked(), answer))
        assert reply.status == "done"
        assert json.loads(flow.runs[0].resumed[0]) == filled
        (body,) = flow.made(STREAM_RESUME if mode == "stream" else RESUME)
        assert body["interrupt_type"] == 5


@able
@pytest.mark.parametrize("kind", [1, 6, 7])
async def test_what_no_words_can_answer_is_told_as_such(
    mode: Mode, dialect: Dialect, kind: int
) -> None:
    async with flowing(lambda _: [Ask("Sign in", type=kind)], mode=mode, dialect=dialect) as flow:
        with pytest.raises(CozeRefused, match=f"an interrupt of type {kind}") as error:
            await flow.run()
        assert error.value.say == "error.action"


@pytest.mark.parametrize(
    "data",
    [None, "oops", {}, {"interrupt_data": None}, {"interrupt_data": {"type": "two"}}],
    ids=str,
)
async def test_an_interrupt_of_no_known_type_is_told_as_such(data: object) -> None:
    async with flowing(destination) as flow:
        flow.rig.coze.fail(STREAM, streaming(("Interrupt", data)))
        with pytest.raises(CozeRefused) as error:
            await flow.run()
        assert error.value.say == "error.action"


@able
async def test_a_workflow_may_ask_again(mode: Mode, dialect: Dialect) -> None:
    def script(_: WorkflowCall) -> Steps:
        city = yield Ask("Which city?")
        days = yield Ask("How many days?", ("1", "2"))
        yield End({"output": f"{days} days in {city}"})

    async with flowing(script, mode=mode, dialect=dialect) as flow:
        first = await flow.asked()
        second = asked(await flow.answer(first, "Paris"))
        assert second.options == ("1", "2")
        assert second.resume != first.resume
        assert folded(await flow.answer(second, "2")).text == "2 days in Paris"
    assert len(flow.runs) == 1


async def test_a_stream_can_be_resumed_three_times_and_no_more() -> None:
    async with flowing(never_content) as flow:
        question = await flow.asked()
        for _ in range(2):
            question = asked(await flow.answer(question, "Rome"))
        with pytest.raises(CozeError, match="720701013"):
            await flow.answer(question, "Rome")
        assert flow.runs[0].resumed == ["Rome"] * 3


@able
async def test_a_question_is_answered_once(mode: Mode, dialect: Dialect) -> None:
    async with flowing(destination, mode=mode, dialect=dialect) as flow:
        question = await flow.asked()
        await flow.answer(question, "Paris")
        with pytest.raises(CozeRefused):
            await flow.answer(question, "Rome")
        assert flow.runs[0].resumed == ["Paris"]


@able
async def test_a_question_that_coze_forgot_says_so(mode: Mode, dialect: Dialect) -> None:
    async with flowing(destination, mode=mode, dialect=dialect) as flow:
        question = await flow.asked()
        flow.rig.coze._workflows._executions.clear()
        with pytest.raises(CozeRefused):
            await flow.answer(question, "Rome")


async def test_a_run_in_the_background_that_asked_goes_on_there() -> None:
    async with flowing(destination, mode="async") as flow:
        first = await flow.run()
        run = Run(flow.runs[0].execute_id, FLOW)
        assert first[0] == Started(run)
        events = await flow.answer(asked(first), "Paris")
        assert events[0] == Started(run)
        assert [type(event) for event in events[1:]] == [Answered, Finished]
        for told in (events, await heard(flow.workflow().pick_up(run))):
            assert folded(told).text == "To Paris"


async def test_a_run_that_asks_can_be_picked_up() -> None:
    async with flowing(destination, mode="async") as flow:
        await flow.run(options=True)
        run = Run(flow.runs[0].execute_id, FLOW)
        question = asked(await heard(flow.workflow().pick_up(run)))
        assert (question.question, question.options) == ("Which city?", CITIES)


@pytest.mark.parametrize("status", ["Running", "Interrupted", None])
async def test_a_record_may_tell_what_a_run_waits_for(status: object) -> None:
    """As in the example of https://docs.coze.cn/developer_guides/workflow_history."""
    data = '{"content_type":"text","content":"请输入您的姓名"}'
    needed = {"name": {"type": "string", "required": True}}
    waits = {"data": data, "type": 2, "event_id": "7/8", "required_parameters": needed}
    async with flowing(destination, mode="async") as flow:
        record = {"execute_status": status, "interrupt_data": waits}
        flow.rig.coze.fail(HISTORY, answering([record]))
        question = asked(await flow.run())
        assert question.question == "请输入您的姓名"


async def test_where_coze_studio_lets_nobody_answer_the_user_is_told() -> None:
    async with flowing(destination, mode="blocking", dialect="studio") as flow:
        with pytest.raises(CozeRefused, match="use mode: stream") as error:
            await flow.run()
        assert error.value.say == "error.setup"


async def test_where_coze_studio_does_not_tell_that_a_run_waits_nobody_waits_for_ever() -> None:
    async with flowing(destination, mode="async", dialect="studio") as flow:
        with pytest.raises(CozeRefused, match="use mode: stream") as error:
            await flow.run()
        assert error.value.say in {"error.action", "error.setup"}


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_an_end_node_after_an_answer_says_no_more_than_is_new(dialect: Dialect) -> None:
    def script(_: WorkflowCall) -> Steps:
        city = yield Ask("Which city?")
        yield Node("Guide", ("Off to ", f"{city}!"))
        yield End({"output": f"Off to {city}!"})

    async with flowing(script, dialect=dialect) as flow:
        reply = folded(await flow.answer(await flow.asked(), "Paris"))
        assert reply.text == "Off to Paris!"
