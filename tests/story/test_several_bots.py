"""Two Telegram bots in one bridge: each minds its own business."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from bridge.config import Telegram
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve
from tests.platforms.waiting import until
from tests.world import ANN, World

TOKEN = "200:another-token"


@asynccontextmanager
async def two(
    state_dir: Path, *, token: str = TOKEN, webhook: bool = False
) -> AsyncIterator[tuple[World, TelegramSimulator]]:
    """A world, and a second bot in it, which the bridge knows by `token`."""
    other = TelegramSimulator(
        token=TOKEN, username="other_bot", hooks_anywhere=webhook, hook_second=0.02
    )
    async with World(state_dir, webhook=webhook) as world, serve(other.app) as url:
        assert world.config
        first = world.config.channels["telegram"]
        assert isinstance(first, Telegram)
        second = replace(first, token=token, api_base=url)
        await world.start(channels={"telegram": first, "second": second})
        try:
            yield world, other
        finally:
            await world.stop(hurry=True)


@pytest.mark.parametrize("webhook", [False, True])
async def test_each_bot_answers_its_own_and_has_its_own_menu_and_conversations(
    tmp_path: Path, *, webhook: bool
):
    async with two(tmp_path, webhook=webhook) as (world, other):
        world.telegram.say("I am Ann here")
        other.say("I am Bob there")
        assert "I am Ann here" in await world.telegram_answer()
        [there] = await until(lambda: [m for m in other.messages(ANN) if "Bob" in m.text][1:])
        assert "Ann" not in there.text
        assert await until(world.telegram.menu) == await until(other.menu)
        assert len({asked.conversation_id for asked in world.coze.asked}) == 2


async def test_a_bot_that_is_held_back_does_not_hold_back_the_other(tmp_path: Path):
    async with two(tmp_path) as (world, other):
        world.telegram.fail("sendMessage", retry_after=60)
        world.telegram.say("hello")
        await until(world.telegram.refused)
        other.say("hello")
        await until(lambda: [m for m in other.messages(ANN) if m.from_bot])
        assert not [m for m in world.telegram.messages(ANN) if m.from_bot]


async def test_a_bot_whose_token_is_dead_does_not_stop_the_other(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async with two(tmp_path, token="200:dead") as (world, other):
        world.telegram.say("hello")
        assert "hello" in await world.telegram_answer()
        await until(lambda: "off: Telegram knows no bot with this token" in caplog.text)
        world.telegram.say("still there?")
        assert "still there?" in await world.telegram_answer(2)
        assert not other.polling
