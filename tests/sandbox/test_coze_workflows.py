"""Workflows that are run while the caller waits."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import (
    Ask,
    CozeSimulator,
    End,
    Fail,
    Node,
    Parameter,
    Step,
    Steps,
    WorkflowCall,
)
from bridge.wire.serve import serve
from tests.sandbox.workflow_talk import FLOW, INFO, RESUME, RUN, STREAM, flowing

UNKNOWN = "7300000000000000999"


def echo(call: WorkflowCall) -> Iterator[Step]:
    yield Node("Writer", ("Hel", "lo"))
    yield End({"output": call.parameters}, usage=(30, 12))


def asking(call: WorkflowCall) -> Steps:
    city = yield Ask("Which city?", ("Beijing", "Paris"))
    yield End({"output": f"{city}, of course"})


async def test_a_run_gives_its_output_as_json_within_json() -> None:
    async with flowing(echo) as talk:
        told = await talk.run({"input": "水"})
    assert told["code"] == 0
    assert json.loads(told["data"]) == {"output": {"input": "水"}}
    assert told["usage"] == {"token_count": 42, "output_count": 12, "input_count": 30}
    assert told["execute_id"] == talk.last.execute_id
    assert f"execute_id={talk.last.execute_id}&" in told["debug_url"]
    assert told["detail"]["logid"]
    assert "interrupt_data" not in told


async def test_a_text_at_the_end_is_wrapped() -> None:
    async with flowing(lambda _: [End("It is done.")], content="{{output}}") as talk:
        told = await talk.run()
    assert json.loads(told["data"]) == {
        "content_type": 1,
        "data": "It is done.",
        "original_result": None,
        "type_for_model": 2,
    }


async def test_parameters_may_be_json_in_a_string() -> None:
    async with flowing(echo) as talk:
        told = await talk.run('{"input": "a"}')
        assert json.loads(told["data"]) == {"output": {"input": "a"}}
        assert (await talk.run("[1]"))["code"] == 4000
        assert (await talk.run("{"))["code"] == 4000


async def test_what_was_run_is_on_record() -> None:
    async with flowing(echo) as talk:
        await talk.run({"n": 1}, bot_id=talk.coze.bot_id, ext={"user_id": "ada"})
        await talk.run({"n": 2}, app_id="7300000000000000333")
    first, second = talk.coze.workflow_runs
    assert (first.workflow_id, first.mode, first.status) == (FLOW, "sync", "success")
    assert (first.parameters, first.said) == ({"n": 1}, {"Writer": "Hello"})
    assert (first.bot_id, first.user_id) == (talk.coze.bot_id, "ada")
    assert (second.app_id, second.user_id) == ("7300000000000000333", "2478774393250011")
    assert first.execute_id != second.execute_id


async def test_a_script_gets_parameters_in_their_declared_types() -> None:
    declared = {
        "n": Parameter("integer"),
        "x": Parameter("number"),
        "yes": Parameter("boolean"),
        "list": Parameter("array", items=Parameter("integer")),
        "thing": Parameter("object", properties={"n": Parameter("integer")}),
        "word": Parameter("string"),
        "tone": Parameter(default_value="dry"),
    }
    given: dict[str, Any] = {"n": "7", "x": "0.5", "yes": "true", "word": 12, "other": None}
    given |= {"list": '["1", 2]', "thing": {"n": "3"}}
    async with flowing(echo, parameters=declared) as talk:
        told = await talk.run(given)
    assert json.loads(told["data"])["output"] == {
        "n": 7,
        "x": 0.5,
        "yes": True,
        "list": [1, 2],
        "thing": {"n": 3},
        "word": "12",
        "tone": "dry",
        "other": None,
    }


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "seven"),
        ("integer", True),
        ("number", []),
        ("boolean", "perhaps"),
        ("boolean", 1),
        ("array", "{}"),
        ("object", [1]),
    ],
)
async def test_a_parameter_of_the_wrong_type_is_refused(kind: str, value: object) -> None:
    async with flowing(echo, parameters={"it": Parameter(kind)}) as talk:
        told = await talk.run({"it": value})
        assert (told["code"], told["msg"][:26]) == (4000, "Invalid request parameters")
        assert talk.coze.workflow_runs == []


async def test_a_missing_parameter_is_refused() -> None:
    declared = {"input": Parameter(required=True)}
    async with flowing(echo, parameters=declared) as talk:
        status, code, msg = await talk.refused(RUN, talk.body())
        assert (status, code) == (200, 4000)
        assert "’input‘" in msg


REFUSED = [
    ({"workflow_id": UNKNOWN}, 4200),
    ({"workflow_id": 73}, 4000),
    ({"workflow_id": ""}, 4000),
    ({"bot_id": "7300000000000000001", "app_id": "7300000000000000333"}, 4000),
    ({"bot_id": UNKNOWN}, 4200),
    ({"parameters": [1]}, 4000),
    ({"ext": {"user_id": 7}}, 4000),
    ({"is_async": "yes"}, 4000),
]


@pytest.mark.parametrize("path", [RUN, STREAM])
@pytest.mark.parametrize(("changed", "code"), REFUSED)
async def test_the_cloud_refuses(path: str, changed: dict[str, object], code: int) -> None:
    async with flowing(echo) as talk:
        refused = await talk.refused(path, talk.body() | changed)
    assert refused[:2] == (200, code)
    assert talk.coze.workflow_runs == []


@pytest.mark.parametrize("path", [RUN, STREAM])
async def test_a_workflow_has_to_be_published(path: str) -> None:
    async with flowing(echo, published=False) as talk:
        assert (await talk.refused(path, talk.body()))[:2] == (200, 4200)


async def test_a_run_needs_the_token() -> None:
    async with flowing(echo) as talk:
        response = await talk.http.post(RUN, json=talk.body(), headers={"authorization": "no"})
        assert response.json()["code"] == 4100


async def test_a_run_that_asks_tells_what_it_waits_for_and_goes_on() -> None:
    async with flowing(asking) as talk:
        told = await talk.run()
        waits = told["interrupt_data"]
        assert "data" not in told
        assert (waits["type"], told["code"]) == (2, 0)
        assert waits["event_id"].split("/")[0] == told["execute_id"]
        control = json.loads(waits["data"])
        assert control["content_type"] == "option"
        options = [{"name": "Beijing"}, {"name": "Paris"}]
        assert json.loads(control["content"]) == {"options": options, "question": "Which city?"}
        response = await talk.http.post(RESUME, json=talk.answer("Paris"))
        told = response.json()
    assert json.loads(told["data"]) == {"output": "Paris, of course"}
    assert talk.last.resumed == ["Paris"]


async def test_a_question_without_options_and_a_form_name_what_they_want() -> None:
    def script(_: WorkflowCall) -> Steps:
        yield Ask("Your name?")
        yield Ask(type=5, parameters={"img": Parameter("image", required=True)})
        yield Ask(type=7, data='{"need_auth":true}')

    async with flowing(script) as talk:
        question = (await talk.run())["interrupt_data"]
        form = (await talk.http.post(RESUME, json=talk.answer("Ada"))).json()["interrupt_data"]
        plugin = (await talk.http.post(RESUME, json=talk.answer("{}"))).json()["interrupt_data"]
    assert json.loads(question["data"]) == {"content_type": "text", "content": "Your name?"}
    field = {"type": "string", "name": "img", "required": True, "assistType": 2}
    assert json.loads(json.loads(form["data"])["content"]) == [field]
    assert form["required_parameters"]["img"]["type"] == "image"
    assert (form["type"], plugin["type"], plugin["data"]) == (5, 7, '{"need_auth":true}')


async def test_a_run_that_fails_says_so_with_its_page() -> None:
    async with flowing(lambda _: [Node("Writer", ("Oh",)), Fail(720702085, "too slow")]) as talk:
        told = await talk.run()
        history = await talk.history()
    assert (told["code"], told["msg"]) == (720702085, "too slow")
    assert talk.last.execute_id in told["debug_url"]
    assert (history["execute_status"], history["error_code"]) == ("Fail", "720702085")
    assert history["error_message"] == "too slow"


async def test_a_script_that_breaks_is_a_run_that_fails() -> None:
    def script(call: WorkflowCall) -> Iterator[Step]:
        yield End({"output": call.parameters["nothing"]})

    async with flowing(script) as talk:
        told = await talk.run()
    assert told["code"] == 720701013
    assert "KeyError" in told["msg"]


async def test_a_workflow_tells_what_it_takes_and_gives_if_asked() -> None:
    declared = {
        "n": Parameter("integer", required=True, description="How many.", default_value="3"),
        "list": Parameter("array", items=Parameter("image")),
    }
    path = INFO.format(workflow_id=FLOW)
    async with flowing(echo, parameters=declared, content="{{output}}") as talk:
        plain = (await talk.http.get(path)).json()["data"]
        full = (await talk.http.get(path, params={"include_input_output": "true"})).json()["data"]
        odd = (await talk.http.get(path, params={"include_input_output": "ja"})).json()
        unknown = (await talk.http.get(INFO.format(workflow_id=UNKNOWN))).json()
    assert plain.keys() == {"workflow_detail"}
    assert plain["workflow_detail"]["workflow_id"] == FLOW
    taken = full["input"]["parameters"]
    assert taken["n"] == {
        "type": "integer",
        "required": True,
        "description": "How many.",
        "default_value": "3",
    }
    assert taken["list"]["items"]["type"] == "image"
    assert full["output"] == {
        "parameters": {"output": {"type": "string"}},
        "terminate_plan": "use_answer_content",
        "content": "{{output}}",
    }
    assert (odd["code"], unknown["code"]) == (4000, 4200)


async def test_the_sandbox_has_a_workflow_that_sums_up_and_one_that_asks() -> None:
    coze = CozeSimulator(pace=0)
    headers = {"Authorization": f"Bearer {coze.token}"}
    async with (
        serve(coze.app) as url,
        httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http,
    ):
        body = {"workflow_id": "7400000000000000001", "parameters": {"input": "Tea is good"}}
        told = (await http.post(RUN, json=body)).json()
        assert json.loads(told["data"]) == {"output": "In short: *Tea is good*"}
        told = (await http.post(RUN, json={"workflow_id": "7400000000000000002"})).json()
        assert "Nairobi" in told["interrupt_data"]["data"]
        coze.workflows["7300000000000000700"] = coze.workflows["7400000000000000001"]
        assert (await http.post(RUN, json={**body, "workflow_id": FLOW})).json()["code"] == 0
