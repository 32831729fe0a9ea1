"""The routes of the sandbox's page."""

from importlib.resources import files
from pathlib import PurePath
from typing import TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bridge.sandbox.page.deeds import (
    Deed,
    SlackCommand,
    SlackPress,
    SlackSay,
    TelegramPress,
    TelegramSay,
)
from bridge.sandbox.page.events import Events
from bridge.sandbox.page.guard import LOCAL_HOSTS, SameOrigin
from bridge.sandbox.page.snapshot import snapshot
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator

S = TypeVar("S")

_FILES = (
    "page.html",
    "page.css",
    "page.js",
    "pane.js",
    "nodes.js",
    "text.js",
    "telegram.js",
    "slack.js",
)
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


def page_app(telegram: TelegramSimulator, slack: SlackSimulator, *, note: str = "") -> Starlette:
    """A page on which people write to the bot of both simulators; serve it beside them.

    Its header shows `note`. Only browsers on this machine are answered, and no other page.
    """

    def look() -> bytes:
        return msgspec.json.encode({"note": note, **snapshot(telegram, slack)})

    return Starlette(
        routes=[
            *(_static(name) for name in _FILES),
            Route("/events", Events(look, telegram.changes, slack.changes), methods=["GET"]),
            _accept("/telegram/say", TelegramSay, telegram),
            _accept("/telegram/press", TelegramPress, telegram),
            _accept("/slack/say", SlackSay, slack),
            _accept("/slack/press", SlackPress, slack),
            _accept("/slack/command", SlackCommand, slack),
        ],
        middleware=[
            Middleware(SameOrigin),
            Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_HOSTS),
        ],
    )


def _static(name: str) -> Route:
    content = files(__package__).joinpath(name).read_bytes()
    media_type = _TYPES[PurePath(name).suffix]

    async def answer(_request: Request) -> Response:
        return Response(content, media_type=media_type)

    return Route("/" if name == "page.html" else f"/{name}", answer)


def _accept(path: str, kind: type[Deed[S]], simulator: S) -> Route:
    """A route that does what is posted to it as JSON, or answers 400 with a sentence."""

    async def answer(request: Request) -> Response:
        media_type, _, _ = request.headers.get("content-type", "").partition(";")
        if media_type.strip().lower() != "application/json":
            return _refusal(415, "only application/json is taken")
        try:
            msgspec.json.decode(await request.body(), type=kind).do(simulator)
        except (msgspec.DecodeError, LookupError, ValueError) as error:
            return _refusal(400, str(error))
        return Response(status_code=204)

    return Route(path, answer, methods=["POST"])


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"error": f"That does not work: {why}."}, status)
