import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.telegram import (
    Bucket,
    Call,
    TelegramLimits,
    TelegramSimulator,
    Window,
)
from tests.sandbox.telegram_client import TOKEN, BotClient, client_of

GROUP = -1001


@pytest.fixture
def telegram() -> TelegramSimulator:
    return TelegramSimulator(limits=None)


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


async def newest(bot: BotClient) -> dict[str, Any]:
    update: dict[str, Any] = (await bot("getUpdates", offset=-1))[0]
    return update


async def test_a_person_writes_in_a_private_chat(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.say(" 你好 ", chat=7, name="安", language="zh-hans")
    message = (await newest(bot))["message"]
    person = {"id": 7, "is_bot": False, "first_name": "安", "language_code": "zh-hans"}
    assert message["from"] == person
    assert message["chat"] == {"id": 7, "type": "private", "first_name": "安"}
    assert (message["message_id"], message["text"]) == (1, "你好")
    shown = telegram.messages(7)[0]
    assert (shown.text, shown.from_bot, shown.name) == ("你好", False, "安")
    assert telegram.messages(8) == []


async def test_commands_and_mentions_are_marked(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.say("/start x \U0001f600 @coze_sandbox_bot, a/b /new@coze_sandbox_bot me@example.com")
    message = (await newest(bot))["message"]
    assert message["entities"] == [
        {"type": "bot_command", "offset": 0, "length": 6},
        {"type": "mention", "offset": 12, "length": 17},
        {"type": "bot_command", "offset": 35, "length": 21},
    ]


async def test_a_person_replies_in_a_topic(telegram: TelegramSimulator, bot: BotClient) -> None:
    telegram.say("One", thread=3)
    telegram.say("Two", thread=3, reply_to=1)
    message = (await newest(bot))["message"]
    assert (message["message_thread_id"], message["is_topic_message"]) == (3, True)
    assert message["reply_to_message"]["text"] == "One"
    with pytest.raises(LookupError):
        telegram.say("Three", reply_to=9)


async def test_a_person_edits_what_they_wrote(telegram: TelegramSimulator, bot: BotClient) -> None:
    telegram.say("/new", chat=GROUP, user=1)
    telegram.say("/stop", chat=GROUP, user=1, via_edit_of=1)
    edited = (await newest(bot))["edited_message"]
    assert (edited["message_id"], edited["text"]) == (1, "/stop")
    assert edited["edit_date"]
    assert telegram.messages(GROUP)[0].edits == 1
    with pytest.raises(LookupError):
        telegram.say("Mine", chat=GROUP, user=2, via_edit_of=1)


def test_a_text_that_no_client_sends_is_an_error(telegram: TelegramSimulator) -> None:
    for text in ("", " \n", "x" * 4097):
        with pytest.raises(ValueError, match="Bad Request"):
            telegram.say(text)


async def test_in_a_group_the_bot_sees_what_concerns_it(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    def seen(text: str, reply_to: int | None = None) -> bool:
        return telegram.say(text, chat=GROUP, reply_to=reply_to) > 0

    assert seen("/new")
    sent = await bot("sendMessage", chat_id=GROUP, text="Hi")
    assert seen("/new@Coze_Sandbox_Bot")
    assert seen("Well, @coze_sandbox_bot?")
    assert seen("Thanks", reply_to=sent["message_id"])
    assert not seen("Hello")
    assert not seen("/new@other_bot")
    assert not seen("@other_bot?")
    assert not seen("Me too", reply_to=1)
    telegram.privacy = False
    assert seen("Hello")
    assert (await bot("getMe"))["can_read_all_group_messages"]


async def test_a_pressed_button_asks_the_bot(telegram: TelegramSimulator, bot: BotClient) -> None:
    telegram.say("/new", chat=GROUP, user=9, name="Bo")
    rows = [
        [{"text": "⏹ Stop now", "callback_data": "a"}, {"text": "Stop", "callback_data": "b"}],
        [{"text": "Open", "url": "https://example.com"}],
    ]
    markup = {"inline_keyboard": rows}
    await bot("sendMessage", chat_id=GROUP, text="x", reply_markup=markup)
    assert telegram.messages(GROUP)[1].buttons == [
        [("⏹ Stop now", "a"), ("Stop", "b")],
        [("Open", "")],
    ]
    query = telegram.press(2, "Stop", chat=GROUP, user=9)
    pressed = (await newest(bot))["callback_query"]
    assert (pressed["id"], pressed["data"], pressed["from"]["first_name"]) == (query, "b", "Bo")
    assert pressed["message"]["reply_markup"] == markup
    assert telegram.press(2, "⏹", chat=GROUP) != query
    assert (await newest(bot))["callback_query"]["data"] == "a"
    for message, label in ((2, "Open"), (2, "Go"), (1, "Stop"), (9, "Stop")):
        with pytest.raises(LookupError):
            telegram.press(message, label, chat=GROUP)


class HandMovedClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def sent_until_refused(bot: BotClient, chat: int, limit: int = 99) -> tuple[int, int]:
    """How many messages a chat takes, and the seconds to wait after that."""
    for count in range(limit):
        response = await bot.http.post(
            f"/bot{TOKEN}/sendMessage", json={"chat_id": chat, "text": f"{count}"}
        )
        answer = response.json()
        if not answer["ok"]:
            seconds = answer["parameters"]["retry_after"]
            assert response.status_code == answer["error_code"] == 429
            assert answer["description"] == f"Too Many Requests: retry after {seconds}"
            return count, seconds
    raise AssertionError("nothing was refused")


async def test_a_chat_takes_one_message_a_second_after_a_burst() -> None:
    clock = HandMovedClock()
    telegram = TelegramSimulator(clock=clock)
    telegram.say("Hi")
    async with client_of(telegram) as bot:
        assert await sent_until_refused(bot, 501) == (3, 1)
        clock.now += 0.9
        assert await sent_until_refused(bot, 501) == (0, 1)
        clock.now += 0.1
        assert await sent_until_refused(bot, 501) == (1, 1)
        assert len(telegram.refused()) == 3
        clock.now += 60
        assert await sent_until_refused(bot, 501) == (3, 1)


async def test_edits_and_topics_share_the_budget_of_their_chat() -> None:
    clock = HandMovedClock()
    telegram = TelegramSimulator(clock=clock)
    telegram.say("/a", chat=GROUP, thread=1)
    telegram.say("/b", chat=GROUP, thread=2)
    async with client_of(telegram) as bot:
        await bot("sendMessage", chat_id=GROUP, text="x", message_thread_id=1)
        await bot("sendMessage", chat_id=GROUP, text="x", message_thread_id=2)
        edit = {"chat_id": GROUP, "message_id": 3, "text": "y"}
        await bot("editMessageText", **edit)
        assert (await bot.refusal("editMessageText", **edit)).startswith("429 ")
        assert telegram.refused()[0].method == "editMessageText"


async def test_an_edit_without_a_change_costs_and_a_wrong_one_does_not() -> None:
    telegram = TelegramSimulator(
        limits=TelegramLimits(chat=Bucket(burst=2, every=60.0)), clock=lambda: 0.0
    )
    telegram.say("Hi")
    async with client_of(telegram) as bot:
        await bot("sendMessage", chat_id=501, text="x")
        same = {"chat_id": 501, "message_id": 2, "text": "x"}
        assert "message to edit" in await bot.refusal(
            "editMessageText", **same | {"message_id": 9}
        )
        assert "not modified" in await bot.refusal("editMessageText", **same)
        refusal = await bot.refusal("editMessageText", **same)
        assert refusal == "429 Too Many Requests: retry after 60"


async def test_a_group_takes_twenty_messages_a_minute() -> None:
    clock = HandMovedClock()
    telegram = TelegramSimulator(limits=TelegramLimits(chat=None), clock=clock)
    telegram.say("/a", chat=GROUP)
    telegram.say("Hi")
    async with client_of(telegram) as bot:
        clock.now += 0.5
        assert await sent_until_refused(bot, GROUP) == (20, 60)
        await bot("sendMessage", chat_id=501, text="x")
        clock.now += 59.9
        assert await sent_until_refused(bot, GROUP) == (0, 1)
        clock.now += 0.1
        assert await sent_until_refused(bot, GROUP) == (20, 60)


async def test_a_bot_sends_thirty_messages_a_second() -> None:
    clock = HandMovedClock()
    telegram = TelegramSimulator(
        limits=TelegramLimits(chat=None, bot=Window(30, 1.0)), clock=clock
    )
    telegram.say("Hi")
    telegram.say("Hi", chat=502)
    async with client_of(telegram) as bot:
        assert await sent_until_refused(bot, 501) == (30, 1)
        assert await sent_until_refused(bot, 502) == (0, 1)
        for method in ("getMe", "getUpdates", "deleteMyCommands"):
            await bot(method)
        await bot("sendChatAction", chat_id=501, action="typing")
        clock.now += 1
        assert await sent_until_refused(bot, 502) == (30, 1)


async def test_a_fault_is_answered_instead(telegram: TelegramSimulator, bot: BotClient) -> None:
    telegram.say("Hi")
    message = {"chat_id": 501, "text": "x"}
    telegram.fail("sendmessage", times=2)
    telegram.fail("sendMessage", retry_after=7, after_doing=True)
    for _ in range(2):
        assert await bot.refusal("sendMessage", **message) == "500 Internal Server Error"
    await bot("getMe")
    assert len(telegram.messages(501)) == 1
    flood = await bot.refusal("sendMessage", **message)
    assert flood == "429 Too Many Requests: retry after 7"
    assert len(telegram.messages(501)) == 2
    await bot("sendMessage", **message)
    assert [call.status for call in telegram.calls] == [500, 500, 200, 429, 200]
    with pytest.raises(KeyError):
        telegram.fail("sendNothing")


@pytest.mark.parametrize("after_doing", [False, True])
async def test_a_dropped_call_has_no_answer(
    telegram: TelegramSimulator, bot: BotClient, *, after_doing: bool
) -> None:
    telegram.say("Hi")
    telegram.fail("sendMessage", drop=True, after_doing=after_doing)
    with pytest.raises(httpx.RemoteProtocolError):
        await bot("sendMessage", chat_id=501, text="x")
    assert len(telegram.messages(501)) == 1 + after_doing
    assert telegram.calls[0].status == 0
    await bot("sendMessage", chat_id=501, text="x")


async def test_an_answer_can_be_held_back(telegram: TelegramSimulator, bot: BotClient) -> None:
    let_go = asyncio.Event()

    async def stall(call: Call) -> None:
        if call.method == "sendMessage":
            await let_go.wait()

    telegram.say("Hi")
    telegram.stall, telegram.latency = stall, 0.001
    sending = asyncio.create_task(bot("sendMessage", chat_id=501, text="x"))
    await telegram.changes.until(lambda: len(telegram.messages(501)) == 2)
    await bot("getMe")
    assert not sending.done()
    let_go.set()
    assert (await sending)["message_id"] == 2
