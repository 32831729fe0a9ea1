import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

import pytest

from bridge.core.errors import Fatal, Gone, Retryable, Unavailable, Uncertain
from bridge.core.model import Run
from bridge.coze.client import CozeClient, data_of
from bridge.coze.errors import CozeBusy, CozeError, CozeRefused
from bridge.sandbox.coze import (
    Cut,
    Fault,
    HttpError,
    JsonError,
    NoResponse,
    Refuse,
    RunFails,
    Stall,
)
from tests.coze.rig import (
    CHAT,
    DIALECTS,
    HISTORY,
    MESSAGES,
    RETRIEVE,
    Rig,
    answering,
    connected,
    rigged,
    saying,
    stuck,
)

CANCEL, CREATE = "/v3/chat/cancel", "/v1/conversation/create"
BOT = "/v1/bots/{bot_id}"

Call = Callable[[Rig, Run], Awaitable[object]]
REPEATABLE: dict[str, Call] = {
    RETRIEVE: lambda rig, run: rig.client.retrieve(run),
    MESSAGES: lambda rig, run: rig.client.messages(run),
    HISTORY: lambda rig, run: rig.client.list_messages(run.conversation),
    CREATE: lambda rig, _: rig.client.create_conversation(rig.coze.bot_id),
    BOT: lambda rig, _: rig.client.patiently("GET", f"/v1/bots/{rig.coze.bot_id}"),
}


@pytest.fixture(params=DIALECTS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with rigged(dialect=request.param) as rig:
        yield rig


@pytest.fixture
async def cloud() -> AsyncIterator[Rig]:
    async with rigged() as rig:
        yield rig


def asking(rig: Rig, *, stream: bool = False) -> dict[str, object]:
    said = {"role": "user", "content": "Hi", "content_type": "text", "meta_data": {"job": "1"}}
    body = {"bot_id": rig.coze.bot_id, "user_id": "ada", "auto_save_history": True}
    return {**body, "stream": stream, "additional_messages": [said]}


async def begun_by(
    rig: Rig, conversation: str | None, client: CozeClient | None = None
) -> dict[str, str]:
    """A chat that has only begun."""
    params = {"conversation_id": conversation} if conversation else {}
    talking = client or rig.client
    return data_of(await talking.call("POST", CHAT, params=params, json=asking(rig)))


async def streamed(rig: Rig, client: CozeClient | None = None) -> list[str]:
    stream = (client or rig.client).stream(CHAT, asking(rig, stream=True))
    async with aclosing(stream):
        return [name async for (name, _), _ in stream]


async def test_a_conversation_is_created_for_the_bot(rig: Rig) -> None:
    conversation = await rig.client.create_conversation(rig.coze.bot_id)
    assert conversation in rig.coze._memory.conversations
    assert rig.made(CREATE)[0].body == {"bot_id": rig.coze.bot_id}


async def test_a_new_conversation_has_no_messages(rig: Rig) -> None:
    conversation = await rig.client.create_conversation(rig.coze.bot_id)
    assert await rig.client.list_messages(conversation) == []


async def test_a_run_can_be_looked_at(rig: Rig) -> None:
    run = await rig.had()
    chat = await rig.client.retrieve(run)
    assert (chat["id"], chat["conversation_id"]) == (run.chat, run.conversation)
    assert chat["status"] == "completed"
    listed = await rig.client.messages(run)
    assert isinstance(listed, list)
    said = [message["content"] for message in listed if message["type"] == "answer"]
    assert said == ["Hello", "And again"]


async def test_messages_of_a_run_that_said_nothing_are_left_out() -> None:
    async with rigged(answer=saying("never")) as rig:
        rig.coze.fail(CHAT, RunFails())
        begun = await begun_by(rig, None)
        await rig.ended()
        assert not await rig.client.messages(Run(begun["id"], begun["conversation_id"]))


async def test_history_comes_newest_first_with_the_job_of_each_question(rig: Rig) -> None:
    run = await rig.had("One")
    await rig.had("Two", run.conversation)
    history = await rig.client.list_messages(run.conversation)
    asked = [(m["content"], m["meta_data"]) for m in history if m["role"] == "user"]
    assert asked == [("Two", {"job": "job-1"}), ("One", {"job": "job-1"})]
    assert history[-1]["chat_id"] == run.chat


async def test_a_conversation_that_is_gone_is_told_by_its_own_error(rig: Rig) -> None:
    run = await rig.had()
    rig.coze.forget(run.conversation)
    with pytest.raises(Gone):
        await rig.client.list_messages(run.conversation)
    with pytest.raises(Gone):
        await begun_by(rig, run.conversation)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_run_is_cancelled(dialect: str) -> None:
    async with rigged(dialect=dialect, answer=stuck) as rig:
        begun = await begun_by(rig, None)
        run = Run(begun["id"], begun["conversation_id"])
        await rig.client.cancel(run)
        assert (await rig.client.retrieve(run))["status"] in {"canceled", "cancelled"}


async def test_a_run_that_is_over_counts_as_cancelled(rig: Rig) -> None:
    run = await rig.had()
    await rig.client.cancel(run)
    assert (await rig.client.retrieve(run))["status"] == "completed"


async def test_a_cancellation_that_got_no_answer_is_repeated() -> None:
    async with rigged(answer=stuck) as rig:
        begun = await begun_by(rig, None)
        rig.coze.fail(CANCEL, NoResponse())
        await rig.client.cancel(Run(begun["id"], begun["conversation_id"]))
        assert [exchange.code for exchange in rig.made(CANCEL)] == [None, 4104]


async def test_cancelling_what_never_was_is_an_error(rig: Rig) -> None:
    with pytest.raises(Fatal):
        await rig.client.cancel(Run("7300000000000000009", "7300000000000000008"))


@pytest.mark.parametrize("path", REPEATABLE)
async def test_a_call_that_changes_nothing_is_tried_four_times(cloud: Rig, path: str) -> None:
    run = await cloud.had()
    before = len(cloud.coze.requests)
    cloud.coze.fail(path, HttpError(502), times=2)
    cloud.coze.fail(path, JsonError(4009, "busy"))
    assert await REPEATABLE[path](cloud, run)
    assert len(cloud.coze.requests) == before + 4
    cloud.coze.fail(path, HttpError(502), times=4)
    with pytest.raises(CozeBusy):
        await REPEATABLE[path](cloud, run)
    assert len(cloud.coze.requests) == before + 8


@pytest.mark.parametrize("path", REPEATABLE)
async def test_a_call_that_changes_nothing_survives_a_lost_connection(
    cloud: Rig, path: str
) -> None:
    run = await cloud.had()
    for fault in (Refuse(), NoResponse(), Cut(0), Cut(0, mid_event=True)):
        cloud.coze.fail(path, fault)
        assert await REPEATABLE[path](cloud, run)


@pytest.mark.parametrize("path", REPEATABLE)
async def test_what_coze_refuses_is_not_repeated(cloud: Rig, path: str) -> None:
    run = await cloud.had()
    before = len(cloud.coze.requests)
    cloud.coze.fail(path, JsonError(4000, "Request parameter error"))
    with pytest.raises(CozeRefused, match="4000"):
        await REPEATABLE[path](cloud, run)
    assert len(cloud.coze.requests) == before + 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (HttpError(502), CozeBusy),
        (JsonError(4009, "busy"), CozeBusy),
        (HttpError(429), CozeBusy),
        (JsonError(4000, "no"), CozeRefused),
        (Refuse(), Uncertain),
        (NoResponse(), Uncertain),
        (Cut(0), Uncertain),
    ],
)
async def test_a_question_is_sent_once_by_the_client(
    rig: Rig, fault: Fault, kind: type[Exception]
) -> None:
    for number, call in enumerate((begun_by(rig, None), streamed(rig)), start=1):
        rig.coze.fail(CHAT, fault)
        with pytest.raises(kind):
            await call
        assert len(rig.made(CHAT)) == number


