"""Workflows as commands: what they take, what they say on the way, what they ask."""

import asyncio
from typing import Any, Literal

import pytest

from bridge.config.schema import Input, Workflow
from bridge.sandbox.coze import Ask, End, Fail, JsonError, Node, Parameter
from bridge.sandbox.coze import Workflow as Simulated
from bridge.sandbox.telegram import Shown
from tests.world import ANN, GENERAL, World

SUMMARY = Workflow(workflow_id="7400000000000000009", parameter="text", description="Sum it up")


def flow(script, **declared: Parameter) -> dict[str, Simulated]:
    parameters = declared or {"text": Parameter(required=True)}
    return {SUMMARY.workflow_id: Simulated(script, parameters=parameters)}


def commands(
    world: World, *, mode: Literal["stream", "blocking", "async"] = "stream", **more: Any
) -> dict[str, Any]:
    settings = Workflow(workflow_id=SUMMARY.workflow_id, parameter="text", mode=mode, **more)
    return {"bots": world.bot(workflows={"summary": settings})}


def summed_up(call):
    yield Node("Reading", ())
    yield End({"output": f"In short: {call.parameters['text']}"}, usage=(20, 3))


def destination(call):
    city = yield Ask("Which city?", options=("Beijing", "Paris"))
    yield End({"output": f"{call.parameters['text']} in {city}"})


def buttons(message: Shown) -> list[str]:
    return [label for row in message.buttons for label, _ in row]


async def test_a_workflow_is_a_command_in_both_chats_and_in_the_menu(tmp_path):
    async with World(tmp_path, workflows=flow(summed_up)) as world:
        await world.start(**commands(world))
        world.telegram.say("/summary a long tale")
        assert await world.telegram_answer() == "In short: a long tale"
        world.slack.command("summary another tale")
        said = await world.slack.changes.until(
            lambda: [m for m in world.slack.messages(GENERAL) if "In short" in m.plain()]
        )
        assert said[0].plain() == "In short: another tale"
        assert said[0].visible_to is None
        assert "summary" in (world.telegram.menu(chat=ANN))


async def test_the_step_that_runs_is_shown_and_gives_way_to_the_output(tmp_path):
    gate = asyncio.Event()

    def slow(_call):
        yield Node("Looking it up", ("found ", "it"), gate=gate, gate_at=1)
        yield End("the answer")

    async with World(tmp_path, workflows=flow(slow)) as world:
        await world.start(**commands(world))
        world.telegram.say("/summary tale")
        first = (await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:]))[0]
        assert first.text == "found\n\n⚙️ Looking it up…"
        gate.set()
        assert "⚙️" not in await world.telegram_answer()


async def test_a_question_of_a_workflow_is_answered_with_a_button(tmp_path):
    async with World(tmp_path, workflows=flow(destination)) as world:
        await world.start(**commands(world))
        world.telegram.say("/summary Spring")
        assert "Which city?" in await world.telegram_answer()
        asked = world.telegram.messages(ANN)[-1]
        assert buttons(asked) == ["Beijing", "Paris"]
        world.telegram.press(asked.id, "Paris", chat=ANN)
        assert await world.telegram_answer(2) == "Spring in Paris"


async def test_a_question_of_a_workflow_outlives_the_bridge(tmp_path):
    async with World(tmp_path, workflows=flow(destination)) as world:
        await world.start(**commands(world))
        world.telegram.say("/summary Spring")
        await world.telegram_answer()
        await world.stop()
        await world.start()
        world.telegram.say("Rome")
        assert await world.telegram_answer(2) == "Spring in Rome"
        assert len(world.coze.workflow_runs) == 1


async def test_stop_ends_the_waiting_and_the_next_message_is_for_the_bot(tmp_path):
    async with World(tmp_path, workflows=flow(destination)) as world:
        await world.start(**commands(world))
        world.telegram.say("/summary Spring")
        await world.telegram_answer(1)
        world.telegram.say("/stop")
        assert "no longer wait" in await world.telegram_answer(2)
        world.telegram.say("hello")
        assert "hello" in await world.telegram_answer(3)


