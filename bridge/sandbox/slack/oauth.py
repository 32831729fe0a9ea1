"""One app in several simulated workspaces: people install it there, and take it away again."""

import base64
import binascii
import secrets
import time
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.sandbox.changes import Changes
from bridge.sandbox.slack import payloads
from bridge.sandbox.slack.api import SCOPES
from bridge.sandbox.slack.args import Args, read
from bridge.sandbox.slack.model import Channel, Json, SlackError
from bridge.sandbox.slack.server import refusal
from bridge.sandbox.slack.simulator import SlackSimulator
from bridge.sandbox.slack.socketmode import Hub

CODE_LIFE = 600.0  # seconds

State = Literal["", "token_revoked", "account_inactive", "token_expired"]


@dataclass
class Code:
    """What somebody allowed, until the app fetches its token."""

    home: str  # the workspace, or the organisation
    redirect: str
    born: float
    used: bool = False


@dataclass
class Grant:
    """A token that was handed out; `state` is why it opens nothing any more."""

    home: str
    refresh: str = ""
    state: State = ""


class SlackApp:
    """Serve `app`, and give clients `{url}/api/`; `/oauth/v2/authorize` asks nobody anything.

    A token opens the workspace that it was made for, which is served below its id. `chooses` is
    where people install the app, a workspace or an organisation, and `denies` whether they
    decline; `expires_in` (seconds) turns the rotation of tokens on.
    """

    def __init__(
        self,
        *workspaces: SlackSimulator,
        redirects: tuple[str, ...] = (),
        client_id: str = "100.200",
        client_secret: str = "sandbox-client-secret",  # noqa: S107 -- opens nothing
        app_token: str = "xapp-sandbox",  # noqa: S107
    ) -> None:
        self.workspaces = {each.platform.identity.team: each for each in workspaces}
        self.redirects, self.client_id, self.client_secret = redirects, client_id, client_secret
        self.chooses, self.denies = workspaces[0].platform.identity.team, False
        self.expires_in = 0
        self.grants: dict[str, Grant] = {}  # by token
        self.changes = Changes()
        self._app_token = app_token
        self._codes: dict[str, Code] = {}
        self.hub = Hub("A0SANDBOX", self.changes, ack=self._ack, opened=self._opened)
        for each in workspaces:
            each.platform.hub = self.hub
        self.app = Starlette(
            routes=[
                Route("/oauth/v2/authorize", self._authorize),
                Route("/api/oauth.v2.access", self._access, methods=["POST"]),
                Route("/api/auth.revoke", self._revoke, methods=["GET", "POST"]),
                Route("/api/apps.connections.open", self._connect, methods=["POST"]),
                Route("/{team}/{path:path}", _Within(self)),
                WebSocketRoute("/link/", self.hub.link),
            ]
        )

    def uninstall(self, home: str) -> None:
        """Take the app away from a workspace, or organisation; it is told so."""
        for grant in self.grants.values():
            if grant.home == home:
                grant.state = "account_inactive"
        bot = self._members(home)[0].platform.identity.bot_user
        self.tell(home, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot]}})
        self.tell(home, {"type": "app_uninstalled"})

    def close(self, home: str, state: State) -> None:
        """Let the tokens of a workspace open nothing any more, without a word."""
        for grant in self.grants.values():
            if grant.home == home:
                grant.state = state

    def tell(self, home: str, event: Json) -> None:
        """Send an event that has no channel."""
        platform = self._members(home)[0].platform
        body = payloads.event_callback(event, Channel("", "", set()), platform.identity)
        platform.courier.send("events_api", body)

    def _members(self, home: str) -> list[SlackSimulator]:
        """The workspaces that an installation is for."""
        found = self.workspaces.get(home)
        return [found] if found else [w for w in self.workspaces.values() if _org(w) == home]

    async def _authorize(self, request: Request) -> Response:
        told = request.query_params
        back = told.get("redirect_uri", "")
        if told.get("client_id") != self.client_id:
            return PlainTextResponse("Invalid client_id parameter", 400)
        if not any(back == each or back.startswith(f"{each}/") for each in self.redirects):
            return PlainTextResponse("redirect_uri did not match any configured URIs", 400)
        if not set(filter(None, told.get("scope", "").split(","))) <= SCOPES | {"commands"}:
            return PlainTextResponse("Invalid permissions requested", 400)
        answer = {"error": "access_denied"}
        if not self.denies:
            answer = {"code": secrets.token_urlsafe(16)}
            self._codes[answer["code"]] = Code(self.chooses, back, time.monotonic())
        return RedirectResponse(f"{back}?{urlencode(answer | {'state': told.get('state', '')})}")

    async def _access(self, request: Request) -> Response:
        try:
            args, _ = await read(request)
            self._know(request, args)
            if args.text("grant_type") == "refresh_token":
                return JSONResponse(self._renewed(args.text("refresh_token")))
            return JSONResponse(self._granted(self._redeem(args)))
        except SlackError as refused:
            return refusal(refused)

    def _know(self, request: Request, args: Args) -> None:
        """See that it is the app who asks, by either way of saying so."""
        scheme, _, basic = request.headers.get("authorization", "").partition(" ")
        given = [args.text("client_id"), args.text("client_secret")]
        if scheme.lower() == "basic":
            try:
                given = base64.b64decode(basic).decode().split(":", 1)
            except (binascii.Error, UnicodeDecodeError):
                given = ["", ""]
        if given[0] != self.client_id:
            raise SlackError("invalid_client_id")
        if given[1] != self.client_secret:
            raise SlackError("bad_client_secret")

    def _redeem(self, args: Args) -> str:
        """Where the app is to be installed, by a code that is good for once."""
        code = self._codes.get(args.text("code"))
        if code is None or time.monotonic() - code.born > CODE_LIFE:
            raise SlackError("invalid_code")
        if code.used:
            raise SlackError("code_already_used")
        if args.text("redirect_uri") != code.redirect:
            raise SlackError("bad_redirect_uri")
        code.used = True
        return code.home

    def _renewed(self, refresh: str) -> Json:
        grant = next((g for g in self.grants.values() if refresh and g.refresh == refresh), None)
        if grant is None or grant.state not in {"", "token_expired"}:
            raise SlackError("invalid_refresh_token")
        grant.refresh = ""
        return self._granted(grant.home)

    def _granted(self, home: str) -> Json:
        """A new token."""
        grant, token = Grant(home), f"xoxb-{home}-{secrets.token_hex(8)}"
        more: Json = {}
        if self.expires_in:
            grant.refresh, token = f"xoxe-1-{secrets.token_hex(8)}", f"xoxe.{token}"
            more = {"refresh_token": grant.refresh, "expires_in": self.expires_in}
        self.grants[token] = grant
        first = self._members(home)[0].platform.identity
        whole = home not in self.workspaces
        organisation = {"id": first.enterprise, "name": first.enterprise}
        return {
            "ok": True,
            "access_token": token,
            "token_type": "bot",
            "scope": ",".join(sorted(SCOPES)),
            "bot_user_id": first.bot_user,
            "app_id": first.app_id,
            "team": None if whole else {"id": home, "name": f"Team <{home}>"},
            "enterprise": organisation if first.enterprise else None,
            "is_enterprise_install": whole,
            "authed_user": {"id": "U0ANN"},
            **more,
        }

    async def _revoke(self, request: Request) -> Response:
        _, token = await read(request)
        grant = self.grants.get(token)
        if grant is None or grant.state:
            return refusal(SlackError(grant.state if grant else "invalid_auth"))
        grant.state = "token_revoked"
        return JSONResponse({"ok": True, "revoked": True})

    async def _connect(self, request: Request) -> Response:
        _, token = await read(request)
        if token != self._app_token:
            return refusal(SlackError("invalid_auth"))
        base = str(request.base_url).replace("http", "ws", 1)
        return JSONResponse({"ok": True, "url": f"{base}link/?ticket={self.hub.ticket()}"})

    async def within(self, request: Request, team: str) -> tuple[str, str]:
        """The workspace that a request is for, and the token that opens it there.

        Raises:
            SlackError: the token opens nothing.
        """
        args, token = await read(request) if team == "api" else (Args(), _bearer(request))
        if team in self.workspaces and not token:
            return team, ""  # an address that needs none
        grant = self.grants.get(token)
        if grant is None or grant.state:
            raise SlackError(grant.state if grant else "invalid_auth")
        members = [each.platform for each in self._members(grant.home)]
        where = args.text("channel") or args.text("channel_id")
        home = next((m for m in members if where in m.workspace.channels), members[0])
        return home.identity.team, home.identity.bot_token

    def _ack(self, envelope_id: str, payload: Json | None) -> None:
        for each in self.workspaces.values():
            each.platform.courier.ack(envelope_id, payload)

    def _opened(self) -> None:
        for each in self.workspaces.values():
            each.platform.courier.resume()


class _Within:
    """Passes a request on to the workspace that its token opens."""

    def __init__(self, app: SlackApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        params, body = scope["path_params"], await Request(scope, receive).body()

        def again() -> Receive:
            """What was received, anew."""
            bodies = [body]

            async def take() -> Json:
                if bodies:
                    return {"type": "http.request", "body": bodies.pop(), "more_body": False}
                return dict(await receive())

            return take

        try:
            team, token = await self._app.within(Request(scope, again()), params["team"])
        except SlackError as refused:
            await refusal(refused)(scope, receive, send)
            return
        path = f"/{team}/{params['path']}"
        if params["team"] == "api":
            path = f"/{team}/api/{params['path']}"
        headers = [each for each in scope["headers"] if each[0] != b"authorization"]
        if token:
            headers.append((b"authorization", f"Bearer {token}".encode()))
        inner = {**scope, "path": path, "raw_path": path.encode(), "root_path": f"/{team}"}
        workspace: ASGIApp = self._app.workspaces[team].app
        await workspace({**inner, "headers": headers}, again(), send)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _org(workspace: SlackSimulator) -> str:
    return workspace.platform.identity.enterprise
