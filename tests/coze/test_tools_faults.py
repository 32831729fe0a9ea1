"""Functions that a bot calls, while things go wrong between the bridge and Coze."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from bridge.core.errors import Uncertain
from bridge.core.model import Doing, Finished, Started
from bridge.coze.errors import CozeBusy, CozeRefused
from bridge.sandbox.coze import Cut, Fault, HttpError, JsonError, NoResponse, Refuse, Require
from tests.coze.rig import BUSY_ANSWER, CHAT, Rig, folded, heard, question, rigged, told
from tests.coze.test_tools import SUBMIT
from tests.coze.toolbox import WEATHER, Endpoint, endpoint, needing, waiting

ASKED, ANSWERED = 16, 6  # events until the bot calls, and those that follow
TEXT = "Hello\n\nAnd again\n\nIt is clear."


@pytest.fixture
async def service() -> AsyncIterator[Endpoint]:
    async with endpoint() as service:
        yield service


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    """A bot that says much before it calls, and then something more."""
    require = Require((WEATHER,), then=lambda _: "It is clear.")
    answer = replace(BUSY_ANSWER, require=require, follow_ups=())
    async with rigged(answer=lambda _: answer) as rig:
        yield rig


def keys(service: Endpoint) -> set[str]:
    return {headers["idempotency-key"] for headers in service.headers}


@pytest.mark.parametrize("after", range(1, ASKED + 1))
@pytest.mark.parametrize("clean", [True, False])
async def test_a_stream_cut_before_the_bot_calls_is_completed(
    rig: Rig, service: Endpoint, after: int, clean: bool
) -> None:
    rig.coze.fail(CHAT, Cut(after, clean=clean))
    async with service.tools() as tools:
        events = await heard(rig.backend(tools=tools).ask(question()))
    assert folded(events).text == TEXT
    assert isinstance(events[-1], Finished)
    assert (len(rig.made(CHAT)), len(rig.made(SUBMIT)), len(service.called)) == (1, 1, 1)


@pytest.mark.parametrize("after", range(ANSWERED + 1))
@pytest.mark.parametrize("clean", [True, False])
async def test_a_stream_cut_after_the_bot_called_is_completed_and_nothing_called_again(
    rig: Rig, service: Endpoint, after: int, clean: bool
) -> None:
    rig.coze.fail(SUBMIT, Cut(after, clean=clean))
    async with service.tools() as tools:
        events = await heard(rig.backend(tools=tools).ask(question()))
    assert folded(events).text == TEXT
    assert sum(isinstance(event, Finished) for event in events) == 1
    assert (len(rig.made(CHAT)), len(rig.made(SUBMIT)), len(service.called)) == (1, 1, 1)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("fault", "calls"),
    [(NoResponse(), 1), (Refuse(), 2), (HttpError(502), 2), (JsonError(5000, "sorry"), 2)],
    ids=repr,
)
async def test_whether_outputs_were_taken_is_looked_up_where_no_answer_tells(
    rig: Rig, service: Endpoint, stream: bool, fault: Fault, calls: int
) -> None:
    rig.coze.fail(SUBMIT, fault)
    async with service.tools() as tools:
        events = await heard(rig.backend(stream=stream, tools=tools).ask(question()))
    assert folded(events).text == TEXT
    assert len(rig.made(SUBMIT)) == len(service.called) == calls
    assert keys(service) == {"call-1"}
    assert len(rig.coze.asked) == 1


@pytest.mark.parametrize("stream", [True, False])
async def test_outputs_that_coze_never_takes_are_not_offered_for_ever(
    rig: Rig, service: Endpoint, stream: bool
) -> None:
    rig.coze.fail(SUBMIT, HttpError(502), times=99)
    async with service.tools() as tools:
        with pytest.raises((CozeBusy, Uncertain)):
            await heard(rig.backend(stream=stream, tools=tools).ask(question()))
    assert 0 < len(rig.made(SUBMIT)) < 10
    assert keys(service) == {"call-1"}


@pytest.mark.parametrize("stream", [True, False])
async def test_outputs_that_coze_refuses_are_offered_once(
    rig: Rig, service: Endpoint, stream: bool
) -> None:
    rig.coze.fail(SUBMIT, JsonError(4000, "no"))
    async with service.tools() as tools:
        with pytest.raises(CozeRefused, match="4000"):
            await heard(rig.backend(stream=stream, tools=tools).ask(question()))
    assert len(rig.made(SUBMIT)) == 1


async def test_a_run_that_was_left_while_it_called_goes_on_with_the_same_key(
    rig: Rig, service: Endpoint
) -> None:
    release = asyncio.Event()
    service.handler = waiting(release)
    async with service.tools() as tools:
        backend = rig.backend(tools=tools)
        async with aclosing(backend.ask(question())) as events:
            run = next(e.run for e in [await anext(events)] if isinstance(e, Started))
            while await anext(events) != Doing("tool", "get_weather"):
                pass
            left = asyncio.ensure_future(anext(events))
            await service.changes.until(lambda: service.called)
            left.cancel()
            await asyncio.wait({left})
        release.set()
        reply = await told(backend.resume(run))
    assert (reply.text, reply.status) == (TEXT, "done")
    assert len(service.called) == 2
    assert keys(service) == {"call-1"}
    assert len(rig.made(SUBMIT)) == len(rig.coze.asked) == 1


async def test_a_run_that_waits_can_be_resumed_by_who_knows_the_function_only(
    service: Endpoint,
) -> None:
    async with rigged(answer=needing(WEATHER)) as rig, service.tools() as tools:
        async with aclosing(rig.backend().ask(question())) as events:
            begun = await anext(events)
        assert isinstance(begun, Started)
        await rig.ended()
        with pytest.raises(CozeRefused) as error:
            await heard(rig.backend().resume(begun.run))
        assert error.value.say == "error.tool"
        reply = await told(rig.backend(tools=tools).resume(begun.run))
    assert reply.text == '{"sky":"clear"}'
