"""One question in the terminal: the answer on standard output, all else on standard error."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bridge.core.model import Prompt
from bridge.core.ports import Question
from bridge.coze import backends
from bridge.coze.asks import ChatAsks
from bridge.coze.backends import ChatBackend
from bridge.coze.client import CozeClient
from bridge.platforms.terminal.ask import ask
from bridge.sandbox.coze import Answer, CozeSimulator, JsonError, Noise, RunFails
from bridge.wire.serve import serve
from tests.platforms.waiting import until

SAYS = Answer(
    (("Hel", "lo"), ("And ", "again")),
    reasoning=("Hm, ",),
    follow_ups=("More?",),
    noise=(Noise("function_call", "{}"),),
    usage=(30, 12),
)


@asynccontextmanager
async def coze_with(answer: Answer = SAYS) -> AsyncIterator[tuple[CozeSimulator, CozeClient]]:
    """A simulated Coze that says `answer`, and a client of it."""
    coze = CozeSimulator(pace=0.0, answer=lambda _: answer)
    async with serve(coze.app) as url:
        client = CozeClient(url, coze.token, connect_timeout=10, idle_timeout=30)
        try:
            yield coze, client
        finally:
            await client.aclose()


def question(conversation: str | None = None) -> Question:
    return Question("job", "someone", conversation, Prompt("Hi"), {})


async def asked(
    coze: CozeSimulator, client: CozeClient, *, stream: bool = True, thoughts: bool = False
) -> bool:
    backend = ChatBackend(client, coze.bot_id, asks=ChatAsks(coze.bot_id, stream=stream))
    return await ask(backend, question(), thoughts=thoughts)


@pytest.mark.parametrize("stream", [True, False])
async def test_the_answer_and_nothing_else_is_on_standard_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, stream: bool
):
    monkeypatch.setattr(backends, "POLL_EVERY", 0.01)
    async with coze_with() as (coze, client):
        assert await asked(coze, client, stream=stream)
    out, err = capsys.readouterr()
    assert out == "Hello\n\nAnd again\n"
    assert "tokens: 42 (30 in, 12 out)" in err
    assert "Hm" not in err
    assert [a.body["stream"] for a in coze.asked] == [stream]


async def test_what_else_there_is_to_know_is_on_standard_error(
    capsys: pytest.CaptureFixture[str],
):
    async with coze_with() as (coze, client):
        await asked(coze, client)
        [conversation] = coze._memory.conversations
    first, *rest = capsys.readouterr().err.splitlines()
    assert first == f"conversation_id: {conversation}"
    assert rest == ["💭 Thinking…", "? More?", "tokens: 42 (30 in, 12 out)"]


async def test_the_reasoning_is_on_standard_error_where_it_is_wanted(
    capsys: pytest.CaptureFixture[str],
):
    async with coze_with() as (coze, client):
        await asked(coze, client, thoughts=True)
    out, err = capsys.readouterr()
    assert "Hm, " in err
    assert "Hm" not in out


async def test_the_answer_is_printed_as_it_comes(capsys: pytest.CaptureFixture[str]):
    gate = asyncio.Event()
    async with coze_with(Answer((("one ", "two"),), gate=gate, gate_at=1)) as (coze, client):
        asking = asyncio.create_task(asked(coze, client))
        seen = ""
        async with asyncio.timeout(20):
            while "one " not in seen:
                await asyncio.sleep(0.01)
                seen += capsys.readouterr().out
        assert "two" not in seen
        gate.set()
        assert await asking
    assert capsys.readouterr().out == "two\n"


async def test_what_coze_took_back_is_replaced_by_what_counts(
    capsys: pytest.CaptureFixture[str],
):
    async with coze_with(Answer((("drafty ", "words"),), final="the final words")) as made:
        assert await asked(*made)
    assert capsys.readouterr().out == "drafty words\nthe final words\n"


async def test_a_final_text_that_only_adds_is_not_printed_twice(
    capsys: pytest.CaptureFixture[str],
):
    async with coze_with(Answer((("the ", "words"),), final="the words!")) as made:
        assert await asked(*made)
    assert capsys.readouterr().out == "the words!\n"


async def test_a_refusal_is_told_in_a_sentence_and_in_cozes_words(
    capsys: pytest.CaptureFixture[str],
):
    async with coze_with() as (coze, client):
        coze.fail("/v3/chat", JsonError(4100, "authentication is invalid", status=401))
        assert not await asked(coze, client)
    out, err = capsys.readouterr()
    assert out == ""
    assert "operator" in err
    assert "authentication is invalid" in err
    assert "Traceback" not in err


async def test_a_failure_on_the_way_keeps_what_was_said(capsys: pytest.CaptureFixture[str]):
    async with coze_with(Answer((("some", "thing"),), fails=RunFails(after=1))) as made:
        assert not await asked(*made)
    out, err = capsys.readouterr()
    assert out.startswith("some")
    assert "tokens" not in err
    assert err.count("\n") >= 2


async def test_giving_up_stops_the_run_at_coze(capsys: pytest.CaptureFixture[str]):
    async with coze_with(Answer((("one ", "two"),), gate=asyncio.Event(), gate_at=1)) as made:
        coze, _ = made
        asking = asyncio.create_task(asked(*made))
        await until(lambda: "one " in capsys.readouterr().out)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert [e.path for e in coze.requests][-1] == "/v3/chat/cancel"


async def test_a_conversation_goes_on():
    async with coze_with() as (coze, client):
        assert await asked(coze, client)
        [conversation] = coze._memory.conversations
        backend = ChatBackend(client, coze.bot_id)
        assert await ask(backend, question(conversation))
        assert coze.asked[-1].conversation_id == conversation
