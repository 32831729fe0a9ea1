"""Files that answers can point at: they are for everyone, and come as badly as a test wants."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.sandbox.coze.faults import Cut, NoResponse, Refuse, Stall
from bridge.sandbox.coze.reply import Reply, whole

Damage: TypeAlias = Cut | Stall | NoResponse | Refuse
_PIECE = 64 << 10
_FEWEST = 4  # pieces of a file that comes slowly or breaks off


@dataclass(frozen=True)
class Fill:
    """A body of `size` bytes that are all the same; without a size, one that never ends."""

    size: int | None = None
    byte: bytes = b"."


@dataclass
class Download:
    """A request for a published file; `sent` counts bytes, `open` is while more may follow."""

    name: str
    method: str
    headers: Mapping[str, str]  # names in lower case
    sent: int = 0
    open: bool = True


@dataclass(frozen=True)
class _File:
    body: bytes | Fill
    headers: Mapping[str, str]
    status: int
    pace: float
    fault: Damage | None


class Published:
    """Serves files at `address`, which is where the simulator was last asked for anything."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.address = ""
        self.downloads: list[Download] = []
        self._changed = changed
        self._files: dict[str, _File] = {}

    def publish(
        self,
        name: str,
        content_type: str = "application/octet-stream",
        body: bytes | Fill = b"",
        *,
        status: int | None = None,
        location: str | None = None,
        sized: bool = True,
        pace: float = 0.0,
        fault: Damage | None = None,
    ) -> str:
        """Publish a file, or replace it; returns its URL.

        `location` redirects to another. Without `sized`, and where the body has no end, there
        is no content-length. The file comes in pieces, of which a `Cut` or `Stall` counts how
        many are sent; `pace` is in seconds a piece.

        Raises:
            RuntimeError: nobody has asked for anything yet, and `address` was not set.
        """
        if not self.address:
            raise RuntimeError("set published.address to where the simulator is served")
        headers = {"content-type": content_type}
        headers |= {"location": location} if location is not None else {}
        length = _length(body)
        if sized and length is not None:
            headers["content-length"] = str(length)
        usual = 200 if location is None else 302
        self._files[name] = _File(body, headers, status or usual, pace, fault)
        return f"{self.address}/published/{name}"

    @property
    def route(self) -> Route:
        """Where the files are."""
        return Route("/published/{name:path}", self._serve)

    def beside(self, app: ASGIApp) -> ASGIApp:
        """`app`, by whose requests the address becomes known."""

        async def asked(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                self.address = str(Request(scope).base_url).rstrip("/")
            await app(scope, receive, send)

        return asked

    async def _serve(self, request: Request) -> Reply | Response:
        name = request.path_params["name"]
        download = Download(name, request.method, dict(request.headers))
        self.downloads.append(download)

        def over() -> None:
            download.open = False
            self._changed()

        file = self._files.get(name)
        if file is None:
            over()
            return Response("404 page not found", 404)
        self._changed()
        parts = whole(b"") if request.method == "HEAD" else _sent(file, download)
        return Reply(parts, file.headers, status=file.status, fault=file.fault, over=over)


async def _sent(file: _File, download: Download) -> AsyncIterator[bytes]:
    for piece in _pieces(file):
        yield piece
        download.sent += len(piece)
        await asyncio.sleep(file.pace)


def _length(body: bytes | Fill) -> int | None:
    return body.size if isinstance(body, Fill) else len(body)


def _pieces(file: _File) -> Iterator[bytes]:
    body, length, size, at = file.body, _length(file.body), _PIECE, 0
    if length and (file.pace or file.fault):
        size = min(size, -(-length // _FEWEST))
    while length is None or at < length:
        count = size if length is None else min(size, length - at)
        yield body.byte * count if isinstance(body, Fill) else body[at : at + count]
        at += count
