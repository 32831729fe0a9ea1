"""The routes of the sandbox's page."""

import functools
from collections.abc import Awaitable, Callable
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

from bridge.sandbox.page import deeds, sendings
from bridge.sandbox.page.events import Events
from bridge.sandbox.page.guard import LOCAL_HOSTS, SameOrigin
from bridge.sandbox.page.media import in_slack, in_telegram, media_route
from bridge.sandbox.page.snapshot import snapshot
from bridge.sandbox.page.uploads import TooLargeError, brought, said
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator

S = TypeVar("S")

_FILES = (
    "page.html",
    "page.css",
    "chats.css",
    "page.js",
    "pane.js",
    "nodes.js",
    "text.js",
    "media.js",
    "menu.js",
    "tray.js",
    "voice.js",
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
            *_telegram_routes(telegram),
            *_slack_routes(slack),
        ],
        middleware=[
            Middleware(SameOrigin),
            Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_HOSTS),
        ],
    )


def _telegram_routes(telegram: TelegramSimulator) -> list[Route]:
    return [
        _accept("/telegram/say", deeds.TelegramSay, telegram),
        _accept("/telegram/press", deeds.TelegramPress, telegram),
        _accept("/telegram/react", deeds.TelegramReact, telegram),
        _take_in("/telegram/send", sendings.TelegramSend, telegram),
        _take_in("/telegram/speak", sendings.TelegramSpeak, telegram),
        media_route("/telegram/media", functools.partial(in_telegram, telegram)),
    ]


def _slack_routes(slack: SlackSimulator) -> list[Route]:
    return [
        _accept("/slack/say", deeds.SlackSay, slack),
        _accept("/slack/press", deeds.SlackPress, slack),
        _accept("/slack/command", deeds.SlackCommand, slack),
        _accept("/slack/home", deeds.SlackHome, slack),
        _accept("/slack/assistant", deeds.SlackAssistant, slack),
        _accept("/slack/pick", deeds.SlackPick, slack),
        _take_in("/slack/share", sendings.SlackShare, slack),
        media_route("/slack/media", functools.partial(in_slack, slack)),
    ]


def _static(name: str) -> Route:
    content = files(__package__).joinpath(name).read_bytes()
    media_type = _TYPES[PurePath(name).suffix]

    async def answer(_request: Request) -> Response:
        return Response(content, media_type=media_type)

    return Route("/" if name == "page.html" else f"/{name}", answer)


def _accept(path: str, kind: type[deeds.Deed[S]], simulator: S) -> Route:
    """A route that does what is posted to it as JSON."""

    async def do(request: Request) -> None:
        msgspec.json.decode(await said(request), type=kind).do(simulator)

    return _route(path, "application/json", do)


def _take_in(path: str, kind: type[sendings.Sending[S]], simulator: S) -> Route:
    """A route that sends the files that are posted to it, behind a line of JSON."""

    async def do(request: Request) -> None:
        json, content = await brought(request)
        msgspec.json.decode(json, type=kind).do(simulator, content)

    return _route(path, "application/octet-stream", do)


def _route(path: str, taken: str, do: Callable[[Request], Awaitable[None]]) -> Route:
    """A route for one media type, which no other page can post; or it answers with a sentence."""

    async def answer(request: Request) -> Response:
        media_type, _, _ = request.headers.get("content-type", "").partition(";")
        if media_type.strip().lower() != taken:
            return _refusal(415, f"only {taken} is taken")
        try:
            await do(request)
        except TooLargeError as error:
            return _refusal(413, str(error))
        except (msgspec.DecodeError, LookupError, ValueError) as error:
            return _refusal(400, str(error))
        return Response(status_code=204)

    return Route(path, answer, methods=["POST"])


def _refusal(status: int, why: str) -> Response:
    return JSONResponse({"error": f"That does not work: {why}."}, status)
