"""Chatflows in the cloud."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.sandbox.coze import Ask, End, Fail, Node, Parameter, Step, Steps, WorkflowCall
from tests.sandbox.workflow_talk import CHAT, FlowTalk, flowing, names, parsed_chat

APP = "7300000000000000333"
UNKNOWN = "7300000000000000999"


def answering(call: WorkflowCall) -> Iterator[Step]:
    yield Node("Writer", (f"You say {call.text}", " and ", str(len(call.history))))
    yield End({"output": "for programs"}, usage=(21, 11))


def travelling(_: WorkflowCall) -> Steps:
    city = yield Ask("Which city?", ("Beijing", "Paris"))
    yield Node("Guide", (f"{city} is far.",))
    yield End("Good bye.")


def place(events: list[tuple[str, Any]]) -> tuple[str, str]:
    return events[0][1]["conversation_id"], events[0][1]["id"]


async def shown(talk: FlowTalk, conversation: str, chat: str) -> dict[str, Any]:
    query = {"conversation_id": conversation, "chat_id": chat}
    response = await talk.http.get("/v3/chat/retrieve", params=query)
    return dict(response.json()["data"])


async def test_a_chatflow_streams_a_chat_that_ends_with_its_page() -> None:
    async with flowing(answering) as talk:
        events = await talk.chat("Hi")
    assert names(events) == [
        "chat.created",
        "chat.in_progress",
        *["message.delta"] * 3,
        *["message.completed"] * 2,
        "chat.completed",
        "done",
    ]
    answer, finish = events[5][1], events[6][1]
    assert answer["content"] == "You say Hi and 0"
    assert json.loads(finish["content"])["msg_type"] == "generate_answer_finish"
    usage = {"token_count": 32, "output_count": 11, "input_count": 21}
    assert events[-2][1]["usage"] == usage
    assert events[-1][1]["debug_url"].count(talk.last.execute_id) == 1
    assert not [data for _, data in events if "bot_id" in data]


async def test_its_lines_and_fields_are_those_of_the_recorded_one(fixtures: Path) -> None:
    recorded = (fixtures / "workflows_chat_stream_resp.txt").read_bytes()
    async with flowing(answering) as talk:
        response = await talk.http.post(CHAT, json=talk.message("Hi"))
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    for stream in (recorded, response.content):
        for block in stream.decode().strip().split("\n\n"):
            assert re.fullmatch(r"event: \S+\ndata: \{.*\}", block)
    ours, theirs = parsed_chat(response.content), parsed_chat(recorded.strip())
    order = [name for at, name in enumerate(names(theirs)) if name not in names(theirs)[:at]]
    assert [name for at, name in enumerate(names(ours)) if name not in names(ours)[:at]] == order
    fields = {(name, data.get("type")): data.keys() for name, data in ours}
    for name, data in theirs:
        sometimes = {"created_at"} if name == "message.delta" else set[str]()
        assert data.keys() - sometimes == fields[name, data.get("type")], name


async def test_a_chat_goes_on_in_the_conversation_of_the_body() -> None:
    async with flowing(answering) as talk:
        conversation, first = place(await talk.chat("one"))
        events = await talk.chat("two", conversation)
        query = {"conversation_id": conversation, "chat_id": first}
        listed = (await talk.http.get("/v3/chat/message/list", params=query)).json()["data"]
        chat = await shown(talk, *place(events))
    assert place(events)[0] == conversation
    assert events[5][1]["content"] == "You say two and 2"
    assert [message["type"] for message in listed] == ["verbose", "answer"]
    assert (chat["status"], chat["usage"]["token_count"]) == ("completed", 32)
    runs = talk.coze.workflow_runs
    assert [run.conversation_id for run in runs] == [conversation] * 2
    assert runs[1].chat_ids == [chat["id"]]


async def test_a_chatflow_that_asks_is_answered_by_the_next_message() -> None:
    async with flowing(travelling) as talk:
        first = await talk.chat("Where to?")
        waiting = await shown(talk, *place(first))
        second = await talk.chat("Paris", place(first)[0])
        third = await talk.chat("Again", place(first)[0])
    assert names(first) == [
        "chat.created",
        "chat.in_progress",
        "message.delta",
        *["message.completed"] * 3,
        "chat.requires_action",
        "done",
    ]
    assert first[3][1]["content"] == "Which city?\nBeijing\nParis"
    marks = [json.loads(data["content"]) for _, data in first[4:6]]
    assert [mark["msg_type"] for mark in marks] == ["interrupt", "generate_answer_finish"]
    assert json.loads(marks[1]["data"])["finish_reason"] == 1
    assert (first[6][1]["status"], waiting["status"]) == ("requires_action", "requires_action")
    said = [data["content"] for name, data in second if name == "message.completed"]
    assert said[:2] == ["Paris is far.", "Good bye."]
    assert "chat.requires_action" in names(third)
    started, again = talk.coze.workflow_runs
    assert (started.resumed, len(started.chat_ids)) == (["Paris"], 2)
    assert (again.mode, again.status) == ("chat", "interrupted")


async def test_a_form_is_asked_as_json() -> None:
    wanted = {"name": Parameter(required=True)}
    async with flowing(lambda _: [Ask(type=5, parameters=wanted)]) as talk:
        events = await talk.chat("Hi")
    field = {"type": "string", "name": "name", "required": True}
    assert json.loads(events[3][1]["content"]) == [field]


async def test_a_chat_of_a_chatflow_is_cancelled_like_any_other() -> None:
    gate = asyncio.Event()
    script: list[Step] = [Node("Writer", ("a", "b"), gate=gate, gate_at=1), End({})]
    async with flowing(lambda _: script) as talk:
        async with talk.http.stream("POST", CHAT, json=talk.message("Hi")):
            await talk.coze.changes.until(lambda: talk.last.said)
            where = {"conversation_id": talk.last.conversation_id}
            chat = {**where, "chat_id": talk.last.chat_ids[0]}
            assert (await talk.refused(CHAT, talk.message("Hi", **where)))[1] == 4016
            told = (await talk.http.post("/v3/chat/cancel", json=chat)).json()
            assert told["data"]["status"] == "canceled"
            gate.set()
        assert (await talk.http.post("/v3/chat/cancel", json=chat)).json()["code"] == 4104


async def test_a_run_that_fails_is_a_chat_that_failed_with_its_code_in_a_string() -> None:
    async with flowing(lambda _: [Fail(720702085, "too slow")]) as talk:
        events = await talk.chat("Hi")
        chat = await shown(talk, *place(events))
    assert names(events)[-1] == "chat.failed"
    assert events[-1][1] == {"code": "720702085", "msg": "too slow"}
    assert (chat["status"], chat["last_error"]["code"]) == ("failed", 720702085)


async def test_a_wrong_parameter_is_found_when_it_streams() -> None:
    async with flowing(answering, parameters={"tone": Parameter(required=True)}) as talk:
        events = await talk.chat("Hi")
    assert names(events) == ["chat.failed"]
    assert events[0][1]["code"] == "4000"


def messages(count: int, **fields: Any) -> dict[str, Any]:
    said = {"role": "user", "content": "Hi", "content_type": "text"}
    return {"additional_messages": [said | fields for _ in range(count)]}


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"additional_messages": None}, 4000),
    (messages(0), 4000),
    (messages(51), 4004),
    (messages(1, role="assistant"), 4000),
    (messages(1, role="system"), 4000),
    (messages(1, type="verbose"), 4000),
    (messages(1, content_type="object_string", content="[]"), 4000),
    (messages(1, meta_data={"k": ""}), 4003),
    ({"parameters": None}, 4000),
    ({"bot_id": None}, 4000),
    ({"app_id": APP}, 4000),
    ({"bot_id": UNKNOWN}, 4200),
    ({"workflow_id": UNKNOWN}, 4200),
    ({"conversation_id": UNKNOWN}, 4002),
]


@pytest.mark.parametrize(("changed", "code"), REFUSED)
async def test_the_cloud_refuses(changed: dict[str, Any], code: int) -> None:
    async with flowing(answering) as talk:
        refused = await talk.refused(CHAT, talk.message("Hi") | changed)
        assert refused[:2] == (200, code)
        assert talk.coze.workflow_runs == []
        assert names(await talk.chat("Hi"))[-1] == "done"


async def test_a_chatflow_has_to_be_published() -> None:
    async with flowing(answering, published=False) as talk:
        assert (await talk.refused(CHAT, talk.message("Hi")))[:2] == (200, 4200)


async def test_fifty_messages_of_which_the_last_asks_are_taken() -> None:
    async with flowing(answering) as talk:
        events = await talk.chat("Hi", **messages(50))
    assert events[5][1]["content"] == "You say Hi and 49"


async def test_an_app_has_a_conversation_of_each_name() -> None:
    async with flowing(answering) as talk:
        app: dict[str, Any] = {"bot_id": None, "app_id": APP}
        named: dict[str, Any] = {"parameters": {"CONVERSATION_NAME": "tea"}}
        first = place(await talk.chat("one", **app))[0]
        again = place(await talk.chat("two", **app))[0]
        missing = await talk.chat("three", **app, **named)
        made = await talk.http.post("/v1/conversation/create", json={"name": "tea"})
        tea = place(await talk.chat("four", **app, **named))[0]
    assert again == first
    assert missing == [("chat.failed", {"code": "720702204", "msg": "会话名不存在"})]
    assert tea == made.json()["data"]["id"] != first
