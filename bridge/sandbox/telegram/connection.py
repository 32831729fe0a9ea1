"""What ASGI has no word for: clients that leave, and a server that hangs up on them."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bridge.sandbox.telegram.errors import hung_up

T = TypeVar("T")


async def while_connected(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Wait for `work`, but no longer than the client does.

    Raises:
        ApiError: the client has gone away.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnection(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise hung_up()
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()


async def hang_up(receive: Receive) -> None:
    """Close the connection as soon as what was sent has left."""
    # uvicorn's `receive` is a method of what holds the transport.
    receive.__self__.transport.close()  # type: ignore[attr-defined]
    await _disconnection(receive)


class HangUp(Response):
    """Closes the connection instead of answering."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Do so."""
        await hang_up(receive)


async def _disconnection(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
