"""The connections of one app: there is always one, whatever Slack does to the others."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bridge.core.errors import Unavailable
from bridge.core.model import Message
from bridge.platforms.slack import connections, link
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.api import make_client
from bridge.platforms.slack.link import Envelope, Link
from bridge.sandbox.slack import SlackSimulator, socketmode
from bridge.wire import patience
from tests.platforms.slack.rig import DIRECT, adapter_of
from tests.platforms.slack.test_socket import acked, tickets
from tests.platforms.waiting import Heard, listening, until


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AGAIN", 0.05)
    monkeypatch.setattr(connections, "_APART", 0.05)
    monkeypatch.setattr(link, "_FAREWELL", 0.05)


async def hears(slack: SlackSimulator, heard: Heard, count: int = 4) -> None:
    """See that whatever is said arrives, at the first attempt."""
    slack.deliveries.clear()
    for _ in range(count):
        slack.say("hello", channel=DIRECT)
    await until(lambda: heard.texts.count("hello") == count)
    assert {delivery.retry_attempt for delivery in slack.deliveries} == {0}


async def test_there_are_two_connections_and_each_is_heard(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections == 2)
        await hears(slack, heard)
        await until(lambda: len(acked(slack)) == 4)
    assert slack.lost == []


@pytest.mark.parametrize("reason", ["refresh_requested", "warning"])
async def test_new_connections_are_made_before_the_old_go_which_confirm_what_they_brought(
    reason: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(link, "_FAREWELL", 1000.0)
    slack = SlackSimulator(limits=None, redeliver_after=(1000.0,))
    stored, texts = asyncio.Event(), []

    async def accept(message: Message) -> None:
        texts.append(message.text)
        if message.text == "before":
            await stored.wait()

    async with adapter_of(slack) as adapter, listening(adapter, accept):
        await until(lambda: slack.connections == 2)
        slack.say("before", channel=DIRECT)
        await until(lambda: texts)
        slack.disconnect(reason)
        await until(lambda: slack.connections == 4 and not adapter.trouble)
        stored.set()
        await until(lambda: len(acked(slack)) == 1)
        slack.say("after", channel=DIRECT)
        await until(lambda: len(acked(slack)) == 2)
    assert texts == ["before", "after"]


async def test_the_old_connections_go(slack: SlackSimulator, adapter: SlackAdapter):
    async with listening(adapter, Heard()):
        await until(lambda: slack.connections == 2)
        before = tickets(slack)
        slack.disconnect()
        await until(lambda: tickets(slack) == before + 2 and slack.connections == 2)
        await until(lambda: not adapter.trouble)


async def test_lost_connections_are_made_again(slack: SlackSimulator, adapter: SlackAdapter):
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections == 2)
        before = tickets(slack)
        slack.sever()
        await until(lambda: tickets(slack) == before + 2 and slack.connections == 2)
        await until(lambda: not adapter.trouble)
        await hears(slack, heard)


@pytest.mark.parametrize("ends", ["disconnect", "sever"])
async def test_no_ticket_is_shown_twice(slack: SlackSimulator, adapter: SlackAdapter, ends: str):
    """slack_sdk would knock with the first for ever: see tests/sandbox/test_slack_sockets.py."""
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections == 2)
        slack.refuse_next_ticket(3)
        getattr(slack, ends)()
        await until(lambda: "connection is refused" in adapter.trouble)
        await until(lambda: slack.connections == 2 and not adapter.trouble)
        await hears(slack, heard)
    assert len({*slack.refused_tickets}) == 3


async def test_a_handshake_that_is_refused_at_the_start_is_tried_again(
    slack: SlackSimulator, adapter: SlackAdapter
):
    slack.refuse_next_ticket()
    async with listening(adapter, Heard()):
        await until(lambda: slack.connections == 2 and not adapter.trouble)


async def test_as_long_as_one_connection_works_there_is_no_trouble(
    slack: SlackSimulator, adapter: SlackAdapter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(socketmode, "MAX_CONNECTIONS", 1)
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: tickets(slack) > 3)  # the second is sent away, again and again
        assert adapter.trouble == ""
        slack.say("hello", channel=DIRECT)
        await until(lambda: heard.texts == ["hello"])


async def test_a_connection_that_tells_nothing_is_replaced(
    slack: SlackSimulator, adapter: SlackAdapter
):
    """It is given away by an event that comes again, and by another."""
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: slack.connections == 2)
        before = tickets(slack)
        slack.mute()
        for text in ("one", "two"):  # one of them into the void
            slack.say(text, channel=DIRECT)
        await until(lambda: sorted(heard.texts) == ["one", "two"])
        await until(lambda: not any(each.mute for each in slack._hub.connections))
        await until(lambda: slack.connections == 2)
        assert tickets(slack) == before + 1
        await hears(slack, heard)
    assert slack.lost == []


async def test_what_was_only_not_stored_puts_no_connection_under_suspicion(
    slack: SlackSimulator, adapter: SlackAdapter
):
    heard = Heard(Unavailable("Redis is away"))
    async with listening(adapter, heard):
        await until(lambda: slack.connections == 2)
        before = tickets(slack)
        slack.say("hello", channel=DIRECT)
        await until(lambda: heard.texts == ["hello"])
        await until(lambda: slack.acked)
    assert tickets(slack) == before


async def test_an_old_connection_is_replaced(
    slack: SlackSimulator, adapter: SlackAdapter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connections, "_LIFE", 0.1)
    async with listening(adapter, Heard()):
        await until(lambda: tickets(slack) > 4)
        assert adapter.trouble == ""


@contextlib.asynccontextmanager
async def odd(*frames: str) -> AsyncIterator[str]:
    """The address of a Slack that says this and then nothing, and answers no pings."""

    async def answer(request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(autoping=False)
        await websocket.prepare(request)
        for frame in frames:
            await websocket.send_str(frame)
        async for _ in websocket:
            pass
        return websocket

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def hear(_: Envelope) -> bool:
    return True


async def test_a_connection_that_answers_no_ping_is_spent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(link, "_PING", 0.1)
    client = make_client("xoxb-sandbox", "http://127.0.0.1/api/")
    async with odd('{"type": "hello"}', "Ping from applink") as url:
        connection = await Link.open(url, client)
        assert not connection.spent.is_set()
        async with asyncio.timeout(20):
            await connection.read(hear)
        assert connection.spent.is_set()
    await client.session.close()  # type: ignore[union-attr]


@pytest.mark.parametrize("frame", ['{"type": "disconnect", "reason": "link_disabled"}', "?"])
async def test_without_a_greeting_there_is_no_connection(frame: str):
    client = make_client("xoxb-sandbox", "http://127.0.0.1/api/")
    async with odd(frame) as url:
        with pytest.raises(Unavailable, match="connection is refused"):
            await Link.open(url, client)
    await client.session.close()  # type: ignore[union-attr]
