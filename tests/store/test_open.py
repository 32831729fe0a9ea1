from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bridge.core.errors import LeaseLost, StoreUnavailable
from bridge.core.model import Prompt
from bridge.core.ports import Talk
from bridge.store.embedded import InUseError
from bridge.store.open import Store, open_store, visit_store
from tests.store.lanes import message

TTL = 1000


class Server:
    """A server of which only the version is known."""

    def __init__(self, **version: str) -> None:
        self.version = version

    async def info(self, _section: str) -> Mapping[str, str]:
        return self.version


def store_on(server: Server) -> Store:
    nothing: Any = None
    redis: Any = server
    return Store(redis, *[nothing] * 8)


@pytest.mark.parametrize(
    ("server", "name"),
    [
        (Server(redis_version="7.0.0"), "Redis 7.0.0"),
        (Server(redis_version="10.1.2"), "Redis 10.1.2"),
        (Server(redis_version="7.2.4", valkey_version="9.1.2"), "Valkey 9.1.2"),
        (Server(redis_version="unknown"), "Redis unknown"),
    ],
)
async def test_a_server_that_is_new_enough_tells_its_name(server: Server, name: str):
    assert await store_on(server).ping() == name


@pytest.mark.parametrize("version", ["6.2.14", "5.0", "2"])
async def test_a_server_that_is_too_old_is_refused_with_the_remedy(version: str):
    with pytest.raises(StoreUnavailable, match=f"Redis {version} is too old: use Redis 7.0"):
        await store_on(Server(redis_version=version)).ping()


async def test_without_an_address_a_store_of_our_own_is_opened(tmp_path: Path):
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        assert "Valkey" in await store.ping() or "Redis" in await store.ping()
        await store.memory.remember("s", Talk("u", "c"), Prompt("why?"))
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        assert await store.memory.talk("s") == Talk("u", "c")


async def test_with_an_address_no_server_is_started(
    redis: Redis, redis_server: str, tmp_path: Path
):
    async with open_store(redis_server, tmp_path, session_ttl=TTL) as store:
        await store.turns.add("lane", message("1"))
        assert not (tmp_path / "store.sock").exists()
    assert await redis.exists("bridge:{0}:turns:job:1")


async def test_a_store_that_is_away_is_told(tmp_path: Path):
    with pytest.raises(StoreUnavailable):
        async with open_store(f"unix://{tmp_path}/none.sock", tmp_path, session_ttl=TTL):
            pass


async def test_a_visitor_looks_into_the_store_of_a_running_bridge(tmp_path: Path):
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        await store.turns.add("lane", message("1"))
        async with visit_store("", tmp_path, session_ttl=TTL) as visited:
            assert (await visited.waiting())["turns"] == 1
        assert (await store.waiting())["turns"] == 1  # and it goes on when the visitor is gone


async def test_a_second_bridge_is_refused_and_leaves_nothing_open(tmp_path: Path):
    async with open_store("", tmp_path, session_ttl=TTL):
        with pytest.raises(InUseError):
            async with open_store("", tmp_path, session_ttl=TTL):
                pass


async def test_a_visitor_starts_the_store_where_no_bridge_runs(tmp_path: Path):
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        await store.turns.add("lane", message("1"))
    async with visit_store("", tmp_path, session_ttl=TTL) as visited:
        assert (await visited.waiting())["turns"] == 1
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        assert len(await store.turns.claim(1)) == 1


async def test_a_visitor_takes_no_work_from_a_bridge(tmp_path: Path):
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        await store.turns.add("lane", message("1"))
        (lease,) = await store.turns.claim(1)
        async with visit_store("", tmp_path, session_ttl=TTL):
            pass
        await lease.finish()


async def test_a_restarted_bridge_has_its_half_done_work_back_at_once(tmp_path: Path):
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        for inbox in (store.turns, store.controls):
            await inbox.add("lane", message("1"))
            await inbox.claim(1)
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        for inbox in (store.turns, store.controls):
            assert [lease.attempt for lease in await inbox.claim(1)] == [2]


async def test_a_store_of_our_own_has_no_other_worker_whatever_it_was_called(tmp_path: Path):
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        await store.turns.add("lane", message("1"))
        await store.turns.claim(1)
    (tmp_path / "worker-0").unlink()
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        assert len(await store.turns.claim(1)) == 1


async def test_a_replica_leaves_the_work_of_others_alone(
    redis: Redis, redis_server: str, tmp_path: Path
):
    here, there = tmp_path / "here", tmp_path / "there"
    async with open_store(redis_server, here, session_ttl=TTL) as one:
        await one.turns.add("lane", message("1"))
        (lease,) = await one.turns.claim(1)
        async with open_store(redis_server, there, session_ttl=TTL) as other:
            assert await other.turns.claim(1) == []
        await lease.finish()


async def test_a_replica_that_restarts_takes_its_own_work_back(
    redis: Redis, redis_server: str, tmp_path: Path
):
    async with open_store(redis_server, tmp_path, session_ttl=TTL) as before:
        await before.turns.add("lane", message("1"))
        await before.turns.claim(1)
    # Its name is free once the process has ended.
    async with open_store(redis_server, tmp_path, session_ttl=TTL) as after:
        (lease,) = await after.turns.claim(1)
        assert lease.attempt == 2


async def test_the_queues_are_counted(tmp_path: Path):
    async with open_store("", tmp_path, session_ttl=TTL) as store:
        await store.turns.add("lane", message("1"))
        await store.turns.add("lane", message("2"))
        await store.controls.add("lane", message("3"))
        (lease,) = await store.turns.claim(1)
        await lease.give_up("why")
        assert await store.waiting() == {
            "turns": 1,
            "turns_dead": 1,
            "controls": 1,
            "controls_dead": 0,
        }


async def test_a_lease_lasts_as_long_as_was_asked_for(tmp_path: Path):
    async with open_store("", tmp_path, session_ttl=TTL, lease=0.0) as store:
        await store.turns.add("lane", message("1"))
        (lease,) = await store.turns.claim(1)
        with pytest.raises(LeaseLost):
            lease.check()
