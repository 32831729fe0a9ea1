"""What goes wrong on the paths of workflows."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import (
    Ask,
    Cut,
    End,
    Framing,
    HttpError,
    JsonError,
    Node,
    NoResponse,
    Refuse,
    RunFails,
    Stall,
    Step,
    Steps,
    WorkflowCall,
)
from tests.sandbox.workflow_talk import (
    CHAT,
    FLOW,
    HISTORY,
    INFO,
    RESUME,
    RUN,
    STREAM,
    STREAM_RESUME,
    FlowTalk,
    flowing,
    names,
    parsed,
)


def travelling(_: WorkflowCall) -> Steps:
    yield Node("Planner", ("Let ", "us ", "plan."))
    city = yield Ask("Which city?")
    yield Node("Guide", (f"{city} ", "is far."))
    yield End({"output": city})


@pytest.fixture
async def talk() -> AsyncIterator[FlowTalk]:
    async with flowing(travelling) as talk:
        yield talk


async def received(talk: FlowTalk, path: str, body: dict[str, Any]) -> tuple[bytes, bool]:
    """What came of an answer, and whether it came to its proper end."""
    stream = b""
    try:
        async with talk.http.stream("POST", path, json=body) as response:
            async for piece in response.aiter_raw():
                stream += piece
    except httpx.RemoteProtocolError:
        return stream, False
    return stream, True


@pytest.mark.parametrize("path", [RUN, STREAM, CHAT])
async def test_a_refusal_comes_in_place_of_an_answer(talk: FlowTalk, path: str) -> None:
    talk.coze.fail(path, JsonError(4013, "busy", 429))
    talk.coze.fail(path, HttpError(502))
    assert (await talk.refused(path, talk.message("Hi")))[:2] == (429, 4013)
    page = await talk.http.post(path, json=talk.message("Hi"))
    assert (page.status_code, page.headers["content-type"][:9]) == (502, "text/html")
    assert talk.coze.workflow_runs == []


@pytest.mark.parametrize("path", [HISTORY, INFO])
async def test_a_fault_of_a_path_with_ids_is_named_by_its_route(talk: FlowTalk, path: str) -> None:
    await talk.run()
    talk.coze.fail(path, JsonError(4009, "busy"))
    place = path.format(workflow_id=FLOW, execute_id=talk.last.execute_id)
    codes = [(await talk.http.get(place)).json()["code"] for _ in range(2)]
    assert codes == [4009, 0]


async def test_a_history_may_be_damaged(talk: FlowTalk) -> None:
    await talk.run()
    talk.coze.fail(HISTORY, Cut(0, mid_event=True))
    with pytest.raises(httpx.RemoteProtocolError):
        await talk.history()
    assert (await talk.history())["execute_status"] == "Running"


@pytest.mark.parametrize("path", [HISTORY, INFO])
def test_only_a_run_can_fail(talk: FlowTalk, path: str) -> None:
    with pytest.raises(ValueError, match="runs nothing"):
        talk.coze.fail(path, RunFails())


async def test_a_connection_is_refused_before_anything_runs(talk: FlowTalk) -> None:
    talk.coze.fail(STREAM, Refuse())
    assert await received(talk, STREAM, talk.body()) == (b"", False)
    assert talk.coze.workflow_runs == []


@pytest.mark.parametrize("path", [RUN, STREAM, CHAT])
async def test_a_run_without_a_response_runs_all_the_same(talk: FlowTalk, path: str) -> None:
    talk.coze.fail(path, NoResponse())
    assert await received(talk, path, talk.message("Hi")) == (b"", False)
    await talk.coze.changes.until(lambda: talk.last.interrupt)


@pytest.mark.parametrize("after", [0, 2])
async def test_a_stream_is_cut_and_the_run_goes_on(talk: FlowTalk, after: int) -> None:
    talk.coze.fail(STREAM, Cut(after))
    stream, ended = await received(talk, STREAM, talk.body())
    assert (stream.count(b"\n\n"), ended) == (after, False)
    await talk.coze.changes.until(lambda: talk.last.interrupt)
    assert names(await talk.resume("Oslo"))[-1] == "Done"


@pytest.mark.parametrize(("path", "last"), [(STREAM, b"Message"), (CHAT, b"message.completed")])
async def test_a_stream_ends_without_its_last_event(
    talk: FlowTalk, path: str, last: bytes
) -> None:
    talk.coze.fail(path, Cut(clean=True))
    stream, ended = await received(talk, path, talk.message("Hi"))
    assert ended
    assert last in stream.split(b"\n\n")[-2]
    assert b"Interrupt" not in stream
    assert b"requires_action" not in stream


async def test_a_run_may_die_with_its_connection(talk: FlowTalk) -> None:
    talk.coze.fail(STREAM, Cut(1, run_dies=True))
    assert not (await received(talk, STREAM, talk.body()))[1]
    await talk.coze.changes.until(lambda: talk.last.status == "failed")
    assert (await talk.history())["execute_status"] == "Fail"


async def test_a_stream_falls_silent(talk: FlowTalk) -> None:
    stall = Stall(2)
    talk.coze.fail(STREAM, stall)
    async with talk.streaming() as response:
        await talk.coze.changes.until(lambda: talk.last.interrupt)
        stall.release.set()
        stream = b"".join([piece async for piece in response.aiter_raw()])
    assert names(parsed(stream))[-1] == "Interrupt"


async def test_a_run_that_was_resumed_can_be_cut_too(talk: FlowTalk) -> None:
    await talk.stream()
    talk.coze.fail(STREAM_RESUME, Cut(1))
    assert not (await received(talk, STREAM_RESUME, talk.answer("Oslo")))[1]
    await talk.coze.changes.until(lambda: talk.last.status == "success")


async def test_a_stream_comes_in_unusual_dress(talk: FlowTalk) -> None:
    talk.coze.fail(STREAM, Framing(crlf=True, ids=True, one_byte=True, interject=b": ping\n\n"))
    stream, ended = await received(talk, STREAM, talk.body())
    assert ended
    plain = stream.replace(b"\r\n", b"\n").replace(b": ping\n\n", b"")
    assert b"\r\n" in stream
    assert names(parsed(plain))[-1] == "Interrupt"


async def test_a_run_fails_in_each_of_its_ways(talk: FlowTalk) -> None:
    for path in (RUN, STREAM, CHAT):
        talk.coze.fail(path, RunFails(5000, "model gone", after=1))
    told = await talk.run()
    events = await talk.stream()
    chat = await talk.chat("Hi")
    assert (told["code"], told["msg"]) == (5000, "model gone")
    assert names(events) == ["Message", "Error"]
    assert events[1][1]["error_code"] == 5000
    assert names(chat)[-2:] == ["message.delta", "chat.failed"]
    assert chat[-1][1]["last_error"] == {"code": 5000, "msg": "model gone"}
    assert [run.status for run in talk.coze.workflow_runs] == ["failed"] * 3


async def test_a_run_fails_at_its_end_if_it_says_too_little(talk: FlowTalk) -> None:
    talk.coze.fail(STREAM, RunFails(after=99))
    assert names(await talk.stream()) == ["Message"] * 3 + ["Error"]
    await talk.stream()
    talk.coze.fail(STREAM_RESUME, RunFails(after=99))
    assert names(await talk.resume("Oslo")) == ["Message"] * 3 + ["Error"]
    await talk.run()
    talk.coze.fail(RESUME, RunFails("720701013"))
    told = (await talk.http.post(RESUME, json=talk.answer("Oslo"))).json()
    assert told["code"] == 720701013


async def test_who_waits_for_a_run_may_leave_and_look_later() -> None:
    gate = asyncio.Event()
    script: list[Step] = [Node("Slow", gate=gate), End({"output": "at last"})]
    async with flowing(lambda _: script) as talk:
        waiting = asyncio.create_task(talk.http.post(RUN, json=talk.body()))
        await talk.coze.changes.until(lambda: talk.coze.workflow_runs)
        waiting.cancel()
        gate.set()
        await talk.coze.changes.until(lambda: talk.last.status == "success")
        shown = await talk.history()
    assert json.loads(json.loads(shown["output"])["Output"]) == {"output": "at last"}
