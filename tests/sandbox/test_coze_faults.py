import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import (
    Cut,
    Framing,
    HttpError,
    JsonError,
    NoResponse,
    Refuse,
    RunFails,
    Stall,
)
from tests.sandbox.coze_talk import Talk, answer, code, ids, names, parsed, talking

CHAT = "/v3/chat"


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        yield talk


async def received(talk: Talk, text: str = "Hi") -> tuple[bytes, bool]:
    """What came of a stream, and whether it came to its proper end."""
    stream = b""
    try:
        async with talk.streaming(text) as response:
            async for piece in response.aiter_raw():
                stream += piece
    except httpx.RemoteProtocolError:
        return stream, False
    return stream, True


async def only_place(talk: Talk) -> tuple[str, str]:
    """Where the only chat is; for a client that was told nothing."""
    (conversation,) = talk.coze._memory.conversations
    return conversation, talk.coze.asked[0].chat_id


async def test_faults_happen_in_order_and_only_so_often(talk: Talk) -> None:
    talk.coze.fail(CHAT, JsonError(4009, "busy"), times=2)
    talk.coze.fail(CHAT, JsonError(4013, "model", status=429))
    codes = [code(await talk.chat()) for _ in range(3)]
    assert codes == [(200, 4009), (200, 4009), (429, 4013)]
    assert not talk.coze.asked
    assert answer(await talk.events())


async def test_a_json_error_comes_in_place_of_a_stream(talk: Talk) -> None:
    talk.coze.fail(CHAT, JsonError(5000, "We're sorry"))
    response = await talk.chat()
    assert response.headers["content-type"].startswith("application/json")
    assert response.json()["detail"]["logid"]


@pytest.mark.parametrize("status", [401, 429, 500, 502])
async def test_a_gateway_answers_with_a_page(talk: Talk, status: int) -> None:
    talk.coze.fail(CHAT, HttpError(status))
    response = await talk.chat()
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")
    assert str(status) in response.text


async def test_a_fault_of_a_parametrised_path_is_named_by_its_route(talk: Talk) -> None:
    talk.coze.fail("/v1/bots/{bot_id}", JsonError(4009, "busy"))
    assert code(await talk.http.get(f"/v1/bots/{talk.coze.bot_id}")) == (200, 4009)


async def test_only_a_run_can_fail(talk: Talk) -> None:
    with pytest.raises(ValueError, match="runs nothing"):
        talk.coze.fail("/v3/chat/cancel", RunFails())


async def test_a_refused_connection_stores_nothing(talk: Talk) -> None:
    talk.coze.fail(CHAT, Refuse())
    with pytest.raises(httpx.RemoteProtocolError):
        await talk.chat()
    assert not talk.coze.asked
    assert talk.coze.requests[0].status is None


async def test_a_chat_without_a_response_runs_all_the_same(talk: Talk) -> None:
    talk.coze.fail(CHAT, NoResponse())
    with pytest.raises(httpx.RemoteProtocolError):
        await talk.chat()
    place = await only_place(talk)
    assert (await talk.settled(*place))["status"] == "completed"
    assert dict(await talk.said_in(*place))["answer"].startswith("You ask")


async def test_a_command_without_a_response_is_carried_out(talk: Talk) -> None:
    talk.coze.fail("/v1/conversation/create", NoResponse())
    with pytest.raises(httpx.RemoteProtocolError):
        await talk.http.post("/v1/conversation/create")
    assert len(talk.coze._memory.conversations) == 1


@pytest.mark.parametrize("after", [0, 1, 5])
async def test_a_connection_is_cut_and_the_run_goes_on(talk: Talk, after: int) -> None:
    talk.coze.fail(CHAT, Cut(after))
    stream, ended = await received(talk)
    assert not ended
    assert stream.count(b"\n\n") == after
    place = await only_place(talk)
    assert (await talk.settled(*place))["status"] == "completed"
    assert "answer" in dict(await talk.said_in(*place))


async def test_a_connection_is_cut_within_an_event(talk: Talk) -> None:
    talk.coze.fail(CHAT, Cut(3, mid_event=True))
    stream, ended = await received(talk)
    assert not ended
    assert stream.count(b"\n\n") == 3
    assert not stream.endswith(b"\n\n")


async def test_a_run_may_die_with_its_connection(talk: Talk) -> None:
    talk.coze.fail(CHAT, Cut(3, run_dies=True))
    assert not (await received(talk))[1]
    failed = await talk.settled(*await only_place(talk))
    assert (failed["status"], failed["last_error"]["code"]) == ("failed", 5000)


@pytest.mark.parametrize("clean", [True, False])
async def test_a_stream_ends_without_a_terminal_event(talk: Talk, clean: bool) -> None:
    talk.coze.fail(CHAT, Cut(clean=clean))
    stream, ended = await received(talk)
    assert ended is clean
    assert names(parsed(stream))[-1] == "message.completed"
    place = ids(parsed(stream))
    assert (await talk.settled(*place))["status"] == "completed"


async def test_a_json_answer_is_cut_short(talk: Talk) -> None:
    talk.coze.fail("/v3/chat/retrieve", Cut(0, mid_event=True))
    conversation, chat = ids(await talk.events())
    with pytest.raises(httpx.RemoteProtocolError):
        await talk.look(conversation, chat)
    assert (await talk.look(conversation, chat))["status"] == "completed"


