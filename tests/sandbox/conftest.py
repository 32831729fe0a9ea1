"""A simulated Slack without limits, which repeats nothing, and a client of it."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import SlackSimulator
from tests.sandbox.slack_client import client_of


@pytest.fixture
def slack() -> SlackSimulator:
    return SlackSimulator(limits=None, redeliver_after=(1000.0,))


@pytest.fixture
async def client(slack: SlackSimulator) -> AsyncIterator[AsyncWebClient]:
    async with client_of(slack) as client:
        yield client
