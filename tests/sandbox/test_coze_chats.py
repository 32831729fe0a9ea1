import asyncio

import httpx
import pytest

from bridge.sandbox.coze import Answer, CozeSimulator, friendly
from tests.sandbox.coze_talk import Talk, answer, code, ids, names, parsed, talking


def held(gate: asyncio.Event) -> Answer:
    return Answer((("One ", "two ", "three."),), gate=gate, gate_at=1)


async def begun(talk: Talk, text: str = "Hi") -> tuple[str, str]:
    """Where a chat runs that is held at its gate."""
    created = (await talk.chat(text, stream=False)).json()["data"]
    return created["conversation_id"], created["id"]


async def cancel(talk: Talk, conversation: str, chat: str) -> httpx.Response:
    body = {"conversation_id": conversation, "chat_id": chat}
    return await talk.http.post("/v3/chat/cancel", json=body)


async def test_a_second_chat_in_a_busy_conversation_is_refused() -> None:
    gate = asyncio.Event()
    async with talking(answer=lambda _: held(gate)) as talk:
        conversation, chat = await begun(talk)
        assert (await talk.look(conversation, chat))["status"] == "in_progress"
        assert code(await talk.chat("Me too", conversation)) == (200, 4016)
        gate.set()
        await talk.settled(conversation, chat)
        assert answer(await talk.events("Now?", conversation)) == "One two three."


async def test_studio_lets_chats_of_a_conversation_run_side_by_side() -> None:
    gate = asyncio.Event()
    scripts = iter([held(gate), Answer((("At once",),))])
    async with talking(dialect="studio", answer=lambda _: next(scripts)) as talk:
        conversation, _ = await begun(talk)
        assert answer(await talk.events("Me too", conversation)) == "At once"
        gate.set()


async def test_a_cancelled_chat_frees_its_conversation_and_leaves_no_context() -> None:
    gate = asyncio.Event()
    async with talking(answer=lambda q: held(gate) if q.text == "secret" else friendly(q)) as talk:
        conversation, _ = ids(await talk.events("I am Ada"))
        chat = (await talk.chat("secret", conversation, stream=False)).json()["data"]["id"]
        cancelled = await cancel(talk, conversation, chat)
        assert cancelled.json()["data"]["status"] == "canceled"
        assert "I am Ada" in answer(await talk.events("What did I say?", conversation))
        gate.set()
        assert (await talk.look(conversation, chat))["status"] == "canceled"


async def test_the_stream_of_the_cloud_does_not_notice_a_cancellation() -> None:
    gate = asyncio.Event()
    async with talking(answer=lambda _: held(gate)) as talk, talk.streaming() as response:
        await talk.coze.changes.until(lambda: talk.coze.asked)
        pieces = response.aiter_raw()
        stream = await anext(pieces)
        conversation, chat = ids(parsed(stream.split(b"\n\n")[0]))
        assert code(await cancel(talk, conversation, chat)) == (200, 0)
        gate.set()
        async for piece in pieces:
            stream += piece
        assert answer(parsed(stream)) == "One two three."
        assert names(parsed(stream))[-2:] == ["chat.completed", "done"]
        assert (await talk.look(conversation, chat))["status"] == "canceled"
        assert not await talk.said_in(conversation, chat)


async def test_the_stream_of_studio_ends_with_a_cancellation() -> None:
    held_back = held(asyncio.Event())
    async with (
        talking(dialect="studio", answer=lambda _: held_back) as talk,
        talk.streaming() as response,
    ):
        pieces = response.aiter_raw()
        stream = await anext(pieces)
        conversation, chat = ids(parsed(stream.split(b"\n\n")[0]))
        done = (await cancel(talk, conversation, chat)).json()
        assert done["ChatV3ChatDetail"]["status"] == "cancelled"
        async for piece in pieces:
            stream += piece
        assert names(parsed(stream))[-1] == "chat.cancelled"
        assert (await talk.look(conversation, chat))["status"] == "cancelled"


@pytest.mark.parametrize(("dialect", "refusal"), [("cloud", (200, 4104)), ("studio", (400, 400))])
async def test_what_is_over_cannot_be_cancelled(dialect: str, refusal: tuple[int, int]) -> None:
    async with talking(dialect=dialect) as talk:
        response = await cancel(talk, *ids(await talk.events()))
    assert code(response) == refusal


async def test_an_unsaved_chat_leaves_no_trace() -> None:
    async with talking() as talk:
        first = await talk.events("I am Ada", auto_save_history=False)
        conversation, chat = ids(first)
        query = {"conversation_id": conversation, "chat_id": chat}
        assert code(await talk.http.get("/v3/chat/retrieve", params=query)) == (200, 4001)
        assert code(await cancel(talk, conversation, chat)) == (200, 4001)
        assert (await talk.listed(conversation))["data"] == []
        assert "only just met" in answer(await talk.events("Who?", conversation))


async def test_studio_saves_even_what_it_was_asked_not_to() -> None:
    async with talking(dialect="studio") as talk:
        first = await talk.events("I am Ada", auto_save_history=False)
        assert "I am Ada" in answer(await talk.events("Who?", ids(first)[0]))


async def test_studio_streams_unless_told_otherwise() -> None:
    async with talking(dialect="studio") as talk:
        events = await talk.events(stream=None)
        assert names(events)[-1] == "stream.done"
    async with talking() as talk:
        assert (await talk.chat(stream=None)).json()["data"]["status"] == "created"


async def test_a_run_goes_on_when_its_client_leaves() -> None:
    gate = asyncio.Event()
    async with talking(answer=lambda _: held(gate)) as talk:
        async with talk.streaming() as response:
            conversation, chat = ids(parsed((await anext(response.aiter_raw())).split(b"\n\n")[0]))
        await talk.coze.changes.until(lambda: not talk.coze.open_replies)
        assert (await talk.look(conversation, chat))["status"] == "in_progress"
        assert not await talk.said_in(conversation, chat)
        gate.set()
        await talk.settled(conversation, chat)
        assert ("answer", "One two three.") in await talk.said_in(conversation, chat)


@pytest.mark.parametrize("gate_at", [0, 2, 3, 9])
async def test_a_gate_holds_the_stream_where_it_stands(gate_at: int) -> None:
    gate = asyncio.Event()
    script = Answer((("One ", "two ", "three."),), gate=gate, gate_at=gate_at, pauses={1: 0.001})
    async with talking(answer=lambda _: script) as talk:
        conversation, chat = await begun(talk)
        assert (await talk.look(conversation, chat))["status"] == "in_progress"
        gate.set()
        await talk.settled(conversation, chat)
        assert ("answer", "One two three.") in await talk.said_in(conversation, chat)


async def test_nobody_guesses_an_id() -> None:
    coze = CozeSimulator()
    made = [coze._memory.new_id() for _ in range(100)]
    assert made == sorted(made)
    assert {len(one) for one in made} == {19}
