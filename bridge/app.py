"""The composition root: a configuration in, a working bridge out.

The only module that knows every concrete class.
"""

import asyncio
import gc
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bridge.config import Bot as BotSettings
from bridge.config import Channel, Config, Telegram
from bridge.core.errors import Denied, StoreUnavailable
from bridge.core.ports import Adapter
from bridge.core.routing import Policy, Rule
from bridge.coze.backends import ChatBackend
from bridge.coze.client import CozeClient
from bridge.flow.desk import Desk
from bridge.flow.intake import Intake
from bridge.flow.present import Stage
from bridge.flow.throttle import Throttle
from bridge.flow.turn import Bot
from bridge.flow.worker import Worker
from bridge.ops.http import operators_app
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.store.open import Store, open_store
from bridge.wire.serve import serve

log = logging.getLogger(__name__)

DRAIN = 20.0  # seconds that running answers have to end when the bridge is told to
CONTROLS = 64  # commands that may be obeyed at a time, beside the turns
READY_LOOK = 0.02  # seconds
GARBAGE = 10_000  # new objects between two collections; Python's 700 cost 5% of the time
AGAIN = 5.0  # seconds before a channel that failed is listened to again


@asynccontextmanager
async def coze_client(config: Config) -> AsyncGenerator[CozeClient, None]:
    """A client for the account of the configuration."""
    coze = config.coze
    client = CozeClient(
        coze.api_base,
        coze.token,
        connect_timeout=coze.connect_timeout,
        idle_timeout=coze.idle_timeout,
    )
    try:
        yield client
    finally:
        await client.aclose()


def make_backend(client: CozeClient, bot: BotSettings) -> ChatBackend:
    """The Coze bot that a configured one stands for."""
    return ChatBackend(client, bot.bot_id, stream=bot.mode == "stream")


def make_adapter(name: str, channel: Channel) -> Adapter:
    """The adapter of one channel. Needs a running loop."""
    pace = channel.limits.edit_every
    if isinstance(channel, Telegram):
        return TelegramAdapter(name, channel.token, api_base=channel.api_base, edit_every=pace)
    return SlackAdapter(
        name,
        channel.bot_token,
        channel.app_token,
        api_base=channel.api_base,
        edit_every=pace,
    )


async def run(config: Config, stopping: asyncio.Event, hurry: asyncio.Event) -> bool:
    """Run the bridge until `stopping` is set, then drain; returns whether it ended well.

    `hurry` ends the draining: what is not finished is left to the next start.

    Raises:
        EmbeddedStoreError, StoreUnavailable: there is no store to work with.
        CannotListenError: the HTTP port is taken.
    """
    begun = time.monotonic()
    where = config.store
    opening = open_store(where.redis_url, Path(where.state_dir), session_ttl=where.ttl)
    async with opening as store, coze_client(config) as coze:
        bridge = Bridge(config, store, coze)
        app = operators_app(bridge.troubles, store.waiting)
        async with serve(app, host=config.http.host, port=config.http.port) as url:
            telling = asyncio.create_task(bridge.tell_when_ready(url, begun))
            try:
                return await bridge.run(stopping, hurry)
            finally:
                await _end(telling)


class Bridge:
    """All channels, bots and workers of one process."""

    def __init__(self, config: Config, store: Store, coze: CozeClient) -> None:
        self._store = store
        channels = config.enabled()
        self._adapters = {name: make_adapter(name, channels[name]) for name in channels}
        policies = {name: _policy(config, channels[name]) for name in channels}
        self._intake = Intake(policies, store.turns, store.controls, store.memory)
        desk = Desk(
            policies,
            {name: self._stage(name, channels[name]) for name in channels},
            {name: _bot(config, coze, name) for name in config.bots},
            store.memory,
            store.limiter,
            store.turns,
            config.limits.turns_per_user_per_minute,
        )
        renew = store.turns.lease / 3
        turns = config.limits.concurrent_turns
        self._workers = [
            Worker(store.turns, desk.on_turn, slots=turns, renew_every=renew),
            Worker(store.controls, desk.on_control, slots=CONTROLS, renew_every=renew),
        ]

    def _stage(self, name: str, channel: Channel) -> Stage:
        throttle = Throttle(self._store.limiter)
        return Stage(self._adapters[name], throttle, stream=channel.streaming != "off")

    async def troubles(self) -> dict[str, str]:
        """What is wrong with each part; an empty text is fine."""
        found = {name: adapter.trouble for name, adapter in self._adapters.items()}
        try:
            await self._store.ping()
        except StoreUnavailable as error:
            return {**found, "redis": str(error)}
        return {**found, "redis": ""}

    async def tell_when_ready(self, url: str, begun: float) -> None:
        """Log once that everything works; `begun` is when the start began."""
        while any((await self.troubles()).values()):  # noqa: ASYNC110 - they ring no bell
            await asyncio.sleep(READY_LOOK)
        # What was made so far stays for good: the collector need not look at it ever again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE, 20, 20)
        seconds = round(time.monotonic() - begun, 2)
        log.info(
            "ready", extra={"channels": list(self._adapters), "http": url, "seconds": seconds}
        )

    async def run(self, stopping: asyncio.Event, hurry: asyncio.Event) -> bool:
        """Work until `stopping` is set or nothing can arrive any more; then drain."""
        listening = [asyncio.create_task(self._listen(a)) for a in self._adapters.values()]
        working = [asyncio.create_task(worker.run()) for worker in self._workers]
        told = asyncio.create_task(stopping.wait())
        try:
            deaf = asyncio.ensure_future(asyncio.wait(listening))
            until: set[asyncio.Future[Any]] = {told, deaf, *working}
            await asyncio.wait(until, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(told, *listening, *working)
            await self._drain(hurry)
            for adapter in self._adapters.values():
                await adapter.aclose()
        return stopping.is_set()

    async def _listen(self, adapter: Adapter) -> None:
        """Take messages in; returns when the platform refuses for good."""
        while True:
            try:
                await adapter.listen(self._intake.accept)
            except Denied as error:
                log.error("off: %s", error, extra={"channel": adapter.channel})  # noqa: TRY400
                return
            except Exception:
                log.exception("a fault in the bridge", extra={"channel": adapter.channel})
                await asyncio.sleep(AGAIN)

    async def _drain(self, hurry: asyncio.Event) -> None:
        """Let running answers end, for a while, or until somebody is in a hurry."""
        log.info("stopping; running answers may end", extra={"within_seconds": DRAIN})
        until: set[asyncio.Future[Any]] = {
            asyncio.gather(*(worker.drain(DRAIN) for worker in self._workers)),
            asyncio.create_task(hurry.wait()),
        }
        await asyncio.wait(until, return_when=asyncio.FIRST_COMPLETED)
        await _end(*until)
        await asyncio.gather(*(worker.drain(0) for worker in self._workers))


def _policy(config: Config, channel: Channel) -> Policy:
    """What the configuration says of a channel, as the core knows it."""
    telegram = isinstance(channel, Telegram)
    rules = (Rule(r.bot, r.channel, r.chat, r.user) for r in config.routes)
    return Policy(
        platform=channel.platform,
        bot=channel.bot,
        session=channel.session,
        group_session="user" if telegram else "thread",
        rules=tuple(rules),
        users=frozenset(channel.allow.users),
        chats=frozenset(channel.allow.chats),
        closed=isinstance(channel, Telegram) and channel.access != "open",
    )


def _bot(config: Config, coze: CozeClient, name: str) -> Bot:
    settings = config.bots[name]
    backend = make_backend(coze, settings)
    return Bot(name, backend, settings.variables, config.coze.turn_timeout)


async def _end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
