"""What the simulator says of workflows, against the description of Coze's API."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bridge.sandbox.coze import (
    Ask,
    End,
    Fail,
    Node,
    Parameter,
    RunFails,
    Steps,
    WorkflowCall,
)
from tests.contract.description import Description
from tests.sandbox.workflow_talk import (
    CHAT,
    FLOW,
    HISTORY,
    INFO,
    RESUME,
    RUN,
    STREAM,
    STREAM_RESUME,
    Event,
    FlowTalk,
    flowing,
    names,
    parsed,
    parsed_chat,
)

DETAILS = {
    "chat": {"$ref": "#/components/schemas/ChatV3ChatDetail"},
    "message": {"$ref": "#/components/schemas/ChatV3MessageDetail"},
}
# What recorded streams and the examples of the documentation have, but not the description:
# these fields, and no bot in a chatflow, whose question calls no function.
OTHERWISE = re.compile(
    r"^Message\.(content_type|cost|token): unknown$"
    r"|\.bot_id: missing$"
    r"|tool_calls\[0\]\.(require_info: unknown|function: None is no object)$"
)
DECLARED = {
    "days": Parameter("integer", description="How long.", default_value="3"),
    "photos": Parameter("array", items=Parameter("image")),
    "whom": Parameter("object", properties={"name": Parameter(required=True)}),
}


def travelling(call: WorkflowCall) -> Steps:
    yield Node("Planner", ("Let us ", "plan."))
    city = yield Ask("Which city?", ("Beijing", "Paris"))
    yield Ask(type=5, parameters=DECLARED, title="输入")
    if city == "Atlantis":
        yield Fail()
    yield End({"output": call.parameters["days"], "city": city})


@pytest.fixture
async def talk() -> AsyncIterator[FlowTalk]:
    async with flowing(travelling, parameters=DECLARED) as talk:
        yield talk


def objections(problems: Iterator[str]) -> list[str]:
    return [problem for problem in problems if not OTHERWISE.search(problem)]


async def told(
    official: Description, talk: FlowTalk, method: str, path: str, **request: Any
) -> dict[str, Any]:
    """An answer; it and the request have been held against the description."""
    response = await talk.http.request(method, path, **request)
    made, answer = talk.coze.requests[-1], response.json()
    assert list(official.request(made)) == [], f"{method} {path}"
    assert list(official.response(made, answer)) == [], f"{method} {path}"
    return dict(answer)


def against(official: Description, events: list[Event]) -> list[str]:
    """What the description has against the events of a workflow.

    For those after an answer it lists fewer fields, though they are the same.
    """
    _, operation = official.operation("POST", STREAM)
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    found: list[str] = []
    for number, (name, data) in enumerate(events):
        numbered = {"id": str(number), "event": name}
        found += official.against(schema, numbered, "event")
        found += objections(official.against(schema, data, name))
    return found


async def streamed(
    official: Description, talk: FlowTalk, path: str, body: dict[str, Any]
) -> list[Event]:
    """The events of a stream, held against the description together with the request."""
    response = await talk.http.post(path, json=body)
    assert list(official.request(talk.coze.requests[-1])) == []
    events = parsed(response.content)
    assert against(official, events) == []
    return events


async def test_a_run_and_what_it_asks_are_in_the_description(
    official: Description, talk: FlowTalk
) -> None:
    ext = {"user_id": "ada", "latitude": "39.9"}
    body = talk.body({"days": 2}, bot_id=talk.coze.bot_id, ext=ext, connector_id="1024")
    first = await told(official, talk, "POST", RUN, json=body)
    second = await told(official, talk, "POST", RESUME, json=talk.answer("Paris"))
    third = await told(official, talk, "POST", RESUME, json=talk.answer("{}"))
    assert [first["interrupt_data"]["type"], second["interrupt_data"]["type"]] == [2, 5]
    assert third["data"] == '{"output":2,"city":"Paris"}'


async def test_a_run_in_the_background_and_its_history_are_in_the_description(
    official: Description, talk: FlowTalk
) -> None:
    begun = await told(official, talk, "POST", RUN, json=talk.body(is_async=True))
    path = HISTORY.format(workflow_id=FLOW, execute_id=begun["execute_id"])
    for answer in ("Atlantis", "{}"):
        await talk.coze.changes.until(lambda: talk.last.interrupt)
        (waiting,) = (await told(official, talk, "GET", path))["data"]
        assert waiting["interrupt_data"]["event_id"].startswith(begun["execute_id"])
        await told(official, talk, "POST", RESUME, json=talk.answer(answer))
    await talk.coze.changes.until(lambda: talk.last.status == "failed")
    (failed,) = (await told(official, talk, "GET", path))["data"]
    assert failed["execute_status"] == "Fail"


async def test_refusals_are_in_the_description(official: Description, talk: FlowTalk) -> None:
    unknown = {"workflow_id": "7300000000000000999"}
    assert (await told(official, talk, "POST", RUN, json=unknown))["code"] == 4200
    assert (await told(official, talk, "POST", STREAM, json=unknown))["code"] == 4200
    nothing = {"event_id": "7/8", "interrupt_type": 2, "resume_data": ""} | unknown
    assert (await told(official, talk, "POST", RESUME, json=nothing))["code"] == 4314
    assert (await told(official, talk, "POST", STREAM_RESUME, json=nothing))["code"] == 4314
    chat = talk.message("Hi") | unknown
    assert (await told(official, talk, "POST", CHAT, json=chat))["code"] == 4200
    path = HISTORY.format(workflow_id=FLOW, execute_id="7")
    assert (await told(official, talk, "GET", path))["code"] == 4314


async def test_what_a_workflow_is_is_in_the_description(
    official: Description, talk: FlowTalk
) -> None:
    path = INFO.format(workflow_id=FLOW)
    for wanted in ("true", "false"):
        query = {"include_input_output": wanted}
        found = await told(official, talk, "GET", path, params=query)
        assert ("input" in found["data"]) is (wanted == "true")


async def test_streams_are_in_the_description(official: Description, talk: FlowTalk) -> None:
    first = await streamed(official, talk, STREAM, talk.body({"days": 2}))
    second = await streamed(official, talk, STREAM_RESUME, talk.answer("Paris"))
    third = await streamed(official, talk, STREAM_RESUME, talk.answer("{}"))
    assert [names(events)[-1] for events in (first, second, third)] == [
        "Interrupt",
        "Interrupt",
        "Done",
    ]
    talk.coze.fail(STREAM, RunFails(after=1))
    assert names(await streamed(official, talk, STREAM, talk.body()))[-1] == "Error"
    wrong = await streamed(official, talk, STREAM, talk.body({"days": "some"}))
    assert names(wrong) == ["Error"]


async def test_chats_are_in_the_description(official: Description, talk: FlowTalk) -> None:
    ended = ["chat.requires_action", "chat.requires_action", "chat.completed"]
    conversation, found = "", []
    for text, last in zip(("Hi", "Paris", "{}"), ended, strict=True):
        body = talk.message(text, conversation)
        response = await talk.http.post(CHAT, json=body)
        assert list(official.request(talk.coze.requests[-1])) == []
        events = parsed_chat(response.content)
        conversation = events[0][1]["conversation_id"]
        assert names(events)[-2:] == [last, "done"]
        for name, data in events[:-1]:
            schema = DETAILS[name.partition(".")[0]]
            found += objections(official.against(schema, data, name))
    assert found == []


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("Message", {"node_seq_id": 0}, "Message.node_seq_id: 0 is no string"),
        ("Message", {"node_name": "End"}, "Message.node_name: unknown"),
        ("Error", {"error_code": "5000"}, "Error.error_code: '5000' is no integer"),
        (
            "Interrupt",
            {"interrupt_data": {"type": 8}},
            "Interrupt.interrupt_data.type: 8 is none of [1, 2, 3, 4, 5, 7]",
        ),
    ],
)
def test_a_wrong_event_would_be_noticed(
    official: Description, name: str, data: dict[str, Any], problem: str
) -> None:
    assert against(official, [(name, data)]) == [problem]
