"""The connection to Redis: how it is made, how its scripts are loaded, how it fails."""

import asyncio
from collections.abc import Awaitable, Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import BusyLoadingError, RedisError

from bridge.core.errors import StoreUnavailable

WITHIN = 5.0  # seconds for one call
AT_ONCE = 1000  # keys that one step of a search looks at


def connect(url: str) -> Redis:
    """A client for `url` (redis://, rediss:// or unix://); connects when first used.

    Raises:
        StoreUnavailable: it is no such address.

    `socket_timeout` is off because on Python 3.11 it runs through `asyncio.wait_for`,
    which can swallow a cancellation; `call` sets the limit instead.
    """
    try:
        urlsplit(url).port  # noqa: B018 - raises where it is none
        pool = _pool(url)
    except ValueError as error:
        raise StoreUnavailable(f"Redis: {error}; check REDIS_URL") from error
    return Redis.from_pool(pool)


def _pool(url: str) -> BlockingConnectionPool:
    return BlockingConnectionPool.from_url(
        url,
        max_connections=12,  # more would only wait for each other: Redis does one thing at a time
        timeout=WITHIN,
        decode_responses=True,
        socket_timeout=None,
        socket_connect_timeout=None,
        health_check_interval=20,
        retry=Retry(ExponentialWithJitterBackoff(base=0.02, cap=0.5), 6),
        retry_on_error=[BusyLoadingError],
    )


async def call(answer: Awaitable[Any], *, within: float = WITHIN) -> Any:  # noqa: ANN401
    """Await one call to Redis and return what it says.

    Raises:
        StoreUnavailable: it failed, was refused, or took more than `within` seconds.
    """
    try:
        async with asyncio.timeout(within):
            return await answer
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreUnavailable(f"Redis: {error or type(error).__name__}") from error


async def sweep(redis: Redis, pattern: str, begin: tuple[str, ...]) -> None:
    """Erase the keys that match `pattern` and begin in one of these ways, looking at every key."""
    cursor, searched = 0, False
    while cursor or not searched:
        cursor, found = await call(redis.scan(cursor, pattern, AT_ONCE))
        searched = True
        if ended := [key for key in found if key.startswith(begin)]:
            await call(redis.unlink(*ended))


class Script:
    """A Lua script of this package, sent as its hash and loaded again when Redis forgot it."""

    def __init__(self, redis: Redis, name: str) -> None:
        source = files(__package__).joinpath("scripts", f"{name}.lua").read_text()
        self._script = redis.register_script(source)

    async def __call__(self, keys: Sequence[str], *args: str | float | bytes) -> Any:  # noqa: ANN401
        """Run it. Every script of this package may be repeated after a lost answer."""
        return await call(self._script(keys=keys, args=args))
