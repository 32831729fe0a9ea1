import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import Answer, Question, Require, RunFails, Script, Tool, ToolCall
from tests.sandbox.coze_talk import Event, Talk, answer, code, ids, names, parsed, talking

RAIN = ToolCall("BUJJ-1", "get_rain_probability", '{"location":"Henan"}')
WIND = ToolCall("BUJJ-2", "get_wind")
ASK = ToolCall("", type="reply_message")
SUBMIT = "/v3/chat/submit_tool_outputs"


def completed(events: list[Event]) -> list[tuple[str, str]]:
    """Types and contents of the completed messages."""
    return [
        (data["type"], data["content"])
        for name, data in events
        if name == "conversation.message.completed"
    ]


def forecast(outputs: Mapping[str, str]) -> Answer:
    rain = json.loads(outputs["BUJJ-1"])["probability"]
    return Answer((("It may ", f"rain: {rain}"),), follow_ups=("And wind?",), usage=(3, 2))


def asking(*calls: ToolCall, then: Any = forecast) -> Script:
    return lambda _: Answer(require=Require(calls, then), usage=(10, 1))


def outputs(*ids: str, output: str = '{"probability":0.5}') -> list[dict[str, str]]:
    return [{"tool_call_id": each, "output": output} for each in ids]


async def submit(
    talk: Talk, place: tuple[str, str], given: list[dict[str, str]], **fields: Any
) -> httpx.Response:
    query = dict(zip(("conversation_id", "chat_id"), place, strict=True))
    return await talk.http.post(SUBMIT, params=query, json={"tool_outputs": given} | fields)


@pytest.fixture
async def waiting() -> AsyncIterator[Talk]:
    """A bot that needs to know of the rain."""
    async with talking(answer=asking(RAIN)) as talk:
        yield talk


async def test_a_tool_runs_between_its_call_and_its_output() -> None:
    gate = asyncio.Event()
    tool = Tool("weather-today", {"city": "Hangzhou"}, '{"sky":"clear"}', 0.001, gate)
    script = Answer((("It is ", "clear."),), tools=(tool,))
    async with (
        talking(answer=lambda _: script) as talk,
        talk.streaming() as response,
    ):
        stream = b""
        async for piece in response.aiter_raw():
            stream += piece
            if b"function_call" in stream and not gate.is_set():
                said = await talk.said_in(*ids(parsed(stream.split(b"\n\n")[0])))
                assert [kind for kind, _ in said] == ["function_call"]
                gate.set()
    events = parsed(stream)
    (_, call), (_, output), *_ = completed(events)
    assert names(events)[:5] == [
        "chat.created",
        "chat.in_progress",
        "message.completed",
        "message.completed",
        "message.delta",
    ]
    called = json.loads(call)
    assert called["arguments"] == {"city": "Hangzhou"}
    assert called["name"] == "ts-weather-today"
    assert (called["plugin_name"], called["api_name"]) == ("weather", "today")
    assert isinstance(called["plugin_id"], int)
    assert output == '{"sky":"clear"}'
    assert answer(events) == "It is clear."


async def test_studio_shows_the_call_as_the_model_made_it() -> None:
    script = Answer((("Clear.",),), tools=(Tool("weather-today", {"city": "Hangzhou"}, "fine"),))
    async with talking(dialect="studio", answer=lambda _: script) as talk:
        (kind, call), output, *_ = completed(await talk.events())
    function = json.loads(call)["function"]
    assert kind == "function_call"
    assert function == {"name": "today", "arguments": '{"city":"Hangzhou"}'}
    assert output == ("tool_response", "fine")


