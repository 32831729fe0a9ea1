"""What is kept of groups: what was said beside the bot, and where they went."""

import time
from collections.abc import Sequence

import msgspec
from redis.asyncio import Redis

from bridge.core.model import Address
from bridge.core.ports import Remark
from bridge.store import keys
from bridge.store.client import call, sweep

LONGEST = 1000  # characters that are kept of a remark

_remark = msgspec.json.Decoder(Remark)


class RedisGroups:
    """`ports.Groups`; where a group went is forgotten `ttl` seconds after it last mattered."""

    def __init__(self, redis: Redis, *, ttl: int) -> None:
        self._redis, self._ttl = redis, ttl

    async def overhear(self, place: str, remark: Remark, most: int) -> None:
        """See `ports.Groups`."""
        kept = Remark(remark.id, remark.name, remark.text[:LONGEST], remark.at)
        key = keys.overheard(place)
        async with self._redis.pipeline() as pipe:
            pipe.rpush(key, msgspec.json.encode(kept))
            pipe.ltrim(key, -most, -1)
            pipe.expire(key, keys.OVERHEARD_FOR)
            await call(pipe.execute())

    async def overheard(self, place: str) -> Sequence[Remark]:
        """See `ports.Groups`."""
        key = keys.overheard(place)
        async with self._redis.pipeline() as pipe:
            pipe.lrange(key, 0, -1)
            pipe.delete(key)
            kept, _ = await call(pipe.execute())
        remarks = {remark.id: remark for remark in map(_remark.decode, kept)}
        return [r for r in remarks.values() if r.at > time.time() - keys.OVERHEARD_FOR]

    async def move(self, to: Address, chat: str) -> None:
        """See `ports.Groups`."""
        first = await self.home(to) or to.where
        async with self._redis.pipeline() as pipe:
            pipe.set(keys.home(to.channel, chat), first, ex=self._ttl)
            pipe.set(keys.moved(to.channel, to.where), chat, ex=self._ttl)
            await call(pipe.execute())

    async def home(self, to: Address) -> str:
        """See `ports.Groups`."""
        key = keys.home(to.channel, to.where)
        stored: str | None = await call(self._redis.getex(key, ex=self._ttl))
        return stored or ""

    async def end(self, to: Address) -> None:
        """See `ports.Groups`. It is rare enough to look at every key."""
        if await call(self._redis.exists(keys.moved(to.channel, to.where))):
            return
        chat = await self.home(to) or to.where
        await sweep(self._redis, *keys.of_chat(to.channel, chat))
