from collections.abc import AsyncIterator

import pytest

from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.sandbox.telegram import TelegramSimulator
from tests.platforms.telegram.rig import adapter_of


@pytest.fixture
def telegram() -> TelegramSimulator:
    """A simulated Telegram where Ann has written in private and in a group."""
    made = TelegramSimulator(limits=None)
    made.privacy = False
    return made


@pytest.fixture
async def adapter(telegram: TelegramSimulator) -> AsyncIterator[TelegramAdapter]:
    async with adapter_of(telegram) as adapter:
        yield adapter
