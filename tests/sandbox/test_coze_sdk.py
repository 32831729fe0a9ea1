"""The official SDK: a client that was not written with this simulator in mind."""

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.sandbox.coze import Answer, CozeSimulator, friendly
from bridge.wire.serve import serve

with warnings.catch_warnings(record=True):  # a dependency of the SDK is deprecated
    from cozepy import (
        AsyncCoze,
        AsyncHTTPClient,
        AsyncTokenAuth,
        ChatEventType,
        ChatStatus,
        CozeAPIError,
        Message,
        MessageType,
    )


@pytest.fixture
async def simulator() -> AsyncIterator[CozeSimulator]:
    gate = asyncio.Event()
    held = Answer((("Not ", "yet"),), gate=gate, gate_at=1)
    coze = CozeSimulator(pace=0, answer=lambda q: held if q.text == "Hold" else friendly(q))
    yield coze
    gate.set()


@contextlib.asynccontextmanager
async def connected(url: str, token: str) -> AsyncIterator[AsyncCoze]:
    async with AsyncHTTPClient() as http:  # type: ignore[no-untyped-call]
        yield AsyncCoze(auth=AsyncTokenAuth(token), base_url=url, http_client=http)


@pytest.fixture
async def sdk(simulator: CozeSimulator) -> AsyncIterator[AsyncCoze]:
    async with serve(simulator.app) as url, connected(url, simulator.token) as sdk:
        yield sdk


def asking(simulator: CozeSimulator, text: str) -> dict[str, Any]:
    question = Message.build_user_question_text(text)
    return {"bot_id": simulator.bot_id, "user_id": "ada", "additional_messages": [question]}


async def streamed(
    sdk: AsyncCoze, simulator: CozeSimulator, text: str, conversation: str | None = None
) -> tuple[str, str]:
    """The conversation's id and the answer."""
    chats, said, completed = [], "", ""
    async for event in sdk.chat.stream(**asking(simulator, text), conversation_id=conversation):
        if event.chat:
            chats.append(event.chat)
        elif event.message and event.event == ChatEventType.CONVERSATION_MESSAGE_DELTA:
            said += event.message.content
        elif event.message and event.message.type == MessageType.ANSWER:
            completed = event.message.content
    assert said == completed
    assert chats[-1].status == ChatStatus.COMPLETED
    return chats[0].conversation_id, completed


async def test_the_sdk_streams_two_turns_of_one_conversation(
    sdk: AsyncCoze, simulator: CozeSimulator
) -> None:
    conversation, _ = await streamed(sdk, simulator, "My cat is grey")
    again, answer = await streamed(sdk, simulator, "And now?", conversation)
    assert again == conversation
    assert "You said earlier: “My cat is grey”" in answer


async def test_the_sdk_polls(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    chat = await sdk.chat.create(**asking(simulator, "Hi"))
    place = {"conversation_id": chat.conversation_id, "chat_id": chat.id}
    async with asyncio.timeout(20):
        while chat.status in {ChatStatus.CREATED, ChatStatus.IN_PROGRESS}:
            await asyncio.sleep(0.01)
            chat = await sdk.chat.retrieve(**place)
    assert chat.status == ChatStatus.COMPLETED
    messages = await sdk.chat.messages.list(**place)
    assert MessageType.ANSWER in {message.type for message in messages}


async def test_the_sdk_cancels(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    chat = await sdk.chat.create(**asking(simulator, "Hold"))
    place = {"conversation_id": chat.conversation_id, "chat_id": chat.id}
    assert (await sdk.chat.cancel(**place)).status == ChatStatus.CANCELED
    with pytest.raises(CozeAPIError) as refused:
        await sdk.chat.cancel(**place)
    assert refused.value.code == 4104
    assert refused.value.logid


async def test_the_sdk_handles_conversations(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    prepared = Message.build_user_question_text("I like tea", {"from": "tests"})
    made = await sdk.conversations.create(bot_id=simulator.bot_id, messages=[prepared])
    found = await sdk.conversations.retrieve(conversation_id=made.id)
    assert found.last_section_id == made.last_section_id
    await streamed(sdk, simulator, "Hi", made.id)
    page = await sdk.conversations.messages.list(conversation_id=made.id, order="asc", limit=2)
    listed = [message async for message in page]
    assert [message.content for message in listed[:2]] == ["I like tea", "Hi"]
    assert listed[0].meta_data == {"from": "tests"}
    cleared = await sdk.conversations.clear(conversation_id=made.id)
    assert cleared.id != made.last_section_id


async def test_the_sdk_sees_the_bot(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    for version in (1, 2):
        bot = await sdk.bots.retrieve(bot_id=simulator.bot_id, use_api_version=version)
        assert bot.onboarding_info
        assert bot.onboarding_info.prologue == simulator.bot.prologue
    assert (await sdk.users.me()).user_name == "sandbox"


async def test_the_sdk_is_refused_without_the_token(simulator: CozeSimulator) -> None:
    async with serve(simulator.app) as url, connected(url, "pat_other") as stranger:
        with pytest.raises(CozeAPIError) as refused:
            await stranger.bots.retrieve(bot_id=simulator.bot_id)
    assert refused.value.code == 4100


async def test_the_sdk_reads_a_failure(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    events = [event async for event in sdk.chat.stream(**asking(simulator, "error"))]
    assert events[-1].event == ChatEventType.CONVERSATION_CHAT_FAILED
    assert events[-1].chat
    assert events[-1].chat.last_error
    assert events[-1].chat.last_error.code == 5000
