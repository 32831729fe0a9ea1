"""Run something until the process is told to stop."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from bridge.config import Config, Slack, Telegram
from bridge.core.errors import BridgeError
from bridge.ops import logs
from bridge.store.embedded import EmbeddedStoreError
from bridge.wire.serve import CannotListenError

new_event_loop: Callable[[], asyncio.AbstractEventLoop]
try:
    from uvloop import new_event_loop
except ImportError:  # not on every platform
    from asyncio import new_event_loop

T = TypeVar("T")

Work = Callable[[asyncio.Event, asyncio.Event], Coroutine[Any, Any, bool]]
"""Works until its first argument is set, and hurries once its second is."""


class Failure(Exception):
    """A command cannot do what it is for; the text is one line for the operator."""


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the fastest loop there is.

    Raises:
        Failure: there is no store, no port, or nobody to ask.
    """
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(work)
    except (EmbeddedStoreError, BridgeError) as error:
        raise Failure(str(error)) from error
    except CannotListenError as error:
        remedy = "set BRIDGE_HTTP_HOST and BRIDGE_HTTP_PORT, or --port of the sandbox"
        raise Failure(f"{error}; {remedy}") from error


def until_told(work: Work) -> int:
    """Run `work` until SIGTERM or SIGINT, of which a second one makes it hurry.

    Returns the exit code.
    """

    async def serve() -> bool:
        stopping, hurry = asyncio.Event(), asyncio.Event()

        def stop() -> None:
            (hurry if stopping.is_set() else stopping).set()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        return await work(stopping, hurry)

    return 0 if run_async(serve()) else 1


def start_logs(config: Config) -> None:
    """Set up the logs as configured, with all that the configuration knows of secrets hidden."""
    secrets = [config.coze.token, config.store.redis_url]
    for tool in config.tools.values():
        secrets += tool.headers.values()
    for channel in config.channels.values():
        if isinstance(channel, Telegram):
            secrets.append(channel.token)
        if isinstance(channel, Slack):
            secrets += [channel.bot_token, channel.app_token, channel.signing_secret]
            secrets += [channel.client_secret, *channel.encryption_key.split(",")]
    logs.set_up(config.log.level, config.log.format, secrets)
