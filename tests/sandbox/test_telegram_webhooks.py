"""The simulated Telegram posts updates as the real one does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bridge.sandbox.telegram import TelegramLimits, TelegramSimulator
from bridge.wire.serve import serve
from tests.platforms.waiting import free_port, until
from tests.sandbox.telegram_client import BotClient, client_of


class Receiver:
    """Hears posts; `answers` are given first, one by one, and each once its `gate` opens."""

    def __init__(self, *answers: Response) -> None:
        self.heard: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self._answers = [*answers]

    async def hear(self, request: Request) -> Response:
        self.secrets.append(request.headers.get("x-telegram-bot-api-secret-token"))
        self.heard.append(await request.json())
        await self.gate.wait()
        return self._answers.pop(0) if self._answers else Response(status_code=204)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.heard if "message" in update]


@pytest.fixture
def telegram() -> TelegramSimulator:
    return TelegramSimulator(limits=None, hooks_anywhere=True, hook_second=0.001)


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[str]:
    app = Starlette(routes=[Route("/hook", receiver.hear, methods=["POST"])])
    async with serve(app) as url:
        yield f"{url}/hook"


async def test_what_waits_is_posted_with_the_secret_and_what_is_answered_well_is_gone(
    telegram: TelegramSimulator, bot: BotClient
):
    receiver = Receiver()
    first = telegram.say("one")
    async with receiving(receiver) as url:
        await bot("setWebhook", url=url, secret_token="s-1")
        await telegram.changes.until(lambda: len(telegram.posts) == 1)
        telegram.say("two")
        await telegram.changes.until(lambda: len(telegram.posts) == 2)
    assert receiver.texts == ["one", "two"]
    assert receiver.heard[0]["update_id"] == first
    assert receiver.secrets == ["s-1", "s-1"]
    assert (await bot("getWebhookInfo"))["pending_update_count"] == 0


async def test_a_chat_is_posted_in_order_and_others_at_the_same_time(
    telegram: TelegramSimulator, bot: BotClient
):
    receiver = Receiver()
    receiver.gate.clear()
    async with receiving(receiver) as url:
        await bot("setWebhook", url=url, max_connections=2)
        for chat in (501, 502, 503):
            telegram.say(f"{chat} first", chat=chat)
            telegram.say(f"{chat} second", chat=chat)
        await until(lambda: len(receiver.heard) == 2)
        assert receiver.texts == ["501 first", "502 first"]
        receiver.gate.set()
        await telegram.changes.until(lambda: len(telegram.posts) == 6)
    for chat in (501, 502, 503):
        said = [text for text in receiver.texts if text.startswith(str(chat))]
        assert said == [f"{chat} first", f"{chat} second"]


async def test_what_is_not_answered_well_comes_again_before_what_follows(
    telegram: TelegramSimulator, bot: BotClient
):
    busy = Response(status_code=503, headers={"Retry-After": "2"})
    receiver = Receiver(busy, Response(status_code=500), Response(status_code=302))
    async with receiving(receiver) as url:
        await bot("setWebhook", url=url)
        telegram.say("one")
        telegram.say("two")
        await telegram.changes.until(lambda: len(telegram.posts) == 5)
        info = await bot("getWebhookInfo")
    assert receiver.texts == ["one"] * 4 + ["two"]
    assert [post.status for post in telegram.posts] == [503, 500, 302, 204, 204]
    assert info["last_error_message"] == "Wrong response from the webhook: 302 Found"
    assert info["last_error_date"] > 0


async def test_an_answer_that_is_lost_brings_the_update_again(
    telegram: TelegramSimulator, bot: BotClient
):
    receiver = Receiver()
    async with receiving(receiver) as url:
        await bot("setWebhook", url=url)
        telegram.lose_answers(1)
        telegram.say("one")
        await telegram.changes.until(lambda: len(telegram.posts) == 2)
    assert receiver.heard[0] == receiver.heard[1]


async def test_nothing_is_posted_to_a_webhook_that_was_deleted(
    telegram: TelegramSimulator, bot: BotClient
):
    url = f"http://127.0.0.1:{free_port()}/hook"
    await bot("setWebhook", url=url)
    telegram.say("one")
    await telegram.changes.until(lambda: len(telegram.posts) == 3)
    info = await bot("getWebhookInfo")
    assert info["last_error_message"] == "Connection refused"
    await bot("deleteWebhook")
    assert telegram.posts == []
    (update,) = await bot("getUpdates")
    assert update["message"]["text"] == "one"


WRONG = [
    ("http://93.184.216.34/", "bad webhook: An HTTPS URL must be provided for webhook"),
    ("https://a.b:444", "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
    ("https://127.0.0.1/", "bad webhook: IP address 127.0.0.1 is reserved"),
    ("https://10.0.0.1:8443/", "bad webhook: IP address 10.0.0.1 is reserved"),
    ("https://a.b:x", "invalid webhook URL specified"),
    ("ftp://a.b", "invalid webhook URL specified"),
]


@pytest.mark.parametrize(("url", "reason"), WRONG)
async def test_telegram_itself_posts_only_to_proper_places(url: str, reason: str):
    async with client_of(TelegramSimulator(limits=None)) as bot:
        assert await bot.refusal("setWebhook", url=url) == f"400 Bad Request: {reason}"
        assert (await bot("getWebhookInfo"))["url"] == ""


async def test_a_webhook_can_be_set_once_a_second():
    now = 0.0
    limits = TelegramLimits(polling=3.0)
    async with client_of(TelegramSimulator(limits=limits, clock=lambda: now)) as bot:
        await bot("setWebhook", url="https://a.b")
        refusal = await bot.refusal("setWebhook", url="https://a.b")
        assert refusal == "429 Too Many Requests: retry after 1"
        now = 1.0
        assert await bot("setWebhook", url="https://a.b")
