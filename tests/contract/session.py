"""All that the bridge's client does, with faults that make it do it."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from bridge.core.model import Asked, Media, Prompt, Run
from bridge.coze import workflows
from bridge.coze.services import CozeServices
from bridge.sandbox.coze import (
    Answer,
    Ask,
    Cut,
    End,
    JsonError,
    Parameter,
    Question,
    Refuse,
    Require,
    Steps,
    Variable,
    Workflow,
    WorkflowCall,
)
from tests.coze.flows import FLOW, MODES, Dialect, Flow, asked
from tests.coze.rig import (
    BUSY_ANSWER,
    CHAT,
    RETRIEVE,
    Rig,
    connected,
    heard,
    question,
    rigged,
    told,
)
from tests.coze.test_auth import signer
from tests.coze.toolbox import WEATHER, endpoint
from tests.sandbox.coze_keys import app

INPUTS = {"days": Parameter("integer", description="How long?", default_value="3")}


def script(asked: Question) -> Answer:
    """Calls a function when it is asked of rain."""
    if asked.text != "rain":
        return BUSY_ANSWER
    return Answer(require=Require((WEATHER,), then=lambda _: "It is clear."))


def travelling(call: WorkflowCall) -> Steps:
    """Asks in both ways that a chat can answer, unless it is to hurry."""
    if "hurry" not in call.parameters:
        yield Ask("Which city?", ("Beijing", "Paris"))
        yield Ask(type=5, parameters=INPUTS)
    yield End({"output": call.parameters.get("days")})


@asynccontextmanager
async def session(dialect: Dialect = "cloud") -> AsyncIterator[Rig]:
    """A simulator with which the client did all that it can do there."""
    flows = {FLOW: Workflow(travelling, parameters=INPUTS)}
    settings: dict[str, Any] = {
        "answer": script,
        "workflows": flows,
        "oauth": app(),
        "dialect": dialect,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workflows, "POLLS", (0.001, 0.01))
        async with rigged(**settings) as rig:
            run = await chats(rig)
            if dialect == "cloud":
                await calls(rig)
                await bot(rig, run)
                await flow(Flow(rig, "stream"))
                await chatflow(Flow(rig, "stream"))
                await signed(rig)
            else:
                inputs = {"hurry": True}
                await heard(Flow(rig, "async").workflow().run("ada", inputs))
            yield rig


async def chats(rig: Rig) -> Run:
    """Questions in both modes, of which some break off."""
    conversation = await rig.client.create_conversation(rig.coze.bot_id)
    for stream in (True, False):
        await told(rig.backend(stream=stream).ask(question("Hi", conversation)))
        await told(rig.backend(stream=stream).ask(question()))
    rig.coze.fail(CHAT, Cut(5))
    rig.coze.fail(RETRIEVE, Refuse())
    run = (await told(rig.backend().ask(question("Hi", conversation, job="job-2")))).run
    assert run
    rig.coze.fail(CHAT, JsonError(4009, "busy"))
    await told(rig.backend().ask(question("Hi", conversation, job="job-3")))
    assert await rig.backend().find(conversation, "job-2") == run
    await rig.client.cancel(run)
    await rig.client.patiently("POST", f"/v1/conversations/{conversation}/clear")
    file = await CozeServices(rig.client, rig.coze.bot_id).upload(BytesIO(b"x"), "a.png", "image")
    await told(rig.backend().ask(replace(question(), prompt=Prompt("Hi", (file,)))))
    inputs = (("topic", "cats"),)
    shortcut = Prompt("cats", shortcut=rig.coze.bot.shortcuts[0].id, inputs=inputs)
    await told(rig.backend().ask(replace(question(), prompt=shortcut)))
    return run


async def calls(rig: Rig) -> None:
    """A function that the bot calls."""
    async with endpoint() as service, service.tools() as tools:
        for stream in (True, False):
            reply = await told(rig.backend(stream=stream, tools=tools).ask(question("rain")))
            assert reply.text == "It is clear."


async def bot(rig: Rig, run: Run) -> None:
    """What Coze offers beside answers."""
    rig.coze.bot.variables = (Variable("city"),)
    services = CozeServices(rig.client, rig.coze.bot_id)
    await services.about()
    await services.transcribe(BytesIO(b"OggS"), "a.ogg")
    remove(await services.speak("Hello", "en"))
    listed = await rig.client.messages(run)
    assert isinstance(listed, list)
    answer = next(message["id"] for message in listed if message["type"] == "answer")
    await services.rate(run, answer, good=False, reasons=["too long"])
    await services.set_variable("ada", "city", "Paris")
    assert await services.variables("ada") == {"city": "Paris"}
    await services.report(run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bridge.coze.services.PAGE", 2)  # so that there are several
        async with aclosing(services.history(run.conversation)) as lines:
            assert len([line async for line in lines]) > 2


def remove(media: Media) -> None:
    Path(media.path).unlink()


async def flow(flow: Flow) -> None:
    """A workflow in each mode, with its questions; and once for an app."""
    await flow.workflow().parameters()
    for mode in MODES:
        workflow = flow.workflow(mode)
        events = await heard(workflow.run("ada", {"text": "天气", "days": 2}))
        while isinstance(events[-1], Asked):
            events = await heard(workflow.resume(asked(events).resume, "Paris"))
        await heard(flow.workflow(mode, of={"app_id": "7"}).run("ada", {}))


async def chatflow(flow: Flow) -> None:
    """A chatflow of the bot, in a conversation and without one, and of an app."""
    backend = flow.chatflow()
    await heard(backend.ask(question("Hi", await backend.open())))
    await heard(backend.ask(question()))
    await heard(flow.chatflow(app_id="7").ask(question()))


async def signed(rig: Rig) -> None:
    """A token that is signed for."""
    async with connected(rig.url, "", sign=signer()) as client:
        await client.create_conversation(rig.coze.bot_id)
