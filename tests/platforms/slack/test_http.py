"""Messages in from Slack by HTTP: nothing is believed unsigned, or confirmed unstored."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bridge.core.errors import Denied, StoreUnavailable
from bridge.core.model import Button, Message, Piece
from bridge.platforms.slack import arrival
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.slack.events_http import sign
from bridge.wire import patience
from bridge.wire.serve import serve
from tests.platforms.slack.rig import DIRECT, to
from tests.platforms.waiting import Heard, free_port, listening, until

SECRET = "sandbox-secret"
HELLO = json.dumps(
    {
        "type": "event_callback",
        "team_id": "T0SANDBOX",
        "event": {
            "type": "message",
            "channel": DIRECT,
            "user": "U0ANN",
            "ts": "5.1",
            "text": "hi",
        },
    }
).encode()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AGAIN", 0.05)


class Door:
    """An adapter that Slack calls, and the address at which it does."""

    def __init__(self, adapter: SlackAdapter, url: str) -> None:
        self.adapter, self.url = adapter, f"{url}/slack/slack/events"
        self.http = httpx.AsyncClient()

    async def post(self, body: bytes, *, secret: str = SECRET, age: float = 0.0) -> int:
        """The status that a signed request is answered with."""
        at = str(int(time.time() - age))
        return await self.sent(body, at=at, signature=sign(secret, at, body))

    async def sent(self, body: bytes, *, at: str | None, signature: str | None) -> int:
        """The status that a request with these headers is answered with."""
        told = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature}
        headers = [(key.encode(), value.encode("latin-1")) for key, value in told.items() if value]
        return (await self.http.post(self.url, content=body, headers=headers)).status_code


@asynccontextmanager
async def door_before(api_base: str, *, bot: str = "xoxb-sandbox") -> AsyncIterator[Door]:
    """An adapter by HTTP in front of the Slack at `api_base`."""
    adapter = SlackAdapter("slack", bot, "", api_base=f"{api_base}/api/", signing_secret=SECRET)
    assert adapter.http
    routes = [Route(f"/slack/slack{below}", adapter.http) for below in ("", "/{below:path}")]
    try:
        async with serve(Starlette(routes=routes)) as url:
            door = Door(adapter, url)
            async with door.http:
                yield door
    finally:
        await adapter.aclose()


@pytest.fixture
async def door(slack: SlackSimulator) -> AsyncIterator[Door]:
    async with serve(slack.app) as url, door_before(url) as door:
        slack.events_url = door.url
        yield door


async def test_what_people_say_type_and_press_arrives_and_is_confirmed(
    slack: SlackSimulator, door: Door
):
    heard = Heard()
    async with listening(door.adapter, heard):
        await until(lambda: not door.adapter.trouble)
        root = slack.say("hello", channel=DIRECT)
        slack.command("help")
        buttons = (Button("Stop", "stop:sl:1"),)
        id_ = await door.adapter.post(to(root, chat=DIRECT), Piece("…", buttons), mark="1")
        slack.press(id_, "Stop", channel=DIRECT)
        await until(lambda: len(slack.acked) == len(slack.deliveries) > 3)
    assert sorted(m.command for m in heard.messages) == ["", "help", "stop"]
    assert {m.user.name for m in heard.messages} == {"Ann"}
    assert {ack.payload for ack in slack.acked} == {None}
    assert slack.lost == []
    assert slack.connections == 0


@pytest.mark.parametrize(
    ("at", "signature"),
    [
        ("now", None),
        (None, "right"),
        ("now", "v0=" + 64 * "0"),
        ("now", "v0=é"),
        ("now", ""),
        ("soon", "right"),
        ("1e9", "right"),
        ("9" * 400, "right"),
    ],
)
async def test_what_is_not_signed_is_not_even_read(
    door: Door, monkeypatch: pytest.MonkeyPatch, at: str | None, signature: str | None
):
    def parse(*_: object) -> None:
        pytest.fail("it was read")

    monkeypatch.setattr(arrival, "parse", parse)
    now = str(int(time.time()))
    at = now if at == "now" else at
    signature = sign(SECRET, at or now, HELLO) if signature == "right" else signature
    async with listening(door.adapter, Heard()):
        await until(lambda: not door.adapter.trouble)
        assert await door.sent(HELLO, at=at, signature=signature) == 401


async def test_a_signature_of_another_app_or_of_another_time_or_text_is_wrong(door: Door):
    heard, now = Heard(), str(int(time.time()))
    async with listening(door.adapter, heard):
        await until(lambda: not door.adapter.trouble)
        assert await door.post(HELLO, secret="another") == 401
        assert await door.post(HELLO, age=310) == 401
        assert await door.post(HELLO, age=-310) == 401
        other = sign(SECRET, now, HELLO + b" ")
        assert await door.sent(HELLO, at=now, signature=other) == 401
        assert await door.post(b"\xff") == 401
        assert heard.offered == []
        assert await door.post(HELLO, age=290) == 200
    assert heard.texts == ["hi"]


@pytest.mark.parametrize("body", [b"{", b'{"a":' * 9999, b"payload=[]", b"payload="])
async def test_what_is_signed_but_no_delivery_is_refused(door: Door, body: bytes):
    async with listening(door.adapter, Heard()):
        await until(lambda: not door.adapter.trouble)
        assert await door.post(body) == 400


async def test_what_is_too_large_is_not_read_to_its_end(door: Door):
    async with listening(door.adapter, Heard()):
        await until(lambda: not door.adapter.trouble)
        assert await door.post(b" " * ((1 << 20) + 1)) == 413


async def test_other_paths_and_methods_are_refused(door: Door):
    assert (await door.http.get(door.url)).status_code == 405
    for url in (door.url + "/more", door.url.removesuffix("/events")):
        assert (await door.http.post(url)).status_code == 404


async def test_the_challenge_is_returned_before_anything_works(slack: SlackSimulator, door: Door):
    slack.events_url = None
    await slack.subscribe(door.url)
    assert slack.events_url == door.url
    assert door.adapter.trouble == "not connected yet"


@pytest.mark.parametrize(
    "body", [b'{"type":"app_rate_limited","team_id":"T1"}', b"ssl_check=1", b"{}", b"payload={}"]
)
async def test_what_means_nothing_to_the_bot_is_confirmed(door: Door, body: bytes):
    heard = Heard()
    async with listening(door.adapter, heard):
        await until(lambda: not door.adapter.trouble)
        assert await door.post(body) == 200
    assert heard.offered == []


async def test_an_event_is_confirmed_only_once_it_is_stored(slack: SlackSimulator, door: Door):
    stored, begun = asyncio.Event(), asyncio.Event()

    async def accept(_: Message) -> None:
        begun.set()
        await stored.wait()

    async with listening(door.adapter, accept):
        await until(lambda: not door.adapter.trouble)
        answer = asyncio.create_task(door.post(HELLO))
        await begun.wait()
        for _ in range(20):  # time for an answer, if there were one
            await door.adapter.whoami()
        assert not answer.done()
        stored.set()
        assert await answer == 200


@pytest.mark.parametrize("fault", [StoreUnavailable("Redis is away"), RuntimeError("a bug")])
async def test_what_is_not_stored_is_refused_and_comes_again(
    slack: SlackSimulator, door: Door, fault: Exception
):
    heard = Heard(fault, fault)
    async with listening(door.adapter, heard):
        await until(lambda: not door.adapter.trouble)
        slack.say("hello", channel=DIRECT)
        await until(lambda: slack.acked)
    assert heard.offered == ["hello"] * 3
    assert heard.texts == ["hello"]
    retries = [(each.retry_attempt, each.retry_reason) for each in slack.deliveries]
    assert retries == [(0, ""), (1, "http_error"), (2, "http_error")]


async def test_while_nobody_listens_slack_is_told_to_come_again(door: Door):
    assert await door.post(HELLO) == 503
    heard = Heard()
    async with listening(door.adapter, heard):
        await until(lambda: not door.adapter.trouble)
        assert await door.post(HELLO) == 200
    assert door.adapter.trouble == "stopped"
    assert await door.post(HELLO) == 503
    assert heard.texts == ["hi"]


async def test_who_may_not_press_is_told_so_alone(slack: SlackSimulator, door: Door):
    async def refuse(message: Message) -> str | None:
        return "Not yours." if message.on else None

    thread = slack.say("hello")
    buttons = (Button("Stop", "stop:1"),)
    ts = await door.adapter.post(to(thread), Piece("…", buttons), mark="1")
    async with listening(door.adapter, refuse):
        await until(lambda: not door.adapter.trouble)
        slack.press(ts, "Stop", channel="C0GENERAL", user="U0BEN")
        [alone] = await until(
            lambda: [m for m in slack.messages("C0GENERAL", thread) if m.ephemeral]
        )
    assert (alone.visible_to, alone.text) == ("U0BEN", "Not yours.")


async def test_a_press_is_confirmed_though_its_refusal_takes_long(
    slack: SlackSimulator, door: Door, monkeypatch: pytest.MonkeyPatch
):
    told = asyncio.Event()

    async def refuse(_: Message) -> str | None:
        return "Not yours."

    async def tell(*_: object) -> None:
        await told.wait()

    monkeypatch.setattr(arrival.Arrivals, "_tell", tell)
    ts = await door.adapter.post(to(), Piece("…", (Button("Stop", "stop:1"),)), mark="1")
    async with listening(door.adapter, refuse):
        await until(lambda: not door.adapter.trouble)
        press = slack.press(ts, "Stop", channel="C0GENERAL")
        await until(lambda: press in {ack.envelope_id for ack in slack.acked})


@pytest.mark.parametrize("bot", ["xoxb-wrong", "xapp-sandbox"])
async def test_a_wrong_token_ends_it_and_names_the_variable(slack: SlackSimulator, bot: str):
    async with serve(slack.app) as url, door_before(url, bot=bot) as door:
        with pytest.raises(Denied, match="SLACK_BOT_TOKEN"):
            async with asyncio.timeout(10):
                await door.adapter.listen(Heard())
        assert "SLACK_BOT_TOKEN" in door.adapter.trouble
        assert await door.post(HELLO) == 503


async def test_a_slack_that_is_away_at_the_start_is_tried_again(slack: SlackSimulator):
    port = free_port()
    async with door_before(f"http://127.0.0.1:{port}") as door, listening(door.adapter, Heard()):
        await until(lambda: "SLACK_API_BASE" in door.adapter.trouble)
        slack.fail("auth.test", times=2)
        async with serve(slack.app, port=port):
            await until(lambda: not door.adapter.trouble)
            assert await door.post(HELLO) == 200
            assert await door.adapter.whoami() == "coze in sandbox"
