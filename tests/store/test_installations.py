import base64
import os
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bridge.core.errors import Denied
from bridge.core.model import Address, Prompt
from bridge.core.ports import Installation, Talk
from bridge.store import keys
from bridge.store.installations import RedisInstallations
from bridge.store.memory import RedisMemory

ACME = Installation("T1", "Acme", "U1", "xoxb-acme", "xoxe-acme", 5.0)
BETA = Installation("T2", "Beta", "U2", "xoxb-beta")


def made() -> str:
    """A key, as `openssl rand -base64 32` makes one."""
    return base64.b64encode(os.urandom(32)).decode()


async def test_an_installation_is_kept_for_ever_and_never_in_clear(redis: Redis):
    kept = RedisInstallations(redis, "slack", made())
    await kept.put(ACME)
    assert await kept.get("T1") == ACME
    assert await kept.get("T2") is None
    assert await redis.ttl(keys.INSTALLATIONS) == -1
    for value in (await redis.hgetall(keys.INSTALLATIONS)).values():
        assert "xox" not in value
    assert "xox" not in repr(ACME)


async def test_channels_keep_theirs_apart(redis: Redis):
    key = made()
    one, other = (RedisInstallations(redis, name, key) for name in ("slack", "slack2"))
    await one.put(ACME)
    await other.put(BETA)
    assert await one.everyone() == [ACME]
    assert await other.get("T1") is None
    await one.begin("state")
    assert not await other.redeem("state")
    assert await one.redeem("state")
    assert not await one.redeem("state")


async def test_another_key_is_told_in_a_sentence(redis: Redis):
    await RedisInstallations(redis, "slack", made()).put(ACME)
    with pytest.raises(Denied, match="T1 was encrypted with another key: add that key"):
        await RedisInstallations(redis, "slack", made()).get("T1")


async def test_an_installation_is_not_taken_for_another(redis: Redis):
    kept = RedisInstallations(redis, "slack", made())
    await kept.put(ACME)
    stolen = await redis.hget(keys.INSTALLATIONS, "slack:T1")
    await redis.hset(keys.INSTALLATIONS, "slack:T2", stolen)
    with pytest.raises(Denied, match="T2"):
        await kept.get("T2")


async def test_a_key_is_replaced_in_two_steps(redis: Redis):
    old, new = made(), made()
    await RedisInstallations(redis, "slack", old).put(ACME)
    both = RedisInstallations(redis, "slack", f"{new}, {old}")
    assert await both.everyone() == [ACME]
    await both.rotate()
    assert await RedisInstallations(redis, "slack", new).get("T1") == ACME


async def test_a_token_is_renewed_by_one_and_not_over_a_newer_installation(redis: Redis):
    kept = RedisInstallations(redis, "slack", made())
    await kept.put(ACME)
    assert await kept.alone("T1")
    assert not await kept.alone("T1")
    assert await kept.alone("T2")
    newer = replace(ACME, token="xoxb-newer")
    assert await kept.swap(ACME, newer)
    assert not await kept.swap(ACME, replace(ACME, token="xoxb-late"))
    assert await kept.get("T1") == newer


async def test_to_erase_a_workspace_erases_its_sessions_and_no_others(redis: Redis):
    kept, memory = RedisInstallations(redis, "slack", made()), RedisMemory(redis, ttl=1000)
    await kept.put(ACME)
    await kept.put(BETA)
    for team in ("T1/", "T2/", ""):
        await memory.remember(f"slack:{team}C1:1.2:", Talk("user", "c1"), Prompt("why?"))
        to = Address("slack", "C1", "1.2", team=team.rstrip("/"))
        await memory.join(to, "U1")
    await kept.erase("T1")
    assert await kept.everyone() == [BETA]
    left = {key async for key in redis.scan_iter("*") if "T1" in key}
    assert left == set()
    assert await memory.talk("slack:T2/C1:1.2:")
    assert await memory.takes_part(Address("slack", "C1", "1.2", team="T2"))
    assert await memory.talk("slack:C1:1.2:")
