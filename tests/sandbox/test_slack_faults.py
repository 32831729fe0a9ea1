"""What the simulated Slack refuses for its rates, and the faults that can be ordered."""

import itertools
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import SlackLimits, SlackSimulator
from bridge.sandbox.slack.limits import Limiter
from tests.sandbox.slack_client import GENERAL, client_of, error, refused


@pytest.fixture
def slack() -> SlackSimulator:
    return SlackSimulator(limits=None)


@pytest.fixture
async def client(slack: SlackSimulator) -> AsyncIterator[AsyncWebClient]:
    async with client_of(slack) as client:
        yield client


async def test_a_method_over_its_rate_is_told_to_wait() -> None:
    slack = SlackSimulator(limits=SlackLimits(update=1, tier4=0))
    async with client_of(slack) as client:
        ts = (await client.chat_postMessage(channel=GENERAL, text="0"))["ts"]
        await client.chat_update(channel=GENERAL, ts=ts, text="1")
        response = await refused(client.chat_update(channel=GENERAL, ts=ts, text="2"))
        assert await error(client.users_info(user="U0ANN")) == "ratelimited"
    assert (response.status_code, response["error"]) == (429, "ratelimited")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert slack.messages(GENERAL)[0].text == "1"


def test_rates_recover_as_time_passes() -> None:
    clock = itertools.count().__next__
    limiter = Limiter(SlackLimits(tier3=2, window=3), now=clock)
    assert [limiter.wait("chat.delete", "") for _ in range(4)] == [0, 0, 1, 0]
    now = 0.0
    limiter = Limiter(SlackLimits(), now=lambda: now)
    assert [limiter.wait("chat.postMessage", "C1") for _ in range(4)] == [0, 0, 0, 1]
    assert limiter.wait("chat.postMessage", "C2") == 0
    now = 1.0
    assert [limiter.wait("chat.postMessage", "C1") for _ in range(2)] == [0, 1]
    assert [limiter.wait("auth.test", "") for _ in range(200)] == [0] * 200


async def test_a_fault_strikes_as_often_as_ordered(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.fail("chat.postMessage", error="ratelimited", status=429, retry_after=7, times=2)
    for _ in range(2):
        response = await refused(client.chat_postMessage(channel=GENERAL, text="hi"))
        assert (response.status_code, response.headers["Retry-After"]) == (429, "7")
    await client.chat_postMessage(channel=GENERAL, text="hi")
    assert [call.error for call in slack.calls] == ["ratelimited", "ratelimited", None]


async def test_a_post_can_succeed_though_its_answer_is_lost(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    client.retry_handlers.clear()
    slack.fail("chat.postMessage", status=500, after_doing=True)
    assert await error(client.chat_postMessage(channel=GENERAL, text="one")) == "internal_error"
    for after_doing in (True, False):
        slack.fail("chat.postMessage", drop=True, after_doing=after_doing)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await client.chat_postMessage(channel=GENERAL, text=f"done: {after_doing}")
    assert [shown.text for shown in slack.messages(GENERAL)] == ["one", "done: True"]
    assert slack.calls[-1].error == "connection_dropped"
