"""The host of the files: sends them to whoever may read them, takes in what is uploaded."""

import asyncio
import email
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.faults import Fault, Faults, hang_up
from bridge.sandbox.slack.files import KEPT, SharedFile
from bridge.sandbox.slack.model import Json

LOGIN = "<!DOCTYPE html><html lang=en-US><title>Sign in | Slack</title><p>Sign in</html>"

Note = Callable[[str, Json, str | None], None]


class FileHost:
    """Serves `/files-pri/` and `/upload/`, which are also the names that faults are ordered by.

    `note` is told of each request, and what went wrong with it.
    """

    def __init__(self, workspace: Workspace, faults: Faults, note: Note) -> None:
        self._workspace = workspace
        self._faults = faults
        self._note = note

    async def download(self, request: Request) -> ASGIApp:
        """Send a file; a stranger gets a page to sign in at, with status 200 as from Slack."""
        fault = self._faults.take("files-pri")
        name = request.path_params["file"].removeprefix(f"{self._workspace.app.team}-")
        file = self._workspace.files.get(name)
        error, answer = self._answer(request, file) if fault is None else _failed(fault)
        has_token = "authorization" in request.headers
        self._note("files-pri", {"file": name, "authorized": has_token}, error)
        return answer

    def _answer(self, request: Request, file: SharedFile | None) -> tuple[str | None, ASGIApp]:
        if file is None or file.deleted or not file.kept:
            return "not_found", PlainTextResponse("Not found", 404)
        token = request.headers.get("authorization", "")
        known = token == f"Bearer {self._workspace.app.bot_token}"
        granted = "files:read" in self._workspace.scopes and self._workspace.visible(file)
        if not (known and granted):
            return "login_page", HTMLResponse(LOGIN)
        if file.upload.redirect_to:
            return None, RedirectResponse(file.upload.redirect_to, 302)
        return None, _Download(file)

    async def upload(self, request: Request) -> ASGIApp:
        """Take in the content of a file that was announced, raw or as a form."""
        fault = self._faults.take("upload")
        if fault is None or fault.after_doing:
            error, answer = await self._take_in(request)
        if fault:
            error, answer = _failed(fault)
        self._note("upload", {"type": request.headers.get("content-type", "")}, error)
        return answer

    async def _take_in(self, request: Request) -> tuple[str | None, ASGIApp]:
        key = request.path_params["key"]
        file = self._workspace.tickets.get(key)
        if file is None:
            return "not_found", PlainTextResponse("Not found", 404)
        content = await _content(request)
        if content.size != file.upload.size:
            return "wrong_length", PlainTextResponse("Content length mismatch", 400)
        kept = content.head if content.size <= KEPT else None
        upload = replace(file.upload, data=kept)
        self._workspace.tickets[key] = replace(file, upload=upload, digest=content.sha256)
        return None, PlainTextResponse(f"OK - {content.size}")


class _Content(NamedTuple):
    size: int
    sha256: str
    head: bytes


async def _content(request: Request) -> _Content:
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        whole = _first_file(kind, await request.body())
        return _Content(len(whole), hashlib.sha256(whole).hexdigest(), whole)
    digest, size, head = hashlib.sha256(), 0, bytearray()
    async for chunk in request.stream():
        digest.update(chunk)
        size += len(chunk)
        head += chunk[: max(0, KEPT - len(head))]
    return _Content(size, digest.hexdigest(), bytes(head))


def _first_file(kind: str, body: bytes) -> bytes:
    """The first file in a form, or nothing."""
    form = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    for part in form.walk():
        content = part.get_payload(decode=True)
        if part.get_filename() is not None and isinstance(content, bytes):
            return content
    return b""


def _failed(fault: Fault) -> tuple[str, ASGIApp]:
    if fault.drop:
        return "connection_dropped", hang_up
    wait = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return fault.error, PlainTextResponse(fault.error, fault.status, wait)


class _Download:
    """Sends a file as its upload says: at its pace, and maybe not to its end."""

    def __init__(self, file: SharedFile) -> None:
        self._file = file
        self._headers = {
            "content-type": file.mimetype,
            "content-length": str(file.size),
            "content-disposition": f'attachment; filename="{file.slug}"',
        }

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send until all is sent or the client leaves."""
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_departure(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()

    async def _send(self, send: Send) -> None:
        headers = [(name.encode(), value.encode()) for name, value in self._headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        end = self._file.upload.cut_after
        left = self._file.size if end is None else end
        for chunk in self._file.chunks():
            piece = chunk[:left]
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if len(piece) < len(chunk):
                return  # unfinished: the server closes the connection
            await asyncio.sleep(self._file.upload.pause)
        await send({"type": "http.response.body", "body": b""})


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
