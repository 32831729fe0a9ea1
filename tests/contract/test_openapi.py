"""What the client sends and the simulator answers, against Coze's own description of its API."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bridge.sandbox.coze import Cut, Exchange, JsonError, Refuse
from tests.coze.rig import CHAT, RETRIEVE, Rig, first, question, rigged, stuck, told

Schema = dict[str, Any]
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
# The description says integer; the examples beside it have digits, as the simulator does.
OTHERWISE_IN_EXAMPLES = re.compile(r"updated_at: '\d+' is no integer$")


@dataclass
class Description:
    """An OpenAPI document, and what it has against a request or a response."""

    document: Schema

    def operation(self, method: str, path: str) -> tuple[str, Schema]:
        """The path as the document spells it, and what it says of it."""
        for template, methods in self.document["paths"].items():
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in methods:
                return template, methods[method.lower()]
        pytest.fail(f"there is no {method} {path}")

    def request(self, made: Exchange) -> Iterator[str]:
        _, operation = self.operation(made.method, made.path)
        parameters = {p["name"]: p for p in operation.get("parameters", ()) if p["in"] == "query"}
        for name in made.query.keys() - parameters.keys():
            yield f"query {name}: unknown"
        for name, parameter in parameters.items():
            if name in made.query:
                value: object = made.query[name]
                if parameter["schema"]["type"] == "boolean":
                    value = {"true": True, "false": False}.get(made.query[name], value)
                yield from self.against(parameter["schema"], value, f"query {name}")
            elif parameter.get("required"):
                yield f"query {name}: missing"
        body = operation.get("requestBody")
        if made.body is not None and not body:
            yield "body: unknown"
        if body:
            schema = body["content"]["application/json"]["schema"]
            yield from self.against(schema, made.body or {}, "body")

    def response(self, made: Exchange, told: object) -> Iterator[str]:
        _, operation = self.operation(made.method, made.path)
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        for problem in self.against(schema, told, "response"):
            if not OTHERWISE_IN_EXAMPLES.search(problem):
                yield problem

    def against(self, schema: Schema, value: object, at: str) -> Iterator[str]:
        """What is wrong with `value`, and with all that is in it."""
        if ref := schema.get("$ref"):
            named = self.document["components"]["schemas"][ref.rsplit("/", 1)[1]]
            yield from self.against(named, value, at)
            return
        kind = TYPES[schema["type"]]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            yield f"{at}: {value!r} is no {schema['type']}"
        elif value not in schema.get("enum", [value]):
            yield f"{at}: {value!r} is none of {schema['enum']}"
        elif isinstance(value, list):
            for number, item in enumerate(value):
                yield from self.against(schema["items"], item, f"{at}[{number}]")
        elif isinstance(value, dict):
            yield from self._fields(schema, value, at)

    def _fields(self, schema: Schema, value: Schema, at: str) -> Iterator[str]:
        known = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{at}.{name}: missing"
        for name, item in value.items():
            if inner := known.get(name) or schema.get("additionalProperties"):
                yield from self.against(inner, item, f"{at}.{name}")
            else:
                yield f"{at}.{name}: unknown"


@pytest.fixture(scope="module")
def described() -> dict[str, Description]:
    return {}  # read once, as it is large


@pytest.fixture
def official(fixtures: Path, described: dict[str, Description]) -> Description:
    path = fixtures / "openapi.yaml"
    if not path.is_file():
        pytest.skip(f"no description of Coze in {path}")
    if not described:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        described["coze"] = Description(yaml.load(path.read_bytes(), Loader=loader))
    return described["coze"]


@asynccontextmanager
async def session() -> AsyncIterator[Rig]:
    """All that the client can do, with faults that make it do it."""
    async with rigged() as rig:
        conversation = await rig.client.create_conversation(rig.coze.bot_id)
        for stream in (True, False):
            await told(rig.backend(stream=stream).ask(question("Hi", conversation)))
            await told(rig.backend(stream=stream).ask(question()))
        rig.coze.fail(CHAT, Cut(5))
        rig.coze.fail(RETRIEVE, Refuse())
        run = (await told(rig.backend().ask(question("Hi", conversation, job="job-2")))).run
        assert run
        rig.coze.fail(CHAT, JsonError(4009, "busy"))
        await told(rig.backend().ask(question("Hi", conversation, job="job-3")))
        assert await rig.backend().find(conversation, "job-2") == run
        await rig.client.cancel(run)
        await rig.client.clear_conversation(conversation)
        await rig.client.bot(rig.coze.bot_id)
        yield rig


async def answered(rig: Rig, made: Exchange) -> Any:
    """What the simulator says to this request when it is made once more."""
    body = {**made.body, "stream": False} if made.path == CHAT else made.body
    headers = {"Authorization": f"Bearer {rig.coze.token}"}
    async with httpx.AsyncClient(base_url=rig.url, headers=headers) as http:
        response = await http.request(made.method, made.path, params=made.query, json=body)
        return response.json()


async def test_what_the_client_sends_is_in_the_description(official: Description) -> None:
    async with session() as rig:
        seen = set()
        for made in rig.coze.requests:
            assert list(official.request(made)) == [], f"{made.method} {made.path}"
            seen.add(official.operation(made.method, made.path)[0])
    assert seen == {
        "/v3/chat",
        "/v3/chat/retrieve",
        "/v3/chat/message/list",
        "/v3/chat/cancel",
        "/v1/conversation/create",
        "/v1/conversation/message/list",
        "/v1/conversations/{conversation_id}/clear",
        "/v1/bots/{bot_id}",
    }


async def test_what_the_simulator_answers_is_in_the_description(official: Description) -> None:
    async with session() as rig:
        for made in {made.path: made for made in rig.coze.requests}.values():
            told = await answered(rig, made)
            assert list(official.response(made, told)) == [], made.path
            assert told["code"] == (4104 if made.path == "/v3/chat/cancel" else 0)


async def test_a_cancelled_chat_is_in_the_description(official: Description) -> None:
    async with rigged(answer=stuck) as rig:
        run = await first(rig.backend())
        place = {"conversation_id": run.conversation, "chat_id": run.chat}
        cancel = Exchange("POST", "/v3/chat/cancel", {}, {}, place)
        assert list(official.request(cancel)) == []
        told = await answered(rig, cancel)
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
