"""Tests of the flow run on virtual time, and with a web of their own."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.flow.clock import JumpingLoop
from tests.flow.web import Web


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"virtual": JumpingLoop}


@pytest.fixture
def web(tmp_path: Path) -> Web:
    """Answers link to it; what it fetches is in a directory of its own."""
    return Web(tmp_path)
