"""After an outage: what was said meanwhile is fetched, where the bot is spoken to."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.errors import ChatGone, Denied, Fatal, RateLimited, Retryable
from bridge.core.ports import Accept, Place, Places
from bridge.platforms.slack.api import translated
from bridge.platforms.slack.arrival import Arrivals
from bridge.platforms.slack.outside import Outside
from bridge.platforms.slack.pace import Turns
from bridge.platforms.slack.parse import Body

log = logging.getLogger(__name__)

T = TypeVar("T")

_DAY = 86400.0  # seconds; what is older is not fetched, nor known to have been answered
_PLACES = 100  # chats, and as many threads, that are looked into: the liveliest
_MESSAGES, _PAGE = 200, 200  # in each of them; that are asked for at once
# Both methods are Tier 3, 50 calls a minute, of which some are left to what happens meanwhile.
_EVERY, _BURST = 4.0, 20  # seconds between calls; so many may be made at once
_AGAIN = 5.0  # seconds before something is tried again


@dataclass(slots=True)
class _Tally:
    """How one search goes."""

    fetched: int = 0
    new: int = 0
    closed: set[str] = field(default_factory=set)  # chats that cannot be read


class Nowhere:
    """`ports.Places` of which none is kept."""

    async def heard(self, *_: object, **__: object) -> None:
        """See `ports.Places`."""

    async def known(self, *_: object, **__: object) -> Mapping[Place, float]:
        """See `ports.Places`."""
        return {}

    async def unheard(self, *_: object, **__: object) -> set[float]:
        """See `ports.Places`."""
        return set()


class Backfill:
    """Has what was missed taken in like what arrives; known messages are known by their ids.

    Slack sends an event again for six minutes only. First all chats are looked into, for
    what begins a thread, then the threads.
    """

    def __init__(
        self,
        arrivals: Arrivals,
        client: AsyncWebClient,
        places: Places,
        outside: Outside | None,
    ) -> None:
        self._arrivals, self._client, self._places = arrivals, client, places
        self._outside, self._behind = outside, arrivals.behind
        self._history, self._replies = Turns(_EVERY, _BURST), Turns(_EVERY, _BURST)
        self._told: set[str] = set()  # why chats cannot be read

    async def run(self, accept: Accept) -> None:
        """Fetch what may be missing, whenever something may, until cancelled."""
        while True:
            await self._behind.doubt.wait()
            try:
                await self.once(accept)
            except Exception:
                log.exception("a fault in the bridge", extra={"channel": self._arrivals.channel})
                await asyncio.sleep(_AGAIN)

    async def once(self, accept: Accept) -> None:
        """Fetch what may be missing."""
        known, tally = await self._known(), _Tally()
        self._behind.only({place.chat for place in known})
        self._behind.doubt.clear()
        try:
            for place in [place for place in known if not place.thread][:_PLACES]:
                await self._look_into(place, known[place], tally, accept)
            known = await self._known()  # by now there may be new threads
            threads = [place for place in known if place.thread][:_PLACES]
            for done, place in enumerate(threads):
                self._behind.only({each.chat for each in threads[done:]})
                await self._look_into(place, known[place], tally, accept)
        finally:
            self._behind.only(())
        if known:
            counts = {"places": len(known), "fetched": tally.fetched, "new": tally.new}
            log.info("caught up", extra={"channel": self._arrivals.channel, **counts})

    async def _known(self) -> Mapping[Place, float]:
        return await self._insist(lambda: self._places.known(self._arrivals.channel))

    async def _look_into(self, place: Place, since: float, tally: _Tally, accept: Accept) -> None:
        """Take in what was said in a place since then and did not come."""
        if place.chat in tally.closed:
            return
        channel, chat = self._arrivals.channel, place.chat
        try:
            said = await self._said(place, max(since, time.time() - _DAY))
        except Fatal as error:
            if isinstance(error, ChatGone | Denied):
                tally.closed.add(chat)
            self._tell(str(error))
            return
        new = await self._insist(lambda: self._places.unheard(channel, chat, [*said]))
        shared = bool(new) and await self._is_shared(place)
        for at in sorted(new):
            tally.new += await self._take(_event(said[at], place, shared=shared), accept)
        tally.fetched += len(said)

    async def _said(self, place: Place, since: float) -> dict[float, Body]:
        """What was said in a place after that moment, but no replies outside of their thread."""
        said: dict[float, Body] = {}
        cursor = ""
        while len(said) < _MESSAGES:
            page = await self._insist(partial(self._page, place, since, cursor))
            for each in page.get("messages") or ():
                at, thread = float(each["ts"]), each.get("thread_ts") or each["ts"]
                if at > since and (place.thread or thread == each["ts"]):
                    said[at] = each
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return said
        log.warning("too much was missed: not all of it is read", extra={"chat": place.chat})
        return said

    async def _page(self, place: Place, since: float, cursor: str) -> Mapping[str, Any]:
        where: dict[str, Any] = {"channel": place.chat, "oldest": f"{since:.6f}"}
        where |= {"limit": _PAGE, "cursor": cursor or None}
        await (self._replies if place.thread else self._history).take()
        with translated("im:history" if _is_direct(place) else "channels:history"):
            if place.thread:
                page = await self._client.conversations_replies(ts=place.thread, **where)
            else:
                page = await self._client.conversations_history(**where)
        return {**page.data} if isinstance(page.data, dict) else {}

    async def _is_shared(self, place: Place) -> bool:
        """Whether other companies are in a chat: here no event tells it."""
        if self._outside is None or _is_direct(place):
            return False
        return await self._outside.shared(place.chat)

    async def _take(self, body: Body, accept: Accept) -> bool:
        """Take in a message; whether it is one for the bot."""
        try:
            return await self._insist(lambda: self._arrivals.recover(body, accept))
        except Exception:
            log.exception("a fault in the bridge", extra={"channel": self._arrivals.channel})
            return False

    async def _insist(self, step: Callable[[], Awaitable[T]]) -> T:
        """Do a step, again and again while Slack or Redis are away."""
        while True:
            try:
                return await step()
            except Retryable as error:
                log.info("what was missed has to wait", extra={"error": str(error)})
                asked = error.retry_after if isinstance(error, RateLimited) else _AGAIN
            await asyncio.sleep(asked)

    def _tell(self, trouble: str) -> None:
        """Say once why something cannot be read."""
        if trouble not in self._told:
            self._told.add(trouble)
            channel = self._arrivals.channel
            log.warning("what was missed is not read: %s", trouble, extra={"channel": channel})


def _event(message: Body, place: Place, *, shared: bool) -> Body:
    """A message as it would have arrived; of a root no event told that it is one."""
    event = {**message, "type": "message", "channel": place.chat}
    if event.get("thread_ts") == event["ts"]:
        del event["thread_ts"]
    return {
        "type": "event_callback",
        "team_id": place.team,
        "is_ext_shared_channel": shared,
        "event": event,
    }


def _is_direct(place: Place) -> bool:
    return place.chat.startswith("D")
