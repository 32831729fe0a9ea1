import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import telegram as ptb
from telegram.ext import Application, CommandHandler, ContextTypes

from bridge.sandbox.telegram import TelegramLimits, TelegramSimulator
from bridge.wire.serve import serve
from tests.sandbox.telegram_client import TOKEN, BotClient, client_of

OTHER_POLL = (
    "409 Conflict: terminated by other getUpdates request;"
    " make sure that only one bot instance is running"
)


@pytest.fixture
def telegram() -> TelegramSimulator:
    return TelegramSimulator(limits=None)


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_unconfirmed_updates_are_delivered_again(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    first, second = telegram.say("one"), telegram.say("two")
    updates = await bot("getUpdates", offset=first)
    assert [update["update_id"] for update in updates] == [first, second]
    assert second == first + 1
    assert texts(await bot("getUpdates")) == ["one", "two"]


async def test_an_offset_confirms_what_came_before(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.say("one")
    last = telegram.say("two")
    assert texts(await bot("getUpdates", offset=last)) == ["two"]
    assert texts(await bot("getUpdates")) == ["two"]
    assert await bot("getUpdates", offset=last + 1) == []


async def test_a_negative_offset_keeps_only_the_last(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    for text in ("one", "two", "three"):
        telegram.say(text)
    assert texts(await bot("getUpdates", offset=-2)) == ["two", "three"]
    assert texts(await bot("getUpdates")) == ["two", "three"]


async def test_an_offset_from_the_future_confirms_nothing(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    last = telegram.say("one")
    assert texts(await bot("getUpdates", offset=last + 100)) == ["one"]


async def test_a_poll_gets_a_hundred_updates_at_most(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    for number in range(120):
        telegram.say(str(number))
    assert len(await bot("getUpdates", limit=2)) == 2
    assert len(await bot("getUpdates", offset=-120, limit=1000)) == 100


async def test_the_same_offset_at_once_gets_one_update() -> None:
    now = 0.0
    simulator = TelegramSimulator(limits=None, clock=lambda: now)
    async with client_of(simulator) as hasty:
        simulator.say("one")
        simulator.say("two")
        assert len(await hasty("getUpdates")) == 2
        now = 0.4
        assert len(await hasty("getUpdates")) == 1
        now = 1.0
        assert len(await hasty("getUpdates")) == 2


async def test_the_same_offset_soon_is_made_to_wait() -> None:
    simulator = TelegramSimulator(limits=TelegramLimits(polling=20.0), clock=lambda: 0.0)
    async with client_of(simulator) as hasty:
        assert await hasty("getUpdates") == []
        second = asyncio.create_task(hasty("getUpdates"))
        await simulator.changes.until(lambda: simulator.polling)
        simulator.say("one")
        assert texts(await second) == ["one"]


async def test_a_long_poll_ends_with_the_first_update(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    poll = asyncio.create_task(bot("getUpdates", timeout=50))
    await telegram.changes.until(lambda: telegram.polling)
    telegram.say("one")
    telegram.say("two")
    assert texts(await poll) == ["one", "two"]
    assert not telegram.polling


async def test_a_long_poll_ends_with_its_time(bot: BotClient) -> None:
    assert await bot("getUpdates", timeout=1) == []


async def test_a_newer_poll_ends_the_older(telegram: TelegramSimulator, bot: BotClient) -> None:
    older = asyncio.create_task(bot.refusal("getUpdates", timeout=50))
    await telegram.changes.until(lambda: telegram.polling)
    newer = asyncio.create_task(bot("getUpdates", timeout=50))
    assert await older == OTHER_POLL
    telegram.say("one")
    assert texts(await newer) == ["one"]


async def test_a_conflict_soon_after_another_is_made_to_wait() -> None:
    simulator = TelegramSimulator(limits=TelegramLimits(polling=0.01), clock=lambda: 0.0)
    async with client_of(simulator) as bot:
        await bot("setWebhook", url="https://example.com")
        for _ in range(2):
            assert (await bot.refusal("getUpdates")).startswith("409 Conflict: can't use")


async def test_a_poll_ends_when_its_client_goes_away(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    poll = asyncio.create_task(bot("getUpdates", timeout=50))
    await telegram.changes.until(lambda: telegram.polling)
    poll.cancel()
    await telegram.changes.until(lambda: telegram.calls)
    assert (telegram.polling, telegram.calls[0].status) == (False, 0)


async def test_a_webhook_excludes_polling(telegram: TelegramSimulator, bot: BotClient) -> None:
    poll = asyncio.create_task(bot.refusal("getUpdates", timeout=50))
    await telegram.changes.until(lambda: telegram.polling)
    await bot("setWebhook", url="https://example.com/hook", secret_token="s-1")
    assert await poll == "409 Conflict: terminated by setWebhook request"
    assert await bot.refusal("getUpdates") == (
        "409 Conflict: can't use getUpdates method while webhook is active;"
        " use deleteWebhook to delete the webhook first"
    )
    telegram.say("one")
    info = await bot("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == ("https://example.com/hook", 1)
    await bot("deleteWebhook", drop_pending_updates=True)
    assert await bot("getUpdates") == []
    assert (await bot("getWebhookInfo"))["url"] == ""


WRONG_WEBHOOKS = [
    ({"url": "http://a.b"}, "bad webhook: An HTTPS URL must be provided for webhook"),
    ({"secret_token": "x" * 257}, "secret token is too long"),
    ({"secret_token": "?"}, "secret token contains unallowed characters"),
]


async def test_a_wrong_webhook_is_refused(bot: BotClient) -> None:
    for params, reason in WRONG_WEBHOOKS:
        refusal = await bot.refusal("setWebhook", **{"url": "https://a.b"} | params)
        assert refusal == f"400 Bad Request: {reason}"
    assert await bot("getUpdates") == []


async def test_the_kinds_asked_for_are_remembered(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    await bot("getUpdates", allowed_updates=["callback_query", "Edited_Message"])
    assert (await bot("getWebhookInfo"))["allowed_updates"] == ["callback_query", "edited_message"]
    assert telegram.say("unseen") == 0
    assert telegram.say("seen", via_edit_of=1) > 0
    await bot("getUpdates")
    assert telegram.say("unseen") == 0
    await bot("getUpdates", allowed_updates=[])
    assert telegram.say("seen") > 0
    assert "allowed_updates" not in await bot("getWebhookInfo")


async def test_python_telegram_bot_gets_along(telegram: TelegramSimulator) -> None:
    telegram.say("Hi", thread=7)
    async with (
        serve(telegram.app) as url,
        ptb.Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot") as client,
    ):
        assert client.username == "coze_sandbox_bot"
        (update,) = await client.get_updates(timeout=10, allowed_updates=ptb.Update.ALL_TYPES)
        assert update.message
        assert (update.message.text, update.message.message_thread_id) == ("Hi", 7)
        button = ptb.InlineKeyboardButton("Stop", callback_data="stop:1")
        markup = ptb.InlineKeyboardMarkup([[button]])
        reply = ptb.ReplyParameters(update.message.id, allow_sending_without_reply=True)
        sent = await client.send_message(
            501, "One", message_thread_id=7, reply_parameters=reply, reply_markup=markup
        )
        assert (sent.reply_markup, sent.is_topic_message) == (markup, True)
        bold = ptb.MessageEntity("bold", 0, 3)
        edited = await client.edit_message_text("Two", 501, sent.id, entities=[bold])
        assert isinstance(edited, ptb.Message)
        assert (edited.entities, edited.reply_markup) == ((bold,), None)
        with pytest.raises(ptb.error.BadRequest, match=r"(?i)message is not modified"):
            await client.edit_message_text("Two", 501, sent.id, entities=[bold])
        await client.edit_message_reply_markup(501, sent.id, reply_markup=markup)
        query = telegram.press(sent.id, "Stop", chat=501)
        (update,) = await client.get_updates(offset=update.update_id + 1)
        assert update.callback_query
        assert (update.callback_query.id, update.callback_query.data) == (query, "stop:1")
        assert await update.callback_query.answer("Stopped")
        await client.send_chat_action(501, "typing")
        await client.set_message_reaction(501, 1, "👀")
        await client.set_my_commands([("new", "Start anew")], ptb.BotCommandScopeChat(501), "zh")
        assert (await client.get_chat(501)).first_name == "Ann"
        assert (await client.get_webhook_info()).url == ""
        assert await client.delete_message(501, sent.id)
    assert not [call for call in telegram.calls if call.status not in {200, 400}]


async def test_python_telegram_bot_sees_each_refusal_as_what_it_is(
    telegram: TelegramSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    telegram.say("Hi")
    async with (
        serve(telegram.app) as url,
        ptb.Bot(TOKEN, base_url=f"{url}/bot") as client,
    ):
        telegram.fail("sendMessage", retry_after=3)
        with pytest.raises(ptb.error.RetryAfter):
            await client.send_message(501, "x")
        telegram.fail("sendMessage", status=502, description="Bad Gateway")
        with pytest.raises(ptb.error.NetworkError):
            await client.send_message(501, "x")
        telegram.fail("sendMessage", drop=True)
        with pytest.raises(ptb.error.NetworkError):
            await client.send_message(501, "x")
        telegram.block(501)
        with pytest.raises(ptb.error.Forbidden):
            await client.send_message(501, "x")
        with pytest.raises(ptb.error.InvalidToken):
            await client.send_dice(501)
    assert len(telegram.messages(501)) == 1


async def test_a_python_telegram_bot_application_answers(telegram: TelegramSimulator) -> None:
    async def start(update: ptb.Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message
        await update.message.reply_text("Welcome", do_quote=True)

    async with serve(telegram.app) as url:
        application = Application.builder().token(TOKEN).base_url(f"{url}/bot").build()
        application.add_handler(CommandHandler("start", start))
        assert application.updater
        async with application:
            await application.start()
            await application.updater.start_polling(timeout=50)
            telegram.say("/start@coze_sandbox_bot", chat=-100)
            shown = await telegram.changes.until(lambda: telegram.messages(-100)[1:])
            await application.updater.stop()
            await application.stop()
    assert (shown[0].text, shown[0].reply_to) == ("Welcome", 1)
