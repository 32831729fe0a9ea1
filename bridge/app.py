"""The composition root: a configuration in, a working bridge out.

The only module that knows every concrete class.
"""

import asyncio
import gc
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from bridge.config import Channel, Config
from bridge.core.errors import Denied, StoreUnavailable
from bridge.core.model import Address, Piece
from bridge.core.ports import Adapter, Http
from bridge.core.routing import Policy
from bridge.coze.client import CozeClient
from bridge.flow.allowance import Allowance
from bridge.flow.desk import Desk
from bridge.flow.gate import Gate
from bridge.flow.intake import Intake
from bridge.flow.marks import Marks
from bridge.flow.menus import Menus
from bridge.flow.operator import Operator
from bridge.flow.present import Stage
from bridge.flow.throttle import Throttle
from bridge.flow.worker import Worker
from bridge.flow.works import Works
from bridge.making import (
    coze_client,
    door,
    make_adapters,
    make_bots,
    make_commands,
    make_marks,
    make_menu,
    make_policies,
    make_tools,
)
from bridge.ops.http import counts_plain, operators_app
from bridge.platforms.slack.many import ManySlackAdapter
from bridge.store.open import Store, open_store
from bridge.wire.download import Downloads
from bridge.wire.serve import serve

log = logging.getLogger(__name__)

DRAIN = 20.0  # seconds that running answers have to end when the bridge is told to
CONTROLS = 64  # commands that may be obeyed at a time, beside the turns
READY_LOOK = 0.02  # seconds
GARBAGE = 10_000  # new objects between two collections; Python's 700 cost 5% of the time
AGAIN = 5.0  # seconds before a channel that failed is listened to again


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
        app = operators_app(bridge.troubles, store.waiting, bridge.doors)
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
        channels, menu = config.enabled(), make_menu(config)
        self._adapters = make_adapters(config, menu, store)
        self._tools, self._downloads = make_tools(config), _downloads(config)
        policies = make_policies(config, channels)
        marks = make_marks(config, self._adapters)
        self._intake = _intake(policies, store, marks)
        stages = {name: self._stage(name, channels[name]) for name in channels}
        bots, limits = make_bots(config, coze, self._tools), config.limits
        self._menus = Menus(menu, list(self._adapters.values()), list(bots.values()))
        operator = Operator(store.records, _teller(config, stages))
        kept, commands = (store.memory, store.records), make_commands(config, coze)
        desk = Desk(
            policies,
            stages,
            bots,
            *kept,
            store.turns,
            Allowance(
                store.limiter,
                store.records,
                limits.turns_per_user_per_minute,
                limits.tokens_per_user_per_day,
            ),
            store.groups,
            Gate(store.pairing, store.records, operator),
            Works(policies, stages, *kept, operator, store.groups, commands),
            self._downloads.fetch if config.downloads.enabled else None,
            self._menus.of,
            marks,
        )
        renew = store.turns.lease / 3
        self._workers = [
            Worker(store.turns, desk.on_turn, slots=limits.concurrent_turns, renew_every=renew),
            Worker(store.controls, desk.on_control, slots=CONTROLS, renew_every=renew),
        ]

    def _stage(self, name: str, channel: Channel) -> Stage:
        throttle = Throttle(self._store.limiter)
        return Stage(
            self._adapters[name],
            throttle,
            stream=channel.streaming != "off",
            refused=counts_plain(name),
        )

    @property
    def doors(self) -> dict[str, Http]:
        """What platforms call, by path."""
        adapters = self._adapters.items()
        doors = {door(a.platform, name): a.http for name, a in adapters if a.http}
        many = (a for a in self._adapters.values() if isinstance(a, ManySlackAdapter))
        for name, page in next((a.pages for a in many), {}).items():
            doors.setdefault(door("slack", name), page)
        return doors

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
        menus = asyncio.create_task(self._menus.keep())
        told = asyncio.create_task(stopping.wait())
        try:
            deaf = asyncio.ensure_future(asyncio.wait(listening))
            until: set[asyncio.Future[Any]] = {told, deaf, *working}
            await asyncio.wait(until, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(told, menus, *listening, *working)
            await self._drain(hurry)
            for adapter in self._adapters.values():
                await adapter.aclose()
            await self._tools.aclose()
            await self._downloads.aclose()
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


def _intake(policies: Mapping[str, Policy], store: Store, marks: Marks) -> Intake:
    kept = (store.memory, store.records, store.groups, store.pairing)
    return Intake(policies, store.turns, store.controls, *kept, marks)


def _downloads(config: Config) -> Downloads:
    settings = config.downloads
    return Downloads(most=settings.max_mb << 20, private=settings.private_hosts)


def _teller(
    config: Config, stages: Mapping[str, Stage]
) -> Callable[[str], Awaitable[None]] | None:
    """Says something in the operator's chat, if there is one."""
    where = config.operator
    if where is None or where.channel not in stages:
        return None
    adapter, to = stages[where.channel].adapter, Address(where.channel, where.chat)

    async def tell(text: str) -> None:
        await adapter.post(to, Piece(text, plain=True), mark="operator")

    return tell


async def _end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
