"""`coze-bridge pair`: lets in who was given a code."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from bridge.cli.loop import Failure, run_async
from bridge.config import Config, load
from bridge.core.errors import BridgeError
from bridge.core.model import Address, Piece
from bridge.core.ports import Applicant, Pairing
from bridge.core.texts import say
from bridge.making import make_adapter
from bridge.store.open import visit_store


def pair(args: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Let somebody in by their code and tell them so; or list, or remove, who was let in."""
    config = load(args.file, env, serving=False)
    run_async(_pair(config, args))
    return 0


async def _pair(config: Config, args: argparse.Namespace) -> None:
    where = config.store
    opening = visit_store(where.redis_url, Path(where.state_dir), session_ttl=where.ttl)
    async with opening as store:
        if args.list:
            for who in await store.pairing.everyone():
                print(f"{who.user}  {who.channel}  {who.name}")
        elif args.remove:
            if not await store.pairing.remove(args.remove):
                raise Failure(f"pair: {args.remove} was not let in; see `coze-bridge pair --list`")
            print(f"{args.remove} is no longer let in")
        else:
            who = await _admitted(store.pairing, args.code)
            print(f"{who.name or who.user} ({who.user}) may now talk to the bot in {who.channel}")
            await _tell(config, who)


async def _admitted(pairing: Pairing, typed: str) -> Applicant:
    """Who is let in by a code, however it is spelled."""
    code = "".join(filter(str.isalnum, typed)).upper()
    who = await pairing.admit(code)
    if who is None:
        raise Failure(f"pair: no code {typed} is waiting; codes are good for an hour, and once")
    return who


async def _tell(config: Config, who: Applicant) -> None:
    """Say so in their chat; they are in, whether that works or not."""
    channel = config.enabled().get(who.channel)
    if channel is None:
        return
    adapter = make_adapter(who.channel, channel)
    try:
        piece = Piece(say("paired", who.language))
        await adapter.post(Address(who.channel, who.chat), piece, mark="paired")
    except BridgeError as error:
        print(f"they could not be told: {error}")
    finally:
        await adapter.aclose()
