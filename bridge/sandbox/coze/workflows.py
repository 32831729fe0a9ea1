"""The endpoints that run workflows, let them go on, and tell of them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

from bridge.sandbox.coze import bodies
from bridge.sandbox.coze.calls import Call, Result
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.faults import HttpError, JsonError, RunFails
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.memory import Memory
from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.studio import Studio
from bridge.sandbox.coze.workflow_bodies import FlowBody, ResumeBody, RunBody, converted, read
from bridge.sandbox.coze.workflow_resume import waiting, waiting_in_studio
from bridge.sandbox.coze.workflow_run import Execution, Listener, Mode, WorkflowRun
from bridge.sandbox.coze.workflow_script import Step, Workflow, WorkflowCall
from bridge.sandbox.coze.workflow_stream import WorkflowStream
from bridge.sandbox.coze.workflow_studio import StudioWire
from bridge.sandbox.coze.workflow_wire import CloudWire

RUN_PATHS = frozenset(
    {
        "/v1/workflow/run",
        "/v1/workflow/stream_run",
        "/v1/workflow/stream_resume",
        "/v1/workflows/resume",
        "/v1/workflows/chat",
    }
)
ACCOUNT = "2478774393250011"


class Workflows:
    """Runs `workflows`, of which others may be added at any time; keeps all that ran.

    Who has not `paid` may not let one run in the background.
    """

    def __init__(
        self,
        memory: Memory,
        dialect: Cloud,
        *,
        workflows: Mapping[str, Workflow],
        bot_id: str,
        pace: float,
        paid: bool,
        changed: Callable[[], None],
    ) -> None:
        self.runs: list[WorkflowRun] = []
        self.studio = isinstance(dialect, Studio)
        self.wire = StudioWire() if self.studio else CloudWire()
        self._workflows = workflows
        self._memory = memory
        self._dialect = dialect
        self._bot_id = bot_id
        self._pace = pace
        self._paid = paid
        self._changed = changed
        self._executions: dict[str, Execution] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def routes(self) -> Table:
        """Its paths in this dialect."""
        table: Table = [
            ("/v1/workflow/run", ["POST"], self.run),
            ("/v1/workflow/stream_run", ["POST"], self.stream_run),
            ("/v1/workflow/stream_resume", ["POST"], self.stream_resume),
            ("/v1/workflows/{workflow_id}", ["GET"], self.info),
        ]
        if self.studio:
            return [*table, ("/v1/workflow/get_run_history", ["GET"], self.history_by_query)]
        history = "/v1/workflows/{workflow_id}/run_histories/{execute_id}"
        return [
            *table,
            ("/v1/workflows/resume", ["POST"], self.resume),
            (history, ["GET"], self.history_by_path),
        ]

    async def run(self, call: Call) -> Result:
        """POST /v1/workflow/run."""
        body = bodies.parse(call.body, RunBody)
        self.check(body)
        if body.is_async and not (self._paid or self.studio):
            raise Refused(Why.ASYNC_IS_PREMIUM)
        execution = self.begin(body, "async" if body.is_async else "sync")
        return await self._outcome(execution, call)

    def stream_run(self, call: Call) -> Result:
        """POST /v1/workflow/stream_run."""
        body = bodies.parse(call.body, RunBody)
        self.check(body, streaming=True)
        try:
            execution = self.begin(body, "stream")
        except Refused as refused:
            error = self._dialect.refusal(refused)
            if self.studio or not isinstance(error, JsonError):
                raise
            # The cloud looks at parameters when it has begun to stream: so its recorded bodies.
            told = {"error_code": error.code, "error_message": error.msg}
            event = self.wire.event(0, "Error", told).decode()
            return HttpError(200, event, self.wire.stream_headers["content-type"])
        return self._stream(execution, call)

    def stream_resume(self, call: Call) -> Result:
        """POST /v1/workflow/stream_resume."""
        return self._stream(self._resumed(call, streaming=True), call)

    async def resume(self, call: Call) -> Result:
        """POST /v1/workflows/resume: for a run that is not streamed."""
        return await self._outcome(self._resumed(call, streaming=False), call)

    def history_by_path(self, call: Call) -> Result:
        """GET /v1/workflows/{workflow_id}/run_histories/{execute_id}."""
        execution = self._executions.get(call.path["execute_id"])
        if not execution or execution.run.workflow_id != call.path["workflow_id"]:
            raise Refused(Why.NO_EXECUTION)
        return self.wire.history(execution.run)

    def history_by_query(self, call: Call) -> Result:
        """GET /v1/workflow/get_run_history, which does not look at the workflow's id."""
        call.required("workflow_id")
        execute_id = call.query.get("execute_id", "")
        if not execute_id.isdecimal():
            raise Refused(Why.FLOW_OPERATION, _no_number(execute_id))
        if not (execution := self._executions.get(execute_id)):
            cause = f"user {ACCOUNT} does not have access to space 0"
            raise Refused(Why.FLOW_OPERATION, cause)
        return self.wire.history(execution.run)

    def info(self, call: Call) -> Result:
        """GET /v1/workflows/{workflow_id}."""
        workflow_id = call.path["workflow_id"]
        wanted = call.query.get("include_input_output", "false")
        if wanted not in {"true", "false"}:
            raise Refused(Why.PARAMETER, "include_input_output")
        workflow = self._find(workflow_id)
        return self.wire.info(workflow_id, workflow, declarations=wanted == "true")

    def check(self, body: RunBody | FlowBody, *, streaming: bool = False) -> None:
        """See that there is such a workflow, and that it may run there.

        Raises:
            Refused: it may not.
        """
        if not self._find(body.workflow_id, streaming=streaming).published:
            raise Refused(Why.UNPUBLISHED, body.workflow_id, streaming=streaming)
        if body.bot_id and body.app_id:
            cause = "project_id and bot_id cannot be set at the same time"
            raise Refused(Why.FLOW_EXECUTION, cause, streaming=streaming)
        if body.bot_id and body.bot_id != self._bot_id and not self.studio:
            raise Refused(Why.NO_BOT, body.bot_id)

    def begin(
        self,
        body: RunBody | FlowBody,
        mode: Mode,
        *,
        text: str = "",
        conversation_id: str = "",
        history: tuple[tuple[str, str], ...] = (),
    ) -> Execution:
        """A run that has yet to go on.

        Raises:
            Refused: a parameter is missing, or has the wrong type.
        """
        sent, taken = self._inputs(body, streaming=mode in {"stream", "chat"})
        run = WorkflowRun(
            body.workflow_id,
            self._memory.new_id(),
            mode,
            sent,
            (body.ext or {}).get("user_id", ACCOUNT),
            body.bot_id or "",
            body.app_id or "",
            body.ext or {},
            conversation_id,
            log_id=self._dialect.log_id()[1],
        )
        call = WorkflowCall(
            run.workflow_id,
            run.execute_id,
            taken,
            run.user_id,
            run.bot_id,
            run.app_id,
            text,
            conversation_id,
            history,
        )
        return self._keep(run, self._workflows[run.workflow_id].script(call))

    def _inputs(
        self, body: RunBody | FlowBody, *, streaming: bool
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The parameters as they were sent, and as the script gets them."""
        try:
            sent = read(body.parameters)
            return sent, converted(sent, self._workflows[body.workflow_id].parameters)
        except Refused as refused:
            refused.streaming = streaming
            raise

    def _keep(self, run: WorkflowRun, steps: Iterable[Step]) -> Execution:
        execution = Execution(
            run,
            steps,
            new_id=self._memory.new_id,
            pace=self._pace,
            most_resumes=self.wire.most_resumes if run.mode == "stream" else float("inf"),
            changed=self._changed,
        )
        self.runs.append(run)
        self._executions[run.execute_id] = execution
        return execution

    def _find(self, workflow_id: str, *, streaming: bool = False) -> Workflow:
        if self.studio and not workflow_id.isdecimal():
            raise Refused(Why.FLOW_EXECUTION, _no_number(workflow_id), streaming=streaming)
        if not workflow_id:
            raise Refused(Why.PARAMETER)
        if workflow_id not in self._workflows:
            raise Refused(Why.NO_WORKFLOW, workflow_id, streaming=streaming)
        return self._workflows[workflow_id]

    def _resumed(self, call: Call, *, streaming: bool) -> Execution:
        body = bodies.parse(call.body, ResumeBody)
        find = waiting_in_studio if self.studio else waiting
        execution = find(self._executions, body, streaming=streaming)
        execution.resume(body.resume_data or "")
        return execution

    async def _outcome(self, execution: Execution, call: Call) -> Result:
        """What is told of the run once it has ended or waits, or at once if that was asked."""
        task = self._spawn(execution.go_on(Listener(), _fails(call)))
        if execution.run.mode == "async":
            return self.wire.begun(execution.run)
        await asyncio.wait({task})  # which goes on if the caller leaves
        return self.wire.outcome(execution.run)

    def _stream(self, execution: Execution, call: Call) -> WorkflowStream:
        stream = WorkflowStream(execution.run, self.wire, _fails(call))
        stream.task = self._spawn(execution.go_on(stream, _fails(call)))
        return stream

    def _spawn(self, running: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(running)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _fails(call: Call) -> RunFails | None:
    return call.fault if isinstance(call.fault, RunFails) else None


def _no_number(text: str) -> str:
    return f'strconv.ParseInt: parsing "{text}": invalid syntax'
