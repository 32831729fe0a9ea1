"""After an outage: what was said meanwhile is fetched, and nothing is taken in twice."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.routing import Route

from bridge.core.errors import StoreUnavailable
from bridge.core.model import Message, Piece
from bridge.core.ports import Place
from bridge.platforms.slack import backfill, behind, connections, link
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackLimits, SlackSimulator
from bridge.sandbox.slack.events_http import sign
from bridge.store.memory import RedisMemory
from bridge.store.places import RedisPlaces
from bridge.wire import patience
from bridge.wire.serve import serve
from tests.platforms.slack.rig import ANN, BOT, DIRECT, GENERAL, to
from tests.platforms.waiting import listening, until

OPEN, HISTORY, REPLIES = "apps.connections.open", "conversations.history", "conversations.replies"


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_AGAIN", 0.05)
    monkeypatch.setattr(connections, "_APART", 0.05)
    monkeypatch.setattr(link, "_FAREWELL", 0.05)
    monkeypatch.setattr(backfill, "_AGAIN", 0.05)
    monkeypatch.setattr(backfill, "_EVERY", 0.01)


class Bridge:
    """An adapter, and what it took in: each message once, as the inbox does."""

    def __init__(self, slack: SlackSimulator, redis: Redis, url: str, secret: str = "") -> None:
        self.slack = slack
        self.memory, self.places = RedisMemory(redis, ttl=1000), RedisPlaces(redis, ttl=1000)
        self.taken: dict[str, Message] = {}
        self.offered: list[str] = []
        self.refuse: list[Exception] = []
        self.adapter = SlackAdapter(
            "slack",
            "xoxb-sandbox",
            "xapp-sandbox",
            api_base=f"{url}/api/",
            places=self.places,
            signing_secret=secret,
        )

    async def accept(self, message: Message) -> None:
        """Take a message in, unless it is said in a thread of others."""
        self.offered.append(message.text)
        if self.refuse:
            raise self.refuse.pop(0)
        if message.addressed or await self.memory.takes_part(message.address):
            await self.memory.join(message.address, message.user.id)
            self.taken.setdefault(message.id, message)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.taken.values()]

    @contextlib.asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """Listens until the block ends."""
        async with listening(self.adapter, self.accept):
            await until(lambda: self.slack.connections == 2)
            yield
            await until(lambda: not self.adapter._arrivals._order._last)  # all of it is noted

    @contextlib.asynccontextmanager
    async def cut_off(self) -> AsyncIterator[None]:
        """Has no connection until the block ends."""
        self.slack.fail(OPEN, times=10_000)
        self.slack.sever()
        await until(lambda: not self.slack.connections)
        yield
        self.slack._platform.server.faults._queues[OPEN].clear()

    async def hears(self, *texts: str) -> None:
        """Wait until these were taken in, in this order, and nothing else."""
        await until(lambda: len(self.texts) >= len(texts))
        assert self.texts == [*texts]

    async def caught_up(self) -> None:
        """Wait until nothing may be missing any more."""
        await until(lambda: GENERAL not in self.adapter._arrivals.behind)

    def asked(self, method: str) -> list[tuple[str, str]]:
        """Of which places, and since when, Slack was asked by a method."""
        return [
            (str(c.params.get("ts") or c.params["channel"]), str(c.params["oldest"]))
            for c in self.slack.calls
            if c.method == method and "oldest" in c.params
        ]


@pytest.fixture
def slack() -> SlackSimulator:
    """A Slack that brings nothing twice."""
    return SlackSimulator(limits=None, redeliver_after=())


@pytest.fixture
async def bridge(slack: SlackSimulator, redis: Redis) -> AsyncIterator[Bridge]:
    async with serve(slack.app) as url:
        made = Bridge(slack, redis, url)
        yield made
        await made.adapter.aclose()


async def test_what_is_said_while_no_connection_works_is_taken_in_after_it(
    slack: SlackSimulator, bridge: Bridge
):
    async with bridge.up():
        thread = slack.say(f"{BOT} in a thread")
        direct = slack.say("directly", channel=DIRECT)
        await until(lambda: len(bridge.texts) == 2)
        async with bridge.cut_off():
            slack.say("more in the thread", thread_ts=thread, user="U0BEN")
            fresh = slack.say("more directly", channel=DIRECT)
            slack.say("more below it", channel=DIRECT, thread_ts=direct)
            slack.say("below what is new", channel=DIRECT, thread_ts=fresh)
            other = slack.say(f"{BOT} in a new thread")
        await until(lambda: len(bridge.texts) == 7)
    missed = [*bridge.taken.values()][2:]
    assert {m.text: m.address for m in missed} == {
        "in a new thread": to(other),
        "more directly": to(fresh, chat=DIRECT),
        "below what is new": to(fresh, chat=DIRECT),
        "more below it": to(direct, chat=DIRECT),
        "more in the thread": to(thread),
    }
    assert {m.user.name for m in missed} == {"Ann", "Ben"}


async def test_what_is_said_while_the_bridge_is_down_is_taken_in_at_its_start(
    slack: SlackSimulator, bridge: Bridge
):
    async with bridge.up():
        direct = slack.say("one", channel=DIRECT)
        await bridge.hears("one")
    for text in ("two", "three", "four"):
        slack.say(text, channel=DIRECT, thread_ts=direct)
    async with bridge.up():
        await bridge.hears("one", "two", "three", "four")
        await bridge.caught_up()
    async with bridge.up():
        await bridge.caught_up()
    assert bridge.offered == ["one", "two", "three", "four"]


async def test_what_others_said_to_one_another_is_not_for_the_bot(
    slack: SlackSimulator, bridge: Bridge
):
    elsewhere, before = slack.say("lunch?"), slack.say("a riddle")
    async with bridge.up():
        slack.say("thread of others", thread_ts=before)
        await until(lambda: bridge.offered)
        thread = slack.say(f"{BOT} hello")
        slack.say(f"{BOT} you as well", thread_ts=before)
        await bridge.hears("hello", "you as well")
        async with bridge.cut_off():
            slack.say("yes", thread_ts=elsewhere)
            slack.say("also to all", thread_ts=elsewhere, subtype="thread_broadcast")
            slack.say("<@U0BEN> and you?", thread_ts=thread)
            slack.delete(slack.say("oh", thread_ts=thread))
            await bridge.adapter.post(to(thread), Piece("I am the bot"), mark="1")
            riddle = slack.say("nobody in particular")
            slack.say("go on", thread_ts=thread)
        await bridge.hears("hello", "you as well", "go on")
        slack.say(f"{BOT} what do you say?", thread_ts=riddle)
        await until(lambda: len(bridge.texts) == 4)
    async with bridge.up():
        await bridge.caught_up()
    assert elsewhere not in {place for place, _ in bridge.asked(REPLIES)}
    assert not {"yes", "also to all"} & {*bridge.offered}
    assert bridge.texts == ["hello", "you as well", "go on", "what do you say?"]


async def test_what_slack_brings_again_is_taken_in_once(redis: Redis):
    slack = SlackSimulator(limits=None, redeliver_after=(1000.0, 1000.0))
    async with serve(slack.app) as url:
        bridge = Bridge(slack, redis, url)
        async with bridge.up():
            thread = slack.say(f"{BOT} one")
            await until(lambda: len(slack.acked) == 2)
            async with bridge.cut_off():
                slack.say("two", thread_ts=thread)
                slack.say(f"{BOT} three", thread_ts=thread)
            # Both, and the mention as a second event, come when there are connections again.
            await until(lambda: len(slack.acked) == 5)
            await until(lambda: bridge.asked(REPLIES))
        await bridge.adapter.aclose()
    assert sorted(bridge.texts) == ["one", "three", "two"]


@pytest.mark.parametrize("patience", [1000.0, 0.0])
async def test_what_arrives_now_waits_for_what_was_said_before_but_not_for_long(
    slack: SlackSimulator, bridge: Bridge, monkeypatch: pytest.MonkeyPatch, patience: float
):
    gate, known = asyncio.Event(), bridge.places.known

    async def slowly(channel: str) -> dict[Place, float]:
        await gate.wait()
        return {**await known(channel)}

    async with bridge.up():
        direct = slack.say("one", channel=DIRECT)
        await bridge.hears("one")
        monkeypatch.setattr(behind, "_PATIENCE", patience)
        monkeypatch.setattr(bridge.places, "known", slowly)
        async with bridge.cut_off():
            slack.say("missed", channel=DIRECT, thread_ts=direct)
        await until(lambda: slack.connections)
        slack.say("now", channel=DIRECT, thread_ts=direct)
        await until(lambda: len(slack.deliveries) == 2)
        if patience:
            for _ in range(20):  # time to pass it on, if it did not wait
                await bridge.adapter.whoami()
            gate.set()
            await bridge.hears("one", "missed", "now")
        else:
            await bridge.hears("one", "now")
            gate.set()
            await bridge.hears("one", "now", "missed")


async def test_what_was_said_long_before_the_newest_is_not_forgotten_when_the_bridge_dies(
    slack: SlackSimulator, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
):
    """While it is still behind, what arrives does not tell that all before it has come."""
    monkeypatch.setattr(behind, "_PATIENCE", 0.0)
    monkeypatch.setattr("bridge.store.places.LATE", 0.0)
    async with bridge.up():
        direct = slack.say("one", channel=DIRECT)
        await bridge.hears("one")
    slack.say("missed", channel=DIRECT, thread_ts=direct)
    with monkeypatch.context() as stuck:
        stuck.setattr(backfill, "_AGAIN", 1000.0)
        slack.fail(HISTORY)
        async with bridge.up():
            await until(lambda: bridge.asked(HISTORY))
            slack.say("now", channel=DIRECT, thread_ts=direct)
            await bridge.hears("one", "now")
    async with bridge.up():
        await bridge.hears("one", "now", "missed")


async def test_what_slack_gave_up_to_bring_is_fetched_once_it_can_be_stored(
    slack: SlackSimulator, bridge: Bridge
):
    async with bridge.up():
        slack.say("one", channel=DIRECT)
        await bridge.hears("one")
        bridge.refuse = [StoreUnavailable("Redis is away") for _ in range(3)]
        slack.say("two", channel=DIRECT)
        await bridge.hears("one", "two")
    assert bridge.offered == ["one", *["two"] * 4]
    assert {delivery.retry_attempt for delivery in slack.deliveries} == {0}


async def test_long_talk_is_read_page_by_page_but_not_without_end(
    slack: SlackSimulator,
    bridge: Bridge,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr(backfill, "_PAGE", 2)
    monkeypatch.setattr(backfill, "_MESSAGES", 6)
    async with bridge.up():
        direct = slack.say("one", channel=DIRECT)
        await bridge.hears("one")
    texts = [str(n) for n in range(5)]
    for text in texts:
        slack.say(text, channel=DIRECT)
    async with bridge.up():
        await bridge.hears("one", *texts)
    assert len(bridge.asked(HISTORY)) == 3
    assert "too much was missed" not in caplog.text
    for n in range(9):
        slack.say(f"reply {n}", channel=DIRECT, thread_ts=direct)
    async with bridge.up():
        await bridge.hears("one", *texts, *(f"reply {n}" for n in range(6)))
    assert "too much was missed" in caplog.text


@pytest.mark.parametrize("method", [HISTORY, REPLIES])
@pytest.mark.parametrize(
    "fault",
    [{"drop": True}, {"error": "internal_error"}, {"error": "ratelimited", "retry_after": 0}],
)
async def test_a_slack_that_fails_is_asked_again(
    slack: SlackSimulator, bridge: Bridge, method: str, fault: dict[str, object]
):
    async with bridge.up():
        direct = slack.say("one", channel=DIRECT)
        await bridge.hears("one")
    slack.say("two", channel=DIRECT, thread_ts=direct)
    slack.fail(method, times=2, **fault)  # type: ignore[arg-type]
    async with bridge.up():
        await bridge.hears("one", "two")


async def test_slack_is_not_asked_before_the_pause_that_it_names_is_over(redis: Redis):
    limits = SlackLimits(tier3=4, window=1.0)
    slack = SlackSimulator(limits=limits, redeliver_after=())
    async with serve(slack.app) as url:
        bridge = Bridge(slack, redis, url)
        async with bridge.up():
            for n in range(5):
                slack.say(f"{n}", channel=DIRECT)
            await until(lambda: len(bridge.texts) == 5)
        slack.say("missed", channel=DIRECT)
        async with bridge.up():
            await until(lambda: len({place for place, _ in bridge.asked(REPLIES)}) == 6)
            await until(lambda: "missed" in bridge.texts)
        await bridge.adapter.aclose()
    assert len(bridge.asked(REPLIES)) in (7, 8)


async def test_live_messages_do_not_wait_for_a_long_search(
    slack: SlackSimulator, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(backfill, "_EVERY", 1000.0)
    monkeypatch.setattr(backfill, "_BURST", 2)
    monkeypatch.setattr(behind, "_PATIENCE", 0.0)
    async with serve(slack.app) as url:
        bridge = Bridge(slack, redis, url)
        async with bridge.up():
            threads = [slack.say(f"{n}", channel=DIRECT) for n in range(4)]
            await until(lambda: len(bridge.texts) == 4)
        async with bridge.up():
            await until(lambda: len(bridge.asked(REPLIES)) == 2)
            slack.say("now", channel=DIRECT, thread_ts=threads[0])
            await until(lambda: "now" in bridge.texts)
            assert len(bridge.asked(REPLIES)) == 2
        await bridge.adapter.aclose()


async def test_a_missing_permission_is_named_once_and_the_rest_goes_on(
    slack: SlackSimulator, bridge: Bridge, caplog: pytest.LogCaptureFixture
):
    async with bridge.up():
        threads = [slack.say(f"{BOT} {n}") for n in range(2)]
        direct = slack.say("one", channel=DIRECT)
        await until(lambda: len(bridge.texts) == 3)
        gone = slack.channel("C0GONE")
        slack.say(f"{BOT} last words", channel=gone.id)
        await until(lambda: len(bridge.texts) == 4)
    slack.scopes.discard("channels:history")
    gone.members.clear()
    slack.say("two", channel=DIRECT, thread_ts=direct)
    slack.say("unread", thread_ts=threads[0])
    for _ in range(2):
        async with bridge.up():
            await until(lambda: bridge.texts[-1] == "two")
            await bridge.caught_up()
    [told] = [r.getMessage() for r in caplog.records if "channels:history" in r.getMessage()]
    assert told.startswith("what was missed is not read: Slack: missing_scope channels:history: ")
    assert {place for place, _ in bridge.asked(REPLIES)} == {direct}


async def test_one_message_that_cannot_be_taken_in_does_not_hold_up_the_others(
    slack: SlackSimulator, bridge: Bridge
):
    async with bridge.up():
        direct = slack.say("one", channel=DIRECT)
        await bridge.hears("one")
    slack.say("two", channel=DIRECT, thread_ts=direct)
    slack.say("three", channel=DIRECT, thread_ts=direct)
    bridge.refuse = [RuntimeError("a bug")]
    async with bridge.up():
        await bridge.hears("one", "three")


async def test_connections_that_brought_nothing_may_have_been_deaf(
    slack: SlackSimulator, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
):
    async with bridge.up():
        slack.say("one", channel=DIRECT)
        await bridge.hears("one")
    monkeypatch.setattr(connections, "_LIFE", 0.3)
    async with bridge.up():
        slack.mute(10)
        slack.say("two", channel=DIRECT)
        await bridge.hears("one", "two")
    assert bridge.offered.count("two") == 1


async def test_after_a_deaf_connection_was_found_what_it_swallowed_is_fetched(redis: Redis):
    slack = SlackSimulator(limits=None, redeliver_after=(0.2,))  # a second time, and not again
    async with serve(slack.app) as url:
        bridge = Bridge(slack, redis, url)
        async with bridge.up():
            slack.say("one", channel=DIRECT)
            await bridge.hears("one")
            slack.mute()
            texts = [f"{n}" for n in range(8)]
            for text in texts:
                slack.say(text, channel=DIRECT)
            await until(lambda: {*bridge.texts} == {"one", *texts})
            await until(lambda: not any(each.mute for each in slack._hub.connections))
        await bridge.adapter.aclose()


async def test_nothing_older_than_a_day_is_read(slack: SlackSimulator, bridge: Bridge):
    thread, now = f"{time.time() - 5e5:.6f}", time.time()
    await bridge.memory.join(to(thread, chat=DIRECT), ANN)
    places = [Place("T0SANDBOX", DIRECT, thread), Place("T0SANDBOX", DIRECT)]
    await bridge.places.heard("slack", float(thread), places, whole=True)
    async with bridge.up():
        await until(lambda: bridge.asked(REPLIES))
    for _, since in bridge.asked(HISTORY) + bridge.asked(REPLIES):
        assert now - 86400 - 1 < float(since) < time.time() - 86400 + 1


async def test_a_channel_with_other_companies_is_known_as_one(
    slack: SlackSimulator, bridge: Bridge
):
    """No event tells it: where nobody was asked, whoever may not listen would be answered."""
    shared = slack.channel("C0SHARED", shared=True)
    async with bridge.up():
        slack.say(f"{BOT} one", channel=shared.id)
        inside = slack.say(f"{BOT} inside")
        await until(lambda: len(bridge.texts) == 2)
    slack.say(f"{BOT} two", channel=shared.id)
    slack.say("go on", thread_ts=inside)
    async with bridge.up():
        await until(lambda: len(bridge.texts) == 4)
    external = {message.text: message.external for message in bridge.taken.values()}
    assert external == {"one": True, "inside": False, "two": True, "go on": False}


async def test_by_http_a_retry_after_minutes_tells_of_an_outage(redis: Redis):
    """Slack could not reach the bridge, and has given up what it could not bring before that."""
    slack = SlackSimulator(limits=None, redeliver_after=(1000.0,))
    async with serve(slack.app) as url:
        bridge = Bridge(slack, redis, url, secret="sandbox-secret")
        assert bridge.adapter.http
        routes = [Route("/slack/slack/{below:path}", bridge.adapter.http)]
        async with serve(Starlette(routes=routes)) as door:
            slack.events_url = f"{door}/slack/slack/events"
            async with listening(bridge.adapter, bridge.accept):
                await until(lambda: not bridge.adapter.trouble)
                slack.say("one", channel=DIRECT)
                await bridge.hears("one")
                slack.events_url = f"{door}/elsewhere"
                for text in ("two", "three"):
                    slack.say(text, channel=DIRECT)
                brought = slack.deliveries[-1].envelope.payload
                for attempt in ("1", "2", "3"):
                    assert await posted(f"{door}/slack/slack/events", brought, attempt) == 200
                    await bridge.hears("one", "three", *([] if attempt == "1" else ["two"]))
        await bridge.adapter.aclose()
    assert len(bridge.asked(HISTORY)) == 1


async def posted(url: str, event: dict[str, Any], attempt: str) -> int:
    """The status that an attempt to bring an event is answered with."""
    at, body = str(int(time.time())), json.dumps(event).encode()
    headers = {
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": sign("sandbox-secret", at, body),
        "X-Slack-Retry-Num": attempt,
    }
    async with httpx.AsyncClient() as http:
        return (await http.post(url, content=body, headers=headers)).status_code