async def test_inputs_have_names_quotes_and_types(tmp_path):
    def told(call):
        yield End({"output": repr(dict(sorted(call.parameters.items())))})

    declared = {
        "text": Parameter(required=True),
        "count": Parameter("integer"),
        "loud": Parameter("boolean"),
    }
    async with World(tmp_path, workflows=flow(told, **declared)) as world:
        await world.start(**commands(world))
        world.telegram.say('/summary count=3 loud=yes text="two words"')
        assert await world.telegram_answer() == "{'count': 3, 'loud': True, 'text': 'two words'}"


async def test_an_input_that_is_missing_or_wrong_is_asked_for(tmp_path):
    def told(call):
        yield End({"output": f"{call.parameters['count']} times {call.parameters['text']}"})

    declared = {"text": Parameter(required=True), "count": Parameter("integer", required=True)}
    async with World(tmp_path, workflows=flow(told, **declared)) as world:
        await world.start(**commands(world))
        world.telegram.say("/summary hello")
        assert "“count”" in await world.telegram_answer(1)
        world.telegram.say("many")
        assert "whole number" in await world.telegram_answer(2)
        world.telegram.say("3")
        assert await world.telegram_answer(3) == "3 times hello"


async def test_inputs_can_be_declared_in_the_configuration(tmp_path):
    async with World(tmp_path, workflows=flow(summed_up)) as world:
        declared = {"text": Input(required=True, description="What to sum up")}
        await world.start(**commands(world, parameters=declared))
        world.telegram.say("/summary")
        assert "What to sum up" in await world.telegram_answer(1)
        world.telegram.say("all of it")
        assert await world.telegram_answer(2) == "In short: all of it"


@pytest.mark.parametrize("dialect", ["cloud", "studio"])
async def test_a_workflow_that_runs_for_hours_is_picked_up_by_a_successor(tmp_path, dialect):
    gate = asyncio.Event()

    def long(_call):
        yield Node("Working", ("",), gate=gate, gate_at=0)
        yield End({"output": "done at last"})

    async with World(tmp_path, dialect=dialect, workflows=flow(long)) as world:
        await world.start(**commands(world, mode="async"))
        world.telegram.say("/summary tale")
        await world.coze.changes.until(lambda: world.coze.workflow_runs)
        await world.coze.changes.until(
            lambda: any("run_histor" in r.path for r in world.coze.requests)
        )
        await world.stop(hurry=True)
        gate.set()
        await world.start()
        assert await world.telegram_answer() == "done at last"
        assert len(world.coze.workflow_runs) == 1


async def test_a_workflow_without_a_stream_answers_at_its_end(tmp_path):
    async with World(tmp_path, workflows=flow(summed_up)) as world:
        await world.start(**commands(world, mode="blocking"))
        world.telegram.say("/summary a tale")
        assert await world.telegram_answer() == "In short: a tale"


async def test_a_workflow_that_fails_says_so_and_can_be_tried_again(tmp_path):
    async with World(tmp_path, workflows=flow(summed_up)) as world:
        await world.start(**commands(world))
        world.coze.fail("/v1/workflow/stream_run", JsonError(5000, "internal"))
        world.telegram.say("/summary a tale")
        assert "cannot be reached" in await world.telegram_answer(1)
        failed = world.telegram.messages(ANN)[-1]
        world.telegram.press(failed.id, "Try again", chat=ANN)
        assert await world.telegram_answer(2) == "In short: a tale"


async def test_what_was_said_before_a_workflow_failed_is_kept(tmp_path):
    def half(_call):
        yield Node("Speaking", ("half of ", "it"))
        yield Fail()

    async with World(tmp_path, workflows=flow(half)) as world:
        await world.start(**commands(world))
        world.telegram.say("/summary a tale")
        text = await world.telegram_answer()
        assert text.startswith("half of it")
        assert "⚠️" in text


async def test_a_chatflow_can_be_a_bot(tmp_path):
    def chat(call):
        yield End(f"You said {call.text}; {len(call.history)} before.")

    chatflow = {SUMMARY.workflow_id: Simulated(chat, chatflow=True)}
    async with World(tmp_path, workflows=chatflow) as world:
        settings = {"mode": "chatflow", "workflow_id": SUMMARY.workflow_id}
        await world.start(bots=world.bot(**settings))
        world.telegram.say("one")
        assert await world.telegram_answer(1) == "You said one; 0 before."
        world.telegram.say("two")
        assert await world.telegram_answer(2) == "You said two; 2 before."
