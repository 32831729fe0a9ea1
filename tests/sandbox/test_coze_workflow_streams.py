"""Workflows that stream, ask, and go on."""

import asyncio
import json
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from bridge.sandbox.coze import (
    Ask,
    End,
    Fail,
    Node,
    Parameter,
    Ping,
    Step,
    Steps,
    WorkflowCall,
)
from tests.sandbox.workflow_talk import (
    RESUME,
    RUN,
    STREAM,
    STREAM_RESUME,
    flowing,
    names,
    parsed,
    said,
)

UNKNOWN = "7300000000000000999"


def talking(call: WorkflowCall) -> Iterator[Step]:
    yield Node("Reader", ("I ", "read."))
    yield Node("Silent")
    yield Node("Writer", ("为什么",))
    yield End({"output": call.parameters.get("input", "")}, usage=(30, 12))


def travelling(_: WorkflowCall) -> Steps:
    yield Node("Planner", ("Let us plan.",))
    city = yield Ask("Which city?", ("Beijing", "Paris"))
    days = yield Ask("How many days?", title="Days")
    yield End(f"{days} days in {city}")


def insisting(_: WorkflowCall) -> Steps:
    answer = ""
    while answer != "yes":
        answer = yield Ask("Really?")
    yield End({"output": answer})


async def test_each_node_speaks_in_numbered_packets_and_the_end_tells_the_cost() -> None:
    async with flowing(talking) as talk:
        events = await talk.stream({"input": "a"})
    assert names(events) == ["Message"] * 4 + ["Done"]
    assert said(events) == [
        ("Reader", "I read."),
        ("Writer", "为什么"),
        ("End", '{"output":"a"}'),
    ]
    packets = [data for name, data in events if name == "Message"]
    numbers = [(packet["node_seq_id"], packet["node_is_finish"]) for packet in packets]
    assert numbers == [("0", False), ("1", True), ("0", True), ("0", True)]
    for _, node in groupby(packets, lambda packet: packet["node_title"]):
        assert len({(packet["node_id"], packet["node_execute_uuid"]) for packet in node}) == 1
    assert [packet.get("usage", {}).get("token_count") for packet in packets] == [None] * 3 + [42]
    assert f"execute_id={talk.last.execute_id}&" in events[-1][1]["debug_url"]


async def test_a_text_at_the_end_is_streamed() -> None:
    async with flowing(lambda _: [End("It is done.")], content="{{output}}") as talk:
        events = await talk.stream()
    assert said(events) == [("End", "It is done.")]
    assert len(events) == 4


def lines(stream: bytes) -> list[list[str]]:
    """The kinds of lines of each event: what stands before the values of its fields."""
    blocks = stream.decode().strip().split("\n\n")
    kinds = [[re.sub(r"(?<=: ).*", "", line) for line in block.split("\n")] for block in blocks]
    return [list(kind) for kind in kinds]


async def test_a_stream_has_the_lines_of_the_recorded_one(fixtures: Path) -> None:
    recorded = (fixtures / "workflow_run_stream_resp.txt").read_bytes()
    async with flowing(travelling) as talk:
        response = await talk.http.post(STREAM, json=talk.body())
    kinds = {tuple(kind) for kind in lines(response.content)}
    assert kinds == {tuple(kind) for kind in lines(recorded)} == {("id: ", "event: ", "data: ")}
    streamed = dict(parsed(response.content))
    for block in recorded.decode().strip().split("\n\n"):
        _, event, data = block.split("\n")
        fields = json.loads(data.removeprefix("data: ")).keys()
        name = event.removeprefix("event: ")
        if name in streamed:
            assert fields - {"cost", "token"} <= streamed[name].keys()  # those of the end
    assert {"Message", "Interrupt"} == streamed.keys()


async def test_the_cloud_shows_that_it_is_there() -> None:
    async with flowing(lambda _: [Ping(), Node("Writer", ("a",)), Ping(), End({})]) as talk:
        events = await talk.stream()
    assert names(events) == ["PING", "Message", "PING", "Message", "Done"]
    assert events[0][1] == {}


async def test_a_stream_that_fails_ends_with_an_error() -> None:
    async with flowing(lambda _: [Node("Writer", ("a",)), Fail(4000, "no")]) as talk:
        events = await talk.stream()
    assert names(events) == ["Message", "Error"]
    assert (events[1][1]["error_code"], events[1][1]["error_message"]) == (4000, "no")
    assert talk.last.error == (4000, "no")


async def test_the_cloud_finds_a_wrong_parameter_when_it_streams() -> None:
    declared = {"input": Parameter(required=True), "n": Parameter("integer")}
    async with flowing(talking, parameters=declared) as talk:
        missing = await talk.stream()
        wrong = await talk.stream({"input": "a", "n": "b"})
    for events in (missing, wrong):
        assert names(events) == ["Error"]
        assert events[0][1]["error_code"] == 4000
    assert talk.coze.workflow_runs == []


