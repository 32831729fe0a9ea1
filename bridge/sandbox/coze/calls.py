"""What an endpoint is given, and what it may give back."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bridge.sandbox.coze.events import EventStream
from bridge.sandbox.coze.faults import Fault, HttpError
from bridge.sandbox.coze.refusals import Refused, Why


@dataclass(frozen=True)
class Call:
    """A request that may be carried out, and the fault that will befall it.

    A multipart body is not in `body`: it is to be read from `stream`.
    """

    query: Mapping[str, str]
    path: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    stream: AsyncIterator[bytes]
    fault: Fault | None

    @property
    def token(self) -> str:
        """By what the caller is known."""
        return self.headers.get("authorization", "").removeprefix("Bearer ")

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


@dataclass(frozen=True)
class Raw:
    """An answer in no envelope."""

    body: bytes
    content_type: str
    status: int = 200


@dataclass(frozen=True)
class Told:
    """An answer whose fields stand beside `code` and `msg`; without a `code`, alone."""

    fields: Mapping[str, object]
    code: int | None = 0
    msg: str = ""


# None is a success that has nothing to tell.
Result: TypeAlias = (
    EventStream | HttpError | Page | Raw | Told | dict[str, Any] | list[dict[str, Any]] | None
)
