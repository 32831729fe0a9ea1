"""Serve an ASGI application on a socket, beside whatever else the process does."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.types import ASGIApp

_GRACE = 1  # seconds for requests to end by themselves; streams that go on are ended
logging.getLogger("uvicorn.error").addFilter(
    lambda record: "timeout graceful shutdown exceeded" not in record.getMessage()
)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process that serves."""
        yield


class CannotListenError(Exception):
    """The HTTP server cannot be started."""


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=1024)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (while")[0].lower()
        raise CannotListenError(f"cannot listen at {host}:{port}: {why}") from error


@contextlib.asynccontextmanager
async def serve(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve `app` until the block ends; yields its base URL, without a trailing slash.

    Raises:
        CannotListenError: the port is taken, or the host is not ours.
    """
    with _listening(host, port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted ones inherit it
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", ws="wsproto"
        )
        config.timeout_graceful_shutdown = _GRACE
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[sock]))
        try:
            yield f"http://{host}:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
