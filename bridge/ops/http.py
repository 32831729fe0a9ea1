"""What is asked of us over HTTP: alive, ready, metrics; and what platforms tell us."""

from collections.abc import Awaitable, Callable, Mapping

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

Troubles = Callable[[], Awaitable[Mapping[str, str]]]
"""What is asked for, by name, with what is wrong with it; an empty text is fine."""

Queues = Callable[[], Awaitable[Mapping[str, int]]]

_UP = Gauge("coze_bridge_up", "Whether this part of the bridge works", ["part"])
_WAITING = Gauge("coze_bridge_jobs", "Jobs in the store", ["queue"])
_PLAIN = Counter(
    "coze_bridge_plain_texts", "Texts that the platform refused as Markdown", ["part"]
)


def counts_plain(channel: str) -> Callable[[], None]:
    """Counts a text of this channel that went out plain, as its formatting was refused."""
    return _PLAIN.labels(channel).inc


def operators_app(
    troubles: Troubles, queues: Queues, doors: Mapping[str, ASGIApp] | None = None
) -> Starlette:
    """The HTTP interface of a running bridge; `doors` are what platforms call, by path."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_request: Request) -> Response:
        wrong = {part: trouble for part, trouble in (await troubles()).items() if trouble}
        return JSONResponse({"ready": not wrong, "reasons": wrong}, 503 if wrong else 200)

    async def metrics(_request: Request) -> Response:
        for part, trouble in (await troubles()).items():
            _UP.labels(part).set(not trouble)
        for queue, waiting in (await queues()).items():
            _WAITING.labels(queue).set(waiting)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            *(
                Route(f"{path}{below}", door)
                for path, door in (doors or {}).items()
                for below in ("", "/{below:path}")
            ),
        ]
    )
