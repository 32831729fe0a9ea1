"""Workflows that run in the background, and how one looks them up."""

import asyncio
import json
from collections.abc import Iterator

from bridge.sandbox.coze import Ask, End, Node, Step, Steps, WorkflowCall
from tests.sandbox.workflow_talk import FLOW, HISTORY, RESUME, RUN, flowing

UNKNOWN = "7300000000000000999"


def echo(call: WorkflowCall) -> Iterator[Step]:
    yield End({"output": call.parameters})


def asking(_: WorkflowCall) -> Steps:
    city = yield Ask("Which city?", ("Beijing", "Paris"))
    yield End({"output": f"{city}, of course"})


async def test_a_run_in_the_background_is_looked_up() -> None:
    gate = asyncio.Event()
    script: list[Step] = [Node("Writer", ("a", "b"), gate=gate, gate_at=1), End({"output": "c"})]
    async with flowing(lambda _: script) as talk:
        told = await talk.run(is_async=True)
        assert told["execute_id"] == talk.last.execute_id
        assert "data" not in told
        await talk.coze.changes.until(lambda: talk.last.said == {"Writer": "a"})
        running = await talk.history()
        gate.set()
        await talk.coze.changes.until(lambda: talk.last.status == "success")
        over = await talk.history()
    assert (running["execute_status"], running["run_mode"]) == ("Running", 2)
    assert over["execute_status"] == "Success"
    assert json.loads(over["output"]) == {"Output": '{"output":"c"}', "Writer": "ab"}
    assert (over["error_code"], over["is_output_trimmed"]) == ("", False)
    assert over["debug_url"] == told["debug_url"]


async def test_a_run_in_the_background_that_asks_waits_in_its_history() -> None:
    async with flowing(asking) as talk:
        await talk.run(is_async=True)
        await talk.coze.changes.until(lambda: talk.last.interrupt)
        waiting = await talk.history()
        told = (await talk.http.post(RESUME, json=talk.answer("Beijing"))).json()
        await talk.coze.changes.until(lambda: talk.last.status == "success")
    assert waiting["execute_status"] == "Running"
    assert waiting["interrupt_data"]["type"] == 2
    assert told["execute_id"] == talk.last.execute_id
    assert "data" not in told


async def test_an_output_that_was_too_large_is_not_kept() -> None:
    async with flowing(lambda _: [End({"output": "x"}, trimmed=True)]) as talk:
        await talk.run(is_async=True)
        await talk.coze.changes.until(lambda: talk.last.status == "success")
        shown = await talk.history()
    assert (shown["is_output_trimmed"], shown["output"]) == (True, "")


async def test_only_who_has_paid_runs_one_in_the_background() -> None:
    async with flowing(echo, paid=False) as talk:
        status, code, msg = await talk.refused(RUN, talk.body(is_async=True))
        assert (status, code) == (200, 6003)
        assert "premium" in msg
        assert (await talk.run())["code"] == 0


async def test_a_history_that_is_not_there_is_missing() -> None:
    async with flowing(echo) as talk:
        await talk.run()
        for place in ((FLOW, UNKNOWN), (UNKNOWN, talk.last.execute_id)):
            path = HISTORY.format(workflow_id=place[0], execute_id=place[1])
            assert (await talk.http.get(path)).json()["code"] == 4314
