"""`coze-bridge sandbox`: the whole bridge, with simulated platforms and a page to type in."""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bridge import app
from bridge.cli.loop import start_logs, until_told
from bridge.config import Bot, Config, Slack, Telegram
from bridge.config.schema import Coze, Http, Log, Store
from bridge.sandbox.coze import CozeSimulator
from bridge.sandbox.page import page_app
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve


def sandbox(args: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Run the sandbox until it is told to stop."""
    return start_sandbox(args.port, env)


def start_sandbox(port: int, env: Mapping[str, str]) -> int:
    """Run the sandbox with its page at `port`; returns the exit code."""
    return until_told(lambda stopping, hurry: _serve(port, env, stopping, hurry))


async def _serve(
    port: int, env: Mapping[str, str], stopping: asyncio.Event, hurry: asyncio.Event
) -> bool:
    telegram, slack, coze = TelegramSimulator(), SlackSimulator(), CozeSimulator()
    real = bool(env.get("COZE_API_TOKEN") and env.get("COZE_BOT_ID"))
    note = f"real Coze, bot {env['COZE_BOT_ID']}" if real else "simulated Coze"
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(serve(each.app)) for each in (telegram, slack, coze)]
        page = await stack.enter_async_context(serve(page_app(telegram, slack, note=note), port=port))
        state_dir = stack.enter_context(tempfile.TemporaryDirectory(prefix="coze-bridge-"))
        config = Config(
            coze=_real_coze(env) if real else Coze(api_base=urls[2], token=coze.token),
            store=Store(state_dir=state_dir),
            bots={"assistant": Bot(bot_id=env["COZE_BOT_ID"] if real else coze.bot_id)},
            channels={
                "telegram": Telegram(
                    platform="telegram", bot="assistant", token=telegram.token, api_base=urls[0]
                ),
                "slack": Slack(
                    platform="slack",
                    bot="assistant",
                    bot_token=slack.bot_token,
                    app_token=slack.app_token,
                    api_base=f"{urls[1]}/api/",
                ),
            },
            http=Http(port=0),
            log=Log(level="warning"),
        )
        start_logs(config)
        print(f"Open {page} and say hello. ({note}; Ctrl-C ends it)", flush=True)
        return await app.run(config, stopping, hurry)


def _real_coze(env: Mapping[str, str]) -> Coze:
    api_base = env.get("COZE_API_BASE") or Coze().api_base
    return Coze(api_base=api_base, token=env["COZE_API_TOKEN"])
