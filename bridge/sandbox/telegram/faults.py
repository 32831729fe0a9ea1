"""Faults that a test orders for the next calls."""

from dataclasses import dataclass

from bridge.sandbox.telegram.errors import ApiError, flooded, hung_up


@dataclass
class Fault:
    """An answer other than the true one, for the next `times` calls of a method."""

    error: ApiError
    after_doing: bool
    times: int


class Faults:
    """The faults to come, first ordered first served."""

    def __init__(self) -> None:
        self._of: dict[str, list[Fault]] = {}

    def order(
        self,
        method: str,
        *,
        status: int,
        description: str,
        retry_after: int | None,
        times: int,
        after_doing: bool,
        drop: bool,
    ) -> None:
        """See `TelegramSimulator.fail`."""
        error = ApiError(status, description)
        if drop:
            error = hung_up()
        elif retry_after is not None:
            error = flooded(retry_after)
        self._of.setdefault(method, []).append(Fault(error, after_doing, times))

    def take(self, method: str) -> Fault | None:
        """The fault that the next call of `method` meets."""
        waiting = self._of.get(method)
        if not waiting:
            return None
        fault = waiting[0]
        fault.times -= 1
        if fault.times <= 0:
            waiting.pop(0)
        return fault
