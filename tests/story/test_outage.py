"""Nobody listened for so long that Slack brings nothing again: nothing is lost all the same."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.config.schema import Telegram
from tests.platforms.waiting import until
from tests.world import BOT, DIRECT, GENERAL, World


@pytest.fixture(params=["socket", "http"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A world without Telegram, in which Slack brings nothing twice."""
    by_http, slack = request.param == "http", {"redeliver_after": ()}
    async with World(tmp_path, slack=slack, slack_by_http=by_http) as made:
        assert made.config
        channels = {n: c for n, c in made.config.channels.items() if not isinstance(c, Telegram)}
        await made.start(channels=channels)
        yield made


async def test_what_was_said_while_the_bridge_was_down_is_answered_once(
    world: World, caplog: pytest.LogCaptureFixture
):
    thread = world.slack.say(f"{BOT} hello")
    direct = world.slack.say("hello", channel=DIRECT)
    await world.slack_answer(thread)
    await world.slack_answer(direct, channel=DIRECT)
    await world.stop()
    world.slack.say("and then?", thread_ts=thread, user="U0BEN")
    world.slack.say("<@U0BEN> lunch?", thread_ts=thread)
    fresh = world.slack.say("something else", channel=DIRECT)
    new = world.slack.say(f"{BOT} are you there?")
    await world.start()
    assert "and then?" in await world.slack_answer(thread, 2)
    assert "something else" in await world.slack_answer(fresh, channel=DIRECT)
    assert "are you there?" in await world.slack_answer(new)
    await world.stop()
    caplog.clear()
    caplog.set_level(logging.INFO)
    await world.start()
    await until(lambda: "caught up" in caplog.text)
    said = [asked.text for asked in world.coze.asked]
    threads = ["Ann: are you there?", "Ann: hello", "Ben: and then?"]
    assert sorted(said) == [*threads, "hello", "something else"]
    assert len([m for m in world.slack.messages(GENERAL, thread) if m.bot_id]) == 2
