"""Fetches what an answer links to. A model chose the address: it is trusted in nothing."""

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import aiohttp
from aiohttp.abc import ResolveResult
from yarl import URL

from bridge.core.errors import Gone, Rejected, TooLarge, Unavailable
from bridge.core.model import Media
from bridge.wire import tls
from bridge.wire.addresses import is_name, public
from bridge.wire.contents import HEAD, identify, is_page, named, with_suffix

AT_ONCE = 8  # downloads
REDIRECTS = 5  # of one download
_HEADERS = {"User-Agent": "coze-bridge", "Accept-Encoding": "identity"}
_ELSEWHERE = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_PART = 1 << 16  # bytes that are in memory at a time


class Downloads:
    """Brings files of at most `most` bytes to our disk, each `within` so many seconds.

    Only addresses that anybody could reach are connected to, whatever names and redirects
    lead there; `private` are hosts ("minio.local", "10.0.0.5:9000") that may be elsewhere.
    """

    def __init__(
        self, *, most: int = 50 << 20, within: float = 30.0, private: Sequence[str] = ()
    ) -> None:
        self._most, self._within = most, within
        self._private = frozenset(host.lower() for host in private)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, url: str) -> Media:
        """What is behind an address, in a temporary file that the caller removes.

        Raises:
            Rejected: it may not be fetched, or is no file.
            TooLarge: it has more than `most` bytes.
            Gone: it is not there (any more).
            Unavailable: it could not be read, or not in time.
        """
        async with self._room:
            with _kept() as file:
                try:
                    async with asyncio.timeout(self._within):
                        return await self._follow(URL(url), file)
                except (aiohttp.ClientError, OSError) as error:
                    raise Unavailable(f"a link cannot be read: {type(error).__name__}") from error
                except ValueError as error:
                    raise Rejected("a link is no address") from error

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session:
            await self._session.close()

    async def _follow(self, url: URL, file: BinaryIO) -> Media:
        """Write what is behind an address into `file`; redirects are as little trusted."""
        for _ in range(REDIRECTS + 1):
            self._vet(url)
            async with self._http().get(url, allow_redirects=False) as response:
                if response.status not in _ELSEWHERE:
                    return await self._read(response, file)
                url = url.join(URL(response.headers.get("Location", "")))
        raise Rejected("a link leads to ever another one")

    def _vet(self, url: URL) -> None:
        """Refuse what need not be resolved to be refused; `_Vetted` does the rest."""
        host = url.raw_host
        if url.scheme not in {"http", "https"} or not host:
            raise Rejected("a link does not lead to a web server")
        if url.user is not None or url.password is not None:
            raise Rejected("a link carries credentials")
        if not (_listed(host, url.port, self._private) or is_name(host) or public(host)):
            raise Rejected(f"a link leads to {host}, which is not public")

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=_Vetted(self._private),
                use_dns_cache=False,
                limit=0,
                force_close=True,
                ssl=tls(),
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_HEADERS,
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse, file: BinaryIO) -> Media:
        self._judge(response)
        size = 0
        async for part in response.content.iter_chunked(_PART):
            size += len(part)
            if size > self._most:
                raise TooLarge(f"a link leads to more than {self._most} bytes")
            file.write(part)
        file.flush()
        file.seek(0)
        head, declared = file.read(HEAD), response.content_type.lower()
        if not head:
            raise Rejected("a link leads to nothing")
        if is_page(declared, head):
            raise Rejected("a link leads to a page")
        name = named(response.headers.get("Content-Disposition", ""), response.url.name)
        type_, kind = identify(declared, head, name)
        return Media(file.name, kind, with_suffix(name, type_), type_, size)

    def _judge(self, response: aiohttp.ClientResponse) -> None:
        """Refuse what need not be read to be refused."""
        if response.status in _GONE:
            raise Gone(f"a link leads to nothing: HTTP {response.status}")
        if response.status != 200:  # noqa: PLR2004 - OK
            raise Rejected(f"a link leads to no file: HTTP {response.status}")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Rejected("a link leads to a compressed body")  # of a size that nobody knows
        if (response.content_length or 0) > self._most:
            raise TooLarge(f"a link leads to {response.content_length} bytes")


class _Vetted(aiohttp.ThreadedResolver):
    """Resolves names, and refuses those that lead to where not everybody may go.

    What it returns is what is connected to: a name that changes its mind changes nothing.
    """

    def __init__(self, private: Collection[str]) -> None:
        super().__init__()
        self._private = private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await super().resolve(host, port, family)
        if not found:
            raise OSError(f"{host} has no address")
        if not _listed(host, port, self._private) and not all(public(at["host"]) for at in found):
            raise Rejected(f"a link leads to {host}, which is not public")
        return found


def _listed(host: str, port: int | None, hosts: Collection[str]) -> bool:
    """Whether a host, or this port of it, is one of `hosts`."""
    bracketed = f"[{host}]" if ":" in host else host
    return any(each in hosts for each in (host, bracketed, f"{bracketed}:{port}"))


@contextlib.contextmanager
def _kept() -> Iterator[BinaryIO]:
    """A temporary file that stays only if the block succeeds."""
    with tempfile.NamedTemporaryFile(prefix="coze-bridge-", delete=False) as file:
        try:
            yield file  # type: ignore[misc]  # typeshed knows it as an IO of its own
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
