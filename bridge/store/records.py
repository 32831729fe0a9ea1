"""What is kept of turns after they ended, and what they used."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from redis.asyncio import Redis

from bridge.core.model import Address
from bridge.core.ports import Offer, Record, Spent
from bridge.store import keys
from bridge.store.client import Script, call

_record = msgspec.json.Decoder(Record)
_offer = msgspec.json.Decoder(Offer)


class RedisRecords:
    """`ports.Records`."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._count = Script(redis, "count")

    async def note(self, record: Record) -> None:
        """See `ports.Records`. A user, a chat, a bot and everybody together have accounts."""
        if record.usage:  # first, as this is possible in a full store too
            place = f"chat:{record.channel}:{record.chat}"
            who = (f"user:{record.user}", place, f"bot:{record.bot}", "all")
            where = [keys.counted(record.turn), *(keys.spent(_day(), each) for each in who)]
            await self._count(where, record.usage.total, keys.RECORDED_FOR, keys.SPENT_FOR)
        encoded = msgspec.json.encode(record)
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.set(keys.turn(record.turn), encoded, ex=keys.RECORDED_FOR)
            talk = f"{record.session}@{record.bot}"
            pipe.set(keys.answered(talk), record.turn, ex=keys.RECORDED_FOR)
            await call(pipe.execute())

    async def record(self, turn: str) -> Record | None:
        """See `ports.Records`."""
        stored: str | None = await call(self._redis.get(keys.turn(turn)))
        return _record.decode(stored) if stored else None

    async def last(self, talk: str) -> str | None:
        """See `ports.Records`."""
        stored: str | None = await call(self._redis.get(keys.answered(talk)))
        return stored

    async def showed(self, to: Address, ids: Sequence[str], turn: str) -> None:
        """See `ports.Records`."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for id_ in ids:
                pipe.set(keys.shows(to.channel, to.where, id_), turn, ex=keys.RECORDED_FOR)
            await call(pipe.execute())

    async def behind(self, to: Address, id_: str) -> str | None:
        """See `ports.Records`."""
        stored: str | None = await call(self._redis.get(keys.shows(to.channel, to.where, id_)))
        return stored

    async def offered(self, session: str, offer: Offer | None) -> None:
        """See `ports.Records`."""
        key = keys.offer(session)
        if offer is None:
            await call(self._redis.delete(key))
            return
        await call(self._redis.set(key, msgspec.json.encode(offer), ex=keys.RECORDED_FOR))

    async def offer(self, session: str) -> Offer | None:
        """See `ports.Records`."""
        stored: str | None = await call(self._redis.get(keys.offer(session)))
        return _offer.decode(stored) if stored else None

    async def spent(self, who: str, days: int = 1) -> Sequence[Spent]:
        """See `ports.Records`."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for ago in range(days):
                pipe.hmget(keys.spent(_day(ago), who), ["turns", "tokens"])
            counts = await call(pipe.execute())
        return [Spent(int(turns or 0), int(tokens or 0)) for turns, tokens in counts]

    async def first(self, what: str, seconds: int) -> bool:
        """See `ports.Records`."""
        now = int(time.time())
        return bool(await call(self._redis.set(keys.once(what), now, nx=True, ex=seconds)))


def _day(ago: int = 0) -> str:
    """A day by the calendar of UTC."""
    return (datetime.now(UTC) - timedelta(days=ago)).strftime("%Y-%m-%d")