async def test_a_run_stops_where_the_client_has_to_act(waiting: Talk) -> None:
    events = await waiting.events()
    assert names(events)[-2:] == ["chat.requires_action", "done"]
    stopped = events[-2][1]
    assert stopped["status"] == "requires_action"
    assert stopped["completed_at"]
    assert stopped["usage"]["token_count"] == 11
    assert stopped["required_action"] == {
        "type": "submit_tool_outputs",
        "submit_tool_outputs": {
            "tool_calls": [
                {
                    "id": "BUJJ-1",
                    "type": "function",
                    "function": {
                        "name": "get_rain_probability",
                        "arguments": '{"location":"Henan"}',
                    },
                    "require_info": None,
                }
            ]
        },
    }
    assert await waiting.look(*ids(events)) == stopped
    (kind, call), *marks = completed(events)
    assert (kind, json.loads(call)["plugin_type"]) == ("function_call", 6)
    assert json.loads(call)["arguments"] == {"location": "Henan"}
    assert [json.loads(mark)["msg_type"] for _, mark in marks] == [
        "interrupt",
        "generate_answer_finish",
    ]
    assert json.loads(json.loads(marks[1][1])["data"])["finish_reason"] == 1


async def test_the_stream_goes_on_with_the_outputs(waiting: Talk) -> None:
    place = ids(await waiting.events("Will it rain?"))
    response = await submit(waiting, place, outputs("BUJJ-1"), stream=True)
    assert response.headers["content-type"] == "text/event-stream"
    events = parsed(response.content)
    assert names(events)[:3] == ["chat.in_progress", "message.completed", "message.delta"]
    assert names(events)[-2:] == ["chat.completed", "done"]
    assert ids(events) == place
    assert completed(events)[0] == ("tool_response", '{"probability":0.5}')
    assert answer(events) == "It may rain: 0.5"
    done = events[-2][1]
    assert (done["status"], done["usage"]["token_count"]) == ("completed", 16)
    assert "required_action" not in done
    kinds = [kind for kind, _ in await waiting.said_in(*place)]
    assert sorted(kinds) == [
        "answer",
        "follow_up",
        "function_call",
        "tool_response",
        "verbose",
        "verbose",
        "verbose",
    ]


async def test_the_chat_goes_on_without_a_stream(waiting: Talk) -> None:
    place = ids(await waiting.events(stream=True))
    told = (await submit(waiting, place, outputs("BUJJ-1"))).json()
    assert (told["data"]["status"], told["data"]["id"]) == ("in_progress", place[1])
    assert (await waiting.settled(*place))["status"] == "completed"
    assert ("answer", "It may rain: 0.5") in await waiting.said_in(*place)


async def test_there_can_be_several_rounds_of_several_calls() -> None:
    def twice(first: Mapping[str, str]) -> Answer:
        return Answer((("Rain. ",),), require=Require((WIND,), lambda second: f"{first} {second}"))

    async with talking(answer=asking(RAIN, WIND, then=twice)) as talk:
        place = ids(await talk.events())
        both = outputs("BUJJ-2", "BUJJ-1", output="1")
        events = parsed((await submit(talk, place, both, stream=True)).content)
        assert answer(events) == "Rain. "
        assert names(events)[-2] == "chat.requires_action"
        last = (await submit(talk, place, outputs("BUJJ-2", output="2"), stream=True)).content
        assert answer(parsed(last)) == "{'BUJJ-2': '1', 'BUJJ-1': '1'} {'BUJJ-2': '2'}"


@pytest.mark.parametrize(
    "given",
    [
        [],
        outputs("BUJJ-1"),
        outputs("BUJJ-1", "BUJJ-1"),
        outputs("BUJJ-1", "BUJJ-3"),
        outputs("BUJJ-1", "BUJJ-2", "BUJJ-3"),
        [{"tool_call_id": "BUJJ-1"}],
    ],
)
async def test_all_calls_are_answered_at_once(given: list[dict[str, str]]) -> None:
    async with talking(answer=asking(RAIN, WIND)) as talk:
        place = ids(await talk.events())
        assert code(await submit(talk, place, given)) == (200, 4000)
        assert (await talk.look(*place))["status"] == "requires_action"
        assert code(await submit(talk, place, outputs("BUJJ-1", "BUJJ-2"))) == (200, 0)


