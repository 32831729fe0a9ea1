"""Chatflows of a self-hosted Coze Studio."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.sandbox.coze import Ask, End, Fail, Node, RunFails, Step, Steps, WorkflowCall
from tests.sandbox.workflow_talk import CHAT, FlowTalk, flowing, names

UNKNOWN = "7300000000000000999"
NAMED = {"CONVERSATION_NAME": "tea"}


def travelling(_: WorkflowCall) -> Steps:
    yield Node("Planner", ("Let us plan.",))
    city = yield Ask("Which city?", ("Beijing", "Paris"))
    yield Ask("Really?")
    yield End({"city": city})


def echo(call: WorkflowCall) -> Steps:
    yield from [End({"output": call.parameters})]


@pytest.fixture
async def talk() -> AsyncIterator[FlowTalk]:
    async with flowing(travelling, dialect="studio") as talk:
        yield talk


def numbered(stream: bytes) -> list[tuple[str, Any]]:
    """A chatflow's stream, whose numbers begin at 1."""
    events = []
    for number, block in enumerate(stream.decode().removesuffix("\n\n").split("\n\n"), 1):
        first, second, third = block.split("\n")
        assert first == f"id: {number}"
        name = second.removeprefix("event: ").removeprefix("conversation.")
        events.append((name, json.loads(third.removeprefix("data: "))))
    return events


async def chat(talk: FlowTalk, text: str, **fields: Any) -> list[tuple[str, Any]]:
    response = await talk.http.post(CHAT, json=talk.message(text, **fields))
    return numbered(response.content)


async def test_a_chatflow_is_numbered_and_says_its_variables_too() -> None:
    async with flowing(echo, dialect="studio") as talk:
        events = await chat(talk, "Hi", parameters=NAMED)
    assert names(events) == [
        "chat.created",
        "chat.in_progress",
        "message.delta",
        "message.completed",
        "chat.completed",
        "done",
    ]
    assert [("bot_id" in data) for _, data in events] == [False, False, True, True, True, False]
    assert events[0][1]["execute_id"] == talk.last.execute_id
    assert "last_error" not in events[4][1]


async def test_a_question_of_a_chatflow_is_a_card(talk: FlowTalk) -> None:
    first = await chat(talk, "Hi", parameters=NAMED)
    conversation = first[0][1]["conversation_id"]
    second = await chat(talk, "Paris", conversation_id=conversation)
    assert names(first)[-4:] == [
        "message.completed",
        "message.completed",
        "chat.requires_action",
        "done",
    ]
    asked = first[-3][1]
    assert asked["content_type"] == "card"
    card = json.loads(json.loads(asked["content"])["x_properties"]["workflow_card_info"])
    assert card["question_card_data"]["Options"] == [{"name": "Beijing"}, {"name": "Paris"}]
    assert names(second)[2:4] == ["message.delta", "message.completed"]
    assert second[2][1]["content"] == "Really?"
    assert talk.last.resumed == ["Paris"]


async def test_a_chatflow_that_fails_says_so_with_a_string_and_its_page() -> None:
    async with flowing(lambda _: [Fail(720701013, "no")], dialect="studio") as talk:
        events = await chat(talk, "Hi", parameters=NAMED)
        talk.coze.fail(CHAT, RunFails(5000, "gone"))
        scripted = await chat(talk, "Hi", parameters=NAMED)
    assert events[-1][0] == "error"
    assert events[-1][1].keys() == {"code", "msg", "debug_url"}
    assert events[-1][1]["code"] == "720701013"
    assert (scripted[-1][1]["code"], scripted[-1][1]["msg"]) == ("5000", "gone")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"additional_messages": []}, "additional_messages is requird"),
    ({}, "conversation name is requried"),
    ({"conversation_id": UNKNOWN}, "record not found"),
    (
        {"additional_messages": [{"role": "assistant", "content": "Hi"}]},
        "the role of the last day message must be user",
    ),
    (
        {"additional_messages": [{"role": "system"}, {"role": "user", "content": "Hi"}]},
        "invalid role type system",
    ),
]


@pytest.mark.parametrize(("changed", "cause"), WRONG)
async def test_it_refuses_a_chat_in_its_own_english(
    talk: FlowTalk, changed: dict[str, Any], cause: str
) -> None:
    refused = await talk.refused(CHAT, talk.message("Hi") | changed)
    assert refused == (200, 777777775, f"Workflow operation failure: {cause}")


async def test_an_app_may_only_use_conversations_with_a_name(talk: FlowTalk) -> None:
    app = {"bot_id": None, "app_id": "7300000000000000333"}
    made = (await talk.http.post("/v1/conversation/create", json={})).json()
    body = talk.message("Hi", made["data"]["id"], **app)
    assert (await talk.refused(CHAT, body))[2].endswith("conversation not found")
    assert names(await chat(talk, "Hi", conversation_id=made["data"]["id"]))[-1] == "done"
    first = await chat(talk, "Hi", parameters=NAMED, **app)
    named = first[0][1]["conversation_id"]
    assert names(await chat(talk, "Paris", conversation_id=named, **app))[-1] == "done"


async def test_a_cancelled_chat_ends_its_stream() -> None:
    gate = asyncio.Event()
    script: list[Step] = [Node("Writer", ("a", "b"), gate=gate, gate_at=1), End({})]
    async with flowing(lambda _: script, dialect="studio") as talk:
        body = talk.message("Hi", parameters=NAMED)
        sending = asyncio.create_task(talk.http.post(CHAT, json=body))
        await talk.coze.changes.until(lambda: talk.coze.workflow_runs and talk.last.said)
        place = {"conversation_id": talk.last.conversation_id, "chat_id": talk.last.chat_ids[0]}
        await talk.http.post("/v3/chat/cancel", json=place)
        assert numbered((await sending).content)[-1][0] == "chat.cancelled"
        assert talk.last.status == "failed"
