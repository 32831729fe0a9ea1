"""A whole bridge: when it is ready, what it goes on without, and how it ends."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from bridge import app
from bridge.config import Channel, Config
from bridge.config.schema import Http
from bridge.sandbox.coze import Answer, deltas
from bridge.wire import patience
from bridge.wire.serve import serve
from tests.platforms.waiting import free_port, until
from tests.world import ANN, BOT, World, growing


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AGAIN", 0.05)


class Running:
    """A bridge that is not waited for, and its HTTP interface."""

    def __init__(self, config: Config) -> None:
        self.port = free_port()
        self.stopping, self.hurry = asyncio.Event(), asyncio.Event()
        config = replace(config, http=Http(port=self.port))
        self.task = asyncio.create_task(app.run(config, self.stopping, self.hurry))

    async def ready(self) -> tuple[int, dict[str, str]]:
        """What /readyz says; (0, {}) while nobody listens there."""
        with contextlib.suppress(httpx.ConnectError):
            async with httpx.AsyncClient() as http:
                answer = await http.get(f"http://127.0.0.1:{self.port}/readyz")
                return answer.status_code, answer.json()["reasons"]
        return 0, {}

    async def until_ready(self, status: int, *parts: str) -> dict[str, str]:
        """The reasons of /readyz, once it says `status` because of `parts`."""
        async with asyncio.timeout(20):
            while True:
                seen, reasons = await self.ready()
                if (seen, {*reasons}) == (status, {*parts}):
                    return reasons
                await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def running(config: Config | None, **channels: dict[str, Any]) -> AsyncIterator[Running]:
    """A bridge whose channels are changed as told; other channels stay as they are."""
    assert config
    changed: dict[str, Channel] = {
        name: replace(channel, **channels.get(name, {}))
        for name, channel in config.channels.items()
    }
    bridge = Running(replace(config, channels=changed))
    try:
        yield bridge
    finally:
        bridge.stopping.set()
        bridge.hurry.set()
        await bridge.task


async def test_it_is_not_ready_while_telegram_is_away_and_ready_after(tmp_path: Path):
    port = free_port()
    async with World(tmp_path) as world:
        away = {"api_base": f"http://127.0.0.1:{port}"}
        async with running(world.config, telegram=away) as bridge:
            reasons = await bridge.until_ready(503, "telegram")
            assert "cannot be reached" in await _reason(bridge, reasons)
            thread = world.slack.say(f"{BOT} hello")
            assert "hello" in await world.slack_answer(thread)
            async with serve(world.telegram.app, port=port):
                await bridge.until_ready(200)
                world.telegram.say("hello")
                assert "hello" in await world.telegram_answer()
                bridge.stopping.set()
                await bridge.task


async def _reason(bridge: Running, reasons: dict[str, str]) -> str:
    """What is wrong with Telegram, once it has been tried."""
    while reasons.get("telegram") == "not connected yet":
        reasons = await bridge.until_ready(503, "telegram")
    return reasons["telegram"]


async def test_a_channel_that_is_refused_for_good_leaves_the_other_working(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with (
        World(tmp_path) as world,
        running(world.config, telegram={"token": "100:wrong"}) as bridge,
    ):
        reasons = await bridge.until_ready(503, "telegram")
        assert "TELEGRAM_BOT_TOKEN" in reasons["telegram"]
        thread = world.slack.say(f"{BOT} hello")
        assert "hello" in await world.slack_answer(thread)
        assert "off: Telegram knows no bot with this token" in caplog.text
        bridge.stopping.set()
        assert await bridge.task is True


async def test_when_every_channel_is_refused_it_ends_badly(tmp_path: Path):
    wrong = {"bot_token": "xoxb-wrong", "app_token": "xapp-wrong"}
    async with (
        World(tmp_path) as world,
        running(world.config, telegram={"token": "100:wrong"}, slack=wrong) as bridge,
    ):
        async with asyncio.timeout(20):
            assert await bridge.task is False


async def test_told_to_stop_it_ends_well(tmp_path: Path):
    async with World(tmp_path) as world, running(world.config) as bridge:
        await bridge.until_ready(200)
        bridge.stopping.set()
        assert await bridge.task is True
        assert await bridge.ready() == (0, {})
        await until(lambda: not world.slack.connections)


async def test_an_answer_that_runs_may_end_when_it_is_told_to_stop(tmp_path: Path):
    gate = asyncio.Event()
    says = Answer((deltas("begun before and finished after the signal"),), gate=gate, gate_at=3)
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start()
        world.telegram.say("hello")
        await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:])
        stopping = asyncio.create_task(world.stop())
        await until(lambda: not world.telegram.polling)
        world.telegram.say("too late for this one")
        assert not stopping.done()
        gate.set()
        await stopping
        answers = [m for m in world.telegram.messages(ANN) if m.from_bot]
        assert [m.text for m in answers] == ["begun before and finished after the signal"]
        assert not growing(answers[0])
        assert len(world.coze.asked) == 1


async def test_a_second_signal_does_not_wait_for_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(app, "DRAIN", 1000.0)
    says = Answer((deltas("this one never ends"),), gate=asyncio.Event(), gate_at=3)
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start()
        world.telegram.say("hello")
        await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:])
        stopping = asyncio.create_task(world.stop())
        await until(lambda: not world.telegram.polling)
        assert not stopping.done()
        async with asyncio.timeout(30):
            await world.stop(hurry=True)
            await stopping


async def test_answers_that_take_too_long_are_left_to_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(app, "DRAIN", 0.1)
    gate = asyncio.Event()
    says = Answer((deltas("begun by one and finished by the next"),), gate=gate, gate_at=3)
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start()
        world.telegram.say("hello")
        await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:])
        await world.stop()
        gate.set()
        await world.start()
        assert await world.telegram_answer() == "begun by one and finished by the next"
        assert len(world.telegram.messages(ANN)) == 2
