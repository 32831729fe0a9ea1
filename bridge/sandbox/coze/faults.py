"""What can go wrong between a client and Coze, to be scripted with `CozeSimulator.fail`.

* In place of an answer, nothing is done:    `JsonError`, `HttpError`, `Refuse`
* Done, but the answer never comes:          `NoResponse`
* The answer is damaged, the run goes on:    `Cut`, `Stall`, `Framing`
* The run itself fails:                      `RunFails`
"""

import asyncio
from dataclasses import dataclass, field
from typing import Literal, TypeAlias


@dataclass(frozen=True)
class JsonError:
    """A refusal in Coze's own envelope, even where an event stream was asked for."""

    code: int
    msg: str
    status: int = 200


@dataclass(frozen=True)
class HttpError:
    """The answer of something in front of Coze; without a `body` a gateway's HTML page."""

    status: int
    body: str | None = None
    content_type: str = "text/html"


@dataclass(frozen=True)
class Refuse:
    """The connection closes before the request is looked at: nothing is stored."""


@dataclass(frozen=True)
class NoResponse:
    """The request is carried out, then the connection closes before any response."""


@dataclass(frozen=True)
class Cut:
    """The connection breaks after so many events; the run goes on unless `run_dies`.

    `after=None` delivers everything but the terminal event. `mid_event` adds the first half of
    the next event. `clean` ends the response properly instead of breaking the connection. A
    JSON answer counts as one event.
    """

    after: int | None = None
    mid_event: bool = False
    clean: bool = False
    run_dies: bool = False


@dataclass(frozen=True)
class Stall:
    """Silence on an open connection after so many events, until `release` is set."""

    after: int = 0
    release: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Framing:
    r"""An event stream in a legal but unusual dress.

    `interject` goes before each event as it is: b": ping\n\n" is a comment,
    b"event:mystery\ndata:{}\n\n" an unknown event. `unterminated` leaves out the blank line
    after the last event, `one_byte` sends each byte on its own.
    """

    one_byte: bool = False
    crlf: bool = False
    ids: bool = False
    interject: bytes = b""
    unterminated: bool = False


@dataclass(frozen=True)
class RunFails:
    """The run ends as failed after so many deltas; `code` is a number, or its digits.

    The stream of the cloud says so in one of four ways: "chat", a Chat object with
    `last_error`; "bare", only `code` and `msg`; "error", an event of that name; "empty error",
    the same without a word. Coze Studio knows only the latter two.
    """

    code: int | str = 5000
    msg: str = "event interval error"
    after: int = 0
    shape: Literal["chat", "bare", "error", "empty error"] = "chat"


Fault: TypeAlias = JsonError | HttpError | Refuse | NoResponse | Cut | Stall | Framing | RunFails
