"""Messages in from Telegram: confirmed once they are stored, whatever happens on the way."""

import asyncio
import contextlib
from typing import Any

import httpx
import pytest
import telegram as ptb

from bridge.core.errors import Denied, StoreUnavailable
from bridge.core.model import Button, Message, Piece
from bridge.platforms.telegram import polling, updates
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.platforms.telegram.parse import parse as understand
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire import patience
from bridge.wire.serve import serve
from tests.platforms.telegram.rig import ANN, GROUP, PRIVATE, TEAM, TOKEN, adapter_at, adapter_of
from tests.platforms.waiting import Heard, free_port, listening, until


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AGAIN", 0.05)


def waiting(telegram: TelegramSimulator) -> int:
    """How many updates are not confirmed."""
    return len(telegram._updates._waiting)


async def poll_elsewhere(adapter: TelegramAdapter) -> None:
    """Poll once, as another program with the same token."""
    base = adapter._bot.base_url
    with contextlib.suppress(httpx.HTTPError):
        async with httpx.AsyncClient() as http:
            await http.post(f"{base}/getUpdates", json={"timeout": 20})


async def test_messages_arrive_in_order(telegram: TelegramSimulator, adapter: TelegramAdapter):
    heard = Heard()
    telegram.say("said before")
    async with listening(adapter, heard):
        await until(lambda: heard.texts)
        telegram.say("one")
        telegram.say("two")
        await until(lambda: len(heard.texts) == 3)
        await until(lambda: not waiting(telegram))
    assert heard.texts == ["said before", "one", "two"]


