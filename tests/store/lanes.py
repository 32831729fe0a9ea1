"""What the tests of the inbox talk with: messages, workers, and a clock that they can move."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from redis.asyncio import Redis

from bridge.core.model import Address, FileRef, Message, Usage, User
from bridge.core.ports import Record
from bridge.store import keys
from bridge.store.inbox import RedisInbox, RedisLease

TURNS = keys.inbox("turns")

# A script, so that it works in a full store too.
_MOVE = """#!lua flags=allow-oom
redis.call('ZADD', KEYS[1], 'XX', 1, ARGV[1])
return redis.call('ZSCORE', KEYS[1], ARGV[1])"""


def message(id_: str, text: str = "hello", *, thread: str | None = None) -> Message:
    return Message(id_, Address("telegram", "7", thread), User("501", "Ann"), text)


def part(id_: str, text: str = "", *, group: str = "album") -> Message:
    """One photo of an album."""
    photo = FileRef(f"file-{id_}", "image", f"{id_}.png", 100)
    return replace(message(id_, text), group=group, files=(photo,))


def record(turn: str = "turn", usage: Usage | None = None, **more: Any) -> Record:
    told: dict[str, Any] = {
        "message": "1",
        "channel": "telegram",
        "chat": "7",
        "session": "session",
        "bot": "bot",
        "user": "user",
        "asked_at": 1.0,
        "status": "done",
    }
    return Record(turn, usage=usage, **told | more)


def inbox(redis: Redis, worker: str = "ann", *, most: int = 50, lease: float = 15.0) -> RedisInbox:
    return RedisInbox(redis, "turns", worker=worker, most=most, lease=lease)


async def claimed(box: RedisInbox, most: int = 10) -> list[RedisLease]:
    leases = await box.claim(most)
    return [lease for lease in leases if isinstance(lease, RedisLease)]


async def one(box: RedisInbox) -> RedisLease:
    (lease,) = await claimed(box)
    return lease


async def run_out(redis: Redis, lane: str) -> None:
    """The lease of this lane has just run out."""
    assert await redis.eval(_MOVE, 1, f"{TURNS}leases", lane) == "1"


async def fall_due(redis: Redis, lane: str) -> None:
    """The pause of this lane has just ended."""
    assert await redis.eval(_MOVE, 1, f"{TURNS}ready", lane) == "1"


async def until(true: Callable[[], Awaitable[object]], within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while not await true():  # noqa: ASYNC110 - Redis rings no bell
            await asyncio.sleep(0.01)
