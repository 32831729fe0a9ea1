"""Messages in by webhook: answered well once they are stored, and never before."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.core.errors import Denied, StoreUnavailable
from bridge.core.model import Button, Message, Piece
from bridge.platforms.telegram import updates, webhook
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.platforms.telegram.webhook import HEADER, secret_of
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire import patience
from tests.platforms.telegram.rig import ANN, PRIVATE, TOKEN, adapter_of, hooked
from tests.platforms.waiting import Heard, free_port, listening, until

SECRET = secret_of(TOKEN)
UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 1,
        "date": 1,
        "chat": {"id": ANN, "type": "private"},
        "from": {"id": ANN, "is_bot": False, "first_name": "Ann"},
        "text": "forged",
    },
}


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AGAIN", 0.02)
    monkeypatch.setattr(webhook, "_LOOK_EVERY", 0.02)


@pytest.fixture
def telegram() -> TelegramSimulator:
    return TelegramSimulator(limits=None, hooks_anywhere=True, hook_second=0.02)


@pytest.fixture
async def adapter(telegram: TelegramSimulator) -> AsyncIterator[TelegramAdapter]:
    async with hooked(telegram) as adapter:
        yield adapter


@contextlib.asynccontextmanager
async def heard_by(adapter: TelegramAdapter, *refuse: Exception) -> AsyncIterator[Heard]:
    """Listens, once the webhook is set, until the block ends."""
    heard = Heard(*refuse)
    async with listening(adapter, heard):
        await until(lambda: not adapter.trouble)
        yield heard


async def post(telegram: TelegramSimulator, body: bytes, secret: str | None = SECRET) -> int:
    """Post to the webhook that is set; returns the status."""
    headers = {} if secret is None else {HEADER.encode(): secret.encode()}
    async with httpx.AsyncClient(verify=False) as http:
        return (await http.post(telegram.webhook, content=body, headers=headers)).status_code


def statuses(telegram: TelegramSimulator) -> list[int]:
    return [post.status for post in telegram.posts]


def looks(telegram: TelegramSimulator) -> int:
    """How often the bridge has asked how Telegram gets on."""
    return [call.method for call in telegram.calls].count("getWebhookInfo")


async def test_messages_arrive_in_order_also_those_from_before(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("said before")
    async with heard_by(adapter) as heard:
        telegram.say("one")
        telegram.say("two")
        await until(lambda: len(heard.texts) == 3)
    assert heard.texts == ["said before", "one", "two"]
    [asked] = [call.params for call in telegram.calls if call.method == "setWebhook"]
    assert asked["secret_token"] == SECRET
    assert TOKEN.partition(":")[2] not in str(asked)
    assert asked["allowed_updates"] == updates.WANTED
    assert "drop_pending_updates" not in asked


async def test_an_update_is_answered_well_only_once_it_is_stored(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    stored, begun = asyncio.Event(), asyncio.Event()

    async def accept(_: Message) -> None:
        begun.set()
        await stored.wait()

    async with listening(adapter, accept):
        telegram.say("hello")
        await begun.wait()
        await adapter.whoami()
        assert statuses(telegram) == []
        stored.set()
        await until(lambda: statuses(telegram) == [200])


@pytest.mark.parametrize("fault", [StoreUnavailable("Redis is away"), RuntimeError("a bug")])
async def test_what_is_not_stored_comes_again_and_is_trouble(
    telegram: TelegramSimulator, adapter: TelegramAdapter, fault: Exception
):
    async with heard_by(adapter, *[fault] * 5) as heard:
        telegram.say("one")
        telegram.say("two")
        await until(lambda: str(fault) in adapter.trouble)
        await until(lambda: statuses(telegram) == [503] * 5 + [200, 200])
        await until(lambda: not adapter.trouble)
    assert heard.offered == ["one"] * 6 + ["two"]


async def test_who_does_not_know_the_secret_is_not_heard(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with heard_by(adapter) as heard:
        for secret in (None, "", "x", SECRET[:-1], SECRET.upper(), "中"):
            for body in (json.dumps(UPDATE).encode(), b"nonsense"):
                assert await post(telegram, body, secret) == 403
        telegram.say("hello")
        await until(lambda: heard.texts)
    assert heard.texts == ["hello"]


async def test_who_knows_the_secret_is_heard(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with heard_by(adapter) as heard:
        assert await post(telegram, json.dumps(UPDATE).encode()) == 200
    assert heard.texts == ["forged"]


BODIES = [
    (b"", 400),
    (b"[1]", 400),
    (b"{}", 400),
    (b'{"update_id": true}', 400),
    (b'{"update_id": "1"}', 400),
    (b'{"update_id": 1', 400),
    (b"\xff\xfe", 400),
    (b"[" * 200_000, 400),
    (b'{"update_id": 1, "x": "' + b"x" * (1 << 20), 413),
    (b'{"update_id": 1, "message": {"message_id": 5}}', 200),  # that of another day's Telegram
    (b'{"update_id": 1, "news_of_tomorrow": {}}', 200),
]


async def test_a_body_that_is_no_update_is_refused_and_one_of_no_meaning_is_passed_over(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with heard_by(adapter) as heard:
        answers = [(body, await post(telegram, body)) for body, _ in BODIES]
    assert answers == BODIES
    assert heard.messages == []


async def test_only_posts_are_answered(telegram: TelegramSimulator, adapter: TelegramAdapter):
    async with heard_by(adapter), httpx.AsyncClient(headers={HEADER: SECRET}) as http:
        assert (await http.get(telegram.webhook)).status_code == 405
        assert (await http.post(f"{telegram.webhook}s", content=b"{}")).status_code == 404


async def test_while_nobody_listens_telegram_is_told_to_come_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with heard_by(adapter):
        pass
    assert adapter.trouble == "stopped"
    assert telegram.webhook  # for the others, and for the next start
    telegram.say("hello")
    await until(lambda: 503 in statuses(telegram))
    async with heard_by(adapter) as heard:
        await until(lambda: heard.texts == ["hello"])


async def test_a_channel_that_polls_again_removes_the_webhook_and_misses_nothing(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with heard_by(adapter):
        pass
    telegram.say("hello")
    async with adapter_of(telegram) as polling, heard_by(polling) as heard:
        await until(lambda: heard.texts == ["hello"])
    assert not telegram.webhook
    assert [c.params for c in telegram.calls if c.method == "deleteWebhook"] == [
        {"drop_pending_updates": False}
    ]


FAULTS: list[dict[str, Any]] = [
    {"status": 502, "description": "Bad Gateway"},
    {"status": 400, "description": "Bad Request: bad webhook: Failed to resolve host"},
    {"drop": True},
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_webhook_that_is_refused_is_trouble_and_set_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter, fault: dict[str, Any]
):
    telegram.fail("setWebhook", times=4, **fault)
    telegram.say("hello")
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: adapter.trouble.startswith("Telegram"))
        await until(lambda: heard.texts == ["hello"])
        await until(lambda: not adapter.trouble)


async def test_the_pause_that_telegram_names_is_kept(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.fail("setWebhook", retry_after=1)
    async with heard_by(adapter):
        refused, done = [call.at for call in telegram.calls if call.method == "setWebhook"]
    assert done - refused >= 1


async def test_a_wrong_token_ends_it():
    telegram = TelegramSimulator(hooks_anywhere=True)
    url = f"http://127.0.0.1:{free_port()}/"
    async with adapter_of(telegram, "100:wrong", webhook=url) as adapter:
        with pytest.raises(Denied, match="TELEGRAM_BOT_TOKEN"):
            await adapter.listen(Heard())
        assert "TELEGRAM_BOT_TOKEN" in adapter.trouble


async def elsewhere(adapter: TelegramAdapter, method: str, **params: Any) -> None:
    """Call a method, as another program with the same token."""
    async with httpx.AsyncClient() as http:
        (await http.post(f"{adapter._bot.base_url}/{method}", json=params)).raise_for_status()


async def test_a_webhook_that_others_take_away_is_trouble(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with heard_by(adapter):
        await elsewhere(adapter, "setWebhook", url="https://other.example.com/secret-path")
        await until(lambda: "other.example.com" in adapter.trouble)
        assert "secret-path" not in adapter.trouble
        await elsewhere(adapter, "deleteWebhook")
        await until(lambda: "was removed" in adapter.trouble)
        assert "restart the bridge" in adapter.trouble


async def test_what_telegram_cannot_deliver_is_trouble_until_it_can(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    async with heard_by(adapter) as heard:
        hook = adapter._webhook
        assert hook
        hook._secret = "another"  # as if a proxy took the header away
        telegram.say("hello")
        await until(lambda: "403 Forbidden" in adapter.trouble)
        hook._secret = SECRET
        await until(lambda: heard.texts == ["hello"])
        before = looks(telegram)
        await until(lambda: looks(telegram) > before + 2)
        assert adapter.trouble == ""


async def test_a_failure_of_long_ago_is_no_trouble(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    stored = asyncio.Event()

    async def accept(_: Message) -> None:
        await stored.wait()

    async with heard_by(adapter):
        pass
    telegram.say("hello")
    await until(lambda: 503 in statuses(telegram))
    before = looks(telegram)
    async with listening(adapter, accept):
        await until(lambda: looks(telegram) > before + 2)
        assert adapter.trouble == ""
        stored.set()


async def test_a_pressed_button_arrives_and_is_answered(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hello")
    id_ = await adapter.post(PRIVATE, Piece("…", (Button("Stop", "stop:tg:1"),)), mark="1")
    async with heard_by(adapter) as heard:
        query = telegram.press(int(id_), "Stop", chat=ANN)
        await until(lambda: [m for m in heard.messages if m.command == "stop"])
        await until(lambda: query in telegram.answered())
