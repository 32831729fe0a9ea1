"""A bot as the flow sees it, while all goes well."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bridge.core.model import (
    Answered,
    Doing,
    Finished,
    ReplyEvent,
    Run,
    Said,
    Started,
    Suggested,
    Thought,
    Usage,
)
from bridge.coze.backends import ChatBackend
from bridge.coze.errors import CozeDenied
from bridge.sandbox.coze import JsonError, Question, Stall
from tests.coze.rig import (
    BUSY_ANSWER,
    CHAT,
    DIALECTS,
    EVENTS,
    HISTORY,
    MESSAGES,
    RETRIEVE,
    TEXT,
    Rig,
    answering,
    connected,
    first,
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
    spoken: list[type[ReplyEvent]] = [Said, Said, Answered]
    assert kinds == [Started, Doing, Thought, *spoken, *spoken, Suggested, Finished]
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
    assert [type(event) for event in events[:3]] == [Started, Thought, Answered]
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


async def test_no_run_is_found_where_nothing_was_asked(rig: Rig) -> None:
    conversation = await rig.backend().open()
    assert conversation
    assert await rig.backend().find(conversation, "job-1") is None


async def test_no_run_is_found_in_a_conversation_that_is_gone(rig: Rig) -> None:
    conversation = (await rig.had()).conversation
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


async def test_a_reader_that_leaves_frees_the_connection(rig: Rig) -> None:
    rig.coze.fail(CHAT, Stall(4))
    await first(rig.backend())
    await rig.coze.changes.until(lambda: not rig.coze.open_replies)


async def test_a_finished_answer_waits_for_nothing_that_follows(rig: Rig) -> None:
    rig.coze.fail(CHAT, Stall(EVENTS - 1))  # between chat.completed and done
    async with connected(rig.url, rig.coze.token) as patient, asyncio.timeout(60):
        reply = await told(ChatBackend(patient, rig.coze.bot_id).ask(question()))
    assert (reply.text, reply.status) == (TEXT, "done")
    assert [exchange.path for exchange in rig.coze.requests] == [CHAT]


async def test_many_answers_at_once_are_each_whole() -> None:
    async with rigged(answer=lambda asked: f"You said {asked.text}, and I heard it.") as rig:
        texts = [f"number {n}" for n in range(20)]
        replies = [told(rig.backend().ask(question(text, job=text))) for text in texts]
        said = [reply.text for reply in await asyncio.gather(*replies)]
        assert said == [f"You said {text}, and I heard it." for text in texts]
        assert len(rig.coze.requests) == len(texts)
        await rig.coze.changes.until(lambda: not rig.coze.open_replies)


async def test_a_wrong_token_is_told_at_once(rig: Rig, backend: ChatBackend) -> None:
    rig.coze.fail(CHAT, JsonError(700012006, "access token invalid"))
    with pytest.raises(CozeDenied):
        await heard(backend.ask(question()))
    assert len(rig.made(CHAT)) == 1
