"""Where the bot is spoken to, and what it has heard there."""

from collections.abc import Mapping, Sequence

from redis.asyncio import Redis

from bridge.core.ports import Place
from bridge.store import keys
from bridge.store.client import Script, call

MESSAGES, PLACES = 10_000, 1000  # that are kept of each channel, the newest
LATE = 3600.0  # seconds by which what was lost on the way may be older than what was heard


class RedisPlaces:
    """`ports.Places`; they are forgotten `ttl` seconds after anything was heard in any."""

    def __init__(self, redis: Redis, *, ttl: int) -> None:
        self._redis, self._ttl = redis, ttl
        self._heard = Script(redis, "heard")

    async def heard(
        self, channel: str, at: float, places: Sequence[Place], *, whole: bool
    ) -> None:
        """See `ports.Places`."""
        chat, thread = places[0].chat, places[0].thread
        where = (keys.heard(channel), keys.places(channel), keys.joined(channel))
        await self._heard(
            [*where, keys.thread(channel, chat, thread)],
            _message(chat, at),
            _moment(at),
            "GT" if whole else "NX",
            MESSAGES,
            PLACES,
            keys.SEEN_FOR,
            self._ttl,
            *(f"{place.team}:{place.chat}:{place.thread}" for place in places),
        )

    async def known(self, channel: str) -> Mapping[Place, float]:
        """See `ports.Places`. Of the last hour before the newest not all need have come."""
        async with self._redis.pipeline() as pipe:
            pipe.zrange(keys.places(channel), 0, -1, desc=True, withscores=True)
            pipe.hgetall(keys.joined(channel))
            newest, first = await call(pipe.execute())
        return {
            Place(*place.split(":")): max(float(first.get(place, last)), last - LATE)
            for place, last in newest
        }

    async def unheard(self, channel: str, chat: str, moments: Sequence[float]) -> set[float]:
        """See `ports.Places`."""
        if not moments:
            return set()
        members = [_message(chat, at) for at in moments]
        scores = await call(self._redis.zmscore(keys.heard(channel), members))
        return {at for at, score in zip(moments, scores, strict=True) if score is None}


def _message(chat: str, at: float) -> str:
    return f"{chat}:{_moment(at)}"


def _moment(at: float) -> str:
    """A float holds a microsecond of our century, but not its decimal fraction."""
    return f"{at:.6f}"
