import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bridge.store.client import connect
from bridge.store.embedded import EmbeddedStore, EmbeddedStoreError, InUseError

OWNER = """
import sys, time
from pathlib import Path
from bridge.store.embedded import EmbeddedStore
store = EmbeddedStore(Path(sys.argv[1]))
store.start()
print(store.pid, flush=True)
sys.stdin.read()
store.stop()
"""
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child so")


@contextlib.contextmanager
def running(path: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(path)
    store.start()
    try:
        yield store
    finally:
        store.stop()


@contextlib.asynccontextmanager
async def client(store: EmbeddedStore):
    redis = connect(store.url)
    yield redis
    await redis.aclose()


@contextlib.asynccontextmanager
async def another_bridge(path: Path):
    """A process that owns the store of `path`, and the id of its server."""
    owner = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        OWNER,
        str(path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert owner.stdin
    assert owner.stdout
    yield owner, int(await owner.stdout.readline())
    with contextlib.suppress(ProcessLookupError):
        owner.kill()
    owner.stdin.close()
    await owner.wait()


async def until(true: Callable[[], bool], within: float = 30.0) -> None:
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110 - a process rings no bell
            await asyncio.sleep(0.01)


def private(path: Path) -> bool:
    return path.stat().st_mode & 0o077 == 0


def ended(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has ended too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


async def test_a_store_answers_once_it_is_started(tmp_path: Path):
    with running(tmp_path / "new" / "dir") as store:
        async with client(store) as redis:
            assert await redis.ping()
            assert (await redis.config_get("appendfsync"))["appendfsync"] == "always"
            assert (await redis.config_get("port"))["port"] == "0"
            policy = await redis.config_get("maxmemory-policy")
            assert policy["maxmemory-policy"] == "noeviction"


async def test_its_socket_and_directory_are_private(tmp_path: Path):
    with running(tmp_path / "state") as store:
        assert private(Path(store.url.removeprefix("unix://")))
        assert private(tmp_path / "state")


async def test_what_was_stored_is_there_after_a_restart(tmp_path: Path):
    for number in range(3):
        with running(tmp_path) as store:
            async with client(store) as redis:
                assert await redis.incr("count") == number + 1


def test_a_store_may_be_stopped_twice_and_started_again(tmp_path: Path):
    store = EmbeddedStore(tmp_path)
    store.stop()
    store.start()
    store.stop()
    store.stop()
    with running(tmp_path):
        pass


async def test_a_killed_server_comes_back_with_every_confirmed_write(tmp_path: Path):
    with running(tmp_path) as store:
        reviving = asyncio.create_task(store.keep_alive())
        async with client(store) as redis:
            for round_ in range(2):
                await _write_until_killed(redis, store, round_)
        reviving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reviving


async def _write_until_killed(redis: Redis, store: EmbeddedStore, round_: int) -> None:
    pid, confirmed = store.pid, 0
    assert pid
    for number in range(200):
        if number == 100:
            os.kill(pid, signal.SIGKILL)
        try:
            await redis.set(f"{round_}:{number}", number)
            confirmed += 1
        except Exception:  # noqa: BLE001 - it was not confirmed
            break
    await until(lambda: store.pid != pid)
    there = await _patiently(redis, round_)
    assert confirmed >= 100
    assert there >= confirmed


async def _patiently(redis: Redis, round_: int) -> int:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(Exception):
                return len(await redis.keys(f"{round_}:*"))
            await asyncio.sleep(0.01)


def test_a_second_bridge_is_told_at_once(tmp_path: Path):
    with running(tmp_path) as store:
        second = EmbeddedStore(tmp_path)
        with pytest.raises(InUseError, match="another bridge already uses") as told:
            second.start()
        assert str(tmp_path) in str(told.value)
        assert "BRIDGE_STATE_DIR" in str(told.value)
        second.stop()
        assert store.pid
        assert not ended(store.pid)
        third = EmbeddedStore(tmp_path)
        with pytest.raises(InUseError):  # stopping the second took no lock away
            third.start()
        third.stop()


def test_a_store_that_is_refused_leaves_nothing_open(tmp_path: Path):
    with running(tmp_path), pytest.raises(InUseError):
        EmbeddedStore(tmp_path).start()


@LINUX
async def test_the_server_dies_with_its_bridge_and_the_next_one_finds_its_data(tmp_path: Path):
    async with another_bridge(tmp_path) as (owner, pid):
        there = EmbeddedStore(tmp_path)
        async with client(there) as redis:
            await redis.set("kept", "yes")
        owner.kill()
        await owner.wait()
        await until(lambda: ended(pid))
    with running(tmp_path) as store:
        async with client(store) as redis:
            assert await redis.get("kept") == "yes"


async def test_a_killed_bridge_can_be_started_again_at_once(tmp_path: Path):
    async with another_bridge(tmp_path) as (owner, _):
        async with client(EmbeddedStore(tmp_path)) as redis:
            await redis.set("kept", "yes")
        owner.kill()
        await owner.wait()
        with running(tmp_path) as store:
            async with client(store) as redis:
                assert await redis.get("kept") == "yes"


async def test_a_server_whose_bridge_is_gone_is_ended_before_another_opens_its_files(
    tmp_path: Path,
):
    first = EmbeddedStore(tmp_path)
    first.start()
    assert first._lock
    assert first.pid
    first._lock.close()  # its bridge is gone, and it was not told so
    with running(tmp_path) as store:
        assert ended(first.pid)
        async with client(store) as redis:
            assert await redis.ping()
    first.stop()


@LINUX
async def test_ctrl_c_in_the_terminal_leaves_the_server_to_its_bridge(tmp_path: Path):
    with running(tmp_path) as store:
        assert store.pid
        assert os.getpgid(store.pid) != os.getpgid(0)
        assert os.getsid(store.pid) != os.getsid(0)


async def test_a_long_path_is_no_obstacle(tmp_path: Path):
    path = tmp_path / ("long" * 30) / "state"
    with running(path) as store:
        async with client(store) as redis:
            await redis.set("kept", "yes")
        elsewhere = Path(store.url.removeprefix("unix://")).parent
        assert len(os.fsencode(elsewhere)) < 100
        assert elsewhere.parent == Path(tempfile.gettempdir())
        assert private(elsewhere)
    with running(path) as store:
        async with client(store) as redis:
            assert await redis.get("kept") == "yes"


def test_a_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(EmbeddedStoreError, match="cannot write to") as told:
            EmbeddedStore(path).start()
        assert "BRIDGE_STATE_DIR" in str(told.value)
        assert "\n" not in str(told.value)


def test_a_server_that_refuses_to_start_says_why(tmp_path: Path):
    with running(tmp_path):
        pass
    (manifest,) = (tmp_path / "appendonlydir").glob("*.manifest")
    manifest.write_text("nonsense\n")
    store = EmbeddedStore(tmp_path)
    with pytest.raises(EmbeddedStoreError, match="the store ended with 1"):
        store.start()
    store.stop()


async def test_a_server_that_does_not_come_back_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    with running(tmp_path) as store:
        reviving = asyncio.create_task(store.keep_alive())
        (manifest,) = (tmp_path / "appendonlydir").glob("*.manifest")
        manifest.write_text("nonsense\n")
        assert store.pid
        os.kill(store.pid, signal.SIGKILL)
        await until(lambda: "the store ended with 1" in caplog.text)
        assert not reviving.done()
        reviving.cancel()
        await asyncio.gather(reviving, return_exceptions=True)
