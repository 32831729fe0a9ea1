"""The menu of commands: what is shown of it, and what is understood."""

import pytest

from bridge.core.commands import COMMANDS, Entry, Menu
from bridge.core.errors import Rejected, Uncertain
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.platforms.telegram.menu import offered
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve
from tests.platforms.telegram.rig import TOKEN
from tests.platforms.waiting import Heard, listening, until

WEATHER = Menu(extra=(Entry("weather", "天气"),))


def calls(telegram: TelegramSimulator) -> int:
    """How often the menu was set."""
    return [call.method for call in telegram.calls].count("setMyCommands")


def test_what_does_not_fit_is_left_out_or_cut():
    entries = [Entry("Not-A-Name", "x"), Entry("x" * 33, "x"), Entry("", "x")]
    entries += [Entry("long", "长" * 300), Entry("blank", " ")]
    many = [Entry(f"c{number}", "x") for number in range(200)]
    shown = offered(Menu(names=(), extra=(*entries, *many)), "en")
    assert shown[:3] == [("long", "长" * 256), ("blank", "blank"), ("c0", "x")]
    assert len(shown) == 100


async def test_telegram_takes_a_menu_of_which_some_does_not_fit(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    extra = [Entry("Not-A-Name", "x"), Entry("long", "长" * 300), Entry("blank", "\n")]
    extra += [Entry(f"c{number}", "x") for number in range(200)]
    async with listening(adapter, Heard()):
        await adapter.show_menu(Menu(extra=tuple(extra)))
        await until(lambda: len(telegram.menu()) == 100)


async def test_a_menu_is_shown_once_there_is_a_connection(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    await adapter.show_menu(WEATHER)
    assert telegram.calls == []
    async with listening(adapter, Heard()):
        await until(lambda: calls(telegram) == 2)
    assert [*telegram.menu(language="zh")] == [*telegram.menu()] == [*COMMANDS, "weather"]
    assert telegram.menu(language="zh-hans")["new"] == "开始新对话"
    assert telegram.menu(language="de")["new"] == "Start a new conversation"


async def test_a_menu_that_an_adapter_is_made_with_is_shown(telegram: TelegramSimulator):
    async with serve(telegram.app) as url:
        adapter = TelegramAdapter("telegram", TOKEN, api_base=url, menu=WEATHER)
        async with listening(adapter, Heard()):
            await until(lambda: "weather" in telegram.menu())
        await adapter.aclose()


async def test_a_new_menu_is_shown_and_understood_at_once(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: calls(telegram) == 2)
        await adapter.show_menu(WEATHER)
        assert telegram.menu()["weather"] == "天气"
        telegram.say("/weather Paris")
        await until(lambda: heard.messages)
    assert (heard.messages[0].command, heard.texts) == ("weather", ["Paris"])


async def test_the_same_menu_is_not_shown_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with listening(adapter, Heard()):
        await until(lambda: calls(telegram) == 2)
        await adapter.show_menu(Menu())
        await adapter.show_menu(WEATHER)
        await adapter.show_menu(Menu(extra=(Entry("weather", "天气"),)))
    assert calls(telegram) == 4


async def test_a_menu_that_is_refused_is_understood_all_the_same_and_shown_when_asked_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: calls(telegram) == 2)
        telegram.fail("setMyCommands", status=400, description="Bad Request: no")
        with pytest.raises(Rejected):
            await adapter.show_menu(WEATHER)
        telegram.say("/weather Paris")
        await until(lambda: heard.messages)
        assert heard.messages[0].command == "weather"
        await adapter.show_menu(WEATHER)
    assert "weather" in telegram.menu()


async def test_a_menu_that_comes_to_nothing_half_way_is_shown_when_asked_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with listening(adapter, Heard()):
        await until(lambda: calls(telegram) == 2)
        telegram.fail("setMyCommands", drop=True)
        with pytest.raises(Uncertain):
            await adapter.show_menu(WEATHER)
        await adapter.show_menu(WEATHER)
    assert [*telegram.menu(language="zh")] == [*telegram.menu()] == [*COMMANDS, "weather"]
