"""What the simulator says in chats and of conversations, against the description of Coze's API."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bridge.sandbox.coze import (
    Answer,
    Card,
    Noise,
    Question,
    Require,
    RunFails,
    Tool,
    ToolCall,
)
from tests.contract.description import Description
from tests.sandbox.coze_talk import Event, Talk, ids, names, parsed, talking

CHAT = {"$ref": "#/components/schemas/ChatV3ChatDetail"}
MESSAGE = {"$ref": "#/components/schemas/ChatV3MessageDetail"}
# Where the simulator goes by the examples of the documentation, and by the official SDK.
OTHERWISE = re.compile(
    r"\.(require_info|inserted_additional_messages): unknown$"
    r"|tool_calls\[0\]\.function: None is no object$"
    r"|\.type: '' is none of"
    r"|\.content_type: 'card' is none of"
)
RAIN = Require((ToolCall("BUJJ-1", "get_rain", '{"location":"Henan"}'),))
ASK = Require((ToolCall("", type="reply_message"),))
EVERYTHING = Answer(
    (("It is ", "clear."), ("Bye",)),
    reasoning=("I look ", "it up."),
    apart=True,
    follow_ups=("And tomorrow?",),
    noise=(Noise("knowledge", "rain is wet"),),
    tools=(Tool("weather-today", {"city": "Hangzhou"}, "clear"),),
    cards=(Card("Weather"), Card("Which size?", ("small", "large"))),
)
ANSWERS = {
    "everything": EVERYTHING,
    "act": Answer(require=RAIN),
    "reply": Answer((("Which city?",),), require=ASK),
    "fail": Answer((("It is",),), fails=RunFails(after=1)),
    "nothing": Answer(),
}


def script(question: Question) -> Answer:
    return ANSWERS[question.text]


def objections(problems: Iterator[str]) -> list[str]:
    return [problem for problem in problems if not OTHERWISE.search(problem)]


def against(official: Description, events: list[Event]) -> list[str]:
    """What the description has against the events of a stream."""
    _, operation = official.operation("POST", "/v3/chat")
    stream = operation["responses"]["200"]["content"]["text/event-stream"]["schema"]
    found: list[str] = []
    for name, data in events:
        found += official.against(stream["properties"]["event"], name, "event")
        if name != "done":
            schema = CHAT if ".chat." in name else MESSAGE
            found += objections(official.against(schema, data, name))
    return found


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking(answer=script) as talk:
        yield talk


async def told(
    official: Description, talk: Talk, method: str, path: str, **request: Any
) -> dict[str, Any]:
    """An answer; it and the request have been held against the description."""
    response = await talk.http.request(method, path, **request)
    made, answer = talk.coze.requests[-1], response.json()
    assert objections(official.request(made)) == [], f"{method} {path}"
    assert objections(official.response(made, answer)) == [], f"{method} {path}"
    return dict(answer)


@pytest.mark.parametrize("text", ANSWERS)
async def test_what_is_streamed_is_in_the_description(
    official: Description, talk: Talk, text: str
) -> None:
    events = await talk.events(text, enable_card=True, meta_data={"turn": "t1"})
    assert len(events) >= 3
    assert against(official, events) == []


async def test_what_follows_the_outputs_is_in_the_description(
    official: Description, talk: Talk
) -> None:
    conversation, chat = ids(await talk.events("act"))
    query = {"conversation_id": conversation, "chat_id": chat}
    body = {"tool_outputs": [{"tool_call_id": "BUJJ-1", "output": "0.5"}], "stream": True}
    response = await talk.http.post("/v3/chat/submit_tool_outputs", params=query, json=body)
    assert objections(official.request(talk.coze.requests[-1])) == []
    events = parsed(response.content)
    assert names(events)[-2:] == ["chat.completed", "done"]
    assert against(official, events) == []


async def test_a_voice_is_in_the_description(official: Description, talk: Talk) -> None:
    audio = json.dumps([{"type": "audio", "file_url": "https://example.com/a.wav"}])
    said = talk.body("everything")["additional_messages"][0]
    voice = said | {"content": audio, "content_type": "object_string"}
    events = await talk.events(additional_messages=[voice, said])
    assert "audio.delta" in names(events)
    assert against(official, events) == []


@pytest.mark.parametrize("text", ANSWERS)
async def test_what_is_polled_is_in_the_description(
    official: Description, talk: Talk, text: str
) -> None:
    body = talk.body(text, stream=False)
    chat = (await told(official, talk, "POST", "/v3/chat", json=body))["data"]
    query = {"conversation_id": chat["conversation_id"], "chat_id": chat["id"]}
    await talk.settled(*query.values())
    found = await told(official, talk, "GET", "/v3/chat/retrieve", params=query)
    assert ("required_action" in found["data"]) == (text in {"act", "reply"})
    await told(official, talk, "GET", "/v3/chat/message/list", params=query)
    if text == "act":
        path, output = "/v3/chat/submit_tool_outputs", {"tool_call_id": "BUJJ-1", "output": "1"}
        for code in (0, 4000):
            given = {"tool_outputs": [output]}
            going = await told(official, talk, "POST", path, params=query, json=given)
            assert going["code"] == code


async def test_messages_are_in_the_description(official: Description, talk: Talk) -> None:
    conversation, _ = ids(await talk.events("everything"))
    path, query = "/v1/conversation/message", {"conversation_id": conversation}
    for body in ({}, {"order": "asc", "limit": 2, "chat_id": "1"}):
        await told(official, talk, "POST", f"{path}/list", params=query, json=body)
    text = {"content": "I like tea", "content_type": "text", "meta_data": {"a": "b"}}
    made = await told(
        official, talk, "POST", f"{path}/create", params=query, json={"role": "user"} | text
    )
    one = query | {"message_id": made["data"]["id"]}
    await told(official, talk, "GET", f"{path}/retrieve", params=one)
    changed = await told(official, talk, "POST", f"{path}/modify", params=one, json=text)
    assert changed["message"]["id"] == made["data"]["id"]
    await told(official, talk, "POST", f"{path}/delete", params=one)
    gone = await told(official, talk, "GET", f"{path}/retrieve", params=one)
    assert gone["code"] == 4200


async def test_conversations_are_in_the_description(official: Description, talk: Talk) -> None:
    said = {"role": "user", "type": "question", "content": "I like tea", "content_type": "text"}
    body = {
        "bot_id": talk.coze.bot_id,
        "name": "Tea",
        "messages": [said],
        "meta_data": {"a": "b"},
        "connector_id": "1024",
    }
    made = await told(official, talk, "POST", "/v1/conversation/create", json=body)
    conversation = made["data"]["id"]
    query = {"conversation_id": conversation}
    await told(official, talk, "GET", "/v1/conversation/retrieve", params=query)
    listed = {"bot_id": talk.coze.bot_id, "sort_order": "ASC", "connector_id": "1024"}
    await told(official, talk, "GET", "/v1/conversations", params=listed)
    path = f"/v1/conversations/{conversation}"
    await told(official, talk, "PUT", path, json={"name": "Coffee"})
    await told(official, talk, "POST", f"{path}/clear", json={})
    await talk.http.delete(path)  # which the description does not know
    gone = await told(official, talk, "PUT", path, json={"name": "Tea"})
    assert gone["code"] == 4002


@pytest.mark.parametrize(
    ("event", "data", "problem"),
    [
        ("conversation.chat.started", {}, "event: 'conversation.chat.started' is none of"),
        ("conversation.message.delta", {}, "conversation.message.delta.content: missing"),
        ("conversation.chat.created", {"usage": 7}, "created.usage: 7 is no object"),
    ],
)
def test_a_wrong_event_would_be_noticed(
    official: Description, event: str, data: dict[str, Any], problem: str
) -> None:
    assert any(problem in each for each in against(official, [(event, data)]))
