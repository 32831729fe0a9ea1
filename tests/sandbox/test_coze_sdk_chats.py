"""Chats with files, tools and history, by the official SDK."""

import asyncio
import json
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.sandbox.coze import (
    Answer,
    Attached,
    Card,
    CozeSimulator,
    Question,
    Require,
    Tool,
    ToolCall,
)
from bridge.wire.serve import serve
from tests.sandbox.test_coze_sdk import connected

with warnings.catch_warnings(record=True):  # a dependency of the SDK is deprecated
    from cozepy import (
        AsyncCoze,
        Chat,
        ChatEvent,
        ChatEventType,
        ChatStatus,
        CozeAPIError,
        Message,
        MessageContentType,
        MessageObjectString,
        MessageRole,
        MessageType,
        ToolOutput,
    )

RAIN = ToolCall("BUJJ-1", "get_rain_probability", '{"location":"Henan"}')
FORECAST = Require((RAIN,), lambda outputs: f"Rain: {outputs['BUJJ-1']}")
SCRIPT = Answer(
    (("It is ", "clear."),),
    reasoning=("I look ", "it up."),
    tools=(Tool("weather-today", {"city": "Hangzhou"}, "clear"),),
    cards=(Card("Weather"),),
)


def script(question: Question) -> Answer | str:
    if question.text == "Will it rain?":
        return Answer(require=FORECAST)
    return SCRIPT if question.text == "How is it?" else f"You said {question.text}"


@pytest.fixture
def simulator() -> CozeSimulator:
    return CozeSimulator(pace=0, answer=script)


@pytest.fixture
async def sdk(simulator: CozeSimulator) -> AsyncIterator[AsyncCoze]:
    async with serve(simulator.app) as url, connected(url, simulator.token) as sdk:
        yield sdk


def asking(simulator: CozeSimulator, *messages: Message | str) -> dict[str, Any]:
    said = [Message.build_user_question_text(m) if isinstance(m, str) else m for m in messages]
    return {"bot_id": simulator.bot_id, "user_id": "ada", "additional_messages": said}


async def chatted(
    sdk: AsyncCoze, simulator: CozeSimulator, *messages: Message | str
) -> list[ChatEvent]:
    return [event async for event in sdk.chat.stream(**asking(simulator, *messages))]


def chat_of(events: list[ChatEvent]) -> Chat:
    """The chat as it was last."""
    return next(event.chat for event in reversed(events) if event.chat)


def completed(events: list[ChatEvent]) -> dict[MessageType, Message]:
    """The last message of each type that was completed."""
    done = ChatEventType.CONVERSATION_MESSAGE_COMPLETED
    messages = [event.message for event in events if event.event == done and event.message]
    return {message.type: message for message in messages}


