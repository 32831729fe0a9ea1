"""Faults that a test orders: the next calls of a method fail in the given way."""

import contextlib
from collections import defaultdict
from dataclasses import dataclass, replace

from starlette.types import Receive, Scope, Send

from bridge.sandbox.slack.model import SlackError


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How a call fails: with `error`, or with no answer at all when `drop` is set.

    `after_doing` lets the call take effect first; `retry_after` is in seconds. `after` calls
    go well first.
    """

    error: str
    status: int
    retry_after: int | None
    times: int
    after_doing: bool
    drop: bool
    after: int = 0

    def refusal(self) -> SlackError:
        """The failure as the caller sees it."""
        return SlackError(self.error, status=self.status, retry_after=self.retry_after)


class Faults:
    """The faults to come, each method's in the order in which they were asked for."""

    def __init__(self) -> None:
        self._queues: defaultdict[str, list[Fault]] = defaultdict(list)

    def add(self, method: str, fault: Fault) -> None:
        """Let the next `fault.times` calls of `method` fail, after those already ordered."""
        self._queues[method].append(fault)

    def take(self, method: str) -> Fault | None:
        """The fault of this call."""
        queue = self._queues[method]
        if not queue:
            return None
        fault = queue.pop(0)
        if fault.after:
            queue.insert(0, replace(fault, after=fault.after - 1))
            return None
        if fault.times > 1:
            queue.insert(0, replace(fault, times=fault.times - 1))
        return fault


async def hang_up(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer with nothing: uvicorn closes the connection, because no such status exists."""
    with contextlib.suppress(Exception):
        await send({"type": "http.response.start", "status": 0, "headers": []})
