"""A workflow as the flow sees it, while all goes well."""

import asyncio
from contextlib import aclosing

import pytest

from bridge.core.model import Answered, Doing, Finished, Said, Usage
from bridge.sandbox.coze import (
    End,
    Framing,
    Node,
    Ping,
    Stall,
    Step,
    WorkflowCall,
)
from tests.coze.flows import (
    DIALECTS,
    FLOW,
    MODES,
    RUN,
    STREAM,
    Dialect,
    Mode,
    flowing,
    telling,
)
from tests.coze.rig import folded, heard

everywhere = pytest.mark.parametrize("dialect", DIALECTS)
anyhow = pytest.mark.parametrize("mode", MODES)


@everywhere
@anyhow
async def test_an_output_is_whole_whichever_way_it_came(mode: Mode, dialect: Dialect) -> None:
    async with flowing(telling, mode=mode, dialect=dialect) as flow:
        reply = folded(await flow.run(text="Paris"))
    assert reply.status == "done"
    assert reply.answers[-1].text.endswith("Paris")
    assert reply.usage
    assert reply.usage.total == 23
    assert len(flow.runs) == 1


@everywhere
async def test_a_stream_says_what_its_nodes_say_as_they_say_it(dialect: Dialect) -> None:
    async with flowing(telling, dialect=dialect) as flow:
        *events, output, last = await flow.run(text="Paris")
    assert events == [
        Said("node-0", "Let us "),
        Doing("step", "Planner"),
        Said("node-0", "plan."),
    ]
    assert isinstance(output, Answered)
    assert output.answer == "node-1"
    assert output.text.endswith("Paris")
    assert isinstance(last, Finished)


@pytest.mark.parametrize("mode", ["stream", "blocking"])
async def test_tokens_are_counted(mode: Mode) -> None:
    async with flowing(telling, mode=mode) as flow:
        assert (await flow.run(text="x"))[-1] == Finished(Usage(23, 20, 3))


@anyhow
@everywhere
@pytest.mark.parametrize("of", [{"bot_id": "7300000000000000001"}, {"app_id": "7"}])
async def test_the_request_names_the_user_and_whose_workflow_it_is(
    mode: Mode, dialect: Dialect, of: dict[str, str]
) -> None:
    async with flowing(telling, mode=mode, dialect=dialect) as flow:
        inputs = {"text": "天气", "count": 3, "deep": {"a": [None]}}
        await heard(flow.workflow(of=of).run("ada", inputs))
        (body,) = flow.made(STREAM if mode == "stream" else RUN)
    asynchronous = {} if mode == "stream" else {"is_async": mode == "async"}
    ext = {"ext": {"user_id": "ada"}}
    assert body == {"workflow_id": FLOW, "parameters": inputs, **of, **ext, **asynchronous}
    assert (flow.runs[0].user_id, flow.runs[0].parameters) == ("ada", inputs)


@anyhow
@everywhere
async def test_an_end_node_may_give_a_text(mode: Mode, dialect: Dialect) -> None:
    async with flowing(lambda _: [End("To Paris, then.")], mode=mode, dialect=dialect) as flow:
        reply = folded(await flow.run())
    assert reply.text == "To Paris, then."


@anyhow
@everywhere
async def test_a_workflow_may_have_no_output(mode: Mode, dialect: Dialect) -> None:
    async with flowing(lambda _: [], mode=mode, dialect=dialect) as flow:
        reply = folded(await flow.run())
    assert (reply.text, reply.status) == ("", "done")


@pytest.mark.parametrize(
    ("output", "left"),
    [
        ({"output": "Let us plan."}, ""),
        ({"output": " Let us plan.\n"}, ""),
        ({"output": "Let us plan.", "score": 7, "of": 9}, "**score**: 7\n\n**of**: 9"),
        ({"output": ""}, ""),
    ],
    ids=str,
)
@everywhere
async def test_an_end_node_does_not_say_again_what_was_said(
    dialect: Dialect, output: dict[str, object], left: str
) -> None:
    def script(_: WorkflowCall) -> list[Node | End]:
        return [Node("Planner", ("Let us ", "plan.")), End(output)]

    async with flowing(script, dialect=dialect) as flow:
        reply = folded(await flow.run())
    assert [answer.text for answer in reply.answers] == ["Let us plan.", *filter(None, [left])]


async def test_messages_of_several_nodes_stay_apart() -> None:
    nodes = [
        Node("A", ("one",)),
        Node("B", ("two, ", "three")),
        Node("C", ()),
        Node("B", ("four",)),
    ]
    async with flowing(lambda _: [*nodes, End({})]) as flow:
        reply = folded(await flow.run())
    assert [answer.text for answer in reply.answers] == ["one", "two, three", "four"]
    assert reply.doing is None


async def test_a_sign_of_life_means_nothing() -> None:
    script: list[Step] = [
        Ping(),
        Node("A", ("one ", "two")),
        Ping(),
        Ping(),
        End({"output": "three"}),
    ]
    async with flowing(lambda _: script) as flow:
        said = [answer.text for answer in folded(await flow.run()).answers]
    assert said[0] == "one two"
    assert said[1].endswith("three")


@everywhere
@pytest.mark.parametrize(
    "framing",
    [
        Framing(one_byte=True),
        Framing(crlf=True),
        Framing(interject=b": ping\n\nevent: mystery\ndata: {}\n\nevent: PING\ndata:\n\n"),
        Framing(unterminated=True),
    ],
    ids=repr,
)
async def test_an_unusual_stream_is_understood(dialect: Dialect, framing: Framing) -> None:
    async with flowing(telling, dialect=dialect) as flow:
        flow.rig.coze.fail(STREAM, framing)
        text = folded(await flow.run(text="Paris")).text
    assert text.startswith("Let us plan.\n\n")
    assert text.endswith("Paris")


async def test_who_leaves_frees_the_connection() -> None:
    async with flowing(telling) as flow:
        coze = flow.rig.coze
        coze.fail(STREAM, Stall(1))
        async with aclosing(flow.workflow().run("ada", {"text": ""})) as events:
            await anext(events)
        await coze.changes.until(lambda: not coze.open_replies)


async def test_many_runs_at_once_are_each_whole() -> None:
    async with flowing(telling) as flow:
        runs = (heard(flow.workflow().run("ada", {"text": f"number {n}"})) for n in range(20))
        said = [folded(events).answers[-1].text for events in await asyncio.gather(*runs)]
    assert all(text.endswith(f" number {n}") for n, text in enumerate(said))
