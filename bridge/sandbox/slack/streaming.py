"""Which messages are growing, and for how long."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True)
class Stream:
    """A message that grows until the app ends it, a user stops it, or its time is over."""

    way: str  # the argument in which its text comes
    ends_at: float
    state: Literal["growing", "stopped", "complete"] = "growing"


class Streaming:
    """All streams of a workspace; one lasts `lasts` seconds, whatever is said in it."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self.lasts = 300.0
        self._now = now
        self._streams: dict[tuple[str, str], Stream] = {}

    def begin(self, channel: str, ts: str, way: str) -> None:
        """A message begins to grow."""
        self._streams[channel, ts] = Stream(way, self._now() + self.lasts)

    def of(self, channel: str, ts: str) -> Stream | None:
        """The stream of a message, if it is or was one."""
        stream = self._streams.get((channel, ts))
        if stream and stream.state == "growing" and self._now() >= stream.ends_at:
            stream.state = "complete"
        return stream

    def growing(self, channel: str, ts: str) -> bool:
        """Whether a message is being written."""
        stream = self.of(channel, ts)
        return stream is not None and stream.state == "growing"

    def expire(self) -> None:
        """The time of all streams is over."""
        for stream in self._streams.values():
            stream.ends_at = self._now()
