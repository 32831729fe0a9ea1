"""The official SDK runs workflows: a client that was not written with this simulator in mind."""

import warnings
from collections.abc import AsyncIterator

import pytest

from bridge.sandbox.coze import (
    Ask,
    CozeSimulator,
    End,
    Fail,
    Node,
    Parameter,
    Ping,
    Steps,
    Workflow,
    WorkflowCall,
)
from bridge.wire.serve import serve
from tests.sandbox.test_coze_sdk import connected
from tests.sandbox.workflow_talk import FLOW

with warnings.catch_warnings(record=True):  # a dependency of the SDK is deprecated
    from cozepy import (
        AsyncCoze,
        ChatEvent,
        ChatEventType,
        ChatStatus,
        CozeAPIError,
        Message,
        WorkflowEvent,
        WorkflowEventType,
        WorkflowExecuteStatus,
        WorkflowRunMode,
    )


def travelling(call: WorkflowCall) -> Steps:
    yield Node("Planner", ("Let us ", "plan."))
    yield Ping()
    city = yield Ask("Which city?", ("Beijing", "Paris"))
    if city == "Atlantis":
        yield Fail(720701013, "it is under water")
    yield End({"city": city, "days": call.parameters.get("days", 3)}, usage=(30, 12))


@pytest.fixture
def simulator() -> CozeSimulator:
    workflow = Workflow(travelling, {"days": Parameter("integer")}, name="trip")
    return CozeSimulator(pace=0, workflows={FLOW: workflow})


@pytest.fixture
async def sdk(simulator: CozeSimulator) -> AsyncIterator[AsyncCoze]:
    async with serve(simulator.app) as url, connected(url, simulator.token) as sdk:
        yield sdk


async def streamed(sdk: AsyncCoze) -> list[WorkflowEvent]:
    return [event async for event in sdk.workflows.runs.stream(workflow_id=FLOW, parameters={})]


async def resumed(sdk: AsyncCoze, waiting: WorkflowEvent, answer: str) -> list[WorkflowEvent]:
    assert waiting.interrupt
    stream = sdk.workflows.runs.resume(
        workflow_id=FLOW,
        event_id=waiting.interrupt.interrupt_data.event_id,
        interrupt_type=waiting.interrupt.interrupt_data.type,
        resume_data=answer,
    )
    return [event async for event in stream]


async def test_the_sdk_runs_a_workflow(sdk: AsyncCoze, simulator: CozeSimulator) -> None:
    simulator.workflows[FLOW] = Workflow(lambda _: [End({"output": "水"}, usage=(30, 12))])
    result = await sdk.workflows.runs.create(workflow_id=FLOW, parameters={"input": "a"})
    assert result.data == '{"output":"水"}'
    assert result.usage
    assert result.usage.token_count == 42
    assert simulator.workflow_runs[0].execute_id in result.debug_url
    assert simulator.workflow_runs[0].parameters == {"input": "a"}


async def test_the_sdk_streams_a_workflow_that_asks(sdk: AsyncCoze) -> None:
    events = await streamed(sdk)
    assert [event.event for event in events] == [
        WorkflowEventType.MESSAGE,
        WorkflowEventType.MESSAGE,
        WorkflowEventType.UNKNOWN,  # a ping
        WorkflowEventType.MESSAGE,
        WorkflowEventType.INTERRUPT,
    ]
    assert [event.id for event in events] == [0, 1, 2, 3, 4]
    again = await resumed(sdk, events[-1], "Paris")
    assert [event.message and event.message.content for event in again] == [
        '{"city":"Paris","days":3}'
    ]
    assert again[0].message
    assert again[0].message.usage
    assert again[0].message.usage.token_count == 42


async def test_the_sdk_hears_of_a_failure(sdk: AsyncCoze) -> None:
    events = await resumed(sdk, (await streamed(sdk))[-1], "Atlantis")
    assert events[-1].error
    assert events[-1].error.error_code == 720701013
    assert events[-1].error.error_message == "it is under water"


async def test_the_sdk_looks_up_a_run_in_the_background(
    sdk: AsyncCoze, simulator: CozeSimulator
) -> None:
    result = await sdk.workflows.runs.create(workflow_id=FLOW, is_async=True)
    assert result.execute_id
    (run,) = simulator.workflow_runs
    await simulator.changes.until(lambda: run.interrupt)
    place = {"workflow_id": FLOW, "execute_id": result.execute_id}
    found = await sdk.workflows.runs.run_histories.retrieve(**place)
    assert found.execute_status == WorkflowExecuteStatus.RUNNING
    assert (found.run_mode, found.error_code) == (WorkflowRunMode.ASYNCHRONOUS, 0)
    with pytest.raises(CozeAPIError) as missing:
        await sdk.workflows.runs.run_histories.retrieve(workflow_id=FLOW, execute_id="7")
    assert missing.value.code == 4314


async def test_the_sdk_is_told_why_a_run_is_refused(sdk: AsyncCoze) -> None:
    with pytest.raises(CozeAPIError) as unknown:
        await sdk.workflows.runs.create(workflow_id="7300000000000000999")
    with pytest.raises(CozeAPIError) as streaming:
        async for _ in sdk.workflows.runs.stream(workflow_id="7300000000000000999"):
            pass
    assert (unknown.value.code, streaming.value.code) == (4200, 4200)
    wrong = sdk.workflows.runs.stream(workflow_id=FLOW, parameters={"days": "some"})
    (event,) = [event async for event in wrong]
    assert event.error
    assert event.error.error_code == 4000


async def test_the_sdk_sees_the_workflow(sdk: AsyncCoze) -> None:
    found = await sdk.workflows.retrieve(workflow_id=FLOW)
    assert found.workflow_detail.workflow_name == "trip"


async def chatted(
    sdk: AsyncCoze, simulator: CozeSimulator, text: str, conversation: str | None = None
) -> list[ChatEvent]:
    stream = sdk.workflows.chat.stream(
        workflow_id=FLOW,
        additional_messages=[Message.build_user_question_text(text)],
        parameters={},
        bot_id=simulator.bot_id,
        conversation_id=conversation,
    )
    return [event async for event in stream]


async def test_the_sdk_chats_with_a_workflow_that_asks(
    sdk: AsyncCoze, simulator: CozeSimulator
) -> None:
    first = await chatted(sdk, simulator, "Hi")
    assert first[-1].event == ChatEventType.CONVERSATION_CHAT_REQUIRES_ACTION
    assert first[-1].chat
    conversation = first[-1].chat.conversation_id
    second = await chatted(sdk, simulator, "Paris", conversation)
    assert second[-1].chat
    assert second[-1].chat.status == ChatStatus.COMPLETED
    found = await sdk.chat.retrieve(conversation_id=conversation, chat_id=second[-1].chat.id)
    assert found.status == ChatStatus.COMPLETED
    assert simulator.workflow_runs[0].resumed == ["Paris"]
