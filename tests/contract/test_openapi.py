"""What the client sends and the simulator answers, against Coze's own description of its API."""

import re
from collections.abc import Iterator

import httpx
import pytest

from bridge.coze.decode import OVER
from bridge.sandbox.coze import CozeSimulator, Exchange
from tests.contract import source
from tests.contract.description import Description
from tests.contract.session import session
from tests.coze.flows import DIALECTS, Dialect
from tests.coze.rig import CHAT, RETRIEVE, Rig, first, rigged, stuck

FEEDBACK = "/v1/conversations/{conversation_id}/messages/{message_id}/feedback"
STUDIO = "Coze Studio: backend/api/router/coze/api.go"
ELSEWHERE = {
    ("POST", FEEDBACK): "Coze's documentation page message_feedback",
    ("PUT", "/v1/variables"): "Coze's documentation page update_variable",
    ("POST", "/api/permission/oauth2/token"): "Coze's documentation page oauth_jwt",
    ("POST", "/api/permission/oauth2/account/{account_id}/token"): (
        "Coze's documentation page oauth_jwt_collaborate"
    ),
    ("DELETE", "/v1/conversations/{conversation_id}"): (
        "Coze's documentation page delete_conversation"
    ),
    ("GET", "/v1/users/me"): "cozepy: cozepy/users/__init__.py",
    ("POST", "/v3/chat/retrieve"): "cozepy and coze-js, which do not use GET",
    ("POST", "/v3/chat/message/list"): "no source: the simulator takes it as it takes the former",
    ("GET", "/v1/workflow/get_run_history"): STUDIO,
}
"""Endpoints that the description lacks, and what tells of them instead."""

NOT_COZE = {"/published/{name:path}", "/{path:path}"}  # routes of the simulator's own
FIELDS_ELSEWHERE = {
    "Messages": "Coze Studio: the messages of a chat, by the name that they have in Go",
    "Output": "Coze's documentation page workflow_history: the end node, within `output`",
    "type_for_model": "Coze's documentation page workflow_history: a text, within `Output`",
    "Prologue": "Coze's documentation page get_metadata_draft_published, in its example",
    "SuggestedQuestions": "Coze's documentation page get_metadata_draft_published, likewise",
    "access_token": "Coze's documentation page oauth_jwt",
    "expires_in": "Coze's documentation page oauth_jwt",
    "plugin_name": "Coze's documentation page chat_v3: within a function_call",
    "question": "Coze Studio: nodes/qa/question_answer.go",
    "comment": "Coze's documentation page message_feedback",
    "reason_types": "Coze's documentation page message_feedback",
    "uri": "Coze Studio: an upload, beside its address",
    "error_msg": "Coze Studio: the record of a workflow's run",
    "log_id": "Coze Studio: likewise",
    "workflow_card_info": "coze-js: chat-sdk, extract-chatlow-message.ts",
    "x_properties": "coze-js: chat-sdk, extract-chatlow-message.ts",
    "question_card_data": "coze-js: chat-sdk, extract-chatlow-message.ts",
    "input_card_data": "coze-js: chat-sdk, extract-chatlow-message.ts",
    "job": "the bridge's own, in `meta_data`",
    "content-type": "HTTP",
    "x-tt-logid": "Coze's documentation of log ids",
    "x-log-id": "Coze Studio: backend/api/middleware/log.go",
}
EVENTS_ELSEWHERE = {
    "chat.canceled": "the status of this spelling in Coze's documentation page chat_v3",
    "chat.cancelled": "Coze Studio: conversation/agentrun/entity/const.go",
    "chat.required_action": "the status of this spelling in Coze's documentation page chat_v3",
    "conversation.stream.done": "Coze Studio: conversation/agentrun/entity/const.go",
}
AGAIN = {
    "/v3/chat/cancel": 4104,
    "/v3/chat/submit_tool_outputs": 4000,
    "/v1/workflows/resume": 4315,
    "/v1/workflow/stream_resume": 4315,
}
"""What Coze says to a request that it has carried out before."""


def listed(method: str, path: str) -> bool:
    """Whether an endpoint stands in the list of those that the description lacks."""
    return any(
        method == known and re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template)), path)
        for known, template in ELSEWHERE
    )


def routes(dialect: Dialect) -> Iterator[tuple[str, str]]:
    """The methods and paths that the simulator serves."""
    for route in CozeSimulator(dialect=dialect)._routes():
        if route.path not in NOT_COZE:
            yield from ((method, route.path) for method in (route.methods or set()) - {"HEAD"})


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_the_client_sends_is_in_the_description(
    official: Description, dialect: Dialect
) -> None:
    async with session(dialect) as rig:
        for made in rig.coze.requests:
            if official.find(made.method, made.path):
                assert list(official.request(made)) == [], f"{made.method} {made.path}"
            else:
                assert listed(made.method, made.path), f"{made.method} {made.path}"


async def test_the_session_leaves_no_path_of_the_client_out() -> None:
    made: set[str] = set()
    for dialect in DIALECTS:
        async with session(dialect) as rig:
            made |= {exchange.path for exchange in rig.coze.requests}
    unused = {
        f"{where}: {pattern}"
        for pattern, where in source.paths().items()
        if not any(re.fullmatch(pattern, path) for path in made)
    }
    assert unused == set()
    assert len(source.paths()) > 20


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_simulator_serves_what_the_description_or_another_source_tells_of(
    official: Description, dialect: Dialect
) -> None:
    served = list(routes(dialect))
    assert [each for each in served if not (official.find(*each) or listed(*each))] == []
    assert len(served) > 15


def test_what_is_listed_apart_is_served_and_not_in_the_description(official: Description) -> None:
    served = {each for dialect in DIALECTS for each in routes(dialect)}
    assert ELSEWHERE.keys() <= served
    assert [each for each in ELSEWHERE if official.find(*each)] == []


