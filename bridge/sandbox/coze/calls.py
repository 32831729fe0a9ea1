"""What an endpoint is given, and what it may give back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bridge.sandbox.coze.faults import Fault
from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.run import Run


@dataclass(frozen=True)
class Call:
    """A request that may be carried out, and the fault that will befall it."""

    query: Mapping[str, str]
    path: Mapping[str, str]
    body: bytes
    fault: Fault | None

    def required(self, *names: str) -> tuple[str, ...]:
        """These query parameters.

        Raises:
            Refused: one is missing.
        """
        if missing := [name for name in names if not self.query.get(name)]:
            raise Refused(Why.PARAMETER, f"'{missing[0]}' is required")
        return tuple(self.query[name] for name in names)


@dataclass(frozen=True)
class Page:
    """A list, and what stands beside it in the answer."""

    data: list[dict[str, Any]]
    beside: Mapping[str, object]


Result: TypeAlias = Run | Page | dict[str, Any] | list[dict[str, Any]]
