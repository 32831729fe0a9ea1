"""Buttons, what is said to those who press them, and what else stands around a message."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.sandbox.telegram import TelegramSimulator, Toast
from tests.sandbox.telegram_client import BotClient, client_of


@pytest.fixture
def telegram() -> TelegramSimulator:
    simulator = TelegramSimulator(limits=None)
    simulator.say("Hello")
    return simulator


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


def buttons(rows: int, columns: int) -> dict[str, Any]:
    return {
        "inline_keyboard": [
            [
                {"text": f"{row}-{column}", "callback_data": f"{row}:{column}"}
                for column in range(columns)
            ]
            for row in range(rows)
        ]
    }


async def test_a_button_is_found_in_any_row(telegram: TelegramSimulator, bot: BotClient) -> None:
    await bot("sendMessage", chat_id=501, text="x", reply_markup=buttons(5, 3))
    telegram.press(2, "4-1", chat=501)
    update = (await bot("getUpdates", offset=-1))[0]
    assert update["callback_query"]["data"] == "4:1"


async def test_a_message_has_a_hundred_buttons_at_most(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    await bot("sendMessage", chat_id=501, text="x", reply_markup=buttons(50, 2))
    assert len(telegram.messages(501)[1].buttons) == 50
    more = await bot.refusal("sendMessage", chat_id=501, text="x", reply_markup=buttons(101, 1))
    assert more == "400 Bad Request: reply markup is too long"


async def test_what_is_said_to_who_presses_is_kept(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    await bot("sendMessage", chat_id=501, text="x", reply_markup=buttons(1, 1))
    queries = [telegram.press(2, "0-0", chat=501) for _ in range(3)]
    await bot("answerCallbackQuery", callback_query_id=queries[0], text="Stopped")
    await bot("answerCallbackQuery", callback_query_id=queries[1])
    await bot("answerCallbackQuery", callback_query_id=queries[2], text="No!", show_alert=True)
    assert telegram.toasts == [Toast(queries[0], "Stopped"), Toast(queries[2], "No!", alert=True)]
    assert telegram.answered() == set(queries)


async def test_a_message_can_force_a_reply(telegram: TelegramSimulator, bot: BotClient) -> None:
    markup = {"force_reply": True, "input_field_placeholder": "Your name", "selective": True}
    sent = await bot("sendMessage", chat_id=501, text="Who?", reply_markup=markup)
    assert "reply_markup" not in sent
    assert telegram.messages(501)[-1].forces_reply
    await bot("sendMessage", chat_id=501, text="x", reply_markup={"remove_keyboard": True})
    assert not telegram.messages(501)[-1].forces_reply
    telegram.say("Ann", reply_to=sent["message_id"])
    update = (await bot("getUpdates", offset=-1))[0]
    assert update["message"]["reply_to_message"]["text"] == "Who?"


async def test_chat_actions_are_told_apart(telegram: TelegramSimulator, bot: BotClient) -> None:
    for action in ("typing", "Upload_Photo", "upload_document", "record_voice"):
        await bot("sendChatAction", chat_id=501, action=action)
    assert telegram.actions(501) == ["typing", "upload_photo", "upload_document", "record_voice"]
    assert telegram.actions(7) == []