async def test_outputs_are_taken_once_and_only_where_they_are_wanted(waiting: Talk) -> None:
    place = ids(await waiting.events())
    await submit(waiting, place, outputs("BUJJ-1"), stream=True)
    assert code(await submit(waiting, place, outputs("BUJJ-1"))) == (200, 4000)
    assert code(await submit(waiting, (place[0], "1"), outputs("BUJJ-1"))) == (200, 4001)
    assert code(await waiting.http.post(SUBMIT, json={"tool_outputs": []})) == (200, 4000)


async def test_outputs_for_a_chat_that_was_not_saved_find_nothing(waiting: Talk) -> None:
    events = await waiting.events(auto_save_history=False)
    assert names(events)[-2] == "chat.requires_action"
    assert code(await submit(waiting, ids(events), outputs("BUJJ-1"))) == (200, 5000)


async def test_a_chat_that_waits_cannot_be_cancelled_but_does_not_stand_in_the_way(
    waiting: Talk,
) -> None:
    conversation, chat = ids(await waiting.events())
    body = {"conversation_id": conversation, "chat_id": chat}
    assert code(await waiting.http.post("/v3/chat/cancel", json=body)) == (200, 4104)
    assert names(await waiting.events("Hello?", conversation))[-2] == "chat.requires_action"


async def test_outputs_wait_for_their_turn_in_a_busy_conversation() -> None:
    gate = asyncio.Event()
    later = Answer((("Later",),), gate=gate)
    answers = iter([Answer(require=Require((RAIN,), forecast)), later])
    async with talking(answer=lambda _: next(answers)) as talk:
        place = ids(await talk.events())
        other = (await talk.chat("Meanwhile", place[0], stream=False)).json()["data"]["id"]
        assert code(await submit(talk, place, outputs("BUJJ-1"))) == (200, 4016)
        gate.set()
        await talk.settled(place[0], other)
        assert code(await submit(talk, place, outputs("BUJJ-1"))) == (200, 0)


async def test_a_run_can_fail_after_its_outputs(waiting: Talk) -> None:
    place = ids(await waiting.events())
    waiting.coze.fail(SUBMIT, RunFails(after=1))
    events = parsed((await submit(waiting, place, outputs("BUJJ-1"), stream=True)).content)
    assert names(events)[-1] == "chat.failed"
    assert (await waiting.look(*place))["status"] == "failed"


async def test_a_question_to_the_user_is_answered_in_the_next_chat() -> None:
    def script(question: Question) -> Answer:
        if question.turn == 1:
            return Answer((("Which city?",),), require=Require((ASK,)))
        return Answer(((f"{question.history[-1][1]} {question.text}",),))

    async with talking(answer=script) as talk:
        events = await talk.events("The weather")
        call = events[-2][1]["required_action"]["submit_tool_outputs"]["tool_calls"][0]
        assert (call["type"], call["function"]) == ("reply_message", None)
        kinds = [kind for kind, _ in completed(events)]
        assert kinds == ["answer", "verbose", "verbose"]
        assert answer(await talk.events("Henan", ids(events)[0])) == "Which city? Henan"


async def test_studio_ends_a_chat_that_asks_the_user() -> None:
    script = Answer((("Which city?",),), require=Require((ASK,)))
    async with talking(dialect="studio", answer=lambda _: script) as talk:
        events = await talk.events()
        assert names(events)[-2:] == ["chat.completed", "stream.done"]
        marks = [json.loads(content)["msg_type"] for kind, content in completed(events)[1:]]
        assert marks == ["interrupt", "generate_answer_finish"]


async def test_studio_has_nowhere_to_submit_outputs() -> None:
    async with talking(dialect="studio", answer=asking(RAIN)) as talk:
        events = await talk.events()
        assert names(events)[-2:] == ["message.completed", "stream.done"]
        assert (await talk.look(*ids(events)))["status"] == "required_action"
        assert (await submit(talk, ids(events), outputs("BUJJ-1"))).status_code == 404
