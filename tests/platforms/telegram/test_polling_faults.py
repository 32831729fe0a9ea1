"""Polls that never come back, fail as none should, or are in somebody's way."""

import asyncio
from typing import Any

import httpx
import pytest
import telegram as ptb

from bridge.core.errors import Denied
from bridge.core.model import Message
from bridge.platforms.telegram import polling
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.sandbox.telegram import Call, TelegramSimulator
from bridge.wire import patience
from tests.platforms.waiting import Heard, listening, until


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AGAIN", 0.1)


async def test_a_webhook_set_elsewhere_is_explained(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with listening(adapter, Heard()):
        await until(lambda: telegram.polling)
        async with httpx.AsyncClient() as http:
            await http.post(f"{adapter._bot.base_url}/setWebhook", json={"url": "https://a.b"})
        await until(lambda: "a webhook" in adapter.trouble)
        assert "restart the bridge" in adapter.trouble
    telegram.say("hello")
    heard = Heard()
    async with listening(adapter, heard):  # which is what a restart does
        await until(lambda: heard.texts == ["hello"])


async def test_a_poll_that_never_comes_back_is_given_up_and_begun_anew(
    telegram: TelegramSimulator,
    adapter: TelegramAdapter,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr(polling, "_SILENCE", 0.3)
    over, held = asyncio.Event(), list[Call]()

    async def stall(call: Call) -> None:
        if call.method == "getUpdates" and not held:
            held.append(call)
            await over.wait()

    telegram.stall = stall
    telegram.say("hello")
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: "no poll has come back for 0.3 seconds" in adapter.trouble)
        await until(lambda: heard.texts)
        assert adapter.trouble == ""
        over.set()
    assert heard.texts == ["hello"]
    assert "no poll has come back" in caplog.text


async def test_storing_that_never_ends_is_given_up_and_begun_anew(
    telegram: TelegramSimulator, adapter: TelegramAdapter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(polling, "_SILENCE", 0.3)
    offered: list[str] = []

    async def accept(message: Message) -> None:
        offered.append(message.text)
        if offered == ["one", "two"]:
            await asyncio.Event().wait()

    telegram.say("one")
    telegram.say("two")
    async with listening(adapter, accept):
        await until(lambda: offered == ["one", "two", "two"])
        await until(lambda: not telegram._updates._waiting)


async def test_a_poll_that_fails_as_none_should_does_not_end_the_polling(
    telegram: TelegramSimulator, adapter: TelegramAdapter, monkeypatch: pytest.MonkeyPatch
):
    faults = [RuntimeError("a bug"), RuntimeError("a bug")]
    poll = type(adapter._bot).get_updates

    async def get_updates(*args: Any, **how: Any) -> tuple[ptb.Update, ...]:
        if faults:
            raise faults.pop()
        return await poll(*args, **how)

    monkeypatch.setattr(type(adapter._bot), "get_updates", get_updates)
    telegram.say("hello")
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: "RuntimeError('a bug')" in adapter.trouble)
        await until(lambda: heard.texts == ["hello"])
        assert adapter.trouble == ""


async def test_a_token_that_dies_ends_it(telegram: TelegramSimulator, adapter: TelegramAdapter):
    async with listening(adapter, Heard()) as task:
        await until(lambda: telegram.polling)
        telegram.fail("getUpdates", status=401, description="Unauthorized")
        telegram.say("hello")
        with pytest.raises(Denied, match="TELEGRAM_BOT_TOKEN"):
            await task
