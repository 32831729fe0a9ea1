"""A workflow at Coze: run it, follow it, answer what it asks."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

import httpx
import msgspec

from bridge.core.errors import Retryable
from bridge.core.inputs import typed
from bridge.core.model import Answered, Asked, Finished, ReplyEvent, Run, Started
from bridge.core.ports import Parameter
from bridge.coze.client import CozeClient, Json, data_of
from bridge.coze.errors import CozeError, coze_error, unanswerable
from bridge.coze.outputs import Output, asked, interrupt, readable, spent

POLLS = (1.0, 10.0)  # seconds between two looks at a run: first, longest
FRESH = 600.0  # seconds for which Coze is not asked for the inputs again
_SYNC = httpx.Timeout(120, connect=10)  # seconds; Coze answers within 90
_TOLD = ("execute_status", "error_code", "error_message", "logid", "debug_url", "output")
_GOES_ON = {"running", "none", ""}  # in lower case; all else is an end


@dataclass(frozen=True, slots=True)
class Resume:
    """What is needed to go on with an interrupted run; kept as text in `Asked.resume`."""

    event_id: str
    type: int
    inputs: tuple[str, ...] = ()  # names, where an input node waits


_resume = msgspec.json.Decoder(Resume)


class CozeWorkflow:
    """`ports.Workflow`. `of`: {"bot_id": …} or {"app_id": …}, whichever it belongs to.

    Only an asynchronous run has an id by which it can be found again; of the others nobody
    can tell after a crash whether they ended.
    """

    def __init__(
        self,
        client: CozeClient,
        workflow_id: str,
        *,
        of: Mapping[str, str],
        mode: Literal["stream", "blocking", "async"] = "stream",
        parameters: Sequence[Parameter] = (),
    ) -> None:
        self._client, self._id, self._of, self._mode = client, workflow_id, of, mode
        self._declared = tuple(parameters)
        self._known: tuple[float, tuple[Parameter, ...]] | None = None

    async def parameters(self) -> Sequence[Parameter]:
        """See `ports.Workflow`. Where Coze does not tell, none are known."""
        if self._declared:
            return self._declared
        if self._known is None or time.monotonic() > self._known[0] + FRESH:
            path, params = f"/v1/workflows/{self._id}", {"include_input_output": "true"}
            try:
                told = data_of(await self._client.patiently("GET", path, params=params))
            except CozeError as error:
                if isinstance(error, Retryable):
                    return ()  # this time
                told = {}
            self._known = (time.monotonic(), tuple(_declared(told)))
        return self._known[1]

    async def run(
        self, user: str, inputs: Mapping[str, object]
    ) -> AsyncGenerator[ReplyEvent, None]:
        """See `ports.Workflow`."""
        body: Json = {
            "workflow_id": self._id,
            "parameters": dict(inputs),
            **self._of,
            "ext": {"user_id": user},
        }
        match self._mode:
            case "stream":
                source = self._streamed("/v1/workflow/stream_run", body)
            case "blocking":
                source = self._whole("/v1/workflow/run", {**body, "is_async": False})
            case "async":
                source = self._later("/v1/workflow/run", {**body, "is_async": True})
        async with aclosing(source) as events:
            async for event in events:
                yield event

    async def resume(self, asked: str, answer: str) -> AsyncGenerator[ReplyEvent, None]:
        """See `ports.Workflow`."""
        where = _resume.decode(asked)
        data = answer
        if where.inputs:
            known = [Parameter(name) for name in where.inputs]
            data = msgspec.json.encode(typed(answer, known, where.inputs[0])).decode()
        body: Json = {
            "workflow_id": self._id,
            "event_id": where.event_id,
            "interrupt_type": where.type,
            "resume_data": data,
        }
        match self._mode:  # what was begun so goes on so
            case "stream":
                source = self._streamed("/v1/workflow/stream_resume", body)
            case "blocking":
                source = self._whole("/v1/workflows/resume", body)
            case "async":
                source = self._later("/v1/workflows/resume", body)
        async with aclosing(source) as events:
            async for event in events:
                yield event

    async def pick_up(self, run: Run) -> AsyncGenerator[ReplyEvent, None]:
        """See `ports.Workflow`."""
        record = await self._ended(run.chat)
        status = str(record.get("execute_status")).lower()
        if told := _interrupted(record):
            yield told
            return
        if status == "<unset>":  # Coze Studio has no word for a run that waits
            why = "Coze Studio tells only a stream what a workflow asks: use mode: stream"
            raise unanswerable(why, "error.action")
        if status != "success":
            why = record.get("error_message") or record.get("error_msg") or "the workflow failed"
            log_id = str(record.get("logid") or record.get("log_id") or "")
            raise coze_error(record.get("error_code") or 0, str(why), log_id=log_id)
        if record.get("is_output_trimmed"):
            why = "the output of the workflow is too long for its record"
            raise unanswerable(why, "error.unknown")
        if text := readable(str(record.get("output") or "")):
            yield Answered("output", text)
        yield Finished(spent(record))

    async def report(self, run: Run) -> Sequence[str]:
        """What Coze says of a run now: lines for the operator."""
        record = await self._record(run.chat)
        told = [f"{key}: {record[key]}" for key in _TOLD if record.get(key)]
        return told or ["no record of this run"]

    async def _streamed(self, path: str, body: Json) -> AsyncGenerator[ReplyEvent, None]:
        """A run as it goes on."""
        output, stream = Output(), self._client.stream(path, body)
        async with aclosing(stream):
            async for (name, data), log_id in stream:
                for event in output.understand(name, data, log_id):
                    yield event
                    if isinstance(event, Asked | Finished):
                        return
        raise coze_error(5000, "the workflow's stream broke off")

    async def _whole(self, path: str, body: Json) -> AsyncGenerator[ReplyEvent, None]:
        """A run whose output comes at its end."""
        told = await self._client.call("POST", path, json=body, timeout=_SYNC)
        if question := _interrupted(told):
            yield question
            return
        if text := readable(str(told.get("data") or "")):
            yield Answered("output", text)
        yield Finished(spent(told))

    async def _later(self, path: str, body: Json) -> AsyncGenerator[ReplyEvent, None]:
        """A run that goes on at Coze, and whose record is looked at."""
        told = await self._client.call("POST", path, json=body)
        run = Run(str(told.get("execute_id") or ""), self._id)
        if not run.chat:
            raise unanswerable("an asynchronous run without an id", "error.unknown")
        yield Started(run)
        async with aclosing(self.pick_up(run)) as events:
            async for event in events:
                yield event

    async def _ended(self, execute_id: str) -> Json:
        """Look at a run until it is over, or waits for its user."""
        pause = POLLS[0]
        while True:
            try:
                record = await self._record(execute_id)
            except Retryable:
                if pause >= POLLS[1]:
                    raise
                record = {}
            status = str(record.get("execute_status") or "").lower()
            if status not in _GOES_ON or _interrupted(record):
                return record
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, POLLS[1])

    async def _record(self, execute_id: str) -> Json:
        """What Coze keeps of a run: at one path in the cloud, at another in Coze Studio."""
        path = f"/v1/workflows/{self._id}/run_histories/{execute_id}"
        try:
            told = await self._client.patiently("GET", path)
        except CozeError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise
            where = {"workflow_id": self._id, "execute_id": execute_id}
            path = "/v1/workflow/get_run_history"
            told = await self._client.patiently("GET", path, params=where)
        listed = told.get("data")
        return dict(listed[0]) if isinstance(listed, list) and listed else {}


def _interrupted(told: Json) -> Asked | None:
    """What a run waits for, if it does."""
    data = told.get("interrupt_data")
    if not isinstance(data, dict) or not data.get("event_id"):
        return None
    return interrupt(data, asked(str(data.get("data") or "")))


def _declared(told: Json) -> list[Parameter]:
    """The inputs as Coze declares them."""
    source = told.get("input")
    listed = source.get("parameters") if isinstance(source, dict) else None
    named = listed.items() if isinstance(listed, dict) else ()
    return [
        Parameter(
            str(name),
            str(about.get("type") or "string"),
            required=bool(about.get("required")),
            description=str(about.get("description") or ""),
            default=str(about.get("default_value") or ""),
        )
        for name, about in named
        if isinstance(about, dict)
    ]
