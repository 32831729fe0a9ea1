from collections.abc import AsyncIterator

import pytest

from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackSimulator
from tests.platforms.slack.rig import adapter_of


@pytest.fixture
async def slack() -> SlackSimulator:
    """A simulated Slack that sends again soon what is not confirmed."""
    return SlackSimulator(limits=None, redeliver_after=(0.3, 0.3, 0.3))


@pytest.fixture
async def adapter(slack: SlackSimulator) -> AsyncIterator[SlackAdapter]:
    async with adapter_of(slack) as adapter:
        yield adapter
