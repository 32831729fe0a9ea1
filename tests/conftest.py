"""What the tests share: a real store, and a whole bridge between simulated platforms."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bridge.sandbox.telegram.server import BotApiServer, Call
from bridge.store.client import connect
from bridge.store.embedded import EmbeddedStore
from tests.judges.calls import bot_faults, simulator_faults
from tests.world import World

BESIDE = Path(__file__).parents[2] / "shared" / "fixtures" / "coze"
FIXTURES = Path(os.environ.get("COZE_FIXTURES", BESIDE))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server, shared by the tests of the store."""
    server = EmbeddedStore(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
async def redis(redis_server: str) -> AsyncIterator[Redis]:
    """A connection to an empty database."""
    client = connect(redis_server)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture(autouse=True)
def judgement(request: pytest.FixtureRequest) -> Iterator[None]:
    """The judges must have nothing against what is said to and by a simulated Telegram.

    The tests of the simulator say wrong things to see them refused: there, only the simulator is
    judged. Of a test with the mark `wrong_on_purpose` nothing is.
    """
    heard: list[tuple[Call, object]] = []

    def hear(call: Call, result: object) -> None:
        heard.append((call, result))

    BotApiServer.observers.append(hear)
    yield
    BotApiServer.observers.remove(hear)
    if request.node.get_closest_marker("wrong_on_purpose"):
        return
    tries = Path(__file__).parent / "sandbox" in request.path.parents
    found = [fault for call, _ in heard if not tries for fault in bot_faults(call)]
    found += [fault for call, result in heard for fault in simulator_faults(call, result)]
    if found:
        pytest.fail("\n".join(dict.fromkeys(found)), pytrace=False)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Simulated Telegram, Slack and Coze with the bridge between them."""
    async with World(tmp_path) as made:
        await made.start()
        yield made


@pytest.fixture
def fixtures() -> Path:
    """Raw bodies of Coze; they are not part of the project."""
    if not FIXTURES.is_dir():
        pytest.skip(f"no recorded bodies of Coze in {FIXTURES}: set COZE_FIXTURES")
    return FIXTURES
