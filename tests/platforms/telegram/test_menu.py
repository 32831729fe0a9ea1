"""The menu of commands: what is shown of it, and what is understood."""

import contextlib
from collections.abc import AsyncIterator

import pytest
import telegram as ptb

from bridge.core.commands import COMMANDS, OPTIONAL, Entry, Menu
from bridge.core.errors import Rejected, Uncertain
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.platforms.telegram.menu import offered
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve
from tests.platforms.telegram.rig import TEAM, TOKEN, adapter_of
from tests.platforms.waiting import Heard, listening, until

WEATHER = Menu(extra=(Entry("weather", "天气"),))


IN_GROUPS = ["new", "stop", "retry", "help"]


def calls(telegram: TelegramSimulator, method: str = "setMyCommands") -> int:
    """How often a menu was set."""
    return [call.method for call in telegram.calls].count(method)


async def looked(telegram: TelegramSimulator, times: int) -> None:
    """Wait until it was looked so often at what is there."""
    await until(lambda: calls(telegram, "getMyCommands") == times)


@contextlib.asynccontextmanager
async def client(telegram: TelegramSimulator) -> AsyncIterator[ptb.Bot]:
    """Another program with the same token."""
    async with serve(telegram.app) as url, ptb.Bot(TOKEN, base_url=f"{url}/bot") as bot:
        yield bot


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
        await until(lambda: calls(telegram) == 4)
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
        await until(lambda: calls(telegram) == 4)
        await adapter.show_menu(WEATHER)
        assert telegram.menu()["weather"] == "天气"
        telegram.say("/weather Paris")
        await until(lambda: heard.messages)
    assert (heard.messages[0].command, heard.texts) == ("weather", ["Paris"])


async def test_the_same_menu_is_not_shown_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with listening(adapter, Heard()):
        await until(lambda: calls(telegram) == 4)
        await adapter.show_menu(Menu())
        await adapter.show_menu(WEATHER)
        await adapter.show_menu(Menu(extra=(Entry("weather", "天气"),)))
    assert calls(telegram) == 8


async def test_a_menu_that_is_refused_is_understood_all_the_same_and_shown_when_asked_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: calls(telegram) == 4)
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
        await until(lambda: calls(telegram) == 4)
        telegram.fail("setMyCommands", drop=True)
        with pytest.raises(Uncertain):
            await adapter.show_menu(WEATHER)
        await adapter.show_menu(WEATHER)
    assert [*telegram.menu(language="zh")] == [*telegram.menu()] == [*COMMANDS, "weather"]


async def test_a_group_is_offered_only_what_makes_sense_there(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    await adapter.show_menu(Menu((*COMMANDS, *OPTIONAL), WEATHER.extra))
    async with listening(adapter, Heard()):
        await until(lambda: calls(telegram) == 4)
    assert [*telegram.menu()] == [*COMMANDS, *OPTIONAL, "weather"]
    shown = telegram.menu(chat=TEAM, language="zh-hans")
    assert [*shown] == [*IN_GROUPS, "bot", "weather"]
    assert shown["new"] == "开始新对话"
    assert [*telegram.menu(chat=TEAM, language="fr")] == [*shown]


async def test_a_menu_that_is_there_already_is_not_set_again(telegram: TelegramSimulator):
    for looks in (8, 16):
        async with adapter_of(telegram) as adapter, listening(adapter, Heard()):
            await looked(telegram, looks)
            await adapter.show_menu(Menu())
    assert (calls(telegram), calls(telegram, "deleteMyCommands")) == (4, 0)


async def test_only_what_is_not_as_it_should_be_is_set(telegram: TelegramSimulator):
    async with adapter_of(telegram) as adapter, listening(adapter, Heard()):
        await until(lambda: calls(telegram) == 4)
    async with client(telegram) as bot:
        await bot.set_my_commands([("new", "Other")], ptb.BotCommandScopeAllGroupChats(), "zh")
    async with adapter_of(telegram) as adapter, listening(adapter, Heard()):
        await until(lambda: calls(telegram) == 6)
        await adapter.show_menu(Menu())
    assert calls(telegram) == 6
    assert [*telegram.menu(chat=TEAM, language="zh")] == IN_GROUPS


async def test_menus_of_whoever_had_the_bot_before_are_taken_away(telegram: TelegramSimulator):
    telegram.say("/hi", chat=TEAM, user=9)
    telegram.promote(TEAM, user=9)
    async with client(telegram) as bot:
        await bot.set_my_commands([("ban", "x")], ptb.BotCommandScopeAllChatAdministrators())
        await bot.set_my_commands([("old", "x")])
        await bot.set_my_commands([("old", "x")], language_code="zh")
    async with adapter_of(telegram) as adapter, listening(adapter, Heard()):
        await until(lambda: calls(telegram, "deleteMyCommands") == 3)
    assert [*telegram.menu(chat=TEAM, user=9)] == IN_GROUPS
