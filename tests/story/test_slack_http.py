"""Slack posts to the bridge: nothing is lost and nothing answered twice, whatever happens."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bridge.config.schema import Telegram
from bridge.sandbox.slack.events_http import sign
from bridge.store.client import connect
from bridge.store.embedded import EmbeddedStore
from tests.platforms.waiting import until
from tests.world import BOT, DIRECT, GENERAL, World


@pytest.fixture
async def posted(tmp_path: Path) -> AsyncIterator[World]:
    """A world in which Slack posts to the bridge, and there is no Telegram."""
    slack = {"redeliver_after": (3.0, 0.2, 0.4, 1.0, 3.0, 9.0)}  # the last are for slow machines
    async with World(tmp_path, slack=slack, slack_by_http=True) as world:
        assert world.config
        channels = {n: c for n, c in world.config.channels.items() if not isinstance(c, Telegram)}
        await world.start(channels=channels)
        yield world


async def test_a_conversation_with_mentions_buttons_and_commands(posted: World):
    world = posted
    thread = world.slack.say(f"{BOT} I am Ann")
    assert "I am Ann" in await world.slack_answer(thread)
    [answer] = [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
    world.slack.press(answer.ts, "🔄", channel=GENERAL)
    await world.slack_answer(thread, 2)
    world.slack.command("help")
    [told] = await world.slack.changes.until(
        lambda: [m for m in world.slack.messages(GENERAL) if m.visible_to == "U0ANN"]
    )
    assert "/coze new" in told.plain()
    direct = world.slack.say("hello", channel=DIRECT)
    assert "hello" in await world.slack_answer(direct, channel=DIRECT)
    assert [asked.text for asked in world.coze.asked] == ["Ann: I am Ann"] * 2 + ["hello"]
    assert world.slack.connections == 0
    assert world.slack.lost == []
    assert world.config
    async with httpx.AsyncClient() as http:
        ready = await http.get(f"{world.config.http.public_url}/readyz")
    assert ready.json() == {"ready": True, "reasons": {}}


async def test_what_comes_while_the_store_is_full_is_answered_once_there_is_room(
    posted: World, tmp_path: Path
):
    redis = connect(EmbeddedStore(tmp_path).url)
    await redis.config_set("maxmemory", "1")
    thread = posted.slack.say("hello", channel=DIRECT)
    await until(lambda: len(posted.slack.deliveries) > 1)
    assert posted.coze.asked == []
    await redis.config_set("maxmemory", "0")
    await redis.aclose()
    assert "hello" in await posted.slack_answer(thread, channel=DIRECT)
    assert len(posted.coze.asked) == 1
    assert posted.slack.lost == []


async def test_what_comes_while_the_bridge_is_down_or_twice_is_answered_once(posted: World):
    world = posted
    await world.stop()
    thread = world.slack.say(f"{BOT} hello")
    await until(lambda: len(world.slack.deliveries) > 2)
    await world.start()
    assert "hello" in await world.slack_answer(thread)
    body = json.dumps(world.slack.deliveries[0].envelope.payload).encode()
    at = str(int(time.time()))
    signed = {
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": sign("sandbox-secret", at, body),
        "X-Slack-Retry-Num": "3",
        "X-Slack-Retry-Reason": "http_timeout",
    }
    async with httpx.AsyncClient() as http:
        again = await http.post(world.slack.events_url or "", content=body, headers=signed)
    assert again.status_code == 200
    world.slack.say("and you?", thread_ts=thread)
    await world.slack_answer(thread, 2)
    assert [asked.text for asked in world.coze.asked] == ["Ann: hello", "Ann: and you?"]
