"""What stands before every endpoint: it records, authorises, and lets faults happen."""

import inspect
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bridge.sandbox.coze.calls import Call, Page, Raw, Result, Told
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.events import EventStream
from bridge.sandbox.coze.faults import Fault, HttpError, JsonError, NoResponse, Refuse
from bridge.sandbox.coze.refusals import Refused, Why, denial
from bridge.sandbox.coze.reply import Reply, whole

Endpoint: TypeAlias = Callable[[Call], Result | Awaitable[Result]]
Table: TypeAlias = list[tuple[str, list[str], Endpoint]]  # paths, with their methods
_FOR_TOKENS = "/api/permission/oauth2/"  # where one comes without a token, to be given one
_NOT_FOUND = HttpError(404, "404 page not found", "text/plain")
_GATEWAY_PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body>{0}</body>\r\n</html>\r\n"


@dataclass
class Exchange:
    """One HTTP request and the answer to it.

    `status` is None if the connection closed instead, `code` if the answer was no JSON; `open`
    is whether the answer is still being sent.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: Any  # from JSON; None without one, as in an upload
    status: int | None = None
    code: int | None = None
    open: bool = False


class Gateway:
    """Serves endpoints in one dialect to whose token it `admits`.

    `denies_with` gives HTTP status and code of the refusal of others, if not the dialect's own.
    """

    def __init__(
        self,
        dialect: Cloud,
        *,
        admits: Callable[[str], bool],
        denies_with: Callable[[], tuple[int, int] | None],
        changed: Callable[[], None],
    ) -> None:
        self.requests: list[Exchange] = []
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._dialect = dialect
        self._admits = admits
        self._denies_with = denies_with
        self._changed = changed

    def serve(
        self, path: str, endpoint: Endpoint | None
    ) -> Callable[[Request], Awaitable[Reply | Response]]:
        """A Starlette endpoint; None is for paths that do not exist."""

        async def served(request: Request) -> Reply | Response:
            try:
                return await self._serve(path, endpoint, request)
            except ClientDisconnect:
                return Response()  # which nobody reads any more

        return served

    async def _serve(self, path: str, endpoint: Endpoint | None, request: Request) -> Reply:
        multipart = request.headers.get("content-type", "").startswith("multipart/")
        body = b"" if multipart else await request.body()
        exchange = Exchange(
            request.method,
            request.url.path,
            dict(request.query_params),
            dict(request.headers),
            _json(body),
        )
        self.requests.append(exchange)
        self._changed()
        faults = self.faults[exchange.path] or self.faults[path]
        fault = faults.popleft() if faults else None
        call = Call(
            exchange.query, request.path_params, exchange.headers, body, request.stream(), fault
        )
        outcome = await self._outcome(path, endpoint, call)
        reply = self._reply(path, outcome, exchange, fault)
        self._changed()
        return reply

    async def _outcome(
        self, path: str, endpoint: Endpoint | None, call: Call
    ) -> Result | HttpError | JsonError:
        if isinstance(call.fault, HttpError | JsonError):
            return call.fault
        if endpoint is None or isinstance(call.fault, Refuse):
            return _NOT_FOUND
        try:
            if not path.startswith(_FOR_TOKENS):
                self._authorise(call.headers.get("authorization", ""))
            result = endpoint(call)
            return await result if inspect.isawaitable(result) else result
        except Refused as refused:
            if refused.why is Why.TOKEN and (denies_with := self._denies_with()):
                return denial(*denies_with)
            return self._dialect.refusal(refused)

    def _authorise(self, authorization: str) -> None:
        scheme, _, token = authorization.partition(" ")
        if not authorization:
            raise Refused(Why.TOKEN, "missing authorization in header")
        if scheme != "Bearer" or not token:
            raise Refused(Why.TOKEN, "missing api_key in request")
        if not self._admits(token):
            raise Refused(Why.TOKEN, "api key invalid")

    def _reply(
        self,
        path: str,
        outcome: Result | HttpError | JsonError,
        exchange: Exchange,
        fault: Fault | None,
    ) -> Reply:
        def over() -> None:
            exchange.open = False
            self._changed()

        exchange.open = True
        header, log_id = self._dialect.log_id()
        if isinstance(outcome, EventStream):
            reply = Reply(outcome, {header: log_id, **outcome.headers}, over=over, fault=fault)
            exchange.status = 200
        else:
            status, code, body, kind = self._body(path, outcome, log_id)
            headers = {header: log_id, "content-type": kind, "content-length": str(len(body))}
            reply = Reply(whole(body), headers, status=status, over=over, fault=fault)
            exchange.status, exchange.code = status, code
        if isinstance(fault, Refuse | NoResponse):
            exchange.status = exchange.code = None
        return reply

    def _body(
        self, path: str, outcome: Result | HttpError | JsonError, log_id: str
    ) -> tuple[int, int | None, bytes, str]:
        """Status, Coze's code, body and content type."""
        match outcome:
            case HttpError(status, body, kind):
                page = _GATEWAY_PAGE.format(status) if body is None else body
                return status, None, page.encode(), kind
            case JsonError(code, msg, status):
                envelope = self._dialect.error(code, msg, log_id)
            case Page(data, beside):
                code, status = 0, 200
                envelope = {**self._dialect.envelope(path, data, log_id), **beside}
            case Raw(raw, kind, status):
                return status, None, raw, kind
            case Told(fields, code, msg):
                status = 200
                envelope = {} if code is None else self._dialect.error(code, msg, log_id)
                envelope |= fields
            case data:
                code, status = 0, 200
                envelope = self._dialect.envelope(path, data, log_id)
        kind = "application/json; charset=utf-8"
        return status, code, self._dialect.encode(envelope), kind


def _json(body: bytes) -> Any:  # noqa: ANN401 (JSON is anything)
    try:
        return msgspec.json.decode(body) if body else None
    except msgspec.DecodeError:
        return None
