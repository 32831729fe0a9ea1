"""The event stream of a run: what its listener hears, as it goes over the wire."""

import asyncio
from collections.abc import Mapping
from typing import Any

from bridge.sandbox.coze.events import EventStream
from bridge.sandbox.coze.faults import RunFails
from bridge.sandbox.coze.workflow_run import Interrupt, Listener, Packet, WorkflowRun
from bridge.sandbox.coze.workflow_wire import CloudWire


class WorkflowStream(EventStream, Listener):
    """The events of one run, from its start or from where it was resumed."""

    def __init__(self, run: WorkflowRun, wire: CloudWire, fails: RunFails | None) -> None:
        super().__init__()
        self.task: asyncio.Task[None] | None = None  # which tells it what happens
        self._run = run
        self._wire = wire
        self._fails = fails
        self._number = 0

    @property
    def headers(self) -> Mapping[str, str]:
        """Those of the response."""
        return self._wire.stream_headers

    def die(self) -> None:
        """End as failed at once."""
        if self.task:
            self.task.cancel()

    def said(self, packet: Packet) -> None:
        """A node says something."""
        self._emit(*self._wire.message(packet))

    def pinged(self) -> None:
        """Nothing happens."""
        if self._wire.pings:
            self._emit("PING", {})

    def interrupted(self, interrupt: Interrupt) -> None:
        """The run waits."""
        for event in self._wire.interrupted(self._run, interrupt):
            self._emit(*event)
        self._queue.put_nowait(None)

    def failed(self, code: int, msg: str) -> None:
        """The run has failed."""
        broken = self._wire.exception(self._fails) if self._fails else b""
        if broken:
            self._queue.put_nowait(broken)
        else:
            self._emit(*self._wire.error(self._run, code, msg))
        self._queue.put_nowait(None)

    def ended(self) -> None:
        """The run has ended."""
        self._emit(*self._wire.done(self._run))
        self._queue.put_nowait(None)

    def _emit(self, name: str, value: dict[str, Any]) -> None:
        self._queue.put_nowait(self._wire.event(self._number, name, value))
        self._number += 1
