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


@contextlib.asynccontextmanager
async def serve(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve `app` until the block ends; yields its base URL, without a trailing slash.

    Raises:
        OSError: the port is taken.
    """
    with socket.create_server((host, port), backlog=1024) as sock:
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
