"""An HTTP response that can go wrong on its way, as `faults` describes."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import Any, cast

from starlette.types import Receive, Scope, Send

from bridge.sandbox.coze.damage import Broken, damaged
from bridge.sandbox.coze.faults import Fault, NoResponse, Refuse


async def whole(body: bytes) -> AsyncIterator[bytes]:
    """A body that is sent in one part."""
    yield body


class Reply:
    """An ASGI response of `parts` to which `fault` happens.

    `over` is called when no more will be sent, for whatever reason.
    """

    def __init__(
        self,
        parts: AsyncIterator[bytes],
        headers: Mapping[str, str],
        *,
        status: int = 200,
        fault: Fault | None = None,
        over: Callable[[], None],
    ) -> None:
        self._parts = damaged(parts, fault)
        self._headers = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
        self._status = status
        self._fault = fault
        self._over = over

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send until all is sent, the client leaves, or the fault breaks the connection."""
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(_departure(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        except Broken:
            await _hang_up(receive)
        finally:
            sending.cancel()
            leaving.cancel()
            self._over()

    async def _send(self, send: Send) -> None:
        if isinstance(self._fault, Refuse | NoResponse):
            raise Broken
        start = {"type": "http.response.start", "status": self._status, "headers": self._headers}
        await send(start)
        try:
            async for part in self._parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        finally:
            if isinstance(self._parts, AsyncGenerator):
                await self._parts.aclose()
        await send({"type": "http.response.body", "body": b""})


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _hang_up(receive: Receive) -> None:
    # ASGI has no word for this: the connection is known only to the server's own object.
    cast("Any", receive).__self__.transport.close()
    await _departure(receive)
