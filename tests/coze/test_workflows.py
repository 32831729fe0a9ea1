"""A workflow as the flow sees it, while all goes well."""

import asyncio
from contextlib import aclosing
from itertools import pairwise

import pytest

from bridge.core.model import Answered, Doing, Finished, Run, Said, Started, Usage
from bridge.core.ports import Parameter
from bridge.coze import workflows
from bridge.coze.errors import CozeError, CozeRefused
from bridge.sandbox.coze import (
    End,
    Framing,
    HttpError,
    JsonError,
    NoResponse,
    Node,
    Ping,
    Refuse,
    Stall,
    WorkflowCall,
)
from bridge.sandbox.coze import Parameter as Declared
from tests.coze.flows import (
    DIALECTS,
    FLOW,
    HISTORY,
    INFO,
    MODES,
    RUN,
    STREAM,
    STUDIO_HISTORY,
    Dialect,
    Flow,
    Mode,
    flowing,
    telling,
)
from tests.coze.rig import answering, folded, heard

everywhere = pytest.mark.parametrize("dialect", DIALECTS)
anyhow = pytest.mark.parametrize("mode", MODES)
DOCUMENTED = '{"content_type":1,"data":"来找姐姐","original_result":null,"type_for_model":2}'


@everywhere
@anyhow
async def test_an_output_is_whole_whichever_way_it_came(mode: Mode, dialect: Dialect) -> None:
    async with flowing(telling, mode=mode, dialect=dialect) as flow:
        reply = folded(await flow.run(text="Paris"))
    assert reply.status == "done"
    assert reply.answers[-1].text == "Paris"
    assert reply.usage
    assert reply.usage.total == 23
    assert len(flow.runs) == 1


@everywhere
async def test_a_stream_says_what_its_nodes_say_as_they_say_it(dialect: Dialect) -> None:
    async with flowing(telling, dialect=dialect) as flow:
        *events, last = await flow.run(text="Paris")
    assert events == [
        Said("node-0", "Let us "),
        Doing("step", "Planner"),
        Said("node-0", "plan."),
        Answered("node-1", "Paris"),
    ]
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
        await heard(flow.workflow(**of).run("ada", inputs))
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
        ({"output": "Let us plan.", "score": 7}, "**score**: 7"),
        ({"output": "Something else."}, "**output**: Something else."),
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
    script = [Ping(), Node("A", ("one ", "two")), Ping(), Ping(), End({"output": "three"})]
    async with flowing(lambda _: script) as flow:
        assert folded(await flow.run()).text == "one two\n\n**output**: three"


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
        assert folded(await flow.run(text="Paris")).text == "Let us plan.\n\n**output**: Paris"


async def test_who_leaves_frees_the_connection() -> None:
    async with flowing(telling) as flow:
        coze = flow.rig.coze
        coze.fail(STREAM, Stall(1))
        async with aclosing(flow.workflow().run("ada", {"text": ""})) as events:
            await anext(events)
        await coze.changes.until(lambda: not coze.open_replies)


@everywhere
async def test_a_run_in_the_background_can_be_found_again(dialect: Dialect) -> None:
    gate = asyncio.Event()
    script = [Node("A", ("",), gate=gate), End({"output": "done at last"})]
    async with flowing(lambda _: script, mode="async", dialect=dialect) as flow:
        async with aclosing(flow.workflow().run("ada", {})) as events:
            begun = await anext(events)
        assert begun == Started(Run(flow.runs[0].execute_id, FLOW))
        assert isinstance(begun, Started)
        later = asyncio.create_task(heard(flow.workflow().pick_up(begun.run)))
        looked = HISTORY if dialect == "cloud" else STUDIO_HISTORY
        path = looked.format(workflow_id=FLOW, execute_id=begun.run.chat)
        await flow.rig.coze.changes.until(lambda: len(flow.made(path)) > 2)
        gate.set()
        for events_ in (await later, await heard(flow.workflow().pick_up(begun.run))):
            assert [type(event) for event in events_] == [Answered, Finished]
            assert folded(events_).text == "done at last"
    assert len(flow.runs) == 1


async def test_a_run_is_looked_at_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 9:
            gate.set()
            await flow.rig.coze.changes.until(lambda: flow.runs[0].status == "success")

    gate = asyncio.Event()
    script = [Node("A", ("",), gate=gate), End({})]
    async with flowing(lambda _: script, mode="async") as flow:
        monkeypatch.setattr(
            workflows, "asyncio", type("Clock", (), {"sleep": staticmethod(pause)})
        )
        monkeypatch.setattr(workflows, "POLLS", (1.0, 10.0))
        await flow.run()
    assert (pauses[0], max(pauses), len(pauses)) == (1.0, 10.0, 9)
    assert all(one <= other for one, other in pairwise(pauses))


