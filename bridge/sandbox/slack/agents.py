"""The Web API methods of an agent's sessions: agents.sessions.*."""

from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.model import Channel, Json, SlackError

STATUSES = ("active", "processing", "suspended", "closed")
MAX_TITLE = 200


def set_status(workspace: Workspace, args: Args) -> Json:
    """agents.sessions.setStatus, which begins the session where there is none."""
    channel, root = _thread(workspace, args)
    status = args.text("status")
    if status not in STATUSES:
        raise SlackError("invalid_arguments", "[ERROR] must be a valid enum value: status")
    sessions, key = workspace.pane.sessions, (channel.id, root)
    if key not in sessions and args.text("title"):
        workspace.pane.titles[key] = _title(args)
    workspace.pane.set_session(channel.id, root, status)
    return {"status": status, "title": workspace.pane.titles.get(key, "")}


def rename(workspace: Workspace, args: Args) -> Json:
    """agents.sessions.rename; an app that has posted into a thread has a session there."""
    channel, root = _thread(workspace, args)
    args.need("title")
    bot = workspace.app.bot_user
    if (channel.id, root) not in workspace.pane.sessions and not any(
        shown.user == bot for shown in channel.lasting(root)
    ):
        raise SlackError("session_not_found")
    workspace.pane.titles[channel.id, root] = _title(args)
    return {"title": args.text("title")}


def _thread(workspace: Workspace, args: Args) -> tuple[Channel, str]:
    if not workspace.agent:
        raise SlackError("not_authorized")
    channel, root = workspace.joined(args.text("channel_id")), args.text("thread_ts")
    if not channel.is_root(root):
        raise SlackError("invalid_thread_ts")
    return channel, root


def _title(args: Args) -> str:
    if len(args.text("title")) > MAX_TITLE:
        raise SlackError("invalid_arguments", f"[ERROR] must be less than {MAX_TITLE + 1}: title")
    return args.text("title")
