"""The Web API over HTTP: tokens, arguments, limits and faults around the methods."""

import time
from collections.abc import Callable
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from bridge.sandbox.changes import Changes
from bridge.sandbox.slack.api import METHODS, call
from bridge.sandbox.slack.args import Args, json_object, read
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.faults import Fault, Faults, hang_up
from bridge.sandbox.slack.limits import Limiter
from bridge.sandbox.slack.model import Json, SlackError
from bridge.sandbox.slack.responses import Responses


class Call(NamedTuple):
    """One Web API call and what its caller was told; `at` is of the monotonic clock.

    The file host is called, too: `files-pri` and `upload`.
    """

    at: float
    method: str
    params: Json
    ok: bool
    error: str | None


class Server:
    """Answers the Web API and the response URLs."""

    def __init__(
        self,
        workspace: Workspace,
        responses: Responses,
        limiter: Limiter,
        changes: Changes,
        *,
        ticket: Callable[[], str],
    ) -> None:
        self.calls: list[Call] = []
        self.faults = Faults()
        self._workspace = workspace
        self._responses = responses
        self._limiter = limiter
        self._changes = changes
        self._ticket = ticket

    async def api(self, request: Request) -> ASGIApp:
        """Answer `/api/<method>`."""
        self._workspace.app.site.url = str(request.base_url)
        method = request.path_params["method"]
        args = Args()
        fault = self.faults.take(method)
        try:
            args, token = await read(request)
            body = {"ok": True, **self._do(request, method, args, token, fault)}
        except SlackError as refusal:
            return self._answer(method, args, fault, refusal)
        return self._answer(method, args, fault, body)

    def _do(
        self, request: Request, method: str, args: Args, token: str, fault: Fault | None
    ) -> Json:
        if fault and not fault.after_doing:
            raise fault.refusal()
        if method not in METHODS and method not in {"auth.test", "apps.connections.open"}:
            raise SlackError("unknown_method")
        holder = self._authorize(method, token)
        wait = self._limiter.wait(method, args.text("channel"))
        if wait:
            raise SlackError("ratelimited", status=429, retry_after=wait)
        if method == "auth.test":
            body = self._whoami(holder)
        elif method == "apps.connections.open":
            body = self._open_connection(request)
        else:
            body = call(self._workspace, method, args)
        if fault:
            raise fault.refusal()
        return body

    def _authorize(self, method: str, token: str) -> str:
        """Whose token it is: "bot" or "app"."""
        app = self._workspace.app
        if not token:
            raise SlackError("not_authed")
        if token not in {app.bot_token, app.app_token}:
            raise SlackError("invalid_auth")
        holder = "bot" if token == app.bot_token else "app"
        needed = "app" if method == "apps.connections.open" else "bot"
        if method != "auth.test" and holder != needed:
            raise SlackError("not_allowed_token_type")
        return holder

    def _whoami(self, holder: str) -> Json:
        app = self._workspace.app
        if holder == "app":
            return {"app_name": "coze", "app_id": app.app_id}
        return {
            "url": "https://sandbox.slack.com/",
            "team": "sandbox",
            "user": "coze",
            "team_id": app.team,
            "user_id": app.bot_user,
            "bot_id": app.bot_id,
            "is_enterprise_install": False,
        }

    def _open_connection(self, request: Request) -> Json:
        if request.method != "POST":
            raise SlackError("insecure_request")
        app = self._workspace.app
        base = app.site.url.replace("http", "ws", 1)
        return {"url": f"{base}link/?ticket={self._ticket()}&app_id={app.app_id}"}

    def _answer(
        self, method: str, args: Args, fault: Fault | None, outcome: Json | SlackError
    ) -> ASGIApp:
        dropped = fault is not None and fault.drop
        error = outcome.error if isinstance(outcome, SlackError) else None
        if dropped:
            error = "connection_dropped"
        self.note(method, dict(args), error)
        if dropped:
            return hang_up
        if isinstance(outcome, SlackError):
            return refusal(outcome)
        scopes = ",".join(sorted(self._workspace.scopes))
        return JSONResponse(outcome, headers={"X-OAuth-Scopes": scopes})

    def note(self, method: str, params: Json, error: str | None) -> None:
        """Keep a call for whoever wants to see it."""
        self.calls.append(Call(time.monotonic(), method, params, error is None, error))
        self._changes.notify()

    async def respond(self, request: Request) -> Response:
        """Answer a POST to a response URL."""
        try:
            body = json_object(await request.body(), SlackError("invalid_payload", status=400))
            self._responses.answer(request.path_params["key"], body)
        except SlackError as error:
            return refusal(error)
        return PlainTextResponse("ok")


def refusal(error: SlackError) -> Response:
    """The answer that says no."""
    body: Json = {"ok": False, "error": error.error, **error.more}
    if error.details:
        body["response_metadata"] = {"messages": [*error.details]}
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JSONResponse(body, status_code=error.status, headers=headers)
