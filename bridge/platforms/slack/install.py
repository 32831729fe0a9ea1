"""The pages at which people install the app in their workspace: away to Slack, and back."""

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from bridge.core.errors import BridgeError, Denied, Fatal, Retryable, StoreUnavailable
from bridge.core.ports import Http, Installation, Installations
from bridge.platforms.slack.grants import Grants
from bridge.platforms.slack.install_words import Outcome, words

log = logging.getLogger(__name__)

INSTALL, REDIRECT = "install", "oauth_redirect"
PAGES = (INSTALL, REDIRECT)

_COOKIE = "coze_bridge_install"
_LASTS = 600  # seconds in which people decide
_STATUS: dict[Outcome, int] = {
    "done": 200,
    "cancelled": 200,
    "stale": 400,
    "refused": 403,
    "setup": 500,
    "unavailable": 503,
    "unsaved": 503,
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}
_PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}}
</style>
<h1>{title}</h1><p>{paragraph}</p>{link}</html>
"""


class _Page:
    """An ASGI application of one page."""

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response: Response = PlainTextResponse("only GET\n", 405, {"Allow": "GET"})
        if request.method == "GET":
            response = await self._answer(request)
        await response(scope, receive, send)


class Pages:
    """Installs one app. `allowed` are the workspaces that may have it; empty: all."""

    def __init__(
        self,
        grants: Grants,
        installations: Installations,
        *,
        allowed: frozenset[str],
        installed: Callable[[str], Awaitable[None]],
    ) -> None:
        self._grants, self._installations = grants, installations
        self._allowed, self._installed = allowed, installed

    def page(self, name: str) -> Http:
        """One of PAGES."""
        return _Page(self._away if name == INSTALL else self._back)

    async def _away(self, request: Request) -> Response:
        """Send somebody to Slack, which asks them; the way back is for this browser alone."""
        state = secrets.token_urlsafe(32)
        try:
            await self._installations.begin(state)
        except StoreUnavailable:
            return self._said(request, "unsaved")
        response = RedirectResponse(self._grants.page(state), 302, {"Cache-Control": "no-store"})
        secure = self._grants.redirect.startswith("https:")
        response.set_cookie(
            _COOKIE, state, max_age=_LASTS, httponly=True, secure=secure, samesite="lax"
        )
        return response

    async def _back(self, request: Request) -> Response:
        """What Slack sends people back with: a code, if they have allowed it."""
        told, state = request.query_params, request.query_params.get("state", "")
        try:
            if told.get("error") == "access_denied":
                return self._said(request, "cancelled")
            mine = hmac.compare_digest(request.cookies.get(_COOKIE, "").encode(), state.encode())
            if not (state and mine and await self._installations.redeem(state)):
                return self._said(request, "stale")
            if told.get("error"):
                log.error("Slack refuses the installation: %s", told["error"][:100])
                return self._said(request, "setup")
            return self._said(request, *await self._install(told.get("code", "")))
        except StoreUnavailable as error:
            log.warning("an installation is not stored: %s", error)
            return self._said(request, "unsaved")

    async def _install(self, code: str) -> tuple[Outcome, Installation | None]:
        """Have the installation that a code stands for, and keep it. Raises StoreUnavailable."""
        try:
            found = await self._grants.exchange(code)
        except Retryable as error:
            log.warning("nothing is installed: %s", error)
            return "unavailable", None
        except Denied as error:
            log.error("nothing is installed: %s", error)  # noqa: TRY400 - it is no fault of ours
            return "setup", None
        except Fatal as error:
            log.info("nothing is installed: %s", error)
            return "stale", None
        if self._allowed and found.id not in self._allowed:
            log.warning("not installed in %s (%s): not in allow.workspaces", found.name, found.id)
            with suppress(BridgeError):
                await self._grants.revoke(found.token)
            return "refused", found
        await self._installations.put(found)
        await self._installed(found.id)
        log.info("installed in %s (%s)", found.name, found.id)
        return "done", found

    def _said(
        self, request: Request, outcome: Outcome, about: Installation | None = None
    ) -> Response:
        """A page that says what became of it."""
        language = request.headers.get("accept-language", "en")[:2].lower()
        values = {"name": about.name, "id": about.id} if about else {}
        title, paragraph = words(outcome, language, **values)
        link = ""
        if outcome in ("cancelled", "stale", "unavailable", "unsaved"):
            again = "重新开始" if language == "zh" else "Begin again"
            link = f'<p><a href="{INSTALL}">{again}</a></p>'
        text = _PAGE.format(
            language="zh" if language == "zh" else "en",
            title=escape(title),
            paragraph=escape(paragraph),
            link=link,
        )
        response = HTMLResponse(text, _STATUS[outcome], _HEADERS)
        response.delete_cookie(_COOKIE)
        return response
