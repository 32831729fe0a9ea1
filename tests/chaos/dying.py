"""Runs the bridge and kills its process at one moment of a turn.

`python -m tests.chaos.dying POINT`, with the environment of `coze-bridge run`. A point is
a step and a side of it, like `began:after`.
"""

import functools
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from bridge.cli import main
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.store.inbox import RedisInbox, RedisLease

STEPS: dict[str, list[type]] = {
    "add": [RedisInbox],
    "asking": [RedisLease],
    "began": [RedisLease],
    "posting": [RedisLease],
    "post": [TelegramAdapter, SlackAdapter],
    "shows": [RedisLease],
    "edit": [TelegramAdapter, SlackAdapter],
    "finish": [RedisLease],
}
POINTS = [f"{step}:{side}" for step in STEPS for side in ("before", "after")]


def arm(point: str) -> None:
    """Have the process die at this point."""
    step, side = point.split(":")
    for kind in STEPS[step]:
        setattr(kind, step, _deadly(getattr(kind, step), side))


def _deadly(call: Callable[..., Awaitable[Any]], side: str) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(call)
    async def until_death(*args: Any, **kwargs: Any) -> None:
        if side == "after":
            await call(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    return until_death


if __name__ == "__main__":
    arm(sys.argv[1])
    sys.exit(main(["run"]))
