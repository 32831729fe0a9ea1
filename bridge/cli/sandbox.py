"""`coze-bridge sandbox`: the whole bridge, with simulated platforms and a page to type in."""

import argparse
import asyncio
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from msgspec.structs import replace

from bridge import app
from bridge.cli.loop import start_logs, until_told
from bridge.config import Bot, Channel, Config, Slack, Telegram
from bridge.config.schema import Coze, Downloads, Http, Log, Store, Workflow
from bridge.sandbox.coze import CozeSimulator
from bridge.sandbox.coze.friendly_workflows import SUMMARY, TRIP
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
        urls = [await stack.enter_async_context(serve(s.app)) for s in (telegram, slack, coze)]
        shown = page_app(telegram, slack, note=note)
        page = await stack.enter_async_context(serve(shown, port=port))
        config = Config(
            coze=_real_coze(env) if real else Coze(api_base=urls[2], token=coze.token),
            store=Store(state_dir=stack.enter_context(tempfile.TemporaryDirectory())),
            bots={"assistant": _bot(env["COZE_BOT_ID"]) if real else _simulated(coze.bot_id)},
            channels=_channels(urls[0], f"{urls[1]}/api/"),
            downloads=Downloads(private_hosts=[] if real else [urlsplit(urls[2]).netloc]),
            http=Http(port=0),
            log=Log(level="warning"),
        )
        start_logs(config)
        print(f"Open {page} and say hello. ({note}; Ctrl-C ends it)", flush=True)
        return await app.run(config, stopping, hurry)


def _channels(telegram: str, slack: str) -> dict[str, Channel]:
    """The simulated platforms, with the tokens that they know by default."""
    return {
        "telegram": Telegram(
            platform="telegram", bot="assistant", token="100:sandbox-token", api_base=telegram
        ),
        "slack": Slack(
            platform="slack",
            bot="assistant",
            bot_token="xoxb-sandbox",
            app_token="xapp-sandbox",
            api_base=slack,
        ),
    }


def _bot(bot_id: str) -> Bot:
    return Bot(bot_id=bot_id, voice_replies="auto")


def _simulated(bot_id: str) -> Bot:
    """All that the simulated Coze has to show."""
    flows = {
        "summary": Workflow(workflow_id=SUMMARY, description="Sum a text up"),
        "trip": Workflow(workflow_id=TRIP, description="Plan a trip, with a question"),
    }
    settings = _bot(bot_id)
    return replace(settings, show_reasoning=True, user_variables="write", workflows=flows)


def _real_coze(env: Mapping[str, str]) -> Coze:
    api_base = env.get("COZE_API_BASE") or Coze().api_base
    return Coze(api_base=api_base, token=env["COZE_API_TOKEN"])
