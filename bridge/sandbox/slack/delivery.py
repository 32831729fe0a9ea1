"""Delivery at least once: an envelope is sent again until it is acknowledged, on a schedule."""

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.sandbox.changes import Changes
from bridge.sandbox.slack.model import Json

ACK_WITHIN = 3.0  # seconds, when no schedule says otherwise


def schedule(second: float = 1.0) -> tuple[float, ...]:
    """For how long each attempt may stay unacknowledged, where a second lasts `second` seconds.

    Slack waits for three and tries again at once, then after one minute and after five.
    """
    return tuple(second * each for each in (ACK_WITHIN, 60.0, 300.0))


@dataclass(eq=False)
class Envelope:
    """A payload on its way to the app; `kind` is events_api, interactive or slash_commands.

    `reason` is why the next attempt, if any, will be a retry; `missed` says that nothing took it.
    """

    kind: str
    payload: Json
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempt: int = 0
    reason: str = ""
    retriable: bool = True
    missed: bool = False
    timer: asyncio.TimerHandle | None = None

    @property
    def event_id(self) -> str | None:
        """The id of the event, the same in each attempt; None for interactive and commands."""
        event_id = self.payload.get("event_id")
        return None if event_id is None else str(event_id)


class Delivery(NamedTuple):
    """One attempt that left for the app; `at` is in seconds of the monotonic clock."""

    envelope: Envelope
    retry_attempt: int
    retry_reason: str
    at: float


class Ack(NamedTuple):
    """An acknowledgement, with the payload that came along."""

    envelope_id: str
    payload: Json | None


class Courier:
    """Sends envelopes through `carry`, and again as long as nobody acknowledges them.

    `carry` says whether anything took the envelope: what found nothing is sent as a retry as soon
    as `resume` tells that something listens. `acknowledged` and `lost` are told how each ended.
    """

    def __init__(
        self,
        changes: Changes,
        redeliver_after: tuple[float, ...],
        *,
        carry: Callable[[Envelope], bool],
        acknowledged: Callable[[Envelope, Json | None], None],
        lost: Callable[[Envelope], None],
    ) -> None:
        self.deliveries: list[Delivery] = []
        self.acked: list[Ack] = []
        self.ack_within = redeliver_after[0] if redeliver_after else ACK_WITHIN
        self._changes = changes
        self._schedule = redeliver_after
        self._carry = carry
        self._acknowledged = acknowledged
        self._lost = lost
        self._pending: dict[str, Envelope] = {}

    def send(self, kind: str, payload: Json) -> str:
        """Start delivering; returns the envelope's id. Only events are tried more than once."""
        envelope = Envelope(kind, payload, retriable=kind == "events_api")
        self._pending[envelope.id] = envelope
        self._attempt(envelope)
        return envelope.id

    def ack(self, envelope_id: str, payload: Json | None = None) -> None:
        """End the delivery; an envelope that is unknown or was given up is only recorded."""
        self.acked.append(Ack(envelope_id, payload))
        envelope = self._settle(envelope_id)
        if envelope:
            self._acknowledged(envelope, payload)
        self._changes.notify()

    def resume(self) -> None:
        """Send again, now, whatever found nobody to take it."""
        for envelope in [envelope for envelope in self._pending.values() if envelope.missed]:
            if self._may_retry(envelope):
                self._again(envelope)

    def failed(self, envelope: Envelope) -> None:
        """The attempt was answered with no: the first retry follows at once."""
        if self._pending.get(envelope.id) is not envelope:
            return
        if not envelope.retriable:
            self.give_up(envelope)
        elif envelope.attempt == 0 and self._may_retry(envelope):
            self._again(envelope)

    def give_up(self, envelope: Envelope) -> None:
        """Stop delivering; tells `lost`."""
        if self._settle(envelope.id):
            self._lost(envelope)
            self._changes.notify()

    def _may_retry(self, envelope: Envelope) -> bool:
        return envelope.retriable and envelope.attempt < len(self._schedule)

    def _attempt(self, envelope: Envelope) -> None:
        delivery = Delivery(envelope, envelope.attempt, envelope.reason, time.monotonic())
        envelope.missed = not self._carry(envelope)
        if not envelope.missed:
            self.deliveries.append(delivery)
            self._changes.notify()
        envelope.reason = envelope.reason or "timeout"
        if envelope.timer:
            envelope.timer.cancel()
        loop = asyncio.get_running_loop()
        envelope.timer = loop.call_later(self._patience(envelope), self._expire, envelope)

    def _patience(self, envelope: Envelope) -> float:
        if self._may_retry(envelope):
            return self._schedule[envelope.attempt]
        return 0.0 if envelope.missed and not envelope.retriable else self.ack_within

    def _expire(self, envelope: Envelope) -> None:
        if self._may_retry(envelope):
            self._again(envelope)
        else:
            self.give_up(envelope)

    def _again(self, envelope: Envelope) -> None:
        envelope.attempt += 1
        self._attempt(envelope)

    def _settle(self, envelope_id: str) -> Envelope | None:
        envelope = self._pending.pop(envelope_id, None)
        if envelope and envelope.timer:
            envelope.timer.cancel()
        return envelope
