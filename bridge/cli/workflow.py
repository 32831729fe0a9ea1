"""`coze-bridge workflow`."""

import argparse
import getpass
from collections.abc import Mapping

from msgspec.structs import replace

from bridge.cli.ask import need_token
from bridge.cli.loop import run_async
from bridge.config import Bot, Config, ConfigError, load
from bridge.config.schema import Workflow
from bridge.core.routing import coze_user
from bridge.making import coze_client, make_workflow
from bridge.platforms.terminal.workflow import run_workflow


def workflow(args: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Run one workflow and print its output."""
    config = load(args.file, env, serving=False)
    bot, flow = _named(config, args.name)
    need_token(config)
    if args.no_stream and flow.mode == "stream":
        flow = replace(flow, mode="blocking")
    return 0 if run_async(_run(config, bot, flow, args.inputs)) else 1


def _named(config: Config, name: str) -> tuple[Bot, Workflow]:
    """The workflow of that command, or of that id with the first bot."""
    for bot in config.bots.values():
        if name in bot.workflows:
            return bot, bot.workflows[name]
    if name.isdigit():
        return next(iter(config.bots.values())), Workflow(workflow_id=name)
    known = [command for bot in config.bots.values() for command in bot.workflows]
    expected = f"one of {', '.join(known)}, or an id" if known else "the id of a workflow"
    raise ConfigError([f'workflow: found "{name}", expected {expected}; name one of them'])


async def _run(config: Config, bot: Bot, flow: Workflow, typed: list[str]) -> bool:
    async with coze_client(config) as client:
        made = make_workflow(client, bot, flow)
        user = coze_user("terminal", getpass.getuser())
        return await run_workflow(made, typed, main=flow.parameter, user=user)