async def test_a_stalled_stream_is_silent_until_released(talk: Talk) -> None:
    stall = Stall(4)
    talk.coze.fail(CHAT, stall)
    stream = b""
    async with talk.streaming() as response:
        pieces = response.aiter_raw()
        while stream.count(b"\n\n") < 4:
            stream += await anext(pieces)
        place = ids(parsed(stream))
        assert (await talk.settled(*place))["status"] == "completed"
        assert talk.coze.open_replies == 1
        stall.release.set()
        async for piece in pieces:
            stream += piece
    assert names(parsed(stream))[-1] == "done"


async def test_a_client_may_leave_a_stalled_stream(talk: Talk) -> None:
    talk.coze.fail(CHAT, Stall(1))
    async with talk.streaming() as response:
        await anext(response.aiter_raw())
    await talk.coze.changes.until(lambda: not talk.coze.open_replies)


@pytest.mark.parametrize(
    ("fault", "name", "data"),
    [
        (RunFails(5000, "oops", shape="bare"), "chat.failed", {"code": 5000, "msg": "oops"}),
        (RunFails("720", "oops", shape="bare"), "chat.failed", {"code": "720", "msg": "oops"}),
        (RunFails(5000, "oops", shape="error"), "error", {"code": 5000, "msg": "oops"}),
        (RunFails(shape="empty error"), "error", {}),
    ],
)
async def test_a_run_fails_in_many_ways(
    talk: Talk, fault: RunFails, name: str, data: dict[str, Any]
) -> None:
    talk.coze.fail(CHAT, fault)
    events = await talk.events()
    assert (names(events)[-1], events[-1][1]) == (name, data)
    shown = await talk.look(*ids(events))
    assert shown["last_error"] == {"code": int(fault.code), "msg": fault.msg}


@pytest.mark.parametrize("after", [0, 2, 10_000])
async def test_a_run_fails_after_some_deltas(talk: Talk, after: int) -> None:
    talk.coze.fail(CHAT, RunFails(5000, "event interval error", after=after))
    events = await talk.events()
    failed = events[-1][1]
    assert names(events)[-1] == "chat.failed"
    assert failed["status"] == "failed"
    assert failed["last_error"] == {"code": 5000, "msg": "event interval error"}
    deltas = names(events).count("message.delta")
    assert deltas == after if after < 10_000 else deltas > 10
    assert "only just met" in answer(await talk.events("Hi again", ids(events)[0]))


async def test_a_run_that_is_polled_fails_too(talk: Talk) -> None:
    talk.coze.fail(CHAT, RunFails(5000, "oops"))
    created = (await talk.chat(stream=False)).json()["data"]
    failed = await talk.settled(created["conversation_id"], created["id"])
    assert (failed["status"], failed["last_error"]["msg"]) == ("failed", "oops")


async def test_studio_calls_every_failure_an_error() -> None:
    async with talking(dialect="studio") as talk:
        talk.coze.fail(CHAT, RunFails(103200002, "Internal Server Error"))
        events = await talk.events()
        assert events[-1] == ("error", {"code": 103200002, "msg": "Internal Server Error"})
        assert (await talk.look(*ids(events)))["status"] == "failed"


async def test_the_word_error_makes_the_run_fail(talk: Talk) -> None:
    assert names(await talk.events("error, please"))[-1] == "chat.failed"


async def test_each_byte_may_come_on_its_own(talk: Talk) -> None:
    talk.coze.fail(CHAT, Framing(one_byte=True))
    sizes, stream = set(), b""
    async with talk.streaming() as response:
        async for piece in response.aiter_raw():
            sizes.add(len(piece))
            stream += piece
    assert sizes == {1}
    assert names(parsed(stream))[-1] == "done"


async def test_a_stream_may_bring_comments_ids_and_unknown_events(talk: Talk) -> None:
    interjected = b': ping\n\nevent:mystery\ndata:{"a":1}\n\n'
    talk.coze.fail(CHAT, Framing(ids=True, interject=interjected))
    stream, _ = await received(talk)
    assert stream.startswith(interjected + b"id:0\nevent:conversation.chat.created\ndata:{")
    assert b"\n\nid:1\nevent:conversation.chat.in_progress\n" in stream
    assert stream.count(b"event:mystery") == stream.count(b": ping") == stream.count(b"id:")


async def test_a_last_event_may_be_unterminated(talk: Talk) -> None:
    talk.coze.fail(CHAT, Framing(unterminated=True))
    stream, ended = await received(talk)
    assert ended
    assert stream.endswith(b'\n\nevent:done\ndata:"[DONE]"')
    assert names(parsed(stream))[-1] == "done"


async def test_lines_may_end_as_in_windows(talk: Talk) -> None:
    talk.coze.fail(CHAT, Framing(crlf=True))
    stream, _ = await received(talk)
    assert stream.endswith(b'event:done\r\ndata:"[DONE]"\r\n\r\n')
    assert stream.count(b"\n") == stream.count(b"\r\n")


async def test_runs_of_many_clients_do_not_wait_for_one_another() -> None:
    async with talking(pace=0.001) as talk:
        many = await asyncio.gather(*(talk.events(f"I am {n}") for n in range(20)))
    assert len({json.dumps(ids(events)) for events in many}) == 20
    assert all(f"I am {n}" in answer(events) for n, events in enumerate(many))
