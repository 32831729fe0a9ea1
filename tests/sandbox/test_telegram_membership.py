"""The bot comes into groups and goes, and groups become others."""

from collections.abc import AsyncIterator

import pytest

from bridge.sandbox.telegram import TelegramSimulator
from tests.sandbox.telegram_client import BotClient, client_of

TEAM, OLD = -1001, -42


@pytest.fixture
def telegram() -> TelegramSimulator:
    return TelegramSimulator(limits=None)


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


async def test_the_bot_is_told_that_it_comes_and_goes(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.add_bot(TEAM, title="Team")
    telegram.kick_bot(TEAM)
    telegram.add_bot(TEAM)
    assert await bot("leaveChat", chat_id=TEAM) is True
    changes = [update["my_chat_member"] for update in await bot.updates()]
    assert [
        (each["old_chat_member"]["status"], each["new_chat_member"]["status"]) for each in changes
    ] == [("left", "member"), ("member", "kicked"), ("kicked", "member"), ("member", "left")]
    assert changes[0]["chat"] == {"id": TEAM, "title": "Team", "type": "supergroup"}
    assert changes[-1]["from"]["is_bot"]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("kicked", "bot was kicked from the supergroup chat"),
        ("left", "bot is not a member of the supergroup chat"),
    ],
)
async def test_who_is_out_neither_hears_nor_speaks(
    telegram: TelegramSimulator, bot: BotClient, how: str, why: str
) -> None:
    telegram.add_bot(TEAM)
    if how == "kicked":
        telegram.kick_bot(TEAM)
    else:
        await bot("leaveChat", chat_id=TEAM)
    assert telegram.say("/new", chat=TEAM) == 0
    refusal = await bot.refusal("sendMessage", chat_id=TEAM, text="Hello")
    assert refusal == f"403 Forbidden: {why}"
    assert (await bot.refusal("leaveChat", chat_id=TEAM)).startswith("403 Forbidden: bot is not")
    with pytest.raises(LookupError):
        telegram.kick_bot(TEAM)


async def test_a_private_chat_cannot_be_left(telegram: TelegramSimulator, bot: BotClient) -> None:
    telegram.say("Hello")
    refusal = await bot.refusal("leaveChat", chat_id=501)
    assert "can't be changed in private chats" in refusal
    assert await bot.refusal("leaveChat", chat_id=7) == "400 Bad Request: chat not found"


async def test_an_upgraded_group_is_another_chat(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.add_bot(OLD, title="Team", basic=True)
    sent = await bot("sendMessage", chat_id=OLD, text="Hello")
    telegram.upgrade(OLD, TEAM)
    old, new = (update["message"] for update in (await bot.updates())[1:])
    assert (old["chat"]["id"], old["chat"]["type"]) == (OLD, "group")
    assert (old["migrate_to_chat_id"], new["migrate_from_chat_id"]) == (TEAM, OLD)
    assert new["chat"] == {"id": TEAM, "title": "Team", "type": "supergroup"}
    for method in ("sendMessage", "editMessageText", "sendChatAction", "leaveChat"):
        told = {"message_id": sent["message_id"], "text": "Bye", "action": "typing"}
        response = await bot._post(method, {"chat_id": OLD, **told})
        assert response.json() == {
            "ok": False,
            "error_code": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": {"migrate_to_chat_id": TEAM},
        }
    with pytest.raises(LookupError):
        telegram.say("Hello", chat=OLD)
    with pytest.raises(ValueError, match="already"):
        telegram.upgrade(TEAM, -1003)


async def test_who_speaks_as_a_chat_is_seen_as_a_bot(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.add_bot(TEAM)
    with pytest.raises(ValueError, match="administrator"):
        telegram.say("/new", chat=TEAM, anonymous=True)
    telegram.promote(TEAM, user=501)
    telegram.say("/new", chat=TEAM, anonymous=True)
    telegram.say("/new", chat=TEAM, as_channel=-1009)
    group, channel = [u["message"] for u in (await bot.updates())[1:]]
    assert (group["from"]["username"], group["sender_chat"]["id"]) == ("GroupAnonymousBot", TEAM)
    assert (channel["from"]["username"], channel["sender_chat"]["type"]) == (
        "Channel_Bot",
        "channel",
    )
    assert not telegram.messages(TEAM)[-1].from_bot
