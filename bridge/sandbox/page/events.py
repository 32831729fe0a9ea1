"""Server-sent events: a page is told what there is to see, whenever that has changed."""

import asyncio
from collections.abc import Callable

from starlette.types import Receive, Scope, Send

from bridge.sandbox.changes import Changes

PAUSE = 0.05  # seconds between two events, at least
RECONNECT = 1000  # milliseconds that a browser waits


class Events:
    """An ASGI application that sends what `look` returns, at once and whenever it is another.

    `look` is asked again after `bells` ring. The stream ends when its client leaves or the
    server stops.
    """

    def __init__(self, look: Callable[[], bytes], *bells: Changes) -> None:
        self._look = look
        self._bells = bells

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Feed one client."""
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        try:
            async with asyncio.TaskGroup() as group:
                feeding = group.create_task(self._feed(send))
                while (await receive())["type"] != "http.disconnect":
                    pass
                feeding.cancel()
        except asyncio.CancelledError:  # a server that stops cancels what still runs
            await send({"type": "http.response.body", "body": b""})

    async def _feed(self, send: Send) -> None:
        rung, last = asyncio.Event(), b""
        async with asyncio.TaskGroup() as group:
            for bell in self._bells:
                group.create_task(_follow(bell, rung))
            await asyncio.sleep(0)  # now they listen: nothing that happens after a look is lost
            await _send(send, b"retry: %d\n\n" % RECONNECT)
            while True:
                rung.clear()
                if (now := self._look()) != last:
                    last = now
                    await _send(send, b"data: " + now + b"\n\n")
                await asyncio.sleep(PAUSE)
                await rung.wait()


async def _follow(bell: Changes, rung: asyncio.Event) -> None:
    while True:
        await bell.next()
        rung.set()


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
