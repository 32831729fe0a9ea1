"""The Web API methods about emoji under messages: reactions.*, as the bot."""

import re

from bridge.sandbox.slack import payloads
from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.model import Channel, Json, Shown, SlackError

_EMOJI = re.compile(r"[a-z0-9_+'-]+(?:::skin-tone-[2-6])?")
_TS = re.compile(r"\d+\.\d{6}")


def add(workspace: Workspace, args: Args) -> Json:
    """reactions.add."""
    channel, shown = _item(workspace, args)
    name = _name(args)
    if name in shown.reactions:
        raise SlackError("already_reacted")
    workspace.react(channel, shown, name, workspace.app.bot_user)
    return {}


def remove(workspace: Workspace, args: Args) -> Json:
    """reactions.remove."""
    channel, shown = _item(workspace, args)
    name = _name(args)
    if name not in shown.reactions:
        raise SlackError("no_reaction")
    workspace.unreact(channel, shown, name, workspace.app.bot_user)
    return {}


def get(workspace: Workspace, args: Args) -> Json:
    """reactions.get: the message with everybody's reactions."""
    channel, shown = _item(workspace, args)
    body = payloads.message(shown, channel, workspace.app)
    return {"type": "message", "channel": channel.id, "message": body}


def _name(args: Args) -> str:
    name = args.text("name")
    if not _EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    return name


def _item(workspace: Workspace, args: Args) -> tuple[Channel, Shown]:
    ts = args.text("timestamp")
    if not args.text("channel") or not ts:
        raise SlackError("no_item_specified")
    channel = workspace.joined(args.text("channel"))
    if not _TS.fullmatch(ts):
        raise SlackError("bad_timestamp")
    shown = channel.messages.get(ts)
    if shown is None or shown.ephemeral or shown.deleted:
        raise SlackError("message_not_found")
    return channel, shown
