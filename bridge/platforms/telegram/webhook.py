"""Messages in by webhook: Telegram posts them, and is answered once they are stored."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import msgspec
import telegram
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bridge.core.ports import Accept
from bridge.platforms.telegram.updates import WANTED, NotStored, Updates
from bridge.wire.body import BodyTooLargeError, read_body

log = logging.getLogger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LARGEST = 1 << 20  # bytes of an update; real ones have a few thousand
_LOOK_EVERY = 60.0  # seconds
# Telegram would wait longer and longer, up to two minutes; told a time, it keeps to that.
_SOON = {"Retry-After": "2"}


def secret_of(token: str) -> str:
    """What Telegram shows with each update: the same for all replicas, and not the token."""
    return hmac.new(token.encode(), b"webhook", hashlib.sha256).hexdigest()


class Webhook:
    """Takes in what Telegram posts to `url`. An ASGI application.

    The webhook stays when the bridge stops: other replicas live by it, and what comes until
    the next start is kept by Telegram and posted then. A channel that polls removes it when
    it starts.
    """

    def __init__(self, updates: Updates, url: str, secret: str) -> None:
        self._updates, self._url, self._secret = updates, url, secret
        self._accept: Accept | None = None  # while somebody listens
        self._arrived = False  # something has, since the last look
        self._unstored = ""  # why the last that came could not be stored, if so
        self._old: datetime | None = None  # when the last failure was that is of no concern

    async def run(self, accept: Accept) -> None:
        """Set the webhook and pass on updates until cancelled.

        Raises:
            Denied: the token is wrong.
        """
        updates, bot = self._updates, self._updates.bot
        try:
            await updates.meet()
            self._accept = accept
            set_it = partial(bot.set_webhook, self._url, allowed_updates=WANTED)
            await updates.insist(partial(set_it, secret_token=self._secret))
            self._old = (await updates.insist(bot.get_webhook_info)).last_error_date
            updates.ready()
            while True:
                await asyncio.sleep(_LOOK_EVERY)
                await updates.insist(self._look)
        except asyncio.CancelledError:
            updates.patience.trouble = "stopped"
            raise
        finally:
            self._accept = None

    async def _look(self) -> None:
        """Ask Telegram how it gets on."""
        self._updates.patience.tell(self._complaint(await self._updates.bot.get_webhook_info()))

    def _complaint(self, info: telegram.WebhookInfo) -> str:
        """Why updates do not arrive, as far as Telegram knows.

        Who came last has the bot, as with polls: to set the webhook again would be a fight
        with an older or a newer version of ourselves.
        """
        if info.url != self._url:
            to = urlsplit(info.url).hostname
            why = f"Telegram sends to {to} instead" if to else "the webhook was removed"
            return f"{why}: stop the other program that uses this bot, then restart the bridge"
        if self._unstored:  # Telegram knows only that we refused it
            return self._unstored
        if self._arrived or not info.pending_update_count:
            self._arrived, self._old = False, info.last_error_date
        if info.last_error_date in (None, self._old):
            return ""
        return f"Telegram cannot deliver to {self._url}: {info.last_error_message}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        shown = request.headers.get(HEADER, "")
        if not hmac.compare_digest(shown.encode(), self._secret.encode()):
            return PlainTextResponse("forbidden\n", 403)
        if request.method != "POST":
            return PlainTextResponse("only POST\n", 405, {"Allow": "POST"})
        try:
            update = _decoded(await read_body(request, _LARGEST))
        except BodyTooLargeError:
            return PlainTextResponse("too large\n", 413)
        except (ValueError, ClientDisconnect):
            return PlainTextResponse("no update\n", 400)
        return await self._store(update)

    async def _store(self, update: dict[str, Any]) -> Response:
        if self._accept is None:
            return PlainTextResponse("not listening\n", 503, _SOON)
        try:
            await self._updates.take(self._updates.bot.read(update), self._accept)
        except NotStored as error:
            self._unstored = str(error)
            self._updates.patience.tell(self._unstored)
            return PlainTextResponse("not stored\n", 503, _SOON)
        if self._accept is not None:  # it may have stopped meanwhile
            self._arrived, self._unstored = True, ""
            self._updates.patience.tell("")
        return Response()


def _decoded(body: bytes) -> dict[str, Any]:
    """The update in a body.

    Raises:
        ValueError: there is none.
    """
    try:
        update = msgspec.json.decode(body)
    except RecursionError as error:
        raise ValueError(error) from error
    if not isinstance(update, Mapping) or type(update.get("update_id")) is not int:
        raise ValueError("no update_id")
    return dict(update)
