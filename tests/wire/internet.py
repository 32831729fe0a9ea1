"""An Internet of names and public addresses, all of whose servers listen on loopback."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bridge.wire.serve import serve

Page = Callable[[Request], Awaitable[Response]]
PUBLIC = "93.184.215.14"
PDF = b"%PDF-1.7 and so on"


class Site:
    """A web server that answers each path as it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, Response | Page] = {}
        self.requests: list[Request] = []
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.requests.append(request)
        page = self.pages.get(request.url.path, PlainTextResponse("no such page", 404))
        response = page if isinstance(page, Response) else await page(request)
        await response(scope, receive, send)

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@asynccontextmanager
async def raw(*parts: bytes, **how: Any) -> AsyncIterator[str]:
    """A server that says this, whatever it is asked, and hangs up; yields its host and port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.writelines(parts)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", **how) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


class Internet:
    """What the event loop sees of the world.

    `names`: the addresses of each name; of the first look-up, of the second..., the last stays.
    """

    def __init__(self) -> None:
        self.names: dict[str, list[list[str]]] = {"localhost": [["127.0.0.1"]]}
        self.servers: dict[str, int] = {}  # a port of loopback, by public address
        self.asked: list[str] = []
        self.connected: list[tuple[str, int]] = []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self._connect = loop.sock_connect
        monkeypatch.setattr(loop, "getaddrinfo", self._getaddrinfo)
        monkeypatch.setattr(loop, "sock_connect", self._sock_connect)

    async def _getaddrinfo(self, host: str, port: int, **_: object) -> list[Any]:
        self.asked.append(host)
        answers = self.names.get(host.rstrip("."))
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [self._info(address, port) for address in addresses]

    def _info(self, address: str, port: int) -> Any:
        if ":" in address:
            return socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0)
        return socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)

    async def _sock_connect(self, sock: socket.socket, address: tuple[str, int]) -> None:
        host, port = address[:2]
        self.connected.append((host, port))
        if host == "127.0.0.1":
            return await self._connect(sock, address)
        if host not in self.servers:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return await self._connect(sock, ("127.0.0.1", self.servers[host]))


@asynccontextmanager
async def sites(count: int = 1) -> AsyncIterator[list[Site]]:
    async with AsyncExitStack() as stack:
        made = [Site() for _ in range(count)]
        for site in made:
            site.url = await stack.enter_async_context(serve(site))
        yield made
