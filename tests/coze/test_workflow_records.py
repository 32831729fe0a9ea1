"""A workflow that runs in the background, and what Coze tells of workflows."""

import asyncio
import json
from contextlib import aclosing, suppress
from itertools import pairwise
from types import SimpleNamespace

import pytest

from bridge.core.model import Answered, Finished, Run, Started
from bridge.core.ports import Parameter
from bridge.coze import workflows
from bridge.coze.errors import CozeError, CozeRefused
from bridge.sandbox.coze import End, HttpError, JsonError, Node, NoResponse, Refuse, Step
from bridge.sandbox.coze import Parameter as Declared
from tests.coze.flows import (
    DIALECTS,
    FLOW,
    HISTORY,
    INFO,
    STUDIO_HISTORY,
    Dialect,
    flowing,
    telling,
)
from tests.coze.rig import answering, folded, heard

everywhere = pytest.mark.parametrize("dialect", DIALECTS)
DOCUMENTED = '{"content_type":1,"data":"来找姐姐","original_result":null,"type_for_model":2}'


@everywhere
async def test_a_run_in_the_background_can_be_found_again(dialect: Dialect) -> None:
    gate = asyncio.Event()
    script: list[Step] = [Node("A", ("",), gate=gate), End({"output": "done at last"})]
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
        for told in (await later, await heard(flow.workflow().pick_up(begun.run))):
            assert [type(event) for event in told] == [Answered, Finished]
            assert folded(told).text == "done at last"
    assert len(flow.runs) == 1


async def test_a_run_is_looked_at_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 9:
            gate.set()
            await flow.rig.coze.changes.until(lambda: flow.runs[0].status == "success")

    gate = asyncio.Event()
    script: list[Step] = [Node("A", ("",), gate=gate), End({})]
    async with flowing(lambda _: script, mode="async") as flow:
        monkeypatch.setattr(workflows, "asyncio", SimpleNamespace(sleep=pause))
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


@pytest.mark.parametrize("data", [None, [], {}, "oops"])
async def test_a_record_may_not_be_there_yet(data: object) -> None:
    async with flowing(telling, mode="async") as flow:
        flow.rig.coze.fail(HISTORY, answering(data))
        assert folded(await flow.run(text="Paris")).text == "Paris"


async def test_the_text_of_a_record_comes_wrapped_twice() -> None:
    """As in the example of https://docs.coze.cn/developer_guides/workflow_history."""
    async with flowing(telling, mode="async") as flow:
        output = json.dumps({"Output": DOCUMENTED, "输出": "on its way"})
        record = {"execute_status": "Success", "output": output}
        flow.rig.coze.fail(HISTORY, answering([record]))
        assert folded(await flow.run(text="")).text == "来找姐姐"


async def test_an_output_too_large_for_its_record_is_not_half_told() -> None:
    async with flowing(lambda _: [End({"output": "x"}, trimmed=True)], mode="async") as flow:
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
        with suppress(CozeError):  # which is as good
            assert not await workflow.parameters()
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
