"""Who was let in by a code, and which codes are waiting."""

import time
from collections.abc import Sequence

import msgspec
from redis.asyncio import Redis

from bridge.core.ports import Applicant
from bridge.store import keys
from bridge.store.client import call

MOST = 100  # codes that wait at a time

_applicant = msgspec.json.Decoder(Applicant)


class RedisPairing:
    """`ports.Pairing`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def paired(self, channel: str, user: str) -> bool:
        """See `ports.Pairing`."""
        return bool(await call(self._redis.hexists(keys.PAIRED, f"{channel}:{user}")))

    async def apply(self, who: Applicant, code: str) -> str | None:
        """See `ports.Pairing`."""
        theirs, now = keys.applied(who.channel, who.user), time.time()
        had: str | None = await call(self._redis.get(theirs))
        if not had:
            await call(self._redis.zremrangebyscore(keys.CODES, "-inf", now))
            if await call(self._redis.zcard(keys.CODES)) >= MOST:
                return None
        code = had or code
        async with self._redis.pipeline() as pipe:
            pipe.set(theirs, code, ex=keys.CODE_FOR)
            pipe.set(keys.code(code), msgspec.json.encode(who), ex=keys.CODE_FOR)
            pipe.zadd(keys.CODES, {code: now + keys.CODE_FOR})
            pipe.expire(keys.CODES, keys.CODE_FOR)
            await call(pipe.execute())
        return code

    async def admit(self, code: str) -> Applicant | None:
        """See `ports.Pairing`."""
        stored: str | None = await call(self._redis.get(keys.code(code)))
        if not stored:
            return None
        who = _applicant.decode(stored)
        async with self._redis.pipeline() as pipe:
            pipe.hset(keys.PAIRED, f"{who.channel}:{who.user}", stored)
            pipe.delete(keys.code(code), keys.applied(who.channel, who.user))
            pipe.zrem(keys.CODES, code)
            await call(pipe.execute())
        return who

    async def everyone(self) -> Sequence[Applicant]:
        """See `ports.Pairing`."""
        stored: list[str] = await call(self._redis.hvals(keys.PAIRED))
        return sorted(map(_applicant.decode, stored), key=lambda who: (who.channel, who.name))

    async def remove(self, user: str) -> int:
        """See `ports.Pairing`."""
        known = [who for who in await self.everyone() if who.user == user]
        for who in known:
            await call(self._redis.hdel(keys.PAIRED, f"{who.channel}:{who.user}"))
        return len(known)
