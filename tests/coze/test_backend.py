"""A bot as the flow sees it, while all goes well."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from bridge.core.model import (
    Answered,
    Finished,
    ReplyEvent,
    Run,
    Said,
    Started,
    Suggested,
    Usage,
)
from bridge.coze.backends import ChatBackend
from bridge.coze.errors import CozeDenied, CozeError
from bridge.sandbox.coze import Answer, JsonError, Question, Stall
from tests.coze.rig import (
    BUSY_ANSWER,
    CHAT,
    DIALECTS,
    HISTORY,
    MESSAGES,
    RETRIEVE,
    TEXT,
    Rig,
    answering,
    folded,
    heard,
    question,
    rigged,
    told,
)

MODES = {"stream": True, "blocking": False}


@pytest.fixture(params=DIALECTS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with rigged(dialect=request.param) as rig:
        yield rig


@pytest.fixture(params=MODES)
async def backend(request: pytest.FixtureRequest, rig: Rig) -> ChatBackend:
    return rig.backend(stream=MODES[request.param])


async def first(rig: Rig, *, stream: bool = True, conversation: str | None = None) -> Run:
    """Ask, and leave once the run has begun."""
    async with aclosing(rig.backend(stream=stream).ask(question("Hi", conversation))) as events:
        begun = await anext(events)
    assert isinstance(begun, Started)
    return begun.run


async def test_a_reply_is_whole_whichever_way_it_came(rig: Rig, backend: ChatBackend) -> None:
    events = await heard(backend.ask(question()))
    reply = folded(events)
    asked = rig.coze.asked[0]
    assert isinstance(events[0], Started)
    assert sum(isinstance(event, Started) for event in events) == 1
    assert isinstance(events[-1], Finished)
    assert sum(isinstance(event, Finished) for event in events) == 1
    assert reply.status == "done"
    assert [answer.text for answer in reply.answers] == ["Hello", "And again"]
    assert reply.suggestions == ("More?",)
    assert reply.usage == Usage(42, 30, 12)
    assert reply.run
    assert reply.run.chat == asked.chat_id
    assert reply.run.conversation in rig.coze._memory.conversations


async def test_a_stream_says_each_delta_as_it_comes(rig: Rig) -> None:
    events = await heard(rig.backend().ask(question()))
    kinds: list[type[ReplyEvent]] = [type(event) for event in events]
    assert kinds == [Started, Said, Said, Answered, Said, Said, Answered, Suggested, Finished]
    assert [event.delta for event in events if isinstance(event, Said)] == [
        *("Hel", "lo"),
        *("And ", "again"),
    ]
    assert [exchange.path for exchange in rig.coze.requests] == [CHAT]


async def test_a_completed_answer_overrules_what_was_streamed() -> None:
    answer = replace(BUSY_ANSWER, final="And finally")
    async with rigged(answer=lambda _: answer) as rig:
        reply = await told(rig.backend().ask(question()))
    assert reply.text == "Hello\n\nAnd finally"


async def test_without_a_stream_the_run_is_looked_at_until_it_is_over(rig: Rig) -> None:
    events = await heard(rig.backend(stream=False).ask(question()))
    assert [type(event) for event in events[:2]] == [Started, Answered]
    paths = [exchange.path for exchange in rig.coze.requests]
    assert paths == [CHAT, *[RETRIEVE] * (len(paths) - 2), MESSAGES]


async def test_the_request_leaves_nothing_to_defaults(rig: Rig, backend: ChatBackend) -> None:
    conversation = await backend.open()
    await heard(backend.ask(question("What now?", conversation, job="job-7")))
    request = rig.made(CHAT)[0]
    assert request.query == {"conversation_id": conversation}
    assert request.body == {
        "bot_id": rig.coze.bot_id,
        "user_id": "ada",
        "stream": request.body["stream"],
        "auto_save_history": True,
        "additional_messages": [
            {
                "role": "user",
                "type": "question",
                "content": "What now?",
                "content_type": "text",
                "meta_data": {"job": "job-7"},
            }
        ],
        "custom_variables": {"company": "ACME"},
        "meta_data": {"job": "job-7"},
    }


@pytest.mark.parametrize("stream", [True, False])
async def test_whether_to_stream_is_said(rig: Rig, stream: bool) -> None:
    await heard(rig.backend(stream=stream).ask(question()))
    assert rig.made(CHAT)[0].body["stream"] is stream


async def test_a_question_without_a_conversation_begins_one(
    rig: Rig, backend: ChatBackend
) -> None:
    reply = await told(backend.ask(question()))
    assert rig.made(CHAT)[0].query == {}
    assert reply.run
    again = await told(backend.ask(question("And then?", reply.run.conversation)))
    assert again.run
    assert again.run.conversation == reply.run.conversation
    assert again.run.chat != reply.run.chat
    assert [asked.conversation_id for asked in rig.coze.asked] == [None, reply.run.conversation]


async def test_the_bot_remembers_a_conversation() -> None:
    def recall(asked: Question) -> str:
        return f"{len(asked.history)}: {asked.text}"

    async with rigged(answer=recall) as rig:
        backend = rig.backend()
        conversation = await backend.open()
        said = [(await told(backend.ask(question(t, conversation)))).text for t in "ab"]
    assert said == ["0: a", "2: b"]


async def test_a_conversation_is_opened_where_the_token_may(rig: Rig) -> None:
    conversation = await rig.backend().open()
    assert conversation in rig.coze._memory.conversations
    rig.coze.fail("/v1/conversation/create", JsonError(4101, "no permission"))
    assert await rig.backend().open() is None


async def test_a_run_is_found_by_its_job(rig: Rig, backend: ChatBackend) -> None:
    conversation = await backend.open()
    assert conversation
    runs = {}
    for job in ("job-1", "job-2"):
        runs[job] = (await told(backend.ask(question("Hi", conversation, job=job)))).run
    assert await backend.find(conversation, "job-1") == runs["job-1"]
    assert await backend.find(conversation, "job-2") == runs["job-2"]
    assert await backend.find(conversation, "job-3") is None


async def test_no_run_is_found_in_a_conversation_that_is_empty_or_gone(rig: Rig) -> None:
    conversation = await rig.backend().open()
    assert conversation
    assert await rig.backend().find(conversation, "job-1") is None
    rig.coze.forget(conversation)
    assert await rig.backend().find(conversation, "job-1") is None


@pytest.mark.parametrize(
    "listed",
    [
        [{"chat_id": "7", "meta_data": None}, {"chat_id": "7"}],
        [{"chat_id": "", "meta_data": {"job": "job-1"}}, {"meta_data": {"job": "job-1"}}],
        [{"chat_id": "7", "meta_data": "job-1"}, {"chat_id": "7", "meta_data": {"job": 1}}],
        [],
        None,
    ],
)
async def test_messages_that_name_no_job_or_no_chat_are_passed_over(listed: object) -> None:
    async with rigged() as rig:
        rig.coze.fail(HISTORY, answering(listed))
        assert await rig.backend().find("7300000000000000001", "job-1") is None


async def test_a_numeric_chat_id_becomes_text() -> None:
    async with rigged() as rig:
        rig.coze.fail(HISTORY, answering([{"chat_id": 7, "meta_data": {"job": "job-1"}}]))
        assert await rig.backend().find("8", "job-1") == Run("7", "8")


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_run_in_progress_is_waited_for(dialect: str) -> None:
    gate = asyncio.Event()
    answer = replace(BUSY_ANSWER, gate=gate, gate_at=2)
    async with rigged(dialect=dialect, answer=lambda _: answer) as rig:
        run = await first(rig)
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
        assert [type(e) for e in events] == [Answered, Answered, Suggested, Finished]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_cancelled_run_ends_at_coze_and_says_so_when_resumed(
    dialect: str, stream: bool
) -> None:
    gate = asyncio.Event()
    answer = Answer((("Not ", "yet"),), gate=gate, gate_at=1)
    async with rigged(dialect=dialect, answer=lambda _: answer) as rig:
        run = await first(rig, stream=stream)
        await rig.backend().cancel(run)
        await rig.backend().cancel(run)
        with pytest.raises(CozeError) as error:
            await heard(rig.backend().resume(run))
        gate.set()
    assert error.value.say == "error.broken_off"


async def test_a_stream_that_is_cancelled_in_studio_says_so() -> None:
    answer = Answer((("Not ", "yet"),), gate=asyncio.Event(), gate_at=1)
    async with rigged(dialect="studio", answer=lambda _: answer) as rig:
        async with aclosing(rig.backend().ask(question())) as events:
            begun = await anext(events)
            assert isinstance(begun, Started)
            await rig.backend().cancel(begun.run)
            with pytest.raises(CozeError) as error:
                await told(events)
        assert len(rig.made(CHAT)) == 1
    assert error.value.say == "error.broken_off"


async def test_a_reader_that_leaves_frees_the_connection(rig: Rig) -> None:
    rig.coze.fail(CHAT, Stall(4))
    await first(rig)
    await rig.coze.changes.until(lambda: not rig.coze.open_replies)


async def test_a_finished_answer_waits_for_nothing_that_follows(rig: Rig) -> None:
    events: list[dict[str, Any]] = []
    rig.coze.fail(CHAT, Stall(13))  # between chat.completed and done
    reply = await told(rig.backend().ask(question()))
    assert (reply.text, reply.status, events) == (TEXT, "done", [])
    assert [exchange.path for exchange in rig.coze.requests] == [CHAT]


async def test_a_wrong_token_is_told_at_once(rig: Rig, backend: ChatBackend) -> None:
    rig.coze.fail(CHAT, JsonError(700012006, "access token invalid"))
    with pytest.raises(CozeDenied):
        await heard(backend.ask(question()))
    assert len(rig.made(CHAT)) == 1