@pytest.mark.parametrize(
    "fault", [HttpError(502), JsonError(5000, "sorry"), NoResponse(), Refuse()]
)
async def test_coze_may_be_away_while_a_run_is_looked_at(fault: HttpError) -> None:
    async with flowing(telling, mode="async") as flow:
        flow.rig.coze.fail(HISTORY, fault, times=10)
        assert folded(await flow.run(text="Paris")).text == "Paris"
        assert len(flow.runs) == 1


@pytest.mark.parametrize("data", [None, [], [None], {}, "oops"])
async def test_a_record_may_not_be_there_yet(data: object) -> None:
    async with flowing(telling, mode="async") as flow:
        flow.rig.coze.fail(HISTORY, answering(data))
        assert folded(await flow.run(text="Paris")).text == "Paris"


async def test_the_text_of_a_record_comes_wrapped_twice() -> None:
    """As in the example of https://docs.coze.cn/developer_guides/workflow_history."""
    async with flowing(telling, mode="async") as flow:
        record = {"execute_status": "Success", "output": f'{{"Output":{DOCUMENTED!r}}}'}
        record["output"] = workflows.msgspec.json.encode({"Output": DOCUMENTED}).decode()
        flow.rig.coze.fail(HISTORY, answering([record]))
        assert folded(await flow.run(text="")).text == "来找姐姐"


@pytest.mark.parametrize("mode", ["blocking", "async"])
async def test_an_output_too_large_for_its_record_is_not_half_told(mode: Mode) -> None:
    async with flowing(lambda _: [End({"output": "x"}, trimmed=True)], mode=mode) as flow:
        if mode == "blocking":
            assert folded(await flow.run()).text == "x"
        else:
            with pytest.raises(CozeRefused, match="too long"):
                await flow.run()


DECLARED = {
    "text": Declared(required=True, description="What to sum up"),
    "count": Declared("integer", default_value="3"),
    "photo": Declared("image"),
}
KNOWN = (
    Parameter("text", "string", required=True, description="What to sum up"),
    Parameter("count", "integer", default="3"),
    Parameter("photo", "image"),
)


async def test_coze_declares_what_a_workflow_takes() -> None:
    async with flowing(telling, parameters=DECLARED) as flow:
        workflow = flow.workflow()
        assert tuple(await workflow.parameters()) == KNOWN
        assert tuple(await workflow.parameters()) == KNOWN
        (made,) = flow.rig.coze.requests
        assert (made.path, made.query) == (
            INFO.format(workflow_id=FLOW),
            {"include_input_output": "true"},
        )


async def test_what_is_configured_is_not_asked_for() -> None:
    async with flowing(telling, parameters=DECLARED) as flow:
        only = (Parameter("text"),)
        assert tuple(await flow.workflow(parameters=only).parameters()) == only
        assert not flow.rig.coze.requests


async def test_what_was_declared_is_asked_for_anew_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with flowing(telling, parameters=DECLARED) as flow:
        workflow = flow.workflow()
        await workflow.parameters()
        monkeypatch.setattr(workflows, "FRESH", -1.0)
        await workflow.parameters()
        assert len(flow.rig.coze.requests) == 2


@pytest.mark.parametrize("code", [4101, 4200, 4000])
async def test_where_coze_does_not_declare_them_no_inputs_are_known(code: int) -> None:
    async with flowing(telling, parameters=DECLARED) as flow:
        flow.rig.coze.fail(INFO, JsonError(code, "no"))
        workflow = flow.workflow()
        assert [list(await workflow.parameters()) for _ in range(2)] == [[], []]
        assert len(flow.rig.coze.requests) == 1


async def test_that_coze_failed_to_declare_them_is_not_remembered() -> None:
    async with flowing(telling, parameters=DECLARED) as flow:
        flow.rig.coze.fail(INFO, HttpError(502), times=4)
        workflow = flow.workflow()
        try:
            assert not await workflow.parameters()
        except CozeError:
            pass  # which is as good
        assert tuple(await workflow.parameters()) == KNOWN


async def test_coze_studio_declares_nothing() -> None:
    async with flowing(telling, dialect="studio", parameters=DECLARED) as flow:
        assert list(await flow.workflow().parameters()) == []


@pytest.mark.parametrize(
    "data",
    [None, {"input": None}, {"input": {"parameters": []}}, {"input": {"parameters": {"a": None}}}],
    ids=str,
)
async def test_declarations_may_be_of_any_shape(data: object) -> None:
    async with flowing(telling) as flow:
        flow.rig.coze.fail(INFO, answering(data))
        assert list(await flow.workflow().parameters()) == []


async def test_many_runs_at_once_are_each_whole() -> None:
    async with flowing(telling) as flow:
        runs = (heard(flow.workflow().run("ada", {"text": f"number {n}"})) for n in range(20))
        said = [folded(events).answers[-1].text for events in await asyncio.gather(*runs)]
    assert said == [f"**output**: number {n}" for n in range(20)]


def test_the_rig_is_a_workflow_as_the_flow_sees_it() -> None:
    assert Flow.__doc__
