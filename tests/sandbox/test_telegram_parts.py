from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.sandbox.telegram import TelegramSimulator
from tests.sandbox.telegram_client import BotClient, client_of

FACE = "\U0001f600"
BUTTON = "can't parse inline keyboard button: "
ENTITY = "can't parse MessageEntity: "
BEGINNING = "entity beginning at UTF-16 offset"
COMMAND = "can't parse BotCommand: "


@pytest.fixture
def telegram() -> TelegramSimulator:
    simulator = TelegramSimulator(limits=None)
    simulator.say("Hello")
    return simulator


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


WRONG_ENTITIES: list[tuple[object, str]] = [
    ("bold", f"{ENTITY}expected an Object"),
    ({"type": "bold", "offset": 0}, f'{ENTITY}Can\'t find field "length"'),
    (entity("bold", 0, 1) | {"length": "1"}, f'{ENTITY}Field "length" must be of type Number'),
    (entity("bald", 0, 1), f"{ENTITY}Unsupported type specified"),
    (entity("text_link", 0, 1), f'{ENTITY}Can\'t find field "url"'),
    (entity("bold", -1, 1), "receive an entity with incorrect offset -1"),
    (
        entity("bold", 1, 2),
        "entity begins in a middle of a UTF-16 symbol at byte offset 4",
    ),
    (
        entity("bold", 0, 1),
        f"{BEGINNING} 0 ends in a middle of a UTF-16 symbol at byte offset 4",
    ),
    (
        entity("bold", 2, 9),
        f"{BEGINNING} 2 ends after the end of the text at UTF-16 offset 11",
    ),
    (entity("bold", 8, 1), "entity begins after the end of the text at UTF-16 offset 8"),
    (
        entity("text_link", 2, 1, url="docs/a.md"),
        "entity URL 'docs/a.md' is invalid: Wrong HTTP URL",
    ),
]


async def test_a_wrong_entity_is_refused(bot: BotClient) -> None:
    for given, reason in WRONG_ENTITIES:
        refusal = await bot.refusal(
            "sendMessage", chat_id=501, text=f"{FACE}abc", entities=[given]
        )
        assert refusal == f"400 Bad Request: {reason}"


DEAD_LINKS = [
    "https://exa",
    "https://localhost",
    "(#sec)",
    "#",
    "javascript:a()",
    "tel:+1",
    "ftp://a.b",
]


async def test_a_link_that_opens_nothing_is_refused(bot: BotClient) -> None:
    for link in DEAD_LINKS:
        linked = entity("text_link", 0, 1, url=link)
        refusal = await bot.refusal("sendMessage", chat_id=501, text="x", entities=[linked])
        assert refusal.startswith(f"400 Bad Request: entity URL '{link}' is invalid: ")


LINKS = [
    "a.b",
    "http://1.2.3.4:80/x y",
    "https://例子.中国",
    "mailto:a@b.c",
    "tg://user?id=1",
    "http://[::1]",
]


async def test_a_link_that_opens_is_taken(bot: BotClient) -> None:
    for link in LINKS:
        linked = entity("text_link", 0, 1, url=link)
        sent = await bot("sendMessage", chat_id=501, text="x", entities=[linked])
        assert sent["entities"] == [linked]


async def test_entities_move_with_the_text_they_cover(bot: BotClient) -> None:
    sent = await bot(
        "sendMessage",
        chat_id=501,
        text=f"\n {FACE}\r{FACE}b \n",
        entities=[
            entity("pre", 7, 3, language="python"),
            entity("bold", 2, 5),
            entity("mention", 0, 1),
            entity("italic", 2, 0),
        ],
    )
    assert sent["text"] == f"{FACE}{FACE}b"
    assert sent["entities"] == [entity("bold", 0, 4), entity("pre", 4, 1, language="python")]


async def test_blanks_that_an_entity_covers_are_kept(bot: BotClient) -> None:
    code = [entity("pre", 1, 4)]
    sent = await bot("sendMessage", chat_id=501, text="\n  a b", entities=code)
    assert (sent["text"], sent["entities"]) == ("  a b", [entity("pre", 0, 4)])


async def test_styles_are_lost_beyond_a_hundred_entities(bot: BotClient) -> None:
    marks = [entity("bold", 2 * at, 1) for at in range(100)] + [entity("code", 200, 1)]
    sent = await bot("sendMessage", chat_id=501, text="x" * 201, entities=marks)
    assert sent["entities"] == marks[:99] + marks[100:]


