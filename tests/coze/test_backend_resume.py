"""A run that somebody began: to wait for it, to end it, to learn what became of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from bridge.core.model import Answered, Finished, Run, Started, Suggested, Thought, Usage
from bridge.coze.backends import POLLS_IN_VAIN
from bridge.coze.errors import CozeBusy, CozeError, CozeRefused
from bridge.sandbox.coze import HttpError
from tests.coze.rig import (
    BUSY_ANSWER,
    CHAT,
    DIALECTS,
    MESSAGES,
    RETRIEVE,
    TEXT,
    Rig,
    answering,
    first,
    folded,
    heard,
    question,
    rigged,
    stuck,
    told,
)


@pytest.fixture(params=DIALECTS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with rigged(dialect=request.param) as rig:
        yield rig


@pytest.fixture
async def cloud() -> AsyncIterator[Rig]:
    async with rigged() as rig:
        yield rig


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_run_in_progress_is_waited_for(dialect: str) -> None:
    gate = asyncio.Event()
    answer = replace(BUSY_ANSWER, gate=gate, gate_at=2)
    async with rigged(dialect=dialect, answer=lambda _: answer) as rig:
        run = await first(rig.backend())
        resumed = asyncio.create_task(told(rig.backend().resume(run)))
        await rig.coze.changes.until(lambda: len(rig.made(RETRIEVE)) > 2)
        assert not rig.made(MESSAGES)
        gate.set()
        reply = await resumed
    assert (reply.text, reply.status, reply.suggestions) == (TEXT, "done", ("More?",))
    assert reply.usage == Usage(42, 30, 12)
    assert len(rig.coze.asked) == 1


async def test_a_run_that_is_over_can_be_resumed_at_any_time(rig: Rig) -> None:
    run = await rig.had()
    for _ in range(2):
        events = await heard(rig.backend().resume(run))
        assert folded(events).text == TEXT
        assert [type(e) for e in events] == [Thought, Answered, Answered, Suggested, Finished]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_cancelled_run_ends_at_coze_and_says_so_when_resumed(
    dialect: str, stream: bool
) -> None:
    async with rigged(dialect=dialect, answer=stuck) as rig:
        run = await first(rig.backend(stream=stream))
        await rig.backend().cancel(run)
        with pytest.raises(CozeError) as error:
            await heard(rig.backend().resume(run))
    assert error.value.say == "error.broken_off"


async def test_cancelling_a_run_that_is_over_changes_nothing(rig: Rig) -> None:
    run = await rig.had()
    for _ in range(2):
        await rig.backend().cancel(run)
    assert (await told(rig.backend().resume(run))).text == TEXT


async def test_a_stream_that_is_cancelled_in_studio_says_so() -> None:
    async with rigged(dialect="studio", answer=stuck) as rig:
        async with aclosing(rig.backend().ask(question())) as events:
            begun = await anext(events)
            assert isinstance(begun, Started)
            await rig.backend().cancel(begun.run)
            with pytest.raises(CozeError) as error:
                await told(events)
        assert len(rig.made(CHAT)) == 1
    assert error.value.say == "error.broken_off"


@pytest.mark.parametrize("status", ["failed", "expired", "deleted"])
async def test_a_run_that_failed_says_why_when_resumed(cloud: Rig, status: str) -> None:
    failed = {"status": status, "last_error": {"code": 4028, "msg": "used up"}}
    cloud.coze.fail(RETRIEVE, answering(failed))
    with pytest.raises(CozeRefused, match="Coze 4028: used up"):
        await heard(cloud.backend().resume(Run("1", "2")))


@pytest.mark.parametrize("status", ["canceled", "cancelled"])
async def test_a_run_that_has_no_answer_says_why_when_resumed(cloud: Rig, status: str) -> None:
    cloud.coze.fail(RETRIEVE, answering({"status": status}))
    with pytest.raises(CozeError) as error:
        await heard(cloud.backend().resume(Run("1", "2")))
    assert error.value.say == "error.broken_off"
    assert not cloud.made(MESSAGES)


@pytest.mark.parametrize("status", ["requires_action", "required_action"])
@pytest.mark.parametrize("action", [None, {"type": "", "submit_tool_outputs": {"tool_calls": []}}])
async def test_a_run_that_waits_for_its_user_is_told_as_far_as_it_came(
    cloud: Rig, status: str, action: object
) -> None:
    run = await cloud.had()
    cloud.coze.fail(RETRIEVE, answering({"status": status, "required_action": action}))
    assert (await told(cloud.backend().resume(run))).text == TEXT


async def test_a_run_is_looked_at_until_that_failed_often_in_a_row(cloud: Rig) -> None:
    run, tries = await cloud.had(), 4  # of the client, each time
    for _ in range(2):
        cloud.coze.fail(RETRIEVE, HttpError(502), times=tries * (POLLS_IN_VAIN - 1))
        cloud.coze.fail(RETRIEVE, answering({"status": "in_progress"}))
    assert (await told(cloud.backend().resume(run))).text == TEXT
    before = len(cloud.coze.requests)
    cloud.coze.fail(RETRIEVE, HttpError(502), times=tries * POLLS_IN_VAIN)
    with pytest.raises(CozeBusy):
        await heard(cloud.backend().resume(run))
    assert len(cloud.coze.requests) == before + tries * POLLS_IN_VAIN


async def test_a_run_that_is_not_there_is_not_waited_for(rig: Rig) -> None:
    conversation = await rig.client.create_conversation(rig.coze.bot_id)
    with pytest.raises(CozeRefused) as error:
        await heard(rig.backend().resume(Run("7300000000000000009", conversation)))
    assert error.value.say == "error.broken_off"
