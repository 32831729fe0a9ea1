"""The Web API over HTTP: tokens, arguments, limits and faults around the methods."""

import contextlib
import time
from collections.abc import Callable
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.sandbox.changes import Changes
from bridge.sandbox.slack import methods, reads
from bridge.sandbox.slack.args import Args, json_object, read
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.faults import Fault, Faults
from bridge.sandbox.slack.limits import Limiter
from bridge.sandbox.slack.model import Json, SlackError
from bridge.sandbox.slack.responses import Responses

METHODS: dict[str, Callable[[Workspace, Args], Json]] = {
    "assistant.threads.setStatus": methods.set_status,
    "chat.delete": methods.delete,
    "chat.postEphemeral": methods.post_ephemeral,
    "chat.postMessage": methods.post_message,
    "chat.update": methods.update,
    "conversations.history": reads.history,
    "conversations.info": reads.info,
    "conversations.open": reads.open_direct,
    "conversations.replies": reads.replies,
    "reactions.add": reads.add_reaction,
    "users.info": reads.user_info,
}


class Call(NamedTuple):
    """One Web API call and what its caller was told; `at` is of the monotonic clock."""

    at: float
    method: str
    params: Json
    ok: bool
    error: str | None


async def hang_up(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer with nothing: uvicorn closes the connection, because no such status exists."""
    with contextlib.suppress(Exception):
        await send({"type": "http.response.start", "status": 0, "headers": []})


class Server:
    """Answers the Web API and the response URLs; `base_url` is where it was last reached."""

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
        self.base_url = "http://127.0.0.1/"
        self._workspace = workspace
        self._responses = responses
        self._limiter = limiter
        self._changes = changes
        self._ticket = ticket

    async def api(self, request: Request) -> ASGIApp:
        """Answer `/api/<method>`."""
        self.base_url = str(request.base_url)
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
            body = METHODS[method](self._workspace, args)
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
        base = self.base_url.replace("http", "ws", 1)
        app_id = self._workspace.app.app_id
        return {"url": f"{base}link/?ticket={self._ticket()}&app_id={app_id}"}

    def _answer(
        self, method: str, args: Args, fault: Fault | None, outcome: Json | SlackError
    ) -> ASGIApp:
        dropped = fault is not None and fault.drop
        error = outcome.error if isinstance(outcome, SlackError) else None
        if dropped:
            error = "connection_dropped"
        self.calls.append(Call(time.monotonic(), method, dict(args), error is None, error))
        self._changes.notify()
        if dropped:
            return hang_up
        return refusal(outcome) if isinstance(outcome, SlackError) else JSONResponse(outcome)

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
    body: Json = {"ok": False, "error": error.error}
    if error.details:
        body["response_metadata"] = {"messages": [*error.details]}
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JSONResponse(body, status_code=error.status, headers=headers)
