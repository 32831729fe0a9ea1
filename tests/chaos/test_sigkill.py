"""The bridge is killed at each step of a turn; the next one finishes what it began."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bridge.sandbox.coze import Answer, Cut, Fault, Stall, deltas
from tests.chaos.dying import POINTS
from tests.world import ANN, BOT, GENERAL, World
from tests.world import growing as has_stop

ROOT = Path(__file__).parents[2]
TEXT = " ".join(f"word{number}" for number in range(60))

# Telegram took a post and the process died before noting it: no bot can look for it.
WINDOW = {"post:after", "shows:before"}


def says(_question: object) -> Answer:
    return Answer((deltas(TEXT),), pace=0.03)


@asynccontextmanager
async def bridge(world: World, *command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A bridge in a process of its own, from environment variables alone."""
    telegram, slack, coze = world.urls
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "BRIDGE_CONFIG": str(ROOT / "config" / "bridge.yaml"),
        "BRIDGE_STATE_DIR": str(world.state_dir),
        "BRIDGE_HTTP_PORT": "0",
        "COZE_API_BASE": coze,
        "COZE_API_TOKEN": world.coze.token,
        "COZE_BOT_ID": world.coze.bot_id,
        "TELEGRAM_API_BASE": telegram,
        "TELEGRAM_BOT_TOKEN": "100:sandbox-token",
        "SLACK_API_BASE": f"{slack}/api/",
        "SLACK_BOT_TOKEN": "xoxb-sandbox",
        "SLACK_APP_TOKEN": "xapp-sandbox",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *command, env=env)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def hears(world: World) -> None:
    await world.telegram.changes.until(lambda: world.telegram.polling, within=60)
    await world.slack.changes.until(lambda: world.slack.connections, within=60)


@pytest.mark.parametrize("point", POINTS)
async def test_telegram_is_answered_whole_by_one_question(tmp_path: Path, point: str):
    async with World(tmp_path, answer=says) as world:
        async with bridge(world, "tests.chaos.dying", point) as dying:
            await hears(world)
            world.telegram.say("hello")
            async with asyncio.timeout(60):
                assert await dying.wait() == -9
        async with bridge(world, "bridge", "run"):
            await world.telegram.changes.until(lambda: complete(world), within=60)
        posts = [m.text for m in world.telegram.messages(ANN) if m.from_bot]
        assert len(world.coze.asked) == 1
        assert len(posts) == 1 or (point in WINDOW and len(posts) == 2)


@pytest.mark.parametrize("point", POINTS)
async def test_slack_is_answered_whole_by_one_question_in_one_message(tmp_path: Path, point: str):
    slack = {"redeliver_after": (0.5, 4.0, 15.0)}
    async with World(tmp_path, answer=says, slack=slack) as world:
        async with bridge(world, "tests.chaos.dying", point) as dying:
            await hears(world)
            thread = world.slack.say(f"{BOT} hello")
            async with asyncio.timeout(60):
                assert await dying.wait() == -9
        async with bridge(world, "bridge", "run"):
            await world.slack.changes.until(lambda: said(world, thread) == [TEXT], within=60)
        assert len(world.coze.asked) == 1


@pytest.mark.parametrize("fault", [Stall(after=0), Stall(after=3), Cut(after=0, clean=False)])
async def test_a_kill_while_coze_is_silent_asks_no_second_time(tmp_path: Path, fault: Fault):
    async with World(tmp_path, answer=says) as world:
        world.coze.fail("/v3/chat", fault)
        async with bridge(world, "bridge", "run") as dying:
            await hears(world)
            world.telegram.say("hello")
            await world.coze.changes.until(lambda: world.coze.asked)
            dying.kill()
            await dying.wait()
        async with bridge(world, "bridge", "run"):
            await world.telegram.changes.until(lambda: complete(world), within=60)
        assert len(world.coze.asked) == 1


def complete(world: World) -> bool:
    posts = [m for m in world.telegram.messages(ANN) if m.from_bot]
    return bool(posts) and posts[-1].text == TEXT and not has_stop(posts[-1])


def said(world: World, thread: str) -> list[str]:
    posts = [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
    growing = any("Stop" in button.label for m in posts for button in m.buttons)
    return [] if growing else [m.plain() for m in posts]
