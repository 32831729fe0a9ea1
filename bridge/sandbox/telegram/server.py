"""The HTTP side: who calls which method, and what is answered."""

import asyncio
import contextlib
import inspect
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.sandbox.changes import Changes
from bridge.sandbox.telegram.connection import HangUp, while_connected
from bridge.sandbox.telegram.downloads import Downloads
from bridge.sandbox.telegram.errors import ApiError
from bridge.sandbox.telegram.faults import Faults
from bridge.sandbox.telegram.params import Json, Params, read_params

Method = Callable[[Params], object]


@dataclass(frozen=True)
class Call:
    """A call the bot made and what it was answered.

    `at` is when it came, on the simulator's clock in seconds; `method` is spelled as the
    documentation does. `description` is empty for a success. Status 0: the connection was closed.
    """

    at: float
    method: str
    params: Params
    status: int
    description: str = ""


Observer = Callable[[Call, object], None]


class BotApiServer:
    """Serves `methods`, by their documented names, to the holder of `token`.

    `app` answers `/bot<token>/<method>` and, from `downloads`, `/file/bot<token>/<path>`; `calls`
    has every call in the order of the answers, and `changes` tells of each. Every answer to a
    call is held back for `latency` seconds, and until `stall`, if set, has returned. The files
    that come with one call have `most_uploaded` bytes at most.

    The `observers` are told of each call to any server, with the result of one that succeeded.
    """

    observers: ClassVar[list[Observer]] = []

    def __init__(
        self,
        token: str,
        methods: Mapping[str, Method],
        downloads: Downloads,
        changes: Changes,
        clock: Callable[[], float] = time.monotonic,
        *,
        most_uploaded: int,
    ) -> None:
        self.changes = changes
        self.downloads = downloads
        self.calls: list[Call] = []
        self.latency = 0.0
        self.stall: Callable[[Call], Awaitable[None]] | None = None
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._download),
            ],
            exception_handlers={HTTPException: _not_an_api_address},
        )
        self._token = token
        self._methods = {name.lower(): (name, method) for name, method in methods.items()}
        self._clock = clock
        self._most_uploaded = most_uploaded
        self._faults = Faults()

    def refused(self) -> list[Call]:
        """The calls answered 429."""
        return [call for call in self.calls if call.status == 429]

    def fail(
        self,
        method: str,
        *,
        status: int = 500,
        description: str = "Internal Server Error",
        retry_after: int | None = None,
        times: int = 1,
        after_doing: bool = False,
        drop: bool = False,
    ) -> None:
        """Let the next `times` calls of a method go wrong.

        `retry_after`, in seconds, makes it a 429; `drop` closes the connection without an answer.
        With `after_doing` the call takes effect all the same.

        Raises:
            KeyError: no such method is simulated.
        """
        name, _ = self._methods[method.lower()]
        self._faults.order(
            name,
            status=status,
            description=description,
            retry_after=retry_after,
            times=times,
            after_doing=after_doing,
            drop=drop,
        )

    async def _call(self, request: Request) -> Response:
        at, name, params = self._clock(), request.path_params["method"], Params()
        status, description, result = 200, "", None
        try:
            name, method = self._recognised(request.path_params["token"], name)
            params = await read_params(request)
            self._check_size(params)
            result = await self._carry_out(name, method, params, request)
            response = _response({"ok": True, "result": result})
        except ApiError as error:
            status, description = error.status, error.description
            response = _refusal(error)
        call = Call(at, name, params, status, description)
        self.calls.append(call)
        for observe in self.observers:
            observe(call, result)
        self.changes.notify()
        await self._hold_back(call)
        return response

    async def _download(self, request: Request) -> Response:
        try:
            return await self.downloads.serve(request)
        except ApiError as error:
            return _refusal(error)

    def _check_size(self, params: Params) -> None:
        if sum(upload.size for upload in params.uploads) > self._most_uploaded:
            raise ApiError(413, "Request Entity Too Large")

    def _recognised(self, token: str, name: str) -> tuple[str, Method]:
        if token != self._token:
            raise ApiError(401, "Unauthorized")
        known = self._methods.get(name.lower())
        if known is None:
            raise ApiError(404, "Not Found: method not found")
        return known

    async def _carry_out(
        self, name: str, method: Method, params: Params, request: Request
    ) -> object:
        fault = self._faults.take(name)
        if fault is None:
            return await _result(method, params, request)
        if fault.after_doing:
            with contextlib.suppress(ApiError):
                await _result(method, params, request)
        raise fault.error

    async def _hold_back(self, call: Call) -> None:
        if self.stall:
            await self.stall(call)
        if self.latency:
            await asyncio.sleep(self.latency)


async def _result(method: Method, params: Params, request: Request) -> object:
    result = method(params)
    if inspect.iscoroutine(result):
        return await while_connected(request.receive, result)
    return result


def _response(body: Json, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def _refusal(error: ApiError) -> Response:
    if not error.status:
        return HangUp()
    body: Json = {"ok": False, "error_code": error.status, "description": error.description}
    if error.retry_after is not None:
        body["parameters"] = {"retry_after": error.retry_after}
    elif error.moved_to:
        body["parameters"] = {"migrate_to_chat_id": error.moved_to}
    response = _response(body, error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


async def _not_an_api_address(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    detail = error.detail if isinstance(error, HTTPException) else "Not Found"
    return _refusal(ApiError(status, detail))
