"""Sessions: which conversation, which question, which threads."""

from redis.asyncio import Redis

from bridge.core.model import Address
from bridge.core.ports import Talk
from bridge.store import keys
from bridge.store.client import Script, call


class RedisMemory:
    """`ports.Memory`; everything is forgotten `ttl` seconds after its last use."""

    def __init__(self, redis: Redis, *, ttl: int) -> None:
        self._redis, self._ttl = redis, ttl
        self._remember = Script(redis, "remember")

    async def talk(self, session: str) -> Talk | None:
        """See `ports.Memory`."""
        stored: dict[str, str] = await call(self._redis.hgetall(keys.talk(session)))
        return Talk(**stored) if stored else None

    async def remember(self, session: str, talk: Talk, question: str) -> None:
        """See `ports.Memory`."""
        where = [keys.talk(session), keys.question(session)]
        await self._remember(where, talk.user, talk.conversation, question, self._ttl)

    async def forget(self, session: str) -> None:
        """See `ports.Memory`."""
        await call(self._redis.delete(keys.talk(session)))

    async def question(self, session: str) -> str | None:
        """See `ports.Memory`."""
        stored: str | None = await call(self._redis.get(keys.question(session)))
        return stored

    async def asked(self, session: str, question: str) -> None:
        """See `ports.Memory`."""
        await call(self._redis.set(keys.question(session), question, ex=self._ttl))

    async def join(self, to: Address, user: str) -> None:
        """See `ports.Memory`."""
        if to.thread is None:
            return
        async with self._redis.pipeline() as pipe:
            pipe.set(keys.thread(to.channel, to.chat, to.thread), 1, ex=self._ttl)
            pipe.set(keys.last(to.channel, to.chat, user), to.thread, ex=self._ttl)
            await call(pipe.execute())

    async def takes_part(self, to: Address) -> bool:
        """See `ports.Memory`."""
        if to.thread is None:
            return False
        return bool(await call(self._redis.exists(keys.thread(to.channel, to.chat, to.thread))))

    async def last_thread(self, to: Address, user: str) -> str | None:
        """See `ports.Memory`."""
        stored: str | None = await call(self._redis.get(keys.last(to.channel, to.chat, user)))
        return stored
