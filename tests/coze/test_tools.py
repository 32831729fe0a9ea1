"""Functions that a bot calls here: what an endpoint is asked, and what the bot hears of it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from bridge.core.model import Answered, Doing, Finished, Started
from bridge.coze import decode
from bridge.coze.errors import CozeRefused
from bridge.coze.tools import LONGEST, Tool, Tools
from bridge.sandbox.coze import Answer, Question, Require, ToolCall
from tests.coze.rig import CHAT, RETRIEVE, folded, heard, question, rigged, told
from tests.coze.toolbox import WEATHER, Endpoint, endpoint, needing, waiting

SUBMIT = "/v3/chat/submit_tool_outputs"
MODES = {"stream": True, "blocking": False}


@pytest.fixture
async def service() -> AsyncIterator[Endpoint]:
    async with endpoint() as service:
        yield service


@pytest.fixture(params=MODES)
def stream(request: pytest.FixtureRequest) -> bool:
    return MODES[request.param]


async def outcome(service: Endpoint, *, stream: bool = True, **settings: object) -> str:
    """What a bot hears of its one call."""
    async with (
        rigged(answer=needing(WEATHER)) as rig,
        service.tools("get_weather", **settings) as tools,
    ):
        return (await told(rig.backend(stream=stream, tools=tools).ask(question()))).text


async def refusal(tools: Tools | None, *calls: ToolCall) -> CozeRefused:
    async with rigged(answer=needing(*calls)) as rig:
        with pytest.raises(CozeRefused) as error:
            await heard(rig.backend(tools=tools).ask(question()))
        assert not rig.made(SUBMIT)
        return error.value


async def test_a_function_that_is_mapped_is_called_and_the_answer_goes_on(
    service: Endpoint, stream: bool
) -> None:
    headers = {"X-Key": "s3cret"}
    async with (
        rigged(answer=needing(WEATHER)) as rig,
        service.tools("get_weather", headers=headers) as tools,
    ):
        events = await heard(rig.backend(stream=stream, tools=tools).ask(question()))
        assert folded(events).text == '{"sky":"clear"}'
        (submitted,) = rig.made(SUBMIT)
        assert len(rig.made(CHAT)) == len(rig.coze.asked) == 1
    assert service.called == [
        {"name": "get_weather", "arguments": {"city": "Paris"}, "tool_call_id": "call-1"}
    ]
    assert service.headers[0]["x-key"] == "s3cret"
    assert service.headers[0]["idempotency-key"] == "call-1"
    assert submitted.body == {
        "tool_outputs": [{"tool_call_id": "call-1", "output": '{"sky":"clear"}'}],
        "stream": stream,
    }
    assert isinstance(events[0], Started)
    assert Doing("tool", "get_weather") in events
    assert isinstance(events[-1], Finished)
    assert sum(isinstance(event, Answered) for event in events) == 1


async def test_a_function_that_is_not_mapped_is_told_to_the_user_and_to_the_operator(
    service: Endpoint,
) -> None:
    async with service.tools("get_time") as tools:
        for mapped in (tools, Tools({}), None):
            error = await refusal(mapped, WEATHER)
            assert error.say == "error.tool"
            assert error.values == {"name": "get_weather"}
            assert error.alert == "tool get_weather"
            assert "tools.get_weather.url" in str(error)


async def test_where_one_of_several_is_not_mapped_none_is_called(service: Endpoint) -> None:
    calls = ToolCall("call-0", "get_time"), WEATHER
    async with service.tools("get_time") as tools:
        await refusal(tools, *calls)
    assert not service.called


async def test_a_tool_that_is_slow_is_not_waited_for(service: Endpoint, stream: bool) -> None:
    release = asyncio.Event()
    service.handler = waiting(release)
    text = await outcome(service, stream=stream, timeout=0.05)
    release.set()
    assert json.loads(text) == {"error": "the tool did not answer"}


async def test_a_tool_that_dawdles_is_not_waited_for(service: Endpoint) -> None:
    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b"."
            await asyncio.sleep(0.01)

    async def dawdle(_: Request) -> Response:
        return StreamingResponse(drops())

    service.handler = dawdle
    assert json.loads(await outcome(service, timeout=0.2)) == {"error": "the tool did not answer"}


async def test_a_tool_may_take_the_time_that_it_was_given(
    monkeypatch: pytest.MonkeyPatch, service: Endpoint
) -> None:
    release, loop = asyncio.Event(), asyncio.get_running_loop()
    service.handler = waiting(release)
    asking = asyncio.create_task(outcome(service, timeout=30.0))
    await service.changes.until(lambda: service.called)
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + 29)  # which are over at once
    for _ in range(10):
        await asyncio.sleep(0)
    release.set()
    assert await asking == '{"sky":"clear"}'


@pytest.mark.parametrize("status", [301, 302, 400, 404, 429, 500, 503])
async def test_a_tool_that_refuses_is_told_to_the_bot_by_its_status(
    service: Endpoint, status: int, stream: bool
) -> None:
    async def refuse(request: Request) -> Response:
        headers = {"location": str(request.url)}
        return Response("Traceback: secrets", status_code=status, headers=headers)

    service.handler = refuse
    text = await outcome(service, stream=stream)
    assert json.loads(text) == {"error": f"the tool refused with HTTP {status}"}
    assert len(service.called) == 1


async def test_a_tool_does_not_send_its_callers_elsewhere(service: Endpoint) -> None:
    async def redirect(request: Request) -> Response:
        return RedirectResponse(request.url.replace(path="/private"), status_code=307)

    service.handler = redirect
    assert "HTTP 307" in await outcome(service)
    assert len(service.called) == 1


async def test_a_tool_that_is_not_there_is_told_to_the_bot(service: Endpoint) -> None:
    service.url = "http://127.0.0.1:9/"
    assert json.loads(await outcome(service)) == {"error": "the tool did not answer"}


async def test_an_answer_without_an_end_is_cut_and_left(service: Endpoint) -> None:
    left = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 4096
                await asyncio.sleep(0)
        finally:
            left.set()

    async def answer(_: Request) -> Response:
        return StreamingResponse(endless(), media_type="application/json")

    service.handler = answer
    assert await outcome(service) == "x" * LONGEST
    async with asyncio.timeout(20):
        await left.wait()


@pytest.mark.parametrize(
    ("body", "output"),
    [
        (b"", "{}"),
        (b"plain words", "plain words"),
        ("天气\u2028".encode(), "天气\u2028"),
        (b"caf\xe9", "caf\ufffd"),
        (b"x" * (LONGEST - 1) + "é".encode(), "x" * (LONGEST - 1) + "\ufffd"),
    ],
    ids=len,
)
async def test_an_answer_goes_to_the_bot_as_it_is(
    service: Endpoint, body: bytes, output: str
) -> None:
    async def answer(_: Request) -> Response:
        return Response(body)

    service.handler = answer
    assert await outcome(service) == output


@pytest.mark.parametrize(
    ("arguments", "heard_as"),
    [
        ('{"n":1,"deep":{"a":[null]}}', {"n": 1, "deep": {"a": [None]}}),
        ('["a"]', ["a"]),
        ("", {}),
        ("city=Paris", "city=Paris"),
        ('{"city":', '{"city":'),
        ("天气", "天气"),
        ("[" * 5000, "[" * 5000),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_arguments_may_be_anything(
    service: Endpoint, arguments: str, heard_as: object
) -> None:
    async with service.tools() as tools:
        outputs = await tools.run([decode.ToolCall("call-1", "get_weather", arguments)])
    assert outputs == [{"tool_call_id": "call-1", "output": '{"sky":"clear"}'}]
    assert service.called[0]["arguments"] == heard_as


async def test_several_calls_are_made_at_once_and_each_has_its_own_output(
    service: Endpoint, stream: bool
) -> None:
    calls = [ToolCall(f"call-{n}", f"tool_{n}", json.dumps({"n": n})) for n in range(5)]
    together = asyncio.Barrier(len(calls))

    async def answer(request: Request) -> Response:
        await together.wait()  # for the others
        return JSONResponse((await request.json())["arguments"]["n"])

    service.handler = answer
    async with (
        rigged(answer=needing(*calls)) as rig,
        service.tools(*(call.name for call in calls)) as tools,
    ):
        events = await heard(rig.backend(stream=stream, tools=tools).ask(question()))
    assert folded(events).text == "0 | 1 | 2 | 3 | 4"
    assert {Doing("tool", call.name) for call in calls} <= set(events)


async def test_a_bot_may_call_again_when_it_has_heard(service: Endpoint, stream: bool) -> None:
    def rounds(left: int) -> Answer:
        call = ToolCall(f"call-{left}", "get_weather")
        then = (lambda _: rounds(left - 1)) if left else (lambda _: "Enough.")
        return Answer((("So far. ",),), require=Require((call,), then=then))

    async with rigged(answer=lambda _: rounds(3)) as rig, service.tools() as tools:
        reply = await told(rig.backend(stream=stream, tools=tools).ask(question()))
        assert [answer.text for answer in reply.answers] == [*["So far. "] * 4, "Enough."]
        assert reply.status == "done"
        assert len(rig.made(SUBMIT)) == 4
        assert len(rig.made(CHAT)) == 1
    keys = [headers["idempotency-key"] for headers in service.headers]
    assert keys == ["call-3", "call-2", "call-1", "call-0"]


async def test_a_question_of_the_bots_calls_nothing_and_ends_the_answer(
    service: Endpoint, stream: bool
) -> None:
    def asks(asked: Question) -> Answer:
        reply = Require((ToolCall("", type="reply_message"),))
        city = Answer((("Which city?",),), require=reply)
        return city if asked.turn == 1 else Answer(((f"{asked.text} it is.",),))

    async with rigged(answer=asks) as rig, service.tools() as tools:
        backend = rig.backend(stream=stream, tools=tools)
        first = await told(backend.ask(question()))
        assert (first.text, first.status) == ("Which city?", "done")
        assert first.run
        second = await told(backend.ask(question("Paris", first.run.conversation, job="job-2")))
        assert second.text == "Paris it is."
        assert not rig.made(SUBMIT)
        assert bool(rig.made(RETRIEVE)) != stream  # a stream tells all
    assert not service.called


async def test_the_secrets_of_a_tool_are_in_no_log_and_not_told_to_the_bot(
    service: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(_: Request) -> Response:
        return Response("internal", status_code=500)

    caplog.set_level(logging.DEBUG)
    service.handler = refuse
    headers = {"X-Key": "s3cret"}
    texts = [await outcome(service, headers=headers)]
    service.url = "http://127.0.0.1:9/"
    texts.append(await outcome(service, headers=headers))
    logged = [*(str(vars(record)) for record in caplog.records), *texts]
    assert "s3cret" not in "".join(logged)


def test_a_tool_has_half_a_minute_unless_it_is_given_another_time() -> None:
    assert Tool("http://127.0.0.1:9/").timeout == 30
