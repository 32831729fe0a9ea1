"""One execution of a workflow: its script goes on step by step, whoever listens."""

import asyncio
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec

from bridge.sandbox.coze.faults import RunFails
from bridge.sandbox.coze.script import deltas
from bridge.sandbox.coze.workflow_script import Ask, End, Fail, Node, Ping, Step

Mode: TypeAlias = Literal["sync", "stream", "async", "chat"]
_END_NODE = "900001"  # as on every canvas
_FAILED = 720701013


@dataclass(frozen=True)
class Interrupt:
    """What a run waits for; by `event_id`, which holds the execution's, it goes on."""

    event_id: str
    ask: Ask
    node_id: str
    run_id: str  # of the node's own execution


@dataclass
class WorkflowRun:
    """An execution and how far it has come.

    `parameters` are as they were sent, `resumed` the answers that it was given, `said` what
    its nodes have said under their titles. Of a chatflow, `chat_ids` are its chats.
    """

    workflow_id: str
    execute_id: str
    mode: Mode
    parameters: Mapping[str, Any]
    user_id: str
    bot_id: str = ""
    app_id: str = ""
    ext: Mapping[str, str] = field(default_factory=dict)
    conversation_id: str = ""
    chat_ids: list[str] = field(default_factory=list)
    status: Literal["running", "interrupted", "success", "failed"] = "running"
    resumed: list[str] = field(default_factory=list)
    interrupt: Interrupt | None = None
    said: dict[str, str] = field(default_factory=dict)
    end: End | None = None
    error: tuple[int, str] = (0, "")
    log_id: str = ""
    created_at: int = field(default_factory=lambda: int(time.time()))
    updated_at: int = field(default_factory=lambda: int(time.time()))

    @property
    def output(self) -> str:
        """What its end gave, once there is one: JSON, or a text."""
        return _written(self.end) if self.end else ""

    @property
    def usage(self) -> dict[str, int]:
        """The usage object, invented from the lengths unless the script gave it."""
        return self.spent(self.end)

    def spent(self, end: End | None) -> dict[str, int]:
        """The usage object, if the run ended so."""
        asked = len(msgspec.json.encode(self.parameters))
        spoken = sum(map(len, self.said.values())) + len(_written(end) if end else "")
        into, out = (end and end.usage) or (20 + asked // 2, 1 + spoken // 2)
        return {"token_count": into + out, "output_count": out, "input_count": into}


@dataclass(frozen=True)
class Packet:
    """One piece of what a node says; `run_id` is that of the node's own execution."""

    node: Node
    node_id: str
    run_id: str
    number: int
    content: str
    last: bool
    end: End | None = None  # whose output it is
    usage: Mapping[str, int] | None = None  # of the run, in its last packet

    @property
    def variables(self) -> bool:
        """Whether this is JSON for programs."""
        return self.end is not None and not isinstance(self.end.output, str)


class Listener:
    """Hears how an execution goes on; this one does not care."""

    def said(self, packet: Packet) -> None:
        """A node says something."""

    def pinged(self) -> None:
        """Nothing happens."""

    def interrupted(self, interrupt: Interrupt) -> None:
        """The run waits; nothing follows."""

    def failed(self, code: int, msg: str) -> None:
        """The run has failed; nothing follows."""

    def ended(self) -> None:
        """The run has ended; nothing follows."""


class _Failed(Exception):
    pass


class Execution:
    """Takes the steps of a run; `pace` is in seconds a delta.

    It may be resumed `most_resumes` times, then it fails where it would wait once more.
    """

    def __init__(
        self,
        run: WorkflowRun,
        steps: Iterable[Step],
        *,
        new_id: Callable[[], str],
        pace: float,
        most_resumes: float,
        changed: Callable[[], None],
    ) -> None:
        self.run = run
        self._steps = iter(steps)
        self._new_id = new_id
        self._pace = pace
        self._most_resumes = most_resumes
        self._changed = changed
        self._nodes = 0
        self._spoken = 0  # deltas since it was started or resumed
        self._fails: RunFails | None = None
        self._heard = Listener()

    def resume(self, answer: str) -> None:
        """Take the answer to what it asked; it goes on from there."""
        self.run.resumed.append(answer)
        self.run.status, self.run.interrupt = "running", None
        self._changed()

    async def go_on(self, heard: Listener, fails: RunFails | None = None) -> None:
        """Run until the script ends, fails or asks."""
        self._heard, self._fails, self._spoken = heard, fails, 0
        answer = self.run.resumed[-1] if self.run.resumed else None
        try:
            while await self._take(self._next(answer)):
                answer = None
        except _Failed as failed:
            self._fail(*failed.args)
        except BaseException as error:
            self._fail(_FAILED, f"Workflow execution failure: {error!r}")
            raise

    def _next(self, answer: str | None) -> Step:
        steps = self._steps
        try:
            step: Step = steps.send(answer) if isinstance(steps, Generator) else next(steps)
        except StopIteration:
            return End({})
        return step

    async def _take(self, step: Step) -> bool:
        """Whether another step follows now."""
        match step:
            case Node():
                await self._speak(step, self._node_id())
                return True
            case Ping():
                self._heard.pinged()
                return True
            case Fail(code, msg):
                raise _Failed(code, msg)
            case Ask():
                self._interrupt(step)
            case End():
                await self._end(step)
        return False

    async def _speak(self, node: Node, node_id: str, end: End | None = None) -> None:
        run_id, last = self._new_id(), len(node.deltas) - 1
        for number, delta in enumerate(node.deltas):
            await self._tick(node, number)
            if end is None:
                self.run.said[node.title] = self.run.said.get(node.title, "") + delta
            used = self.run.spent(end) if end and number == last else None
            packet = Packet(node, node_id, run_id, number, delta, number == last, end, used)
            self._heard.said(packet)
            self._changed()
        if node.gate and node.gate_at > last:
            await node.gate.wait()

    async def _tick(self, node: Node, number: int) -> None:
        if self._fails and self._spoken >= self._fails.after:
            raise _failure(self._fails)
        if node.gate and number == node.gate_at:
            await node.gate.wait()
        pace = self._pace if node.pace is None else node.pace
        await asyncio.sleep(pace + node.pauses.get(number, 0.0))
        self._spoken += 1

    async def _end(self, end: End) -> None:
        run = self.run
        output = _written(end)
        pieces = (deltas(output) if isinstance(end.output, str) else ()) or (output,)
        await self._speak(Node(end.title, pieces), _END_NODE, end)
        if self._fails:
            raise _failure(self._fails)
        run.end, run.status, run.updated_at = end, "success", int(time.time())
        self._heard.ended()
        self._changed()

    def _interrupt(self, ask: Ask) -> None:
        if self._fails:
            raise _failure(self._fails)
        if len(self.run.resumed) >= self._most_resumes:
            exceeded = f"max answer count= {self._most_resumes} exceeded"
            raise _Failed(_FAILED, f"Workflow execution failure: {exceeded}")
        event_id = f"{self.run.execute_id}/{self._new_id()}"
        self.run.interrupt = Interrupt(event_id, ask, self._node_id(), self._new_id())
        self.run.status, self.run.updated_at = "interrupted", int(time.time())
        self._heard.interrupted(self.run.interrupt)
        self._changed()

    def _fail(self, code: int, msg: str) -> None:
        run = self.run
        run.status, run.error, run.updated_at = "failed", (code, msg), int(time.time())
        self._heard.failed(code, msg)
        self._changed()

    def _node_id(self) -> str:
        self._nodes += 1
        return str(110000 + self._nodes)


def _written(end: End) -> str:
    given = end.output
    return given if isinstance(given, str) else msgspec.json.encode(given).decode()


def _failure(fails: RunFails) -> _Failed:
    return _Failed(int(fails.code), fails.msg)