def test_each_field_that_the_client_looks_for_is_told_of_somewhere(official: Description) -> None:
    known = official.properties()
    assert source.fields() - known - FIELDS_ELSEWHERE.keys() == set()
    assert FIELDS_ELSEWHERE.keys() & known == set()
    assert {"conversation_id", "required_action", "node_is_finish"} <= source.fields()


def test_each_event_that_the_client_tells_apart_is_told_of_somewhere(
    official: Description,
) -> None:
    _, chat = official.operation("POST", CHAT)
    stream = chat["responses"]["200"]["content"]["text/event-stream"]["schema"]
    known = {name.removeprefix("conversation.") for name in stream["properties"]["event"]["enum"]}
    told = source.events("decode.py") | OVER
    assert told - known == EVENTS_ELSEWHERE.keys()
    assert known - told == {"audio.delta"}  # which nobody can hear


def test_each_event_of_a_workflow_is_told_of_and_the_other_way_round(
    official: Description,
) -> None:
    _, run = official.operation("POST", "/v1/workflow/stream_run")
    schema = run["responses"]["200"]["content"]["application/json"]["schema"]
    words = schema["properties"]["event"]["title"]
    known = {name.lower() for name in re.findall(r"\* (\w+)：", words)}
    assert source.events("outputs.py") == known


def test_each_type_of_message_that_the_client_tells_apart_is_told_of(
    official: Description,
) -> None:
    message = official.document["components"]["schemas"]["ChatV3MessageDetail"]
    known = set(re.findall(r"\* \*\*(\w+)\*\*：", message["properties"]["type"]["title"]))
    assert source.kinds() == {"answer", "follow_up", "function_call"}
    assert source.kinds() <= known


async def answered(rig: Rig, made: Exchange) -> httpx.Response:
    """What the simulator says to this request when it is made once more."""
    body = {**made.body, "stream": False} if made.path == CHAT else made.body
    headers = {"Authorization": f"Bearer {rig.coze.token}"}
    async with httpx.AsyncClient(base_url=rig.url, headers=headers) as http:
        return await http.request(made.method, made.path, params=made.query, json=body)


def once_each(official: Description, rig: Rig) -> Iterator[tuple[str, Exchange]]:
    """The last request to each endpoint that answers in JSON, and can be asked so again."""
    found = {}
    for made in rig.coze.requests:
        described = official.find(made.method, made.path)
        upload = made.headers.get("content-type", "").startswith("multipart/")
        if described and not upload:
            found[made.method, described[0]] = made
    for (_, template), made in found.items():
        yield template, made


async def test_what_the_simulator_answers_is_in_the_description(official: Description) -> None:
    seen = set()
    async with session() as rig:
        for template, made in once_each(official, rig):
            response = await answered(rig, made)
            if response.headers["content-type"].startswith("application/json"):
                assert list(official.response(made, response.json())) == [], made.path
                assert response.json()["code"] == AGAIN.get(template, 0), made.path
                seen.add(template)
    assert len(seen) > 12


async def test_a_cancelled_chat_is_in_the_description(official: Description) -> None:
    async with rigged(answer=stuck) as rig:
        run = await first(rig.backend())
        place = {"conversation_id": run.conversation, "chat_id": run.chat}
        cancel = Exchange("POST", "/v3/chat/cancel", {}, {}, place)
        assert list(official.request(cancel)) == []
        told = (await answered(rig, cancel)).json()
        assert list(official.response(cancel, told)) == []
        assert told["data"]["status"] == "canceled"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"bot_id": 73}, "body.bot_id: 73 is no string"),
        ({"stream": "true"}, "body.stream: 'true' is no boolean"),
        ({"conversation_id": "7"}, "body.conversation_id: unknown"),
        ({"custom_variables": {"n": 1}}, "body.custom_variables.n: 1 is no string"),
        (
            {"additional_messages": [{"role": "system"}]},
            "body.additional_messages[0].role: 'system' is none of ['user', 'assistant']",
        ),
    ],
)
def test_a_mistake_would_be_noticed(
    official: Description, changed: dict[str, object], problem: str
) -> None:
    good = {"bot_id": "7300000000000000001", "user_id": "ada", "stream": True}
    assert list(official.request(Exchange("POST", CHAT, {}, {}, good))) == []
    assert problem in official.request(Exchange("POST", CHAT, {}, {}, good | changed))


def test_what_is_required_or_unknown_would_be_noticed(official: Description) -> None:
    empty = Exchange("POST", CHAT, {"chat": "7"}, {}, {"bot_id": "73"})
    problems = list(official.request(empty))
    assert problems == ["query chat: unknown", "body.user_id: missing"]
    lookup = Exchange("GET", RETRIEVE, {"chat_id": "7"}, {}, None)
    assert list(official.request(lookup)) == ["query conversation_id: missing"]
    assert list(official.response(lookup, {"code": "0"})) == ["response.code: '0' is no integer"]


def test_an_upload_that_is_none_would_be_noticed(official: Description) -> None:
    good = {"content-type": "multipart/form-data; boundary=x"}
    for headers, problems in ((good, []), ({}, ["body: no upload"])):
        upload = Exchange("POST", "/v1/files/upload", {}, headers, None)
        assert list(official.request(upload)) == problems


@pytest.mark.parametrize("value", ["one", "-1", "1.5", ""])
def test_a_query_that_is_no_number_would_be_noticed(official: Description, value: str) -> None:
    voices = Exchange("GET", "/v1/audio/voices", {"page_num": value}, {}, None)
    assert list(official.request(voices)) == [f"query page_num: {value!r} is no integer"]
