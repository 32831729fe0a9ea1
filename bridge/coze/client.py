"""Requests to Coze: one method a call, typed errors, no decisions."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, BinaryIO

import httpx
import msgspec

from bridge.core.errors import Retryable, Unavailable, Uncertain
from bridge.core.model import Run
from bridge.coze.auth import FixedToken, Tokens
from bridge.coze.decode import Event, StreamDecoder
from bridge.coze.errors import NOT_CANCELLABLE, CozeDenied, CozeError, coze_error
from bridge.wire import never_sent, transport

_MOST_OF_AN_ERROR = 65_536  # bytes
_UPLOAD_TIMEOUT = httpx.Timeout(300, connect=10)  # seconds without progress; Coze looks at files
_REPEATS = (0.5, 1.0, 2.0)  # seconds before a call that changes nothing is repeated

_FLOWS = "conversation.message.delta"
_LULL, _LONGEST_LULL = 0.002, 0.1  # seconds between two reads of a stream: for each other, most

Json = dict[str, Any]
CozeStream = AsyncGenerator[tuple[Event, str], None]  # each event with the log id


class CozeClient:
    """One Coze account at one address.

    Raises (every method):
        CozeError: Coze refused or failed.
        Unavailable: the request did not reach it.
        Uncertain: no answer came.
        Denied: there is no token to be had.
    """

    def __init__(
        self,
        api_base: str,
        token: str,
        *,
        connect_timeout: float = 10,
        idle_timeout: float = 210,
        sign: Callable[[httpx.AsyncClient], Tokens] | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=api_base.rstrip("/"),
            headers={"Accept-Encoding": "identity"},
            timeout=httpx.Timeout(30, connect=connect_timeout),
            transport=transport(read_ahead=1),  # what comes in a lull is then read at once
        )
        self._tokens = sign(self._http) if sign else FixedToken(token)
        self._streams = 0  # that are being read
        self._stream_timeout = httpx.Timeout(30, connect=connect_timeout, read=idle_timeout)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def stream(
        self, path: str, body: Json, *, params: Mapping[str, str] | None = None
    ) -> CozeStream:
        """Begin something, and yield each event as it comes. Not idempotent."""
        how = {"params": params or {}, "json": body, "timeout": self._stream_timeout}
        response = await self._accepted("POST", path, **how)
        try:
            log_id = _log_id(response)
            async with aclosing(self._events(response)) as events:
                async for event in events:
                    yield event, log_id
        finally:
            await response.aclose()

    async def _accepted(self, method: str, path: str, **how: Any) -> httpx.Response:  # noqa: ANN401
        """The response to a request for a stream, once it is one; a stale token is replaced."""
        for last in (False, True):
            request, token = await self._request(method, path, **how)
            response = await self._send(request, stream=True)
            kind = response.headers.get("content-type", "")
            if kind.startswith("text/event-stream"):
                return response
            try:
                error = _error(response, await _read(response))
            finally:
                await response.aclose()
            if last or not (isinstance(error, CozeDenied) and self._tokens.refused(token)):
                raise error
        raise AssertionError

    async def _events(self, response: httpx.Response) -> AsyncGenerator[Event, None]:
        """The events of a stream, to its end."""
        decoder, flowing = StreamDecoder(), False
        self._streams += 1
        try:
            async for chunk in response.aiter_raw():
                if flowing:  # let more arrive; to wake up for each delta costs the most
                    await asyncio.sleep(min(_LULL * (self._streams - 1), _LONGEST_LULL))
                for event in decoder.feed(chunk):
                    flowing = flowing or event[0] == _FLOWS
                    yield event
        except httpx.HTTPError as error:
            raise _lost(error) from error
        finally:
            self._streams -= 1
        last, stray = decoder.end()
        for event in last:
            yield event
        if _json(stray).get("code"):  # an error told in the middle of a stream, as bare JSON
            raise _error(response, stray)

    async def retrieve(self, run: Run) -> Json:
        """The chat as it stands."""
        return data_of(await self.patiently("GET", "/v3/chat/retrieve", params=_ids(run)))

    async def messages(self, run: Run) -> object:
        """The messages of a completed chat, in no order. An empty list may be left out."""
        told = await self.patiently("GET", "/v3/chat/message/list", params=_ids(run))
        return told.get("data") or told.get("Messages")  # in the cloud; in Coze Studio

    async def cancel(self, run: Run) -> None:
        """Stop a run; one that has ended is as good."""
        try:
            await self.patiently("POST", "/v3/chat/cancel", json=_ids(run))
        except CozeError as error:
            if error.code not in NOT_CANCELLABLE:
                raise

    async def create_conversation(self, bot_id: str) -> str:
        """Begin a conversation; returns its id."""
        told = await self.patiently("POST", "/v1/conversation/create", json={"bot_id": bot_id})
        return _id(told)

    async def list_messages(self, conversation: str) -> list[Json]:
        """The last 50 questions and answers of a conversation, newest first."""
        body = {"order": "desc", "limit": 50}
        path, params = "/v1/conversation/message/list", {"conversation_id": conversation}
        told = await self.patiently("POST", path, params=params, json=body)
        return list(told.get("data") or ())

    def submit_streaming(self, run: Run, outputs: Sequence[Mapping[str, str]]) -> CozeStream:
        """Give a run what it waits for, and yield each event as it goes on. Not idempotent."""
        body = {"tool_outputs": list(outputs), "stream": True}
        return self.stream("/v3/chat/submit_tool_outputs", body, params=_ids(run))

    async def submit(self, run: Run, outputs: Sequence[Mapping[str, str]]) -> None:
        """Give a run what it waits for. Not idempotent."""
        body = {"tool_outputs": list(outputs), "stream": False}
        await self.call("POST", "/v3/chat/submit_tool_outputs", params=_ids(run), json=body)

    async def patiently(self, method: str, path: str, **how: Any) -> Json:  # noqa: ANN401
        """Like `call`, for calls that may be repeated."""
        for pause in _REPEATS:
            try:
                return await self.call(method, path, **how)
            except Retryable:
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load
        return await self.call(method, path, **how)

    async def call(self, method: str, path: str, **how: Any) -> Json:  # noqa: ANN401
        """Make one call and return its answer. Coze Studio leaves the code out of some."""
        return _told(await self._answered(method, path, **how))

    async def fetch(self, method: str, path: str, **how: Any) -> bytes:  # noqa: ANN401
        """Make one call and return what it answers, which is no JSON unless it failed."""
        response = await self._answered(method, path, **how)
        if response.headers.get("content-type", "").startswith("application/json"):
            raise _error(response, response.content)
        return response.content

    async def _answered(self, method: str, path: str, **how: Any) -> httpx.Response:  # noqa: ANN401
        """The answer to a request; one with a stale token is made once more."""
        request, token = await self._request(method, path, **how)
        response = await self._send(request)
        refused = _refused(response)
        if refused is None:
            return response
        if not (isinstance(refused, CozeDenied) and self._tokens.refused(token)):
            raise refused
        request, _ = await self._request(method, path, **how)
        response = await self._send(request)
        if refused := _refused(response):
            raise refused
        return response

    async def _request(
        self,
        method: str,
        path: str,
        *,
        file: tuple[str, BinaryIO] | None = None,
        **how: Any,  # noqa: ANN401
    ) -> tuple[httpx.Request, str]:
        """A request, and the token that is in it; a file is sent from its beginning."""
        token = await self._tokens.token()
        if file:
            file[1].seek(0)
            how |= {"files": {"file": file}, "timeout": _UPLOAD_TIMEOUT}
        headers = {"Authorization": f"Bearer {token}"}
        return self._http.build_request(method, path, headers=headers, **how), token

    async def _send(self, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
        try:
            return await self._http.send(request, stream=stream)
        except httpx.HTTPError as error:
            raise _lost(error) from error


def _refused(response: httpx.Response) -> CozeError | None:
    """What an answer has against the request."""
    if response.status_code >= httpx.codes.BAD_REQUEST:
        return _error(response, response.content)
    if not response.headers.get("content-type", "").startswith("application/json"):
        return None
    failed = str(_json(response.content).get("code") or 0) != "0"
    return _error(response, response.content) if failed else None


def _told(response: httpx.Response) -> Json:
    if told := _json(response.content):
        return told
    raise _error(response, response.content)


async def _read(response: httpx.Response) -> bytes:
    """The beginning of a body that should have been a stream."""
    body = b""
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > _MOST_OF_AN_ERROR:
                break
    except httpx.HTTPError as error:
        raise _lost(error) from error
    return body


def _lost(error: httpx.HTTPError) -> Retryable:
    if never_sent(error):
        host = error.request.url.host
        return Unavailable(f"Coze cannot be reached: check the network and COZE_API_BASE ({host})")
    return Uncertain(f"Coze: {type(error).__name__} {error}".strip())


def _error(response: httpx.Response, body: bytes) -> CozeError:
    """The error that an answer stands for, whatever its shape."""
    told, status = _json(body), response.status_code
    code = told.get("code") or told.get("error_code") or 0
    text = "" if told or b"<" in body else body[:200].decode(errors="replace")
    message = told.get("msg") or told.get("error_message") or text or "no reason given"
    detail = told.get("detail")
    log_id = detail.get("logid", "") if isinstance(detail, Mapping) else ""
    return coze_error(code, str(message), log_id=log_id or _log_id(response), status=status)


def _json(body: bytes) -> Json:
    """A JSON object, or an empty one."""
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def data_of(told: Json) -> Json:
    """The object that an answer brings as its `data`, or an empty one."""
    data = told.get("data")
    return data if isinstance(data, dict) else {}


def _id(told: Json) -> str:
    """The id of what an answer says was made."""
    if made := data_of(told).get("id"):
        return str(made)
    raise coze_error(0, "an answer without an id")


def _log_id(response: httpx.Response) -> str:
    """What support asks for: named so by the cloud, and so by Coze Studio."""
    return str(response.headers.get("x-tt-logid") or response.headers.get("x-log-id") or "")


def _ids(run: Run) -> dict[str, str]:
    return {"conversation_id": run.conversation, "chat_id": run.chat}
