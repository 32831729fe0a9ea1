"""A raw client of the simulated Coze's workflows, for their tests."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from bridge.sandbox.coze import CozeSimulator, Workflow, WorkflowRun, WorkflowScript
from bridge.wire.serve import serve

FLOW = "7300000000000000700"
RUN = "/v1/workflow/run"
STREAM = "/v1/workflow/stream_run"
STREAM_RESUME = "/v1/workflow/stream_resume"
RESUME = "/v1/workflows/resume"
CHAT = "/v1/workflows/chat"
HISTORY = "/v1/workflows/{workflow_id}/run_histories/{execute_id}"
INFO = "/v1/workflows/{workflow_id}"

Event = tuple[str, Any]


@dataclass
class FlowTalk:
    """Speaks to one simulator, of which it knows the workflow `FLOW`."""

    coze: CozeSimulator
    http: httpx.AsyncClient

    @property
    def last(self) -> WorkflowRun:
        return self.coze.workflow_runs[-1]

    def body(self, parameters: object = None, **fields: Any) -> dict[str, Any]:
        return {"workflow_id": FLOW, "parameters": parameters or {}, **fields}

    async def run(self, parameters: object = None, **fields: Any) -> dict[str, Any]:
        response = await self.http.post(RUN, json=self.body(parameters, **fields))
        return dict(response.json())

    async def stream(self, parameters: object = None, **fields: Any) -> list[Event]:
        response = await self.http.post(STREAM, json=self.body(parameters, **fields))
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        return parsed(response.content)

    @contextlib.asynccontextmanager
    async def streaming(self, parameters: object = None) -> AsyncIterator[httpx.Response]:
        body = self.body(parameters)
        async with self.http.stream("POST", STREAM, json=body) as response:
            yield response

    def answer(self, text: str, **fields: Any) -> dict[str, Any]:
        """The body that lets the last run go on."""
        waits = self.last.interrupt
        event_id, kind = (waits.event_id, waits.ask.type) if waits else ("", 2)
        answer = {"event_id": event_id, "interrupt_type": kind, "resume_data": text}
        return {"workflow_id": FLOW, **answer, **fields}

    async def resume(self, text: str, **fields: Any) -> list[Event]:
        response = await self.http.post(STREAM_RESUME, json=self.answer(text, **fields))
        return parsed(response.content)

    async def refused(self, path: str, body: dict[str, Any]) -> tuple[int, int, str]:
        """HTTP status, Coze's code and its words."""
        response = await self.http.post(path, json=body)
        assert response.headers["content-type"].startswith("application/json"), response.text
        told = response.json()
        return response.status_code, told["code"], told["msg"]

    async def history(self, run: WorkflowRun | None = None) -> dict[str, Any]:
        run = run or self.last
        path = HISTORY.format(workflow_id=run.workflow_id, execute_id=run.execute_id)
        response = await self.http.get(path)
        (shown,) = response.json()["data"]
        return dict(shown)

    def message(self, text: str, conversation: str = "", **fields: Any) -> dict[str, Any]:
        """The body of a chat."""
        said = {"role": "user", "content": text, "content_type": "text"}
        place = {"conversation_id": conversation} if conversation else {}
        whose = {"bot_id": self.coze.bot_id}
        return self.body(additional_messages=[said], **whose, **place) | fields

    async def chat(self, text: str, conversation: str = "", **fields: Any) -> list[Event]:
        response = await self.http.post(CHAT, json=self.message(text, conversation, **fields))
        return parsed_chat(response.content)


@contextlib.asynccontextmanager
async def flowing(script: WorkflowScript, **settings: Any) -> AsyncIterator[FlowTalk]:
    """A simulator whose only workflow has this script, and no pauses."""
    declared = {
        name: settings.pop(name)
        for name in ("parameters", "outputs", "content", "published", "chatflow")
        if name in settings
    }
    workflows = {FLOW: Workflow(script, **declared)}
    coze = CozeSimulator(**{"pace": 0.0} | settings, workflows=workflows)
    headers = {"Authorization": f"Bearer {coze.token}"}
    async with (
        serve(coze.app) as url,
        httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http,
    ):
        yield FlowTalk(coze, http)


def parsed(stream: bytes) -> list[Event]:
    """A stream in its strict form: each event has its number, from 0 on."""
    events = []
    for number, block in enumerate(stream.decode().removesuffix("\n\n").split("\n\n")):
        first, second, third = block.split("\n")
        assert first == f"id: {number}"
        events.append((second.removeprefix("event: "), json.loads(third.removeprefix("data: "))))
    return events


def parsed_chat(stream: bytes) -> list[Event]:
    """A chatflow's stream in its strict form."""
    events = []
    for block in stream.decode().removesuffix("\n\n").split("\n\n"):
        first, second = block.split("\n")
        name = first.removeprefix("event: ").removeprefix("conversation.")
        events.append((name, json.loads(second.removeprefix("data: "))))
    return events


def said(events: list[Event]) -> list[tuple[str, str]]:
    """What each node said, in order."""
    spoken: dict[str, str] = {}
    for name, data in events:
        if name == "Message":
            spoken[data["node_title"]] = spoken.get(data["node_title"], "") + data["content"]
    return list(spoken.items())


def names(events: list[Event]) -> list[str]:
    return [name for name, _ in events]
