"""The menu of commands, as people see it."""

from collections.abc import AsyncIterator

import pytest
import telegram as ptb

from bridge.sandbox.telegram import TelegramSimulator
from tests.sandbox.telegram_client import BotClient, client_of, ptb_of

GROUP = -1001


@pytest.fixture
def telegram() -> TelegramSimulator:
    simulator = TelegramSimulator(limits=None)
    simulator.say("Hello", language="zh-hans")
    simulator.say("/hello", chat=GROUP, user=9, language="de")
    return simulator


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


async def test_python_telegram_bot_sets_menus(telegram: TelegramSimulator) -> None:
    async with ptb_of(telegram) as bot:
        await bot.set_my_commands([("new", "Start anew")])
        await bot.set_my_commands([("new", "新对话")], language_code="zh")
        await bot.set_my_commands([("help", "Help")], ptb.BotCommandScopeAllGroupChats())
        assert await bot.get_my_commands(language_code="zh") == (ptb.BotCommand("new", "新对话"),)
        assert telegram.menu() == {"new": "新对话"}
        assert telegram.menu(language="en") == {"new": "Start anew"}
        assert telegram.menu(chat=GROUP, user=9) == {"help": "Help"}
        await bot.delete_my_commands(language_code="zh")
        assert telegram.menu() == {"new": "Start anew"}
    assert telegram.menu(chat=7) == {"new": "Start anew"}


PRIVATE: list[dict[str, object]] = [
    {"type": "default"},
    {"type": "all_private_chats"},
    {"type": "chat", "chat_id": 501},
]
IN_GROUP: list[dict[str, object]] = [
    {"type": "default"},
    {"type": "all_group_chats"},
    {"type": "all_chat_administrators"},
    {"type": "chat", "chat_id": GROUP},
    {"type": "chat_administrators", "chat_id": GROUP},
    {"type": "chat_member", "chat_id": GROUP, "user_id": 9},
]


@pytest.mark.parametrize(
    ("scopes", "chat", "language"), [(PRIVATE, 501, "zh"), (IN_GROUP, GROUP, "de")]
)
async def test_the_closest_menu_is_shown(
    telegram: TelegramSimulator,
    bot: BotClient,
    scopes: list[dict[str, object]],
    chat: int,
    language: str,
) -> None:
    telegram.promote(GROUP, user=9)
    assert telegram.menu(chat=chat, user=9) == {}
    for scope in scopes:
        for code in ("", language, "fr"):
            name = f"{scope['type']}_{code}"
            commands = [{"command": name, "description": "x"}]
            await bot("setMyCommands", commands=commands, scope=scope, language_code=code)
            if code != "fr":
                assert telegram.menu(chat=chat, user=9) == {name: "x"}


async def test_administrators_have_menus_of_their_own(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    for kind in ("all_group_chats", "all_chat_administrators"):
        commands = [{"command": kind, "description": "x"}]
        await bot("setMyCommands", commands=commands, scope={"type": kind})
    assert list(telegram.menu(chat=GROUP, user=9)) == ["all_group_chats"]
    telegram.promote(GROUP, user=9)
    assert list(telegram.menu(chat=GROUP, user=9)) == ["all_chat_administrators"]
    assert list(telegram.menu(chat=GROUP, user=8)) == ["all_group_chats"]


async def test_an_empty_menu_is_none(telegram: TelegramSimulator, bot: BotClient) -> None:
    await bot("setMyCommands", commands=[{"command": "new", "description": "x"}])
    scope = {"type": "all_private_chats"}
    await bot("setMyCommands", commands=[{"command": "a", "description": "x"}], scope=scope)
    await bot("setMyCommands", commands=[], scope=scope)
    assert telegram.menu() == {"new": "x"}


async def test_a_private_chat_has_no_members(bot: BotClient) -> None:
    for kind in ("chat_administrators", "chat_member"):
        scope = {"type": kind, "chat_id": 501, "user_id": 501}
        refusal = await bot.refusal("setMyCommands", commands=[], scope=scope)
        assert refusal == "400 Bad Request: can't use specified scope in private chats"
