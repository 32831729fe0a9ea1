"""Tests of the flow run on virtual time."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.flow.clock import JumpingLoop


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"virtual": JumpingLoop}
