"""`coze-bridge check`, `turn`, `dead` and `manifest`."""

import argparse
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

from bridge.cli.loop import Failure, run_async
from bridge.config import Channel, Config, ConfigError, Slack, load
from bridge.config.addresses import addressable
from bridge.core.errors import BridgeError, StoreUnavailable
from bridge.coze.services import CozeServices
from bridge.making import coze_client, door, make_adapter, make_installations, make_workflow
from bridge.ops.check import Probe
from bridge.ops.check import check as ask_all
from bridge.ops.turn import told
from bridge.platforms.slack.http import PATH
from bridge.platforms.slack.install import REDIRECT
from bridge.platforms.slack.manifest import manifest as slack_manifest
from bridge.store.embedded import EmbeddedStoreError
from bridge.store.keys import RECORDED_FOR
from bridge.store.open import Store, visit_store

_PUBLIC = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[^\s?#]*)?")


def check(args: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Validate the file; then ask the platforms, Coze and Redis."""
    config = load(args.file, env)
    print("ok    configuration")
    return 0 if args.offline or run_async(_check(config)) else 1


async def _check(config: Config) -> bool:
    many = {n: c for n, c in config.enabled().items() if isinstance(c, Slack) and c.client_id}
    adapters = {n: make_adapter(n, c) for n, c in config.enabled().items() if n not in many}
    async with coze_client(config) as coze:

        def bot(bot_id: str) -> Probe:
            async def probe() -> str:
                return (await CozeServices(coze, bot_id).about()).name or bot_id

            return probe

        probes: dict[str, Probe] = {f"channels.{n}": a.whoami for n, a in adapters.items()}
        probes |= {f"channels.{n}": partial(_installed, config, n, c) for n, c in many.items()}
        bots = {name: each.bot_id for name, each in config.bots.items() if each.bot_id}
        probes |= {f"bots.{name}": bot(bot_id) for name, bot_id in bots.items()}
        probes["store"] = lambda: _ping(config)
        try:
            return await ask_all(probes, print)
        finally:
            for adapter in adapters.values():
                await adapter.aclose()


async def _installed(config: Config, name: str, channel: Channel) -> str:
    """What a channel in many workspaces says of itself."""
    async with _visited(config) as store:
        kept = make_installations(store, name, channel)
        adapter = make_adapter(name, channel, None, config.http.public_url, installations=kept)
        try:
            return await adapter.whoami()
        finally:
            await adapter.aclose()


async def _ping(config: Config) -> str:
    """What the store says of itself."""
    async with _visited(config) as store:
        return await store.ping()


@asynccontextmanager
async def _visited(config: Config) -> AsyncGenerator[Store, None]:
    """The store; raises StoreUnavailable where there is none."""
    try:
        async with _store(config) as store:
            yield store
    except EmbeddedStoreError as error:
        raise StoreUnavailable(str(error)) from error


def _store(config: Config) -> AbstractAsyncContextManager[Store]:
    where = config.store
    return visit_store(where.redis_url, Path(where.state_dir), session_ttl=where.ttl)


def turn(args: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Print what the bridge stored of a turn, and what Coze says of it now."""
    config = load(args.file, env, serving=False)
    run_async(_turn(config, args.id))
    return 0


async def _turn(config: Config, id_: str) -> None:
    async with _store(config) as store:
        record = await store.records.record(id_.strip().lower())
    if record is None:
        raise Failure(f"turn {id_}: not known; turns are kept for {RECORDED_FOR // 86_400} days")
    print(*told(record), sep="\n")
    bot = config.bots.get(record.bot)
    if record.run is None or bot is None:
        print("at Coze: it has no run that can be looked at")
        return
    async with coze_client(config) as coze:
        try:
            if flow := bot.workflows.get(record.workflow):
                lines = await make_workflow(coze, bot, flow).report(record.run)
            else:
                lines = await CozeServices(coze, bot.bot_id).report(record.run)
        except BridgeError as error:
            lines = [str(error)]
    print("at Coze now:", *(f"  {line}" for line in lines), sep="\n")


def dead(args: argparse.Namespace, env: Mapping[str, str]) -> int:
    """List, try again or forget messages that were given up."""
    config = load(args.file, env, serving=False)
    if args.action != "list" and not args.id:
        raise ConfigError([f"dead {args.action}: which? `coze-bridge dead list` shows the ids"])
    return run_async(_dead(config, args.action, args.id))


async def _dead(config: Config, action: str, id_: str) -> int:
    async with _store(config) as store:
        if action == "list":
            for message, why in await store.turns.dead():
                print(f"{message.id}  {message.address.channel}  {why}")
            return 0
        done = await (store.turns.revive(id_) if action == "retry" else store.turns.drop(id_))
    if not done:
        raise Failure(f"dead {action}: no such message: {id_}; `coze-bridge dead list` shows them")
    print("will be answered when the bridge runs" if action == "retry" else "dropped")
    return 0


def manifest(args: argparse.Namespace, _env: Mapping[str, str]) -> int:
    """Print the manifest of the Slack app."""
    url = redirect = ""
    if args.http is not None:
        _check_public(args.http, args.channel)
        below = args.http.rstrip("/") + door("slack", args.channel)
        url, redirect = f"{below}/{PATH}", f"{below}/{REDIRECT}"
    print(slack_manifest(url, redirect=redirect, mention_only=args.mention_only), end="")
    return 0


def _check_public(url: str, channel: str) -> None:
    """Raise unless Slack can call a channel at an address."""
    if not _PUBLIC.fullmatch(url):
        expected = "an address like https://bridge.example.com"
        remedy = "give the one at which Slack reaches the bridge"
        raise ConfigError([f'manifest slack --http: found "{url}", expected {expected}; {remedy}'])
    if not addressable(channel):
        expected = "a name of letters, digits, -, _ and ."
        remedy = "give the channel's name in the configuration"
        found = f'manifest slack --channel: found "{channel}"'
        raise ConfigError([f"{found}, expected {expected}; {remedy}"])
