"""HTTP to the outside world: httpx, carried by aiohttp.

httpcore, httpx's own carrier, scans its whole pool on every request and falls behind
with a few hundred open streams; aiohttp does not.
"""

import functools
import ssl

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

KEEPALIVE = 60.0  # seconds for which an idle connection stays warm


class _Transport(AiohttpTransport):
    """Says in httpx's words also what httpx-aiohttp does not know: an answer that is no HTTP."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.AsyncBaseTransport`."""
        try:
            return await super().handle_async_request(request)
        except aiohttp.ClientError as error:  # its text may hold the address, with a token
            raise httpx.RemoteProtocolError(type(error).__name__, request=request) from error


def transport(*, read_ahead: int = 65_536) -> AiohttpTransport:
    """A carrier with connections of its own: as many as are asked for, kept warm.

    A connection on which `read_ahead` bytes wait to be read is not looked at until then.
    """

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE, ssl=tls()),
            cookie_jar=aiohttp.DummyCookieJar(),
            read_bufsize=read_ahead,
        )

    return _Transport(client=session, verify=tls())


@functools.cache
def tls() -> ssl.SSLContext:
    """How certificates are checked. One context for all: to read the certificates takes 70 ms."""
    return httpx.create_ssl_context()


def never_sent(error: BaseException) -> bool:
    """Whether a failed request certainly did not reach the server.

    The carrier reports every lost connection as one that was not made, so the cause
    beneath has to tell them apart.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(
            cause,
            aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | httpx.PoolTimeout,
        ):
            return True
        cause = cause.__cause__
    return False
