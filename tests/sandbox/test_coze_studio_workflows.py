"""Workflows of a self-hosted Coze Studio."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.sandbox.coze import (
    Ask,
    End,
    Fail,
    Node,
    Parameter,
    Ping,
    RunFails,
    Steps,
    WorkflowCall,
)
from tests.sandbox.workflow_talk import (
    CHAT,
    FLOW,
    INFO,
    RESUME,
    RUN,
    STREAM,
    STREAM_RESUME,
    FlowTalk,
    flowing,
    names,
    parsed,
    said,
)

HISTORY = "/v1/workflow/get_run_history"
UNKNOWN = "7300000000000000999"
NAMED = {"CONVERSATION_NAME": "tea"}


def travelling(_: WorkflowCall) -> Steps:
    yield Ping()
    yield Node("Planner", ("Let us plan <it>.",))
    city = yield Ask("Which city?", ("Beijing", "Paris"))
    for _again in range(4):
        yield Ask("Really?")
    yield End({"city": city}, usage=(2, 3))


def echo(call: WorkflowCall) -> Steps:
    yield from [End({"output": call.parameters}, usage=(2, 3))]


@pytest.fixture
async def talk() -> AsyncIterator[FlowTalk]:
    async with flowing(travelling, dialect="studio") as talk:
        yield talk


async def history(talk: FlowTalk, **query: str) -> dict[str, Any]:
    asked = {"workflow_id": FLOW, "execute_id": talk.last.execute_id} | query
    return dict((await talk.http.get(HISTORY, params=asked)).json())


async def test_a_run_answers_with_all_its_fields() -> None:
    async with flowing(echo, dialect="studio") as talk:
        told = await talk.run({"input": "a"})
    assert told == {
        "code": 0,
        "msg": None,
        "data": '{"output":{"input":"a"}}',
        "token": 5,
        "cost": "0.00000",
        "debug_url": told["debug_url"],
        "execute_id": talk.last.execute_id,
        "BaseResp": None,
    }
    assert f"execute_id={talk.last.execute_id}&" in told["debug_url"]


async def test_a_run_may_be_in_the_background_and_is_free() -> None:
    async with flowing(echo, dialect="studio", paid=False) as talk:
        told = await talk.run(is_async=True)
        await talk.coze.changes.until(lambda: talk.last.status == "success")
        found = await history(talk)
    assert (told["execute_id"], told["data"]) == (talk.last.execute_id, None)
    assert found.keys() == {"data", "BaseResp"}
    (shown,) = found["data"]
    assert shown["execute_id"] == int(talk.last.execute_id)
    assert (shown["execute_status"], shown["run_mode"], shown["token"]) == ("Success", 2, 5)
    assert (shown["input"], shown["output"]) == ("{}", '{"output":{}}')
    assert (shown["log_id"], shown["error_msg"]) == (talk.last.log_id, "")


async def test_a_run_that_waits_is_of_no_known_state(talk: FlowTalk) -> None:
    await talk.stream()
    (shown,) = (await history(talk))["data"]
    assert shown["execute_status"] == "<UNSET>"


async def test_a_run_may_not_ask_whom_it_keeps_waiting(talk: FlowTalk) -> None:
    told = await talk.run()
    assert (told["code"], told["data"]) == (6039, None)
    assert talk.last.status == "interrupted"


async def test_the_stream_has_no_pings_and_asks_without_a_title(talk: FlowTalk) -> None:
    response = await talk.http.post(STREAM, json=talk.body())
    events = parsed(response.content)
    assert response.headers["cache-control"] == "no-cache"
    assert b"Let us plan <it>." in response.content  # which other answers escape
    assert names(events) == ["Message", "Message", "Interrupt"]
    assert list(events[0][1]) == [
        "content",
        "content_type",
        "node_seq_id",
        "node_id",
        "node_is_finish",
        "node_type",
        "node_title",
    ]
    waits = events[2][1]
    assert waits.keys() == {"debug_url", "interrupt_data"}
    assert waits["interrupt_data"].keys() == {"event_id", "type", "data"}
    options = [{"name": "Beijing"}, {"name": "Paris"}]
    asked = json.loads(waits["interrupt_data"]["data"])["messages"][0]
    assert (asked["type"], asked["content_type"]) == ("question", "option")
    assert asked["content"] == {"options": options, "question": "Which city?"}
    assert asked["id"] == f"{events[1][1]['node_id']}_0"
    assert events[1][1]["content"] == waits["interrupt_data"]["data"]
    assert (events[1][1]["node_title"], events[1][1]["node_type"]) == ("问答", "Question")


async def test_a_run_is_resumed_as_often_as_it_asks(talk: FlowTalk) -> None:
    await talk.stream()
    text = json.loads((await talk.resume("Paris"))[-1][1]["interrupt_data"]["data"])
    for _ in range(3):
        await talk.resume("yes", interrupt_type=7, workflow_id="")
    events = await talk.resume("yes")
    assert text["messages"][0]["content"] == "Really?"
    assert names(events) == ["Message", "Done"]
    assert said(events) == [("End", '{"city":"Paris"}')]
    assert (events[0][1]["token"], events[0][1]["node_type"]) == (5, "End")


async def test_a_wrong_answer_is_told_why(talk: FlowTalk) -> None:
    await talk.stream()
    run = talk.last.execute_id
    causes = {
        "7": "invalid event id when stream resume: 7",
        f"{UNKNOWN}/7": f"workflow execution does not exist, id: {UNKNOWN}",
        f"{run}/7": "interrupt event id mismatch, expect: 7, actual: ",
    }
    for event_id, cause in causes.items():
        refused = await talk.refused(STREAM_RESUME, talk.answer("Paris", event_id=event_id))
        assert refused[:2] == (200, 720701013)
        assert refused[2].startswith(f"Workflow execution failure: {cause}")
    first = talk.answer("Paris")
    for _ in range(5):
        await talk.resume("Paris")
    refused = await talk.refused(STREAM_RESUME, first)
    assert refused[2].endswith(f"{run} is not interrupted, status is 2, cannot resume")


async def test_it_has_no_other_way_to_resume_and_no_history_by_path(talk: FlowTalk) -> None:
    assert (await talk.http.post(RESUME, json=talk.body())).status_code == 404
    path = f"/v1/workflows/{FLOW}/run_histories/{UNKNOWN}"
    assert (await talk.http.get(path)).status_code == 404


REFUSED: list[tuple[dict[str, Any], tuple[int, int], tuple[int, int]]] = [
    ({"workflow_id": UNKNOWN}, (200, 720702004), (200, 720702004)),
    ({"workflow_id": ""}, (200, 720701013), (200, 720701013)),
    ({"workflow_id": 7}, (400, 400), (400, 400)),
    ({"bot_id": "7", "app_id": "8"}, (200, 720701013), (200, 720701013)),
    ({"parameters": "["}, (200, 4000), (200, 720702001)),
    ({"parameters": {"n": "one"}}, (200, 4000), (200, 720702001)),
    ({"parameters": {}}, (200, 4000), (200, 720702002)),
]


@pytest.mark.parametrize(("changed", "run", "stream"), REFUSED)
async def test_its_codes_for_a_run_and_for_a_stream_differ(
    changed: dict[str, Any], run: tuple[int, int], stream: tuple[int, int]
) -> None:
    declared = {"n": Parameter("integer", required=True)}
    async with flowing(echo, dialect="studio", parameters=declared) as talk:
        body = talk.body({"n": 1}) | changed
        assert (await talk.refused(RUN, body))[:2] == run
        assert (await talk.refused(STREAM, body))[:2] == stream


async def test_a_workflow_has_to_be_published() -> None:
    async with flowing(echo, dialect="studio", published=False) as talk:
        assert (await talk.refused(RUN, talk.body()))[:2] == (200, 6031)
        assert (await talk.refused(STREAM, talk.body()))[:2] == (200, 720702011)


async def test_a_run_that_fails_has_the_code_for_callers_but_a_stream_its_own() -> None:
    async with flowing(lambda _: [Fail(720702085, "too slow")], dialect="studio") as talk:
        told = await talk.run()
        events = await talk.stream()
    assert (told["code"], told["msg"]) == (6023, "too slow")
    assert events[0][0] == "Error"
    assert list(events[0][1].values())[1:] == [720702085, "too slow"]


async def test_a_stream_may_break_off_in_plain_text(talk: FlowTalk) -> None:
    for path, body in ((STREAM, talk.body()), (CHAT, talk.message("Hi", parameters=NAMED))):
        talk.coze.fail(path, RunFails(msg="boom", shape="error"))
        talk.coze.fail(path, RunFails(shape="empty error"))
        assert (await talk.http.post(path, json=body)).content.endswith(
            b"event: error\ndata: boom\n\n"
        )
        assert (await talk.http.post(path, json=body)).content.endswith(b"event: error\n\n")
    talk.coze.fail(STREAM, RunFails(5000, "gone"))
    assert names(await talk.stream()) == ["Error"]


async def test_a_history_is_asked_for_by_number(talk: FlowTalk) -> None:
    await talk.stream()
    assert (await history(talk, workflow_id=UNKNOWN))["data"]
    assert (await history(talk, execute_id=UNKNOWN))["code"] == 777777775
    assert (await history(talk, execute_id=""))["code"] == 777777775
    assert (await history(talk, workflow_id=""))["code"] == 400


@pytest.mark.parametrize("chatflow", [True, False])
async def test_it_tells_only_how_a_chatflow_presents_itself(chatflow: bool) -> None:
    async with flowing(echo, dialect="studio", chatflow=chatflow) as talk:
        told = (await talk.http.get(INFO.format(workflow_id=FLOW))).json()
    assert told == {"BaseResp": None} if chatflow else told["code"] == 777777780
