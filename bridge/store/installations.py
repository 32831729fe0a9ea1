"""The workspaces that an app is installed in: their tokens are stored encrypted."""

from collections.abc import Sequence

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from redis.asyncio import Redis

from bridge.core.errors import Denied
from bridge.core.ports import Installation
from bridge.store import keys
from bridge.store.client import Script, call, sweep

_ALONE = 60  # seconds
_URL_SAFE = str.maketrans("+/", "-_")
_installation = msgspec.json.Decoder(Installation)


class RedisInstallations:
    """`ports.Installations`.

    `secrets` are keys of 32 bytes in base64, separated by commas: the first encrypts, each may
    decrypt.
    """

    def __init__(self, redis: Redis, channel: str, secrets: str) -> None:
        self._redis, self._channel = redis, channel
        locks = [Fernet(each.strip().translate(_URL_SAFE)) for each in secrets.split(",")]
        self._newest, self._lock = locks[0], MultiFernet(locks)
        self._swap = Script(redis, "swap")

    async def get(self, id_: str) -> Installation | None:
        """See `ports.Installations`."""
        stored: str | None = await call(self._redis.hget(keys.INSTALLATIONS, self._field(id_)))
        return self._read(id_, stored) if stored else None

    async def everyone(self) -> Sequence[Installation]:
        """See `ports.Installations`."""
        return [self._read(id_, stored) for id_, stored in (await self._stored()).items()]

    async def put(self, installation: Installation) -> None:
        """See `ports.Installations`."""
        field, locked = self._field(installation.id), self._locked(installation)
        await call(self._redis.hset(keys.INSTALLATIONS, field, locked))

    async def swap(self, old: Installation, new: Installation) -> bool:
        """See `ports.Installations`."""
        stored: str | None = await call(self._redis.hget(keys.INSTALLATIONS, self._field(old.id)))
        if not stored or self._read(old.id, stored) != old:
            return False
        return await self._replace(old.id, stored, new)

    async def rotate(self) -> None:
        """See `ports.Installations`."""
        for id_, stored in (await self._stored()).items():
            try:
                self._newest.decrypt(stored)
            except InvalidToken:
                await self._replace(id_, stored, self._read(id_, stored))

    async def erase(self, id_: str) -> None:
        """See `ports.Installations`. It is rare enough to look at every key."""
        await call(self._redis.hdel(keys.INSTALLATIONS, self._field(id_)))
        await sweep(self._redis, *keys.of_team(self._channel, id_))

    async def begin(self, state: str) -> None:
        """See `ports.Installations`."""
        key = keys.installing(self._channel, state)
        await call(self._redis.set(key, 1, ex=keys.INSTALLED_IN))

    async def redeem(self, state: str) -> bool:
        """See `ports.Installations`."""
        return bool(await call(self._redis.delete(keys.installing(self._channel, state))))

    async def alone(self, id_: str) -> bool:
        """See `ports.Installations`."""
        key = keys.once(f"renew:{self._channel}:{id_}")
        return bool(await call(self._redis.set(key, 1, nx=True, ex=_ALONE)))

    def _field(self, id_: str) -> str:
        return f"{self._channel}:{id_}"

    async def _stored(self) -> dict[str, str]:
        """What is stored of this channel, by workspace."""
        stored: dict[str, str] = await call(self._redis.hgetall(keys.INSTALLATIONS))
        begin = self._field("")
        return {k.removeprefix(begin): each for k, each in stored.items() if k.startswith(begin)}

    async def _replace(self, id_: str, stored: str, new: Installation) -> bool:
        args = (self._field(id_), stored, self._locked(new))
        return bool(await self._swap([keys.INSTALLATIONS], *args))

    def _locked(self, installation: Installation) -> str:
        return self._lock.encrypt(msgspec.json.encode(installation)).decode()

    def _read(self, id_: str, stored: str) -> Installation:
        try:
            found = _installation.decode(self._lock.decrypt(stored))
        except (InvalidToken, msgspec.MsgspecError):
            found = None
        if found is None or found.id != id_:  # nobody can pass one off as another
            raise Denied(
                f"the installation in {id_} was encrypted with another key: add that key to "
                "SLACK_ENCRYPTION_KEY, behind a comma, or install the app there again"
            )
        return found
