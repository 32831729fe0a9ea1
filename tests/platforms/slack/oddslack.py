"""A Slack that knows one file and one user, and answers as a test wants."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bridge.core.model import FileRef
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack.faults import hang_up
from bridge.wire.serve import serve
from tests.platforms.slack.rig import adapter_at

FILE = FileRef("F1", "file", "a.bin")


class OddSlack:
    """Answers files.info with `told`, and whoever asks for bytes with `answer`."""

    def __init__(self, answer: Response | ASGIApp | None = None, /, **told: Any) -> None:
        self.answer = answer or PlainTextResponse("hello", media_type="application/octet-stream")
        self.told = {"id": "F1", "name": "a.bin", "mode": "hosted"} | told
        self.user: dict[str, Any] = {"id": "U0ANN", "name": "ann"}
        self.calls: list[tuple[str, dict[str, Any]]] = []  # of the Web API
        self.asked: list[Request] = []
        self.bodies: list[bytes] = []
        self.elsewhere: list[Request] = []
        self.refuse: dict[str, str] = {}  # errors, by method
        self.slow = asyncio.Event()  # until it is set nothing is told of a user
        self.slow.set()
        self.drop = ""  # the method whose calls get no answer
        routes = [("/api/{method}", self._api), ("/files/{name}", self._bytes)]
        routes += [("/upload", self._bytes), ("/elsewhere", self._elsewhere)]
        self.app = Starlette(routes=[Route(at, do, methods=["GET", "POST"]) for at, do in routes])

    async def _api(self, request: Request) -> ASGIApp:
        method, base = request.path_params["method"], str(request.base_url)
        is_json = request.headers.get("content-type", "").startswith("application/json")
        params = await request.json() if is_json else dict(request.query_params)
        self.calls.append((method, params))
        if method == self.drop:
            return hang_up
        if method in self.refuse:
            return JSONResponse({"ok": False, "error": self.refuse[method]})
        if method == "files.getUploadURLExternal":
            address = self.told.get("upload_url", f"{base}upload")
            return JSONResponse({"ok": True, "upload_url": address, "file_id": "F1"})
        if method == "users.info":
            await self.slow.wait()
            return JSONResponse({"ok": True, "user": self.user})
        url = {"url_private_download": f"{base}files/a.bin"}
        return JSONResponse({"ok": True, "file": url | self.told})

    async def _bytes(self, request: Request) -> ASGIApp:
        self.bodies.append(await request.body())
        self.asked.append(request)
        return self.answer

    async def _elsewhere(self, request: Request) -> Response:
        self.elsewhere.append(request)
        return PlainTextResponse("secret")


@contextlib.asynccontextmanager
async def adapter_before(host: OddSlack) -> AsyncIterator[SlackAdapter]:
    """An adapter of a Slack that is `host`."""
    async with serve(host.app) as url, adapter_at(url) as adapter:
        yield adapter