WRONG_MARKUP: list[tuple[object, str]] = [
    ("{", "can't parse reply keyboard markup JSON object"),
    ([], "object expected as reply markup"),
    ({"inline_keyboard": 1}, 'field "inline_keyboard" must be of type Array'),
    (
        {"inline_keyboard": [{}]},
        'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ),
]


async def test_wrong_markup_is_refused(bot: BotClient) -> None:
    for markup, reason in WRONG_MARKUP:
        refusal = await bot.refusal("sendMessage", chat_id=501, text="x", reply_markup=markup)
        assert refusal == f"400 Bad Request: {reason}"


WRONG_BUTTONS: list[tuple[object, str]] = [
    ("OK", f"{BUTTON}InlineKeyboardButton must be an Object"),
    ({"callback_data": "1"}, f'{BUTTON}Can\'t find field "text"'),
    ({"text": "", "callback_data": "1"}, "inline keyboard button text must be non-empty"),
    ({"text": "OK"}, f"{BUTTON}Text buttons are unallowed in the inline keyboard"),
    (
        {"text": "OK", "callback_data": ""},
        f"{BUTTON}Text buttons are unallowed in the inline keyboard",
    ),
    ({"text": "OK", "callback_data": "是" * 22}, "BUTTON_DATA_INVALID"),
    (
        {"text": "OK", "callback_data": "1", "url": "a.b"},
        f"{BUTTON}only one of callback_data, url can be used",
    ),
    (
        {"text": "OK", "url": "nowhere"},
        "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
    ),
    (
        {"text": "OK", "callback_data": "1", "style": "loud"},
        f"{BUTTON}invalid button style specified",
    ),
]


async def test_a_wrong_button_is_refused(bot: BotClient) -> None:
    for button, reason in WRONG_BUTTONS:
        markup = {"inline_keyboard": [[button]]}
        refusal = await bot.refusal("sendMessage", chat_id=501, text="x", reply_markup=markup)
        assert refusal == f"400 Bad Request: {reason}"


async def test_button_data_may_have_64_bytes(bot: BotClient) -> None:
    row = [{"text": "OK", "callback_data": "x" * 64, "style": "danger"}]
    markup = {"inline_keyboard": [row, []]}
    sent = await bot("sendMessage", chat_id=501, text="x", reply_markup=markup)
    assert sent["reply_markup"] == {"inline_keyboard": [row]}


async def test_commands_are_kept_by_scope_and_language(bot: BotClient) -> None:
    def named(name: str) -> list[dict[str, str]]:
        return [{"command": name, "description": f"Do {name}"}]

    chat = {"scope": {"type": "chat", "chat_id": 501}}
    await bot("setMyCommands", commands=named("new"))
    await bot("setMyCommands", commands=named("stop"), language_code="zh")
    await bot("setMyCommands", commands=named("help"), **chat)
    assert await bot("getMyCommands") == named("new")
    assert await bot("getMyCommands", language_code="zh") == named("stop")
    assert await bot("getMyCommands", language_code="de") == []
    assert await bot("getMyCommands", **chat) == named("help")
    assert await bot("deleteMyCommands") is True
    assert await bot("getMyCommands") == []
    assert await bot("getMyCommands", language_code="zh") == named("stop")


WRONG_COMMANDS: list[tuple[dict[str, Any], str]] = [
    ({"commands": "["}, "can't parse commands JSON object"),
    ({"commands": {}}, "expected an Array of BotCommand"),
    ({"commands": ["new"]}, f"{COMMAND}expected an Object"),
    ({"commands": [{"command": "new"}]}, f'{COMMAND}Can\'t find field "description"'),
    ({"commands": [{"command": "/", "description": "x"}]}, "command must be non-empty"),
    ({"commands": [{"command": "New", "description": "x"}]}, "BOT_COMMAND_INVALID"),
    (
        {"commands": [{"command": "x" * 33, "description": "x"}]},
        "command length must not exceed 32",
    ),
    (
        {"commands": [{"command": "x", "description": " "}]},
        "command description must be non-empty",
    ),
    (
        {"commands": [{"command": "x", "description": "x" * 257}]},
        "command description length must not exceed 256",
    ),
    ({"commands": [{"command": "x", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
    ({"language_code": "zho"}, "invalid language code specified"),
    ({"scope": {"type": "chat", "chat_id": 77}}, "chat not found"),
    (
        {"scope": {"type": "moon"}},
        "can't parse BotCommandScope: Unsupported type specified",
    ),
]


async def test_wrong_commands_are_refused(bot: BotClient) -> None:
    for params, reason in WRONG_COMMANDS:
        assert await bot.refusal("setMyCommands", **params) == f"400 Bad Request: {reason}"
