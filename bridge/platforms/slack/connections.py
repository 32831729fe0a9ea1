"""The connections of one app: several of them, of which each is replaced in time."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from slack_sdk.web.async_client import AsyncWebClient

from bridge.platforms.slack.api import translated
from bridge.platforms.slack.behind import Behind
from bridge.platforms.slack.link import Envelope, Link
from bridge.platforms.slack.parse import Body
from bridge.wire.patience import Patience

_SEATS = 2  # connections; Slack allows ten, and gives each payload to one of them
_LIFE = 3600.0  # seconds after which a connection is replaced, for it may be deaf
_APART = 5.0  # seconds between two connections in one seat
_KNOWN = 1000  # events of which it is known that they have come


class Connections:
    """Keeps some connections open, so that one always is.

    Each try to connect has an address of its own: Slack takes none twice, however the first
    try ended. A connection is replaced when Slack says so, when it is lost, when it is deaf,
    and when it is old; if it still lives, only after another is there.
    """

    def __init__(
        self, client: AsyncWebClient, app_token: str, patience: Patience, behind: Behind
    ) -> None:
        self._client, self._app_token = client, app_token
        self._patience, self._behind = patience, behind
        self._links: set[Link] = set()
        self._opening = asyncio.Lock()  # a Slack that refuses is called by one seat at a time
        self._events: dict[str, None] = {}  # the last that have come, by id

    @property
    def open(self) -> bool:
        """Whether messages can arrive."""
        return any(not link.spent.is_set() for link in self._links)

    async def address(self) -> str:
        """A fresh address; raises like a call of the adapter."""
        with translated():
            opened = await self._client.apps_connections_open(app_token=self._app_token)
        return str(opened["url"])

    async def run(self, hear: Callable[[Body], Awaitable[bool]]) -> None:
        """Pass on payloads until cancelled; each for which `hear` says so is confirmed.

        Raises:
            Denied: the token is wrong.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(_SEATS):
                    group.create_task(self._keep(group, hear))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from failed
        finally:
            await asyncio.gather(*(link.close() for link in self._links))
            self._links.clear()

    async def _keep(
        self, group: asyncio.TaskGroup, hear: Callable[[Body], Awaitable[bool]]
    ) -> None:
        """Keep one seat taken."""
        before: Link | None = None
        while True:
            async with self._opening:
                link = await self._patience.insist(self._connect)
            if not self.open or (before and (before.deaf or before.silent)):
                self._behind.suspect()
            if before:
                group.create_task(before.leave())
            self._links.add(link)
            group.create_task(self._read(link, hear))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LIFE):
                    await link.spent.wait()
            if not self.open:
                self._patience.tell("the Socket Mode connection is lost")
            await asyncio.sleep(link.since + _APART - time.time())
            before = link

    async def _connect(self) -> Link:
        return await Link.open(await self.address(), self._client)

    async def _read(self, link: Link, hear: Callable[[Body], Awaitable[bool]]) -> None:
        async def take(envelope: Envelope) -> bool:
            self._compare(link, envelope)
            return await hear(envelope["payload"])

        await link.read(take)
        self._links.discard(link)

    def _compare(self, link: Link, envelope: Envelope) -> None:
        """Replace the other connections if an event comes again that they should have brought.

        One of them is deaf then. What Slack gave to it comes again by any connection.
        """
        id_ = envelope["payload"].get("event_id")
        if id_ is None:
            return
        if envelope.get("retry_attempt") and id_ not in self._events:
            happened = envelope["payload"].get("event_time", 0) + 1  # it is a whole second
            for other in self._links - {link}:
                if other.since < happened:
                    other.deaf = True
                    other.spent.set()
        self._events[id_] = None
        if len(self._events) > _KNOWN:
            del self._events[next(iter(self._events))]