async def test_a_question_ends_the_stream_and_its_answer_begins_another() -> None:
    async with flowing(travelling) as talk:
        first = await talk.stream()
        asked, waits = first[-2][1], first[-1][1]
        second = await talk.resume("Paris")
        third = await talk.resume("3")
        history = await talk.history()
    assert names(first) == ["Message", "Message", "Interrupt"]
    assert (asked["content"], asked["node_title"]) == ("Which city?", "问答")
    assert asked["node_is_finish"] is True
    assert waits["node_title"] == "问答"
    assert waits["interrupt_data"]["type"] == 2
    assert waits["interrupt_data"]["event_id"].startswith(f"{talk.last.execute_id}/")
    assert names(second) == ["Message", "Interrupt"]  # whose numbers begin at 0 again
    assert second[-1][1]["node_title"] == "Days"
    assert second[-1][1]["interrupt_data"]["event_id"] != waits["interrupt_data"]["event_id"]
    assert said(third) == [("End", "3 days in Paris")]
    assert talk.last.resumed == ["Paris", "3"]
    assert history["run_mode"] == 1


async def test_a_run_is_resumed_three_times_at_most() -> None:
    async with flowing(insisting) as talk:
        await talk.stream()
        ends, last = list[str](), talk.answer("no")
        for _ in range(3):
            last = talk.answer("no")
            ends.append(names(await talk.resume("no"))[-1])
        refused = await talk.refused(STREAM_RESUME, last)
    assert ends == ["Interrupt", "Interrupt", "Error"]
    assert talk.last.status == "failed"
    assert refused[1] == 4315


async def test_the_third_answer_may_be_the_right_one() -> None:
    async with flowing(insisting) as talk:
        await talk.stream()
        ends = [names(await talk.resume(word))[-1] for word in ("no", "no", "yes")]
    assert ends == ["Interrupt", "Interrupt", "Done"]


WRONG: list[tuple[dict[str, Any], int]] = [
    ({"interrupt_type": 5}, 4000),
    ({"interrupt_type": "2"}, 4000),
    ({"resume_data": None}, 4000),
    ({"resume_data": {"city": "Paris"}}, 4000),
    ({"event_id": ""}, 4000),
    ({"event_id": f"{UNKNOWN}/{UNKNOWN}"}, 4314),
    ({"workflow_id": UNKNOWN}, 4314),
]


@pytest.mark.parametrize(("changed", "code"), WRONG)
async def test_a_wrong_answer_is_refused_and_the_run_waits_on(
    changed: dict[str, Any], code: int
) -> None:
    async with flowing(travelling) as talk:
        await talk.stream()
        refused = await talk.refused(STREAM_RESUME, talk.answer("Paris") | changed)
        assert refused[:2] == (200, code)
        assert names(await talk.resume("Paris"))[-1] == "Interrupt"


async def test_another_event_of_the_same_run_is_refused() -> None:
    async with flowing(travelling) as talk:
        await talk.stream()
        other = f"{talk.last.execute_id}/{UNKNOWN}"
        assert (await talk.refused(STREAM_RESUME, talk.answer("a", event_id=other)))[1] == 4000


async def test_an_event_is_resumed_once() -> None:
    async with flowing(travelling) as talk:
        await talk.stream()
        first = talk.answer("Paris")
        await talk.resume("Paris")
        assert (await talk.refused(STREAM_RESUME, first))[1] == 4000
        second = talk.answer("3")
        await talk.resume("3")
        assert (await talk.refused(STREAM_RESUME, second))[1] == 4315
    assert talk.last.resumed == ["Paris", "3"]


async def test_an_event_of_a_run_that_has_just_gone_on_is_refused() -> None:
    gate = asyncio.Event()

    def script(_: WorkflowCall) -> Steps:
        yield Ask("Go on?")
        yield Node("Slow", gate=gate)
        yield End({})

    async with flowing(script) as talk:
        await talk.stream()
        body = talk.answer("yes")
        async with talk.http.stream("POST", STREAM_RESUME, json=body):
            assert (await talk.refused(STREAM_RESUME, body))[1] == 4000
            gate.set()


async def test_a_run_is_resumed_in_the_way_in_which_it_was_started() -> None:
    async with flowing(travelling) as talk:
        await talk.stream()
        assert (await talk.refused(RESUME, talk.answer("Paris")))[1] == 4000
        await talk.run()
        assert (await talk.refused(STREAM_RESUME, talk.answer("Paris")))[1] == 4000


async def test_a_run_goes_on_by_the_clock_whether_or_not_anyone_reads() -> None:
    gate = asyncio.Event()
    script: list[Step] = [
        Node("Writer", ("a", "b", "c"), gate=gate, gate_at=2, pace=0.001),
        End({}),
    ]
    async with flowing(lambda _: script) as talk:
        async with talk.streaming() as response:
            await talk.coze.changes.until(lambda: talk.last.said == {"Writer": "ab"})
            assert talk.coze.open_replies == 1
            assert response.status_code == 200
        await talk.coze.changes.until(lambda: talk.coze.open_replies == 0)
        assert (talk.last.said, talk.last.status) == ({"Writer": "ab"}, "running")
        gate.set()
        await talk.coze.changes.until(lambda: talk.last.status == "success")
    assert talk.last.said == {"Writer": "abc"}


async def test_a_gate_beyond_the_deltas_holds_the_end_of_the_node() -> None:
    gate = asyncio.Event()
    async with flowing(lambda _: [Node("Writer", ("a",), gate=gate, gate_at=9), End({})]) as talk:
        running = asyncio.create_task(talk.http.post(RUN, json=talk.body()))
        await talk.coze.changes.until(lambda: talk.coze.workflow_runs and talk.last.said)
        assert talk.last.status == "running"
        gate.set()
        assert (await running).json()["code"] == 0
