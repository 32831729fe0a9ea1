"""Messages in by HTTP: Slack posts them, signed, and is answered once they are stored."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from slack_sdk.signature import SignatureVerifier
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bridge.core.ports import Accept
from bridge.platforms.slack.hearing import Hears
from bridge.platforms.slack.parse import Body
from bridge.wire.body import BodyTooLargeError, read_body

log = logging.getLogger(__name__)

PATH = "events"  # below the channel's door: events, slash commands and presses alike
_LATE = "1"  # the retry that follows at once; the next are after one and five minutes
_SURE = 360.0  # seconds in which all that Slack still brings after an outage has come
_LARGEST = 1 << 20  # bytes of a request; real ones have some ten thousand


class Requests:
    """Takes in what Slack posts. An ASGI application.

    An event that is not stored comes again by itself, at once and after one and five
    minutes; it is known again by its message, not by the headers that say so.
    """

    def __init__(self, arrivals: Hears, signing_secret: str) -> None:
        self._arrivals, self._verifier = arrivals, SignatureVerifier(signing_secret)
        self._accept: Accept | None = None  # while somebody listens
        self._sure_until = 0.0  # on the clock of the loop

    @property
    def trouble(self) -> str:
        """Why nothing can be taken in; empty while Slack may post."""
        return self._arrivals.patience.trouble

    async def whoami(self) -> str:
        """The bot's name and workspace; raises like a call of the adapter."""
        return await self._arrivals.whoami()

    async def run(self, accept: Accept) -> None:
        """Pass on deliveries until cancelled.

        Raises:
            Denied: the bot's token is wrong.
        """
        arrivals = self._arrivals
        try:
            await arrivals.meet()
            arrivals.behind.suspect()
            self._accept, arrivals.patience.trouble = accept, ""
            await asyncio.get_running_loop().create_future()  # Slack calls us
        except asyncio.CancelledError:
            arrivals.patience.trouble = "stopped"
            raise
        finally:
            self._accept = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.path_params.get("below") != PATH:
            return PlainTextResponse("not found\n", 404)
        if request.method != "POST":
            return PlainTextResponse("only POST\n", 405, {"Allow": "POST"})
        try:
            body = await read_body(request, _LARGEST)
            if not self._signed(body, request.headers):
                return PlainTextResponse("wrong signature\n", 401)
            delivery = _decoded(body)
        except BodyTooLargeError:
            return PlainTextResponse("too large\n", 413)
        except (ValueError, ClientDisconnect):
            return PlainTextResponse("no delivery\n", 400)
        if request.headers.get("x-slack-retry-num", "") > _LATE:
            self._wonder()
        return await self._store(delivery)

    def _wonder(self) -> None:
        """Slack could not reach us for a minute or more, and what it gave up may be missing."""
        now = asyncio.get_running_loop().time()
        if now > self._sure_until:
            self._sure_until = now + _SURE
            self._arrivals.behind.suspect()

    def _signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether Slack signed this within the last five minutes."""
        try:
            return self._verifier.is_valid_request(body, dict(headers))
        except (ValueError, TypeError, OverflowError):  # no number, no UTF-8, no ASCII
            return False

    async def _store(self, delivery: Body) -> Response:
        if delivery.get("type") == "url_verification":
            return JSONResponse({"challenge": delivery.get("challenge")})
        if delivery.get("type") == "app_rate_limited":
            log.warning(
                "Slack withholds events: there are more than 30,000 an hour",
                extra={"channel": self._arrivals.channel},
            )
        if self._accept is None:
            return PlainTextResponse("not listening\n", 503)
        if not await self._arrivals.take(delivery, self._accept):
            return PlainTextResponse("not stored\n", 503)
        return Response()


def _decoded(body: bytes) -> dict[str, Any]:
    """The delivery in a body: JSON, or a form that may have JSON in its `payload`.

    Raises:
        ValueError: there is none.
    """
    if not body.startswith(b"{"):
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if "payload" not in form:
            return form
        body = form["payload"].encode()
    try:
        delivery = msgspec.json.decode(body)
    except RecursionError as error:
        raise ValueError(error) from error
    if not isinstance(delivery, dict):
        raise ValueError("no object")  # noqa: TRY004 - it is what came that is wrong
    return delivery