async def test_the_sdk_sends_files(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    upload = await sdk.files.upload(file=("cat.png", b"meow"))
    message = Message.build_user_question_objects(
        [
            MessageObjectString.build_text("What is it?"),
            MessageObjectString.build_image(file_id=upload.id),
            MessageObjectString.build_file(file_url="https://example.com/cats.pdf"),
        ]
    )
    events = await chatted(sdk, simulator, message)
    assert completed(events)[MessageType.ANSWER].content == "You said What is it?"
    assert simulator.asked[0].files == (
        Attached("image", upload.id, None, "cat.png", 4),
        Attached("file", None, "https://example.com/cats.pdf"),
    )


async def test_the_sdk_is_refused_a_picture_alone(
    sdk: AsyncCoze, simulator: CozeSimulator
) -> None:
    picture = MessageObjectString.build_image(file_url="https://example.com/cat.png")
    with pytest.raises(CozeAPIError) as refused:
        await chatted(sdk, simulator, Message.build_user_question_objects([picture]))
    assert refused.value.code == 4000


async def test_the_sdk_hears_a_voice(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    voice = MessageObjectString.build_audio(file_url="https://example.com/hello.wav")
    events = await chatted(sdk, simulator, Message.build_user_question_objects([voice]))
    (delta,) = [e for e in events if e.event == ChatEventType.CONVERSATION_AUDIO_DELTA]
    assert delta.message
    assert delta.message.get_audio() == bytes(960)


async def test_the_sdk_sees_tools_cards_and_reasoning(
    sdk: AsyncCoze, simulator: CozeSimulator
) -> None:
    events = await chatted(sdk, simulator, "How is it?")
    last = completed(events)
    called = json.loads(last[MessageType.FUNCTION_CALL].content)
    assert called["arguments"] == {"city": "Hangzhou"}
    assert last[MessageType.TOOL_RESPONSE].content == "clear"
    assert last[MessageType.ANSWER].reasoning_content == "I look it up."
    cards = [event.message for event in events if event.message]
    assert MessageContentType.CARD in {message.content_type for message in cards}
    chat = chat_of(events)
    listed = await sdk.chat.messages.list(conversation_id=chat.conversation_id, chat_id=chat.id)
    assert "I look it up." in {message.reasoning_content for message in listed}


async def test_the_sdk_submits_outputs_to_a_stream(
    sdk: AsyncCoze, simulator: CozeSimulator
) -> None:
    events = await chatted(sdk, simulator, "Will it rain?")
    assert events[-1].event == ChatEventType.CONVERSATION_CHAT_REQUIRES_ACTION
    chat = chat_of(events)
    assert chat.status == ChatStatus.REQUIRES_ACTION
    assert chat.required_action
    assert chat.required_action.submit_tool_outputs
    (call,) = chat.required_action.submit_tool_outputs.tool_calls
    assert call.function
    assert call.function.name == "get_rain_probability"
    stream = sdk.chat.submit_tool_outputs_stream(
        conversation_id=chat.conversation_id,
        chat_id=chat.id,
        tool_outputs=[ToolOutput(tool_call_id=call.id, output="0.5")],
    )
    events = [event async for event in stream]
    assert events[0].event == ChatEventType.CONVERSATION_CHAT_IN_PROGRESS
    assert completed(events)[MessageType.ANSWER].content == "Rain: 0.5"
    assert chat_of(events).status == ChatStatus.COMPLETED


async def test_the_sdk_submits_outputs_and_polls(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    chat = await sdk.chat.create(**asking(simulator, "Will it rain?"))
    place = {"conversation_id": chat.conversation_id, "chat_id": chat.id}

    async def settled() -> ChatStatus:
        async with asyncio.timeout(20):
            while True:
                status = (await sdk.chat.retrieve(**place)).status
                if status not in {ChatStatus.CREATED, ChatStatus.IN_PROGRESS}:
                    return status
                await asyncio.sleep(0.01)

    assert await settled() == ChatStatus.REQUIRES_ACTION
    output = ToolOutput(tool_call_id="BUJJ-1", output="0.5")
    going = await sdk.chat.submit_tool_outputs(**place, tool_outputs=[output])
    assert going.status == ChatStatus.IN_PROGRESS
    assert await settled() == ChatStatus.COMPLETED
    messages = await sdk.chat.messages.list(**place)
    assert "Rain: 0.5" in {message.content for message in messages}


async def test_the_sdk_edits_the_messages_of_a_conversation(
    sdk: AsyncCoze, simulator: CozeSimulator
) -> None:
    conversation = (await sdk.conversations.create(bot_id=simulator.bot_id)).id
    messages = sdk.conversations.messages
    made = [
        await messages.create(
            conversation_id=conversation,
            role=MessageRole.USER,
            content=f"Message {number}",
            content_type=MessageContentType.TEXT,
        )
        for number in range(5)
    ]
    place = {"conversation_id": conversation, "message_id": made[0].id or ""}
    found = await messages.retrieve(**place)
    assert (found.content, found.created_at) == ("Message 0", made[0].created_at)
    changed = await messages.update(
        **place, content="Message zero", content_type=MessageContentType.TEXT
    )
    assert changed.content == "Message zero"
    assert (await messages.delete(**place)).content == "Message zero"
    pages = await messages.list(conversation_id=conversation, order="asc", limit=2)
    listed = [message.content async for message in pages]
    assert listed == [f"Message {number}" for number in range(1, 5)]


async def test_the_sdk_pages_through_conversations(
    sdk: AsyncCoze, simulator: CozeSimulator
) -> None:
    made = [(await sdk.conversations.create(bot_id=simulator.bot_id)).id for _ in range(5)]
    pages = await sdk.conversations.list(bot_id=simulator.bot_id, page_size=2)
    assert [each.id async for each in pages] == made[::-1]
    await sdk.conversations.delete(conversation_id=made[0])
    await sdk.conversations.update(conversation_id=made[1], name="Tea")
    pages = await sdk.conversations.list(bot_id=simulator.bot_id)
    assert [each.id async for each in pages] == made[:0:-1]
    with pytest.raises(CozeAPIError) as refused:
        await sdk.conversations.retrieve(conversation_id=made[0])
    assert refused.value.code == 4002
