"""How a question is put to Coze: with files, by a shortcut, to a chatflow."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from bridge.core.model import Kind, Prompt, Reply, Started, Upload
from bridge.core.ports import Question
from bridge.coze.asks import ChatAsks, ChatflowAsks
from bridge.coze.errors import CozeRefused
from bridge.coze.services import CozeServices
from bridge.sandbox.coze import Component, Cut, End, Shortcut, WorkflowCall
from bridge.sandbox.coze import Question as Heard
from tests.coze.flows import FLOW, Dialect, flowing
from tests.coze.rig import (
    CHAT,
    DIALECTS,
    RETRIEVE,
    Rig,
    folded,
    heard,
    question,
    rigged,
    told,
)

CHATFLOW = "/v1/workflows/chat"
NAMES: dict[Kind, str] = {
    "image": "a.png",
    "audio": "a.mp3",
    "video": "a.mp4",
    "file": "a.pdf",
    "voice": "a.ogg",
}


@pytest.fixture(params=DIALECTS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with rigged(dialect=request.param) as rig:
        yield rig


def asking(prompt: Prompt, conversation: str | None = None) -> Question:
    return replace(question(conversation=conversation), prompt=prompt)


async def uploads(rig: Rig, *kinds: Kind) -> tuple[Upload, ...]:
    bot = CozeServices(rig.client, rig.coze.bot_id)
    return tuple([await bot.upload(BytesIO(b"x"), NAMES[kind], kind) for kind in kinds])


async def answered(rig: Rig, prompt: Prompt, *, stream: bool = True) -> Reply:
    return await told(rig.backend(stream=stream).ask(asking(prompt)))


def message(body: dict[str, Any]) -> dict[str, Any]:
    (only,) = body["additional_messages"]
    return dict(only)


def parts(body: dict[str, Any]) -> list[dict[str, str]]:
    said = message(body)
    assert said["content_type"] == "object_string"
    listed: list[dict[str, str]] = json.loads(said["content"])
    return listed


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("text", ["what is this?", "", '天气 "quoted"\n'])
async def test_a_file_comes_with_words(rig: Rig, text: str, stream: bool) -> None:
    files = await uploads(rig, "image", "file")
    reply = await answered(rig, Prompt(text, files), stream=stream)
    assert reply.status == "done"
    words, *others = parts(rig.made(CHAT)[0].body)
    assert words == {"type": "text", "text": text or "a.png, a.pdf"}
    assert others == [
        {"type": "image", "file_id": files[0].id},
        {"type": "file", "file_id": files[1].id},
    ]
    assert rig.coze.asked[0].text == (text or "a.png, a.pdf")
    assert [file.file_id for file in rig.coze.asked[0].files] == [file.id for file in files]


@pytest.mark.parametrize("kind", NAMES)
async def test_each_kind_of_file_is_taken_by_coze(rig: Rig, kind: Kind) -> None:
    (file,) = await uploads(rig, kind)
    assert (await answered(rig, Prompt("what is this?", (file,)))).status == "done"
    (seen,) = rig.coze.asked[0].files
    assert seen.file_id == file.id
    assert seen.type in {"image", "file", "audio"}
    assert (seen.type == "image") == (kind == "image")


async def test_many_files_are_one_question(rig: Rig) -> None:
    files = await uploads(rig, *NAMES)
    assert (await answered(rig, Prompt("what are these?", files))).status == "done"
    assert len(rig.coze.asked) == 1
    assert len(parts(rig.made(CHAT)[0].body)) == len(files) + 1


async def test_words_alone_are_text(rig: Rig) -> None:
    await answered(rig, Prompt('[{"type":"text"}]'))
    said = message(rig.made(CHAT)[0].body)
    assert (said["content"], said["content_type"]) == ('[{"type":"text"}]', "text")


async def test_a_file_that_has_expired_is_refused() -> None:
    async with rigged() as rig:
        (file,) = await uploads(rig, "image")
        rig.coze.expire(file.id)
        with pytest.raises(CozeRefused):
            await answered(rig, Prompt("what is this?", (file,)))


async def test_a_question_with_files_is_found_by_its_job(rig: Rig) -> None:
    backend = rig.backend()
    conversation = await backend.open()
    assert conversation
    files = await uploads(rig, "image")
    reply = await told(backend.ask(asking(Prompt("what is this?", files), conversation)))
    assert await backend.find(conversation, "job-1") == reply.run


WEATHER = Shortcut(
    "7457010833525570007",
    "Weather",
    "/weather",
    query_template="Weather in {{city}} on {{day}}",
    components=(Component("city"), Component("day")),
)


async def test_a_shortcut_is_run_with_what_was_typed() -> None:
    seen: list[Heard] = []

    def script(asked: Heard) -> str:
        seen.append(asked)
        return asked.text

    async with rigged(answer=script) as rig:
        rig.coze.bot.shortcuts = (WEATHER,)
        inputs = (("city", "Paris"), ("day", 'the "1st"'))
        prompt = Prompt("Paris day=…", shortcut=WEATHER.id, inputs=inputs)
        assert (await answered(rig, prompt)).text == 'Weather in Paris on the "1st"'
        body = rig.made(CHAT)[0].body
    assert seen[0].command
    assert seen[0].command.parameters == {"city": "Paris", "day": 'the "1st"'}
    command = body["shortcut_command"]
    assert command["command_id"] == WEATHER.id
    assert {name: json.loads(value) for name, value in command["parameters"].items()} == {
        "city": [{"type": "text", "text": "Paris"}],
        "day": [{"type": "text", "text": 'the "1st"'}],
    }


async def test_a_shortcut_without_inputs_has_no_parameters(rig: Rig) -> None:
    demo = rig.coze.bot.shortcuts[0]
    assert (await answered(rig, Prompt("/sc_demo", shortcut=demo.id))).status == "done"
    assert rig.made(CHAT)[0].body["shortcut_command"] == {
        "command_id": demo.id,
        "parameters": {},
    }


async def test_without_a_shortcut_none_is_named(rig: Rig) -> None:
    await answered(rig, Prompt("Hi"))
    assert "shortcut_command" not in rig.made(CHAT)[0].body


async def test_a_shortcut_that_coze_does_not_know_is_refused() -> None:
    async with rigged() as rig:
        with pytest.raises(CozeRefused, match="4000"):
            await answered(rig, Prompt("/x", shortcut="7"))


def echo(call: WorkflowCall) -> list[End]:
    seen = dict(sorted(call.parameters.items()))
    return [End(f"{call.user_id} said {call.text}, {len(call.history)} before, {seen}")]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_chatflow_is_asked_like_a_bot(dialect: Dialect) -> None:
    async with flowing(echo, dialect=dialect) as flow:
        backend = flow.chatflow()
        conversation = await backend.open()
        events = await heard(backend.ask(question("Hi", conversation)))
        reply = folded(events)
        if dialect == "cloud":
            assert reply.text == "ada said Hi, 0 before, {'company': 'ACME'}"
        assert isinstance(events[0], Started)
        assert reply.status == "done"
        assert reply.run
        assert reply.run.conversation == conversation
        (body,) = flow.made(CHATFLOW)
        again = folded(await heard(backend.ask(question("And?", conversation, "job-2"))))
        assert "ada said And?, 2 before" in again.text
    assert body == {
        "workflow_id": FLOW,
        "bot_id": flow.rig.coze.bot_id,
        "conversation_id": conversation,
        "additional_messages": [
            {
                "role": "user",
                "type": "question",
                "content": "Hi",
                "content_type": "text",
                "meta_data": {"job": "job-1"},
            }
        ],
        "parameters": {"company": "ACME"},
        "ext": {"user_id": "ada"},
    }


async def test_a_chatflow_of_an_app_names_the_app_and_no_bot() -> None:
    async with flowing(echo) as flow:
        reply = folded(await heard(flow.chatflow(app_id="7").ask(question())))
        assert reply.status == "done"
        (body,) = flow.made(CHATFLOW)
    assert body["app_id"] == "7"
    assert not {"bot_id", "conversation_id"} & body.keys()
    assert ChatflowAsks(FLOW, bot_id="8", app_id="7").request(question())[1]["app_id"] == "7"


@pytest.mark.parametrize("after", range(6))
async def test_the_stream_of_a_chatflow_that_breaks_off_is_completed(after: int) -> None:
    async with flowing(echo) as flow:
        rig = flow.rig
        backend = flow.chatflow()
        conversation = await backend.open()
        rig.coze.fail(CHATFLOW, Cut(after + 1))
        reply = folded(await heard(backend.ask(question("Hi", conversation))))
        assert reply.text == "ada said Hi, 0 before, {'company': 'ACME'}"
        assert len(rig.made(CHATFLOW)) == 1
        assert rig.made(RETRIEVE)
        assert conversation
        assert await backend.find(conversation, "job-1") == reply.run


@pytest.mark.parametrize("stream", [True, False])
def test_a_request_is_made_of_the_question_alone(stream: bool) -> None:
    asks, asked = ChatAsks("73", stream=stream), question("Hi", "7")
    assert asks.request(asked) == asks.request(asked)
    path, body, where = asks.request(asked)
    assert (path, where, body["stream"]) == (CHAT, {"conversation_id": "7"}, stream)
    assert json.dumps(body)
