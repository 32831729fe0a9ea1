"""A bot as the flow sees it, while things go wrong between the bridge and Coze."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from bridge.core.errors import Unavailable, Uncertain
from bridge.core.model import Finished, Run, Started
from bridge.coze import backends
from bridge.coze.backends import ChatBackend
from bridge.coze.client import CozeClient
from bridge.coze.errors import (
    OFTEN,
    TWICE,
    ConversationGone,
    CozeBusy,
    CozeError,
)
from bridge.sandbox.coze import Cut, Fault, Framing, HttpError, JsonError, NoResponse, RunFails
from tests.coze.rig import (
    BUSY_ANSWER,
    CHAT,
    DIALECTS,
    EVENTS,
    MESSAGES,
    RETRIEVE,
    TEXT,
    Rig,
    answering,
    folded,
    gateway_fails,
    heard,
    question,
    rigged,
    streaming,
    told,
)

CREATED = ("conversation.chat.created", {"id": "1", "conversation_id": "2"})
DELTA = ("conversation.message.delta", {"id": "7", "type": "answer", "content": "Hel"})
COMPLETED = ("conversation.chat.completed", {"usage": None})


@pytest.fixture(params=DIALECTS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with rigged(dialect=request.param) as rig:
        yield rig


@pytest.fixture
async def cloud() -> AsyncIterator[Rig]:
    async with rigged() as rig:
        yield rig


@pytest.fixture(params=["stream", "blocking"])
async def backend(request: pytest.FixtureRequest, rig: Rig) -> ChatBackend:
    return rig.backend(stream=request.param == "stream")


@pytest.mark.parametrize("after", range(1, EVENTS + 1))
async def test_a_stream_cut_anywhere_is_completed(rig: Rig, after: int) -> None:
    for cut in (Cut(after), Cut(after, mid_event=True), Cut(after, clean=True)):
        rig.coze.requests.clear()
        rig.coze.fail(CHAT, cut)
        events = await heard(rig.backend().ask(question()))
        kinds, reply = [type(event) for event in events], folded(events)
        assert (kinds.count(Started), kinds.count(Finished)) == (1, 1)
        assert [answer.text for answer in reply.answers] == ["Hello", "And again"]
        assert (reply.status, set(reply.suggestions)) == ("done", {"More?"})
        assert len(rig.made(CHAT)) == 1
        assert bool(rig.made(MESSAGES)) == bool(rig.made(RETRIEVE)) == (after < EVENTS - 1)
    assert len(rig.coze.asked) == 3


@pytest.mark.parametrize("clean", [True, False])
async def test_a_suggestion_is_not_doubled_when_the_rest_is_fetched(rig: Rig, clean: bool) -> None:
    rig.coze.fail(CHAT, Cut(EVENTS - 2, clean=clean))  # the follow-up was the last to come
    assert (await told(rig.backend().ask(question()))).suggestions == ("More?",)


async def test_a_stream_cut_in_the_middle_of_a_run_waits_for_its_end() -> None:
    gate = asyncio.Event()
    answer = replace(BUSY_ANSWER, gate=gate, gate_at=3)
    async with rigged(answer=lambda _: answer) as rig:
        rig.coze.fail(CHAT, Cut(6))
        asking = asyncio.create_task(told(rig.backend().ask(question())))
        await rig.coze.changes.until(lambda: len(rig.made(RETRIEVE)) > 2)
        gate.set()
        assert (await asking).text == TEXT
        assert len(rig.made(CHAT)) == 1


@pytest.mark.parametrize("clean", [True, False])
async def test_a_stream_without_a_first_event_leaves_it_open(rig: Rig, clean: bool) -> None:
    conversation = await rig.backend().open()
    rig.coze.fail(CHAT, Cut(0, clean=clean))
    with pytest.raises(Uncertain):
        await heard(rig.backend().ask(question("Hi", conversation)))
    assert len(rig.made(CHAT)) == 1


async def test_a_stream_that_ends_without_a_terminal_event_is_completed(rig: Rig) -> None:
    rig.coze.fail(CHAT, Cut(clean=True))
    assert (await told(rig.backend().ask(question()))).text == TEXT
    assert len(rig.made(CHAT)) == 1


@pytest.mark.parametrize("name", ["done", "conversation.stream.done"])
async def test_a_stream_that_is_done_before_its_chat_is_completed(cloud: Rig, name: str) -> None:
    cloud.coze.fail(CHAT, streaming(CREATED, DELTA, (name, "")))
    cloud.coze.fail(RETRIEVE, answering({"status": "completed"}))
    cloud.coze.fail(MESSAGES, answering([{"id": "7", "type": "answer", "content": "Hello"}]))
    reply = await told(cloud.backend().ask(question()))
    assert (reply.text, reply.status) == ("Hello", "done")


@pytest.mark.parametrize(
    "framing",
    [
        Framing(one_byte=True),
        Framing(crlf=True, ids=True),
        Framing(interject=b": ping\n\nevent:mystery\ndata:{}\n\n"),
        Framing(unterminated=True),
    ],
)
async def test_an_unusual_stream_is_understood(rig: Rig, framing: Framing) -> None:
    rig.coze.fail(CHAT, framing)
    assert (await told(rig.backend().ask(question()))).text == TEXT
    assert [exchange.path for exchange in rig.coze.requests] == [CHAT]


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        (JsonError(4009, "busy"), OFTEN),
        (JsonError(4013, "model", status=429), OFTEN),
        (JsonError(4020, "peak"), OFTEN),
        (HttpError(429), OFTEN),
        (JsonError(5000, "sorry"), TWICE),
        (HttpError(500), TWICE),
        (HttpError(502), TWICE),
        (HttpError(503, '{"message":"away"}', "application/json"), TWICE),
    ],
)
@pytest.mark.parametrize("conversation", [True, False])
async def test_what_coze_did_not_take_is_asked_again_so_often_and_no_more(
    rig: Rig, backend: ChatBackend, fault: Fault, times: int, conversation: bool
) -> None:
    where = (await rig.had()).conversation if conversation else None
    before = len(rig.made(CHAT))
    rig.coze.fail(CHAT, fault, times=times)
    assert (await told(backend.ask(question("Hi", where, job="job-2")))).text == TEXT
    assert len(rig.made(CHAT)) == before + times + 1
    rig.coze.fail(CHAT, fault, times=times + 1)
    with pytest.raises(CozeBusy):
        await heard(backend.ask(question("Hi", where, job="job-3")))
    assert len(rig.made(CHAT)) == before + 2 * (times + 1)


@pytest.mark.parametrize("code", [4000, 4001, 4007, 4010, 4014, 4028, 4100, 123456])
async def test_what_coze_refuses_is_not_asked_again(
    rig: Rig, backend: ChatBackend, code: int
) -> None:
    rig.coze.fail(CHAT, JsonError(code, "no"))
    with pytest.raises(CozeError, match=f"Coze {code}: no"):
        await heard(backend.ask(question()))
    assert len(rig.made(CHAT)) == 1


async def test_a_conversation_that_is_gone_is_told_by_its_own_error(
    rig: Rig, backend: ChatBackend
) -> None:
    run = await rig.had()
    rig.coze.forget(run.conversation)
    with pytest.raises(ConversationGone):
        await heard(backend.ask(question("Hi", run.conversation)))


async def test_a_question_that_was_not_sent_is_sent_again(
    rig: Rig, backend: ChatBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, failures = CozeClient._send, iter([Unavailable("no route")] * OFTEN)

    async def stumble(
        client: CozeClient, request: httpx.Request, *, stream: bool = False
    ) -> httpx.Response:
        if failure := next(failures, None):
            raise failure
        return await send(client, request, stream=stream)

    monkeypatch.setattr(CozeClient, "_send", stumble)
    assert (await told(backend.ask(question()))).text == TEXT
    assert len(rig.coze.asked) == 1


@pytest.mark.parametrize("code", [4009, 4013, 4016, 4020, 5000])
@pytest.mark.parametrize("shape", ["chat", "bare", "error"])
async def test_a_run_that_began_is_never_asked_again(rig: Rig, code: int, shape: str) -> None:
    rig.coze.fail(CHAT, RunFails(code, "oops", after=2, shape=shape))  # type: ignore[arg-type]
    events = rig.backend().ask(question())
    assert isinstance(await anext(events), Started)
    with pytest.raises(CozeBusy, match=f"Coze {code}: oops") as error:
        await heard(events)
    assert error.value.log_id
    assert len(rig.made(CHAT)) == 1


async def test_a_run_that_dies_with_its_stream_is_not_asked_again(rig: Rig) -> None:
    rig.coze.fail(CHAT, Cut(6, run_dies=True))
    with pytest.raises(CozeError, match="Coze 5000"):
        await heard(rig.backend().ask(question()))
    assert len(rig.made(CHAT)) == 1


async def test_a_bare_error_after_an_answer_began_is_raised(cloud: Rig) -> None:
    cloud.coze.fail(CHAT, streaming(CREATED, DELTA, after='{"code":4009,"msg":"busy"}'))
    with pytest.raises(CozeBusy):
        await heard(cloud.backend().ask(question()))
    assert len(cloud.made(CHAT)) == 1


async def test_nothing_changes_an_answer_that_is_finished(cloud: Rig) -> None:
    stray = '{"code":4000,"msg":"too late"}'
    cloud.coze.fail(CHAT, streaming(CREATED, DELTA, COMPLETED, after=stray))
    assert (await told(cloud.backend().ask(question()))).status == "done"


async def test_a_second_question_waits_until_the_first_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = asyncio.Event()
    answer = replace(BUSY_ANSWER, gate=gate, gate_at=1)
    async with rigged(answer=lambda _: answer) as rig:
        monkeypatch.setattr(backends, "PAUSES", (0.1, 1.0))
        conversation = await rig.backend().open()
        for_first = question("One", conversation)
        first = asyncio.create_task(told(rig.backend().ask(for_first)))
        await rig.coze.changes.until(lambda: rig.coze.asked)
        for_second = question("Two", conversation, job="job-2")
        second = asyncio.create_task(told(rig.backend().ask(for_second)))
        await rig.coze.changes.until(lambda: 4016 in [made.code for made in rig.made(CHAT)])
        gate.set()
        assert (await first).text == (await second).text == TEXT
        assert [asked.text for asked in rig.coze.asked] == ["One", "Two"]


async def test_a_question_without_a_response_is_found_by_its_job(
    rig: Rig, backend: ChatBackend
) -> None:
    conversation = await backend.open()
    assert conversation
    rig.coze.fail(CHAT, NoResponse())
    with pytest.raises(Uncertain):
        await heard(backend.ask(question("Hi", conversation)))
    assert len(rig.made(CHAT)) == len(rig.coze.asked) == 1
    run = await backend.find(conversation, "job-1")
    assert run == Run(rig.coze.asked[0].chat_id, conversation)
    assert (await told(backend.resume(run))).text == TEXT


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_gateway_that_fails_behind_coze_does_not_ask_twice(
    dialect: str, stream: bool
) -> None:
    async with rigged(dialect=dialect, front=gateway_fails(1)) as rig:
        backend = rig.backend(stream=stream)
        conversation = await backend.open()
        events = await heard(backend.ask(question("Hi", conversation)))
        asked = rig.coze.asked
        assert events[0] == Started(Run(asked[0].chat_id, str(conversation)))
        assert folded(events).text == TEXT
        assert [type(event) for event in events].count(Finished) == 1
        assert len(asked) == 1


@pytest.mark.parametrize("chat", [None, {}, {"id": None, "conversation_id": None}, {"id": "1"}])
async def test_a_chat_without_its_ids_leaves_it_open(cloud: Rig, chat: object) -> None:
    cloud.coze.fail(CHAT, answering(chat))
    with pytest.raises(Uncertain):
        await anext(cloud.backend(stream=False).ask(question()))
    assert len(cloud.coze.requests) == 1
