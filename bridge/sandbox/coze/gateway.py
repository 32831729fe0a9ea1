"""What stands before every endpoint: it records, authorises, and lets faults happen."""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
from starlette.requests import Request

from bridge.sandbox.coze.calls import Call, Page, Result
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.faults import Fault, HttpError, JsonError, NoResponse, Refuse
from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.reply import Reply, whole
from bridge.sandbox.coze.run import Run

Endpoint: TypeAlias = Callable[[Call], Result]
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
    body: Any  # from JSON; None without one
    status: int | None = None
    code: int | None = None
    open: bool = False


class Gateway:
    """Serves endpoints in one dialect to who has the token."""

    def __init__(self, dialect: Cloud, *, token: str, changed: Callable[[], None]) -> None:
        self.requests: list[Exchange] = []
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._dialect = dialect
        self._token = token
        self._changed = changed

    def serve(self, path: str, endpoint: Endpoint | None) -> Callable[[Request], Awaitable[Reply]]:
        """A Starlette endpoint; None is for paths that do not exist."""

        async def served(request: Request) -> Reply:
            body = await request.body()
            exchange = Exchange(
                request.method,
                request.url.path,
                dict(request.query_params),
                dict(request.headers),
                _json(body),
            )
            self.requests.append(exchange)
            faults = self.faults[exchange.path] or self.faults[path]
            fault = faults.popleft() if faults else None
            call = Call(exchange.query, request.path_params, body, fault)
            outcome = self._outcome(endpoint, call, exchange)
            reply = self._reply(path, outcome, exchange, fault)
            self._changed()
            return reply

        return served

    def _outcome(
        self, endpoint: Endpoint | None, call: Call, exchange: Exchange
    ) -> Result | HttpError | JsonError:
        if isinstance(call.fault, HttpError | JsonError):
            return call.fault
        if endpoint is None or isinstance(call.fault, Refuse):
            return _NOT_FOUND
        try:
            self._authorise(exchange.headers.get("authorization", ""))
            return endpoint(call)
        except Refused as refused:
            return self._dialect.refusal(refused)

    def _authorise(self, authorization: str) -> None:
        scheme, _, token = authorization.partition(" ")
        if not authorization:
            raise Refused(Why.TOKEN, "missing authorization in header")
        if scheme != "Bearer" or not token:
            raise Refused(Why.TOKEN, "missing api_key in request")
        if token != self._token:
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
        if isinstance(outcome, Run):
            headers = {"content-type": "text/event-stream", **self._dialect.stream_headers}
            reply = Reply(outcome, {header: log_id, **headers}, over=over, fault=fault)
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
