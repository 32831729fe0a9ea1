"""Telegram posts to the bridge: nothing is lost and nothing answered twice, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from bridge.config import Channel, Config
from bridge.config.schema import Slack
from bridge.sandbox.coze import Answer, deltas
from bridge.store.client import connect
from bridge.store.embedded import EmbeddedStore
from bridge.wire import patience
from tests.platforms.waiting import until
from tests.world import ANN, World


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AGAIN", 0.05)


@asynccontextmanager
async def hooked(state_dir: Path, **coze: Any) -> AsyncIterator[World]:
    """A world in which Telegram posts to the bridge, and there is no Slack."""
    async with World(state_dir, webhook=True, **coze) as world:
        assert world.config
        channels = {n: c for n, c in world.config.channels.items() if not isinstance(c, Slack)}
        await world.start(channels=channels)
        yield world


def mode(config: Config | None, name: str) -> dict[str, Channel]:
    """The channels, where Telegram's has another mode."""
    assert config
    return {key: replace(channel, mode=name) for key, channel in config.channels.items()}


def answers(world: World) -> list[str]:
    return [message.text for message in world.telegram.messages(ANN) if message.from_bot]


async def test_a_message_is_answered_and_a_stranger_is_not_heard(tmp_path: Path):
    async with hooked(tmp_path) as world:
        assert world.telegram.webhook.endswith("/telegram/telegram")
        world.telegram.say("hello")
        assert "hello" in await world.telegram_answer()
        async with httpx.AsyncClient() as http:
            update = {"update_id": 1, "message": {"text": "forged"}}
            assert (await http.post(world.telegram.webhook, json=update)).status_code == 403
            ready = world.telegram.webhook.replace("telegram/telegram", "readyz")
            assert (await http.get(ready)).json() == {"ready": True, "reasons": {}}
        assert len(world.coze.asked) == 1


async def test_what_is_posted_twice_is_answered_once(tmp_path: Path):
    async with hooked(tmp_path) as world:
        world.telegram.lose_answers(3)
        world.telegram.say("hello")
        await world.telegram_answer()
        await until(lambda: [p.status for p in world.telegram.posts] == [0, 0, 0, 200])
        world.telegram.say("and you?")
        assert "and you?" in await world.telegram_answer(2)
        assert len(world.coze.asked) == 2
        assert len(answers(world)) == 2


async def test_what_comes_while_the_store_is_full_is_answered_once_there_is_room(tmp_path: Path):
    async with hooked(tmp_path) as world:
        redis = connect(EmbeddedStore(tmp_path).url)
        await redis.config_set("maxmemory", "1")
        world.telegram.say("hello")
        await until(lambda: [p.status for p in world.telegram.posts][:2] == [503, 503])
        assert world.coze.asked == []
        await redis.config_set("maxmemory", "0")
        await redis.aclose()
        assert "hello" in await world.telegram_answer()
        await until(lambda: world.telegram.posts[-1].status == 200)
        assert len(world.coze.asked) == 1


async def test_what_comes_while_the_bridge_stops_or_is_down_is_answered_once(tmp_path: Path):
    says = Answer((deltas("an answer"),))
    async with hooked(tmp_path, answer=lambda _: says) as world:
        world.telegram.say("before")
        await until(lambda: world.telegram.posts)
        stopping = asyncio.create_task(world.stop())
        await asyncio.sleep(0)
        world.telegram.say("while it stops")
        await stopping
        assert world.telegram.webhook
        world.telegram.say("while it is down")
        await until(lambda: world.telegram.posts[-1].status != 200)
        await world.start()
        await world.telegram_answer(3)
        assert [asked.text for asked in world.coze.asked] == [
            "before",
            "while it stops",
            "while it is down",
        ]
        assert answers(world) == ["an answer"] * 3


async def test_from_webhook_to_polling_and_back_nothing_is_lost(tmp_path: Path):
    async with hooked(tmp_path) as world:
        world.telegram.say("one")
        assert "one" in await world.telegram_answer(1)
        await world.stop()
        world.telegram.say("two")
        await world.start(channels=mode(world.config, "polling"))
        assert "two" in await world.telegram_answer(2)
        assert not world.telegram.webhook
        await world.stop()
        world.telegram.say("three")
        await world.start(channels=mode(world.config, "webhook"))
        assert "three" in await world.telegram_answer(3)
        assert len(world.coze.asked) == 3