@pytest.mark.parametrize("body", ["<html>Sign in</html>", "", "[]", "null", '"ok"', "{}", "\x00"])
async def test_a_body_that_is_no_answer_is_an_error(cloud: Rig, body: str) -> None:
    cloud.coze.fail(CHAT, HttpError(200, body), times=2)
    cloud.coze.fail(RETRIEVE, HttpError(200, body))
    polled, looked = begun_by(cloud, None), cloud.client.retrieve(Run("1", "2"))
    for call in (polled, looked, streamed(cloud)):
        with pytest.raises(CozeError) as error:
            await call
        assert error.value.log_id


async def test_a_large_page_in_place_of_a_stream_is_an_error(cloud: Rig) -> None:
    cloud.coze.fail(CHAT, HttpError(502, "x" * 1_000_000))
    with pytest.raises(CozeBusy):
        await streamed(cloud)
    await cloud.coze.changes.until(lambda: not cloud.coze.open_replies)


async def test_an_error_after_the_last_event_of_a_stream_is_raised(cloud: Rig) -> None:
    stray = '{"code":4028,"msg":"used up","detail":{"logid":"log-7"}}'
    cloud.coze.fail(CHAT, HttpError(200, f"event:a\ndata:1\n\n{stray}", "text/event-stream"))
    with pytest.raises(CozeRefused, match="Coze 4028: used up") as error:
        await streamed(cloud)
    assert error.value.log_id == "log-7"


async def test_a_stream_comes_with_the_log_id_of_its_response(rig: Rig) -> None:
    stream = rig.client.stream(CHAT, asking(rig, stream=True))
    async with aclosing(stream):
        seen = [(name, log_id) async for (name, _), log_id in stream]
    assert seen[0][0] == "conversation.chat.created"
    assert len({log_id for _, log_id in seen}) == 1
    assert seen[0][1]


async def test_a_stream_that_is_left_frees_its_connection(rig: Rig) -> None:
    rig.coze.fail(CHAT, Stall(1))
    stream = rig.client.stream(CHAT, asking(rig, stream=True))
    await anext(stream)
    await stream.aclose()
    await rig.coze.changes.until(lambda: not rig.coze.open_replies)


async def test_a_silent_stream_is_given_up(cloud: Rig) -> None:
    cloud.coze.fail(CHAT, Stall(1))
    async with connected(cloud.url, cloud.coze.token, idle_timeout=0.2) as impatient:
        with pytest.raises(Uncertain):
            await streamed(cloud, impatient)


async def test_where_nobody_listens_nothing_was_sent(cloud: Rig) -> None:
    with socket.socket() as bound:  # but not listening
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        async with connected(url, "pat_sandbox") as client:
            polled, looked = begun_by(cloud, None, client), client.retrieve(Run("1", "2"))
            for call in (polled, looked, streamed(cloud, client)):
                with pytest.raises(Unavailable):
                    await call


async def test_an_answer_without_an_id_is_an_error(cloud: Rig) -> None:
    cloud.coze.fail(CREATE, answering(None))
    with pytest.raises(CozeError, match="without an id") as error:
        await cloud.client.create_conversation(cloud.coze.bot_id)
    assert not isinstance(error.value, Retryable)
