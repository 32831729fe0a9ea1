"""Sessions: which conversation, what was asked in it, which threads."""

import msgspec
from redis.asyncio import Redis

from bridge.core.model import Address, Prompt
from bridge.core.ports import Talk, Waiting
from bridge.store import keys
from bridge.store.client import Script, call

_prompt = msgspec.json.Decoder(Prompt)
_waiting = msgspec.json.Decoder(Waiting)


class RedisMemory:
    """`ports.Memory`; everything is forgotten `ttl` seconds after its last use."""

    def __init__(self, redis: Redis, *, ttl: int) -> None:
        self._redis, self._ttl = redis, ttl
        self._remember = Script(redis, "remember")

    async def talk(self, session: str) -> Talk | None:
        """See `ports.Memory`."""
        stored: dict[str, str] = await call(self._redis.hgetall(keys.talk(session)))
        return Talk(**stored) if stored else None

    async def remember(self, session: str, talk: Talk, prompt: Prompt) -> None:
        """See `ports.Memory`."""
        where = [keys.talk(session), keys.prompt(session)]
        asked = msgspec.json.encode(prompt)
        await self._remember(where, talk.user, talk.conversation, asked, self._ttl)

    async def forget(self, session: str) -> None:
        """See `ports.Memory`."""
        await call(self._redis.delete(keys.talk(session)))

    async def prompt(self, session: str) -> Prompt | None:
        """See `ports.Memory`."""
        stored: str | None = await call(self._redis.get(keys.prompt(session)))
        return _prompt.decode(stored) if stored else None

    async def asked(self, session: str, prompt: Prompt) -> None:
        """See `ports.Memory`."""
        encoded = msgspec.json.encode(prompt)
        await call(self._redis.set(keys.prompt(session), encoded, ex=self._ttl))

    async def waiting(self, session: str) -> Waiting | None:
        """See `ports.Memory`."""
        stored: str | None = await call(self._redis.get(keys.waiting(session)))
        return _waiting.decode(stored) if stored else None

    async def wait_for(self, session: str, what: Waiting | None) -> None:
        """See `ports.Memory`."""
        key = keys.waiting(session)
        if what is None:
            await call(self._redis.delete(key))
            return
        await call(self._redis.set(key, msgspec.json.encode(what), ex=keys.WAITS_FOR))

    async def bot(self, session: str) -> str | None:
        """See `ports.Memory`."""
        stored: str | None = await call(self._redis.get(keys.bot(session)))
        return stored

    async def choose(self, session: str, bot: str) -> None:
        """See `ports.Memory`."""
        await call(self._redis.set(keys.bot(session), bot, ex=self._ttl))

    async def join(self, to: Address, user: str) -> None:
        """See `ports.Memory`."""
        if to.thread is None:
            return
        async with self._redis.pipeline() as pipe:
            pipe.set(keys.thread(to.channel, to.where, to.thread), 1, ex=self._ttl)
            pipe.set(keys.last(to.channel, to.where, user), to.thread, ex=self._ttl)
            await call(pipe.execute())

    async def takes_part(self, to: Address) -> bool:
        """See `ports.Memory`."""
        if to.thread is None:
            return False
        return bool(await call(self._redis.exists(keys.thread(to.channel, to.where, to.thread))))

    async def mute(self, to: Address, *, on: bool) -> None:
        """See `ports.Memory`."""
        key = keys.muted(to.channel, to.chat, to.thread or "")
        await call(self._redis.set(key, 1, ex=self._ttl) if on else self._redis.delete(key))

    async def muted(self, to: Address) -> bool:
        """See `ports.Memory`."""
        key = keys.muted(to.channel, to.chat, to.thread or "")
        return bool(await call(self._redis.getex(key, ex=self._ttl)))

    async def last_thread(self, to: Address, user: str) -> str | None:
        """See `ports.Memory`."""
        stored: str | None = await call(self._redis.get(keys.last(to.channel, to.where, user)))
        return stored
