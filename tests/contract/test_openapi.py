"""What the client sends and the simulator answers, against Coze's own description of its API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bridge.coze.services import CozeServices
from bridge.sandbox.coze import Cut, Exchange, JsonError, Refuse
from tests.contract.description import Description
from tests.coze.rig import CHAT, RETRIEVE, Rig, first, question, rigged, stuck, told


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
        await CozeServices(rig.client, rig.coze.bot_id).about()
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
