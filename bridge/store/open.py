"""Open the store: somebody's Redis, or one of our own."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis

from bridge.core.errors import StoreUnavailable
from bridge.store import keys
from bridge.store.client import call, connect
from bridge.store.embedded import EmbeddedStore, InUseError
from bridge.store.groups import RedisGroups
from bridge.store.inbox import LEASE, RedisInbox
from bridge.store.installations import RedisInstallations
from bridge.store.limits import RedisLimiter
from bridge.store.memory import RedisMemory
from bridge.store.pairing import RedisPairing
from bridge.store.places import RedisPlaces
from bridge.store.records import RedisRecords
from bridge.store.worker_name import WorkerName

_OLDEST = 7  # Redis 7.0 is the first that drains a full store (`allow-oom`)


@dataclass(frozen=True, slots=True)
class Store:
    """All that is kept in one Redis."""

    redis: Redis
    turns: RedisInbox
    controls: RedisInbox
    memory: RedisMemory
    limiter: RedisLimiter
    records: RedisRecords
    groups: RedisGroups
    pairing: RedisPairing
    places: RedisPlaces

    def installations(self, channel: str, secrets: str) -> RedisInstallations:
        """The workspaces of a channel, encrypted with its keys."""
        return RedisInstallations(self.redis, channel, secrets)

    async def ping(self) -> str:
        """What the server says it is.

        Raises:
            StoreUnavailable: it does not answer, or is too old.
        """
        info = await call(self.redis.info("server"))
        name, version = "Redis", str(info.get("redis_version", "?"))
        if "valkey_version" in info:
            name, version = "Valkey", str(info["valkey_version"])
        if version.partition(".")[0].isdigit() and int(version.partition(".")[0]) < _OLDEST:
            raise StoreUnavailable(
                f"{name} {version} is too old: use Redis 7.0 or later, or Valkey"
            )
        return f"{name} {version}"

    async def waiting(self) -> dict[str, int]:
        """How many jobs each queue holds."""
        counts = {}
        for name in keys.INBOXES:
            prefix = keys.inbox(name)
            counts[name] = int(await call(self.redis.get(f"{prefix}pending")) or 0)
            counts[f"{name}_dead"] = int(await call(self.redis.llen(f"{prefix}dead")))
        return counts


@asynccontextmanager
async def open_store(
    redis_url: str, state_dir: Path, *, session_ttl: int, lease: float = LEASE
) -> AsyncGenerator[Store, None]:
    """Connect to `redis_url`, or start the embedded server when that is empty.

    What a process of this name left half done is free for this one at once. Call it from
    the main thread.

    Raises:
        EmbeddedStoreError: the embedded server cannot be started.
        StoreUnavailable: the server does not answer, or is too old.
    """
    embedded = None if redis_url else EmbeddedStore(state_dir)
    if embedded:
        embedded.start()
    worker = WorkerName(state_dir)
    reviving = asyncio.create_task(embedded.keep_alive()) if embedded else None
    try:
        url = embedded.url if embedded else redis_url
        async with _connected(url, worker.name, session_ttl, lease) as store:
            await _greet(store, embedded)
            for inbox in (store.turns, store.controls):
                await inbox.recover("" if embedded else worker.name)
            yield store
    finally:
        if reviving:
            reviving.cancel()
            await asyncio.gather(reviving, return_exceptions=True)
        worker.close()
        if embedded:
            embedded.stop()


@asynccontextmanager
async def visit_store(
    redis_url: str, state_dir: Path, *, session_ttl: int
) -> AsyncGenerator[Store, None]:
    """Look into the store, also while a bridge runs with it; nothing is claimed.

    Raises:
        EmbeddedStoreError: the embedded server does not run and cannot be started.
        StoreUnavailable: the server does not answer, or is too old.
    """
    embedded = None if redis_url else EmbeddedStore(state_dir)
    if embedded:
        with contextlib.suppress(InUseError):
            embedded.start()
    try:
        url = embedded.url if embedded else redis_url
        async with _connected(url, "visitor", session_ttl, LEASE) as store:
            await _greet(store, embedded)
            yield store
    finally:
        if embedded:
            embedded.stop()


@asynccontextmanager
async def _connected(
    url: str, worker: str, session_ttl: int, lease: float
) -> AsyncGenerator[Store, None]:
    redis = connect(url)
    turns, controls = (
        RedisInbox(redis, name, worker=worker, lease=lease) for name in keys.INBOXES
    )
    memory, limiter = RedisMemory(redis, ttl=session_ttl), RedisLimiter(redis)
    try:
        groups, pairing = RedisGroups(redis, ttl=session_ttl), RedisPairing(redis)
        records, places = RedisRecords(redis), RedisPlaces(redis, ttl=session_ttl)
        yield Store(redis, turns, controls, memory, limiter, records, groups, pairing, places)
    finally:
        await redis.aclose()


async def _greet(store: Store, embedded: EmbeddedStore | None) -> None:
    """Make sure that the server answers, or say what to look at."""
    try:
        await store.ping()
    except StoreUnavailable as error:
        remedy = "see its store.log" if embedded else "check REDIS_URL, and that Redis runs there"
        raise StoreUnavailable(f"{error}; {remedy}") from error
