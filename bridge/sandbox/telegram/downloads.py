"""The other half of the HTTP side: files that are fetched by their path."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bridge.sandbox.changes import Changes
from bridge.sandbox.telegram.attach import UNKNOWN_MIME
from bridge.sandbox.telegram.connection import hang_up, while_connected
from bridge.sandbox.telegram.content import Content
from bridge.sandbox.telegram.errors import ApiError
from bridge.sandbox.telegram.files import FileStore


@dataclass
class Download:
    """An attempt to fetch a file: `sent` bytes have left so far, `whole` when all have."""

    path: str
    status: int
    sent: int = 0
    whole: bool = False


@dataclass
class _Fault:
    status: int
    cut_after: int | None
    times: int


class Downloads:
    """Serves what getFile has linked to; `made` has every attempt in order.

    `pace`, if set, is awaited before each piece of some 64 KiB.
    """

    def __init__(self, token: str, store: FileStore, changes: Changes) -> None:
        self.made: list[Download] = []
        self.pace: Callable[[Download], Awaitable[None]] | None = None
        self._token = token
        self._store = store
        self._changes = changes
        self._faults: list[_Fault] = []

    def fail(self, *, status: int = 404, cut_after: int | None = None, times: int = 1) -> None:
        """Let the next `times` downloads go wrong.

        They are answered with `status`, or end after `cut_after` bytes.
        """
        self._faults.append(_Fault(status, cut_after, times))

    def expire(self) -> None:
        """Let all paths be out of date, as they are some hours after their getFile."""
        self._store.unlink_all()

    async def serve(self, request: Request) -> Response:
        """The answer to a request.

        Raises:
            ApiError: there is nothing to be had there.
        """
        path = request.path_params["path"]
        file = self._store.linked(path)
        fault = self._fault()
        status = 200 if file and request.path_params["token"] == self._token else 404
        if fault and fault.cut_after is None:
            status = fault.status
        download = Download(path, status)
        self.made.append(download)
        self._changes.notify()
        if status != 200 or file is None:
            raise ApiError(status, "Not Found" if status == 404 else "Internal Server Error")
        pieces = self._pieces(download, file.content, fault.cut_after if fault else None)
        return _Body(pieces, file.content.size, cut=fault is not None)

    async def _pieces(
        self, download: Download, content: Content, end: int | None
    ) -> AsyncIterator[bytes]:
        for piece in content.pieces():
            if self.pace:
                await self.pace(download)
            left = None if end is None else end - download.sent
            yield piece[:left]
            download.sent += len(piece[:left])
            if download.sent == end:
                break
        download.whole = download.sent == content.size
        self._changes.notify()

    def _fault(self) -> _Fault | None:
        if not self._faults:
            return None
        fault = self._faults[0]
        fault.times -= 1
        if fault.times <= 0:
            self._faults.pop(0)
        return fault


class _Body(Response):
    """A file; with `cut` the connection ends where the pieces do."""

    def __init__(self, pieces: AsyncIterator[bytes], size: int, *, cut: bool) -> None:
        super().__init__(media_type=UNKNOWN_MIME, headers={"Content-Length": str(size)})
        self._pieces = pieces
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send it, for as long as somebody listens."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        try:
            await while_connected(receive, self._send(send))
        except ApiError:
            return
        if self._cut:
            await hang_up(receive)
        await send({"type": "http.response.body"})

    async def _send(self, send: Send) -> None:
        async for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