async def test_an_update_is_confirmed_only_once_it_is_stored(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    stored, begun = asyncio.Event(), asyncio.Event()

    async def accept(_: Message) -> None:
        begun.set()
        await stored.wait()

    telegram.say("hello")
    async with listening(adapter, accept):
        await begun.wait()
        for _ in range(20):  # time for a poll, if there were one
            await adapter.whoami()
        assert waiting(telegram) == 1
        assert not telegram.polling
        stored.set()
        await until(lambda: telegram.polling)
        assert waiting(telegram) == 0


@pytest.mark.parametrize("fault", [StoreUnavailable("Redis is away"), RuntimeError("a bug")])
async def test_what_is_not_stored_comes_again_and_so_does_what_follows(
    telegram: TelegramSimulator, adapter: TelegramAdapter, fault: Exception
):
    heard = Heard(fault)
    telegram.say("one")
    telegram.say("two")
    async with listening(adapter, heard):
        await until(lambda: heard.offered)
        assert waiting(telegram) == 2
        await until(lambda: len(heard.texts) == 2)
        telegram.say("three")
        await until(lambda: len(heard.texts) == 3)
        await until(lambda: not adapter.trouble)
    assert heard.offered == ["one", "one", "two", "three"]
    assert heard.texts == ["one", "two", "three"]
    first = [m.id for m in heard.messages]
    assert len({*first}) == 3


async def test_a_store_that_is_away_is_trouble(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    heard = Heard(StoreUnavailable("Redis is away"))
    telegram.say("one")
    async with listening(adapter, heard):
        await until(lambda: "Redis is away" in adapter.trouble)
        await until(lambda: heard.texts)
        telegram.say("two")
        await until(lambda: len(heard.texts) == 2)
        await until(lambda: not adapter.trouble)


async def test_an_update_that_cannot_be_understood_does_not_hold_up_the_others(
    telegram: TelegramSimulator, adapter: TelegramAdapter, monkeypatch: pytest.MonkeyPatch
):

    def parse(update: ptb.Update, *more: Any) -> Message | None:
        if update.message and update.message.text == "two":
            raise KeyError("surprise")
        return understand(update, *more)

    monkeypatch.setattr(updates, "parse", parse)
    heard = Heard()
    for text in ("one", "two", "three"):
        telegram.say(text)
    async with listening(adapter, heard):
        await until(lambda: len(heard.texts) == 2)
        await until(lambda: not waiting(telegram))
    assert heard.texts == ["one", "three"]


@pytest.mark.wrong_on_purpose
async def test_an_update_that_the_library_cannot_read_does_not_hold_up_the_others(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    heard = Heard()
    telegram.say("one")
    telegram._updates.add("message", {"message_id": 5})
    telegram.say("three")
    async with listening(adapter, heard):
        await until(lambda: heard.texts == ["one", "three"], within=4.0)


async def test_another_poller_is_trouble_until_it_ends(
    telegram: TelegramSimulator, adapter: TelegramAdapter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(polling, "POLL", 1)
    async with listening(adapter, Heard()):
        await until(lambda: telegram.polling)
        assert adapter.trouble == ""
        other = asyncio.create_task(poll_elsewhere(adapter))
        await until(lambda: "another program" in adapter.trouble)
        assert "stop it" in adapter.trouble
        await other
        await until(lambda: not adapter.trouble)


async def test_a_telegram_that_breaks_is_polled_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    heard = Heard()
    telegram.fail("getUpdates", status=502, description="Bad Gateway")
    telegram.say("hello")
    async with listening(adapter, heard):
        await until(lambda: "Bad Gateway" in adapter.trouble)
        await until(lambda: heard.texts == ["hello"])
        assert adapter.trouble == ""


async def test_a_telegram_that_is_away_at_the_start_is_tried_again(
    telegram: TelegramSimulator, monkeypatch: pytest.MonkeyPatch
):
    port, heard = free_port(), Heard()
    telegram.say("hello")
    async with adapter_at(f"http://127.0.0.1:{port}") as adapter:
        assert adapter.trouble == "not connected yet"
        async with listening(adapter, heard):
            await until(lambda: "TELEGRAM_API_BASE" in adapter.trouble)
            async with serve(telegram.app, port=port):
                await until(lambda: heard.texts == ["hello"])
                assert adapter.trouble == ""


async def test_a_telegram_that_hangs_up_at_the_start_is_tried_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter, monkeypatch: pytest.MonkeyPatch
):
    heard = Heard()
    telegram.fail("getMe", drop=True, times=2)
    telegram.say("hello")
    async with listening(adapter, heard):
        await until(lambda: heard.texts == ["hello"])


async def test_a_wrong_token_ends_it(telegram: TelegramSimulator):
    async with adapter_of(telegram, "100:wrong") as adapter:
        with pytest.raises(Denied, match="TELEGRAM_BOT_TOKEN"):
            await adapter.listen(Heard())
        assert "TELEGRAM_BOT_TOKEN" in adapter.trouble
        assert TOKEN not in adapter.trouble


async def test_only_what_is_understood_is_asked_for(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with listening(adapter, Heard()):
        await until(lambda: telegram.polling)
    asked = await until(
        lambda: [call.params for call in telegram.calls if call.method == "getUpdates"]
    )
    assert asked[0]["allowed_updates"] == [
        "message",
        "edited_message",
        "callback_query",
        "message_reaction",
        "my_chat_member",
        "stopped_message_generation",
    ]


async def test_a_menu_that_is_refused_stops_nothing(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    heard = Heard()
    telegram.fail("setMyCommands", status=400, description="Bad Request: no")
    telegram.say("hello")
    async with listening(adapter, heard):
        await until(lambda: heard.texts)


@pytest.mark.parametrize("chat", [ANN, TEAM])
async def test_a_pressed_button_arrives_and_is_answered(
    telegram: TelegramSimulator, adapter: TelegramAdapter, chat: int
):
    heard = Heard()
    telegram.say("hello", chat=chat)
    to = PRIVATE if chat == ANN else GROUP
    id_ = await adapter.post(to, Piece("…", (Button("Stop", "stop:tg:1"),)), mark="1")
    async with listening(adapter, heard):
        await until(lambda: telegram.polling)
        query = telegram.press(int(id_), "Stop", chat=chat)
        await until(lambda: [m for m in heard.messages if m.command])
        await until(lambda: query in telegram.answered())
    pressed = heard.messages[-1]
    assert (pressed.command, pressed.text, pressed.address.chat) == ("stop", "tg:1", str(chat))


PRESSES = {
    "unknown": {"data": "vote:5"},
    "malformed": {"data": "::ask:\n:"},
    "without data": {"game_short_name": "chess"},
    "of a message that is no longer to be seen": {
        "message": {"chat": {"id": ANN, "type": "private"}, "message_id": 3, "date": 0},
        "data": "retry:t1",
    },
    "of no chat": {"message": None, "inline_message_id": "x", "data": "retry:t1"},
}


@pytest.mark.parametrize("press", PRESSES.values(), ids=PRESSES)
async def test_a_press_is_answered_whatever_it_means(
    telegram: TelegramSimulator, adapter: TelegramAdapter, press: dict[str, Any]
):
    message = {"message_id": 3, "date": 1, "chat": {"id": ANN, "type": "private"}}
    sent = {"id": telegram._chats.open_query(), "chat_instance": "1", "message": message}
    by = {"id": ANN, "is_bot": False, "first_name": "Ann"}
    async with listening(adapter, Heard()):
        await until(lambda: telegram.polling)
        telegram._updates.add("callback_query", {**sent, "from": by, **press})
        await until(lambda: sent["id"] in telegram.answered())


@pytest.mark.parametrize("fault", ["the store is away", "it cannot be read"])
async def test_a_press_is_answered_also_when_it_comes_to_nothing(
    telegram: TelegramSimulator,
    adapter: TelegramAdapter,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
):
    def parse(*_: object) -> Message:
        raise KeyError("surprise")

    telegram.say("hello")
    id_ = await adapter.post(PRIVATE, Piece("…", (Button("Stop", "stop:1"),)), mark="1")
    if fault == "it cannot be read":
        monkeypatch.setattr(updates, "parse", parse)
    async with listening(adapter, Heard(*[StoreUnavailable("away")] * 99)):
        query = telegram.press(int(id_), "Stop", chat=ANN)
        telegram._updates._waiting.popleft()  # what was said before
        await until(lambda: query in telegram.answered())


async def test_who_may_not_press_is_told_so(telegram: TelegramSimulator, adapter: TelegramAdapter):
    async def refuse(message: Message) -> str | None:
        return "Not yours." if message.on else None

    telegram.say("hello", chat=TEAM)
    id_ = await adapter.post(GROUP, Piece("…", (Button("Stop", "stop:tg:1"),)), mark="1")
    async with listening(adapter, refuse):
        await until(lambda: telegram.polling)
        query = telegram.press(int(id_), "Stop", chat=TEAM)
        await until(lambda: query in telegram.answered())
    assert [toast.text for toast in telegram.toasts] == ["Not yours."]


@pytest.mark.parametrize("hangs", [False, True])
async def test_a_press_is_answered_also_when_it_cannot_be_stored(
    telegram: TelegramSimulator,
    adapter: TelegramAdapter,
    monkeypatch: pytest.MonkeyPatch,
    *,
    hangs: bool,
):
    monkeypatch.setattr(updates, "_PATIENCE", 0.01)

    async def accept(message: Message) -> None:
        if message.on and hangs:
            await asyncio.Event().wait()
        if message.on:
            raise StoreUnavailable("no Redis")

    telegram.say("hello")
    id_ = await adapter.post(PRIVATE, Piece("…", (Button("Stop", "stop:tg:1"),)), mark="1")
    async with listening(adapter, accept):
        await until(lambda: telegram.polling)
        query = telegram.press(int(id_), "Stop", chat=ANN)
        await until(lambda: query in telegram.answered())
        assert waiting(telegram)


async def test_it_stops_without_waiting_for_telegram(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with listening(adapter, Heard()):
        await until(lambda: telegram.polling)
    assert adapter.trouble == "stopped"
    await until(lambda: not telegram.polling)
