"""The operator's own service behind the functions that a bot calls."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bridge.coze.tools import Tool, Tools
from bridge.sandbox.changes import Changes
from bridge.sandbox.coze import Answer, Question, Require, Script, ToolCall
from bridge.wire.serve import serve

Handler = Callable[[Request], Awaitable[Response]]
WEATHER = ToolCall("call-1", "get_weather", '{"city":"Paris"}')


async def clear(_: Request) -> Response:
    return JSONResponse({"sky": "clear"})


@dataclass
class Endpoint:
    """A service at `url`, and what it was asked."""

    url: str
    handler: Handler = clear
    called: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)

    async def handle(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        self.called.append(await request.json() if request.method == "POST" else {})
        self.changes.notify()
        return await self.handler(request)

    @asynccontextmanager
    async def tools(self, *names: str, **settings: Any) -> AsyncIterator[Tools]:
        """The functions of these names, all behind this."""
        made = Tools({name: Tool(self.url, **settings) for name in names or ("get_weather",)})
        try:
            yield made
        finally:
            await made.aclose()


@asynccontextmanager
async def endpoint(handler: Handler = clear) -> AsyncIterator[Endpoint]:
    made = Endpoint("", handler)
    route = Route("/{path:path}", made.handle, methods=["GET", "POST"])
    async with serve(Starlette(routes=[route])) as url:
        made.url = f"{url}/tool"
        yield made


def waiting(release: asyncio.Event) -> Handler:
    """Answers once `release` is set."""

    async def answer(request: Request) -> Response:
        await release.wait()
        return await clear(request)

    return answer


def needing(*calls: ToolCall) -> Script:
    """A bot that answers with what its calls brought."""

    def script(_: Question) -> Answer:
        told = Require(calls, then=lambda outputs: " | ".join(outputs[call.id] for call in calls))
        return Answer(require=told)

    return script
