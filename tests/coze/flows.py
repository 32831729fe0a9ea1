"""A workflow in front of a simulated Coze, without the pauses of real life."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from bridge.core.model import Asked, ReplyEvent
from bridge.core.ports import Parameter
from bridge.coze import workflows
from bridge.coze.asks import ChatflowAsks
from bridge.coze.backends import ChatBackend
from bridge.coze.client import CozeClient
from bridge.coze.workflows import CozeWorkflow
from bridge.sandbox.coze import (
    End,
    Node,
    Step,
    Workflow,
    WorkflowCall,
    WorkflowRun,
    WorkflowScript,
)
from bridge.sandbox.coze import Parameter as Declared
from tests.coze.rig import Rig, heard, rigged

FLOW = "7300000000000000700"
RUN, STREAM = "/v1/workflow/run", "/v1/workflow/stream_run"
RESUME, STREAM_RESUME = "/v1/workflows/resume", "/v1/workflow/stream_resume"
HISTORY = "/v1/workflows/{workflow_id}/run_histories/{execute_id}"
STUDIO_HISTORY = "/v1/workflow/get_run_history"
INFO = "/v1/workflows/{workflow_id}"

Mode = Literal["stream", "blocking", "async"]
Dialect = Literal["cloud", "studio"]
MODES: list[Mode] = ["stream", "blocking", "async"]
DIALECTS: list[Dialect] = ["cloud", "studio"]


@dataclass
class Flow:
    """One workflow, and the simulated Coze that runs it."""

    rig: Rig
    mode: Mode

    def workflow(
        self,
        mode: Mode | None = None,
        *,
        client: CozeClient | None = None,
        parameters: tuple[Parameter, ...] = (),
        of: Mapping[str, str] | None = None,
    ) -> CozeWorkflow:
        return CozeWorkflow(
            client or self.rig.client,
            FLOW,
            of=of or {"bot_id": self.rig.coze.bot_id},
            mode=mode or self.mode,
            parameters=parameters,
        )

    def chatflow(self, **of: str) -> ChatBackend:
        """The same as a bot."""
        bot_id = self.rig.coze.bot_id
        asks = ChatflowAsks(FLOW, **(of or {"bot_id": bot_id}))
        return ChatBackend(self.rig.client, bot_id, asks=asks)

    async def run(self, **inputs: object) -> list[ReplyEvent]:
        return await heard(self.workflow().run("ada", inputs))

    async def answer(self, asked: Asked, text: str) -> list[ReplyEvent]:
        """Go on, as a successor would that knows nothing else."""
        return await heard(self.workflow().resume(asked.resume, text))

    async def asked(self, **inputs: object) -> Asked:
        """Run until it asks."""
        return asked(await self.run(**inputs))

    def made(self, path: str) -> list[Any]:
        """The bodies of the requests to this path."""
        return [exchange.body for exchange in self.rig.made(path)]

    @property
    def runs(self) -> list[WorkflowRun]:
        return self.rig.coze.workflow_runs


def asked(events: list[ReplyEvent]) -> Asked:
    """What is asked at the end, and nowhere before."""
    *before, last = events
    assert isinstance(last, Asked)
    assert not any(isinstance(event, Asked) for event in before)
    return last


@asynccontextmanager
async def flowing(
    script: WorkflowScript,
    *,
    mode: Mode = "stream",
    dialect: Dialect = "cloud",
    parameters: dict[str, Declared] | None = None,
    published: bool = True,
    **settings: Any,
) -> AsyncIterator[Flow]:
    """Serve a simulator whose only workflow has this script."""
    flow = Workflow(script, parameters=parameters or {}, published=published)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workflows, "POLLS", (0.001, 0.01))
        async with rigged(dialect=dialect, workflows={FLOW: flow}, **settings) as rig:
            yield Flow(rig, mode)


def telling(call: WorkflowCall) -> list[Step]:
    """Says something on its way to an output."""
    return [
        Node("Planner", ("Let us ", "plan.")),
        End({"output": call.parameters["text"]}, (20, 3)),
    ]
