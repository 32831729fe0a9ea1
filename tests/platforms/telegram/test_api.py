"""What the failures of the Bot API mean to the bridge, as they come over a socket."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from telegram import error
from telegram.request import HTTPXRequest

from bridge.core.errors import (
    BridgeError,
    ChatClosed,
    ChatGone,
    Denied,
    Fatal,
    Gone,
    Moved,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
)
from bridge.core.model import Address, Button, Piece
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.platforms.telegram.api import translated
from bridge.sandbox.telegram import Bucket, Call, TelegramLimits, TelegramSimulator
from tests.platforms.telegram.rig import ANN, PRIVATE, adapter_at, adapter_of
from tests.platforms.waiting import Heard, free_port, listening, until

HELLO = Piece("hello")

MEANT: list[tuple[error.TelegramError, type[BridgeError]]] = [
    (error.RetryAfter(7), RateLimited),
    (error.InvalidToken(), Denied),
    (error.Forbidden("bot was blocked by the user"), ChatClosed),
    (error.Forbidden("user is deactivated"), ChatGone),
    (error.Forbidden("bot was kicked from the supergroup chat"), ChatGone),
    (error.Forbidden("bot is not a member of the channel chat"), ChatGone),
    (error.BadRequest("Chat not found"), ChatGone),
    (error.BadRequest("not enough rights to send text messages to the chat"), ChatClosed),
    (error.BadRequest("not enough rights to send photos to the chat"), Rejected),
    (error.BadRequest("message thread not found"), Gone),
    (error.BadRequest("can't parse entities"), Rejected),
    (error.ChatMigrated(-1002), Moved),
    (error.Conflict("terminated by other getUpdates request"), Rejected),
    (error.EndPointNotFound("no such method"), Rejected),
    (error.PassportDecryptionError("x"), Rejected),
    (error.TimedOut(), Uncertain),
    (error.NetworkError("Bad Gateway"), Uncertain),
    (error.TelegramError("anything else"), Rejected),
]


@pytest.mark.parametrize(("raised", "meaning"), MEANT, ids=str)
def test_each_error_of_the_library_has_a_meaning(
    raised: error.TelegramError, meaning: type[BridgeError]
):
    with pytest.raises(meaning) as caught, translated():
        raise raised
    assert type(caught.value) is meaning
    assert caught.value.__cause__ is raised


def test_no_error_of_the_library_is_forgotten():
    known = {each for each in vars(error).values() if isinstance(each, type)}
    errors = {each for each in known if issubclass(each, error.TelegramError)}
    assert errors == {type(raised) for raised, _ in MEANT}


@pytest.mark.parametrize("pause", [7, timedelta(seconds=7)])
def test_a_pause_is_in_seconds(pause: int | timedelta):
    with pytest.raises(RateLimited) as caught, translated():
        raise error.RetryAfter(pause)
    assert caught.value.retry_after == 7


async def test_a_refused_pace_names_the_pause(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    telegram.fail("sendMessage", retry_after=17)
    with pytest.raises(RateLimited) as caught:
        await adapter.post(PRIVATE, HELLO, mark="1")
    assert caught.value.retry_after == 17


async def test_a_budget_that_is_spent_names_the_pause():
    limits = TelegramLimits(chat=Bucket(burst=1, every=30.0), group=None, bot=None)
    telegram = TelegramSimulator(limits=limits)
    telegram.say("hi")
    async with adapter_of(telegram) as adapter:
        await adapter.post(PRIVATE, HELLO, mark="1")
        with pytest.raises(RateLimited) as caught:
            await adapter.post(PRIVATE, HELLO, mark="1")
    assert 0 < caught.value.retry_after <= 30
    assert [call.method for call in telegram.calls].count("sendMessage") == 2


async def test_a_user_who_blocked_the_bot_is_gone(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    telegram.block(ANN)
    with pytest.raises(Gone, match="blocked"):
        await adapter.post(PRIVATE, HELLO, mark="1")
    with pytest.raises(Gone, match="blocked"):
        await adapter.typing(PRIVATE)


async def test_a_chat_or_topic_that_is_not_there_is_gone(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    for to in (Address("telegram", "999"), Address("telegram", str(ANN), "7")):
        with pytest.raises(Gone):
            await adapter.post(to, HELLO, mark="1")


async def test_an_edit_that_changes_nothing_is_success(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    piece = Piece("hello", (Button("Stop", "stop:1"),))
    id_ = await adapter.post(PRIVATE, piece, mark="1")
    await adapter.edit(PRIVATE, id_, piece)
    assert telegram.calls[-1].status == 400
    assert telegram.messages(ANN)[-1].edits == 0


async def test_an_edit_of_a_missing_message_finds_it_gone(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    with pytest.raises(Gone):
        await adapter.edit(PRIVATE, "999", HELLO)


@pytest.mark.parametrize("said", ["message can't be edited", "MESSAGE_ID_INVALID"])
async def test_an_edit_that_is_refused_for_good_finds_it_gone(
    telegram: TelegramSimulator, adapter: TelegramAdapter, said: str
):
    telegram.fail("editMessageText", status=400, description=f"Bad Request: {said}")
    with pytest.raises(Gone):
        await adapter.edit(PRIVATE, "999", HELLO)


async def test_the_removal_of_a_missing_message_is_success(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    await adapter.delete(PRIVATE, "999")
    assert telegram.calls[-1].description == "Bad Request: message to delete not found"


@pytest.mark.wrong_on_purpose
async def test_what_telegram_does_not_take_is_rejected(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    for piece in (Piece(" "), Piece("x", (Button("b", "y" * 65),))):
        with pytest.raises(Rejected):
            await adapter.post(PRIVATE, piece, mark="1")


async def test_a_wrong_token_is_denied_with_what_to_check(telegram: TelegramSimulator):
    async with adapter_of(telegram, "100:wrong") as adapter:
        for call in (adapter.whoami(), adapter.post(PRIVATE, HELLO, mark="1")):
            with pytest.raises(Denied, match="TELEGRAM_BOT_TOKEN"):
                await call


async def test_a_wrong_address_is_out_of_reach_with_what_to_check():
    async with adapter_at(f"http://127.0.0.1:{free_port()}") as adapter:
        with pytest.raises(Unavailable, match="TELEGRAM_API_BASE"):
            await adapter.whoami()


@pytest.mark.parametrize("after_doing", [True, False])
async def test_a_dropped_connection_leaves_it_uncertain(
    telegram: TelegramSimulator, adapter: TelegramAdapter, *, after_doing: bool
):
    telegram.say("hi")
    telegram.fail("sendMessage", drop=True, after_doing=after_doing)
    with pytest.raises(Uncertain):
        await adapter.post(PRIVATE, HELLO, mark="1")
    assert len(telegram.messages(ANN)) == (2 if after_doing else 1)
    assert [call.method for call in telegram.calls].count("sendMessage") == 1


async def test_an_answer_that_does_not_come_leaves_it_uncertain(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    await adapter.whoami()
    released = asyncio.Event()

    async def stall(_: Call) -> None:
        await released.wait()

    telegram.stall = stall
    request = adapter._bot.request
    assert isinstance(request, HTTPXRequest)
    request._client.timeout = httpx.Timeout(30.0, read=0.3)
    with pytest.raises(Uncertain):
        await adapter.post(PRIVATE, HELLO, mark="1")
    released.set()
    assert len(telegram.messages(ANN)) == 2


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_broken_telegram_may_have_done_it(
    telegram: TelegramSimulator, adapter: TelegramAdapter, status: int
):
    telegram.say("hi")
    telegram.fail("sendMessage", status=status, after_doing=True)
    with pytest.raises(Uncertain):
        await adapter.post(PRIVATE, HELLO, mark="1")


@pytest.mark.parametrize("call", ["post", "edit", "delete", "typing"])
async def test_no_error_tells_the_token(
    telegram: TelegramSimulator, adapter: TelegramAdapter, call: str
):
    calls = {
        "post": adapter.post(PRIVATE, HELLO, mark="1"),
        "edit": adapter.edit(PRIVATE, "1", HELLO),
        "delete": adapter.delete(PRIVATE, "1"),
        "typing": adapter.typing(PRIVATE),
    }
    wanted = calls.pop(call)
    for other in calls.values():
        other.close()
    with pytest.raises(Fatal) as caught:
        await wanted
    assert "sandbox-token" not in str(caught.value)


async def test_an_answer_that_is_not_http_leaves_it_uncertain_and_does_not_tell_the_token():
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"garbage\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with adapter_at(f"http://127.0.0.1:{port}") as adapter:
            with pytest.raises(Uncertain) as caught:
                await adapter.post(PRIVATE, HELLO, mark="1")
            async with listening(adapter, Heard()):
                await until(lambda: "answer" in adapter.trouble)
                assert "sandbox-token" not in adapter.trouble
    assert "sandbox-token" not in str(caught.value)
