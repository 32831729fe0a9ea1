"""The Web API methods about conversations, which mostly read: conversations.*."""

import base64
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from bridge.sandbox.slack import payloads
from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.model import Channel, Json, Shown, SlackError

T = TypeVar("T")


def replies(workspace: Workspace, args: Args) -> Json:
    """conversations.replies: the root is on every page, whatever the bounds."""
    channel = workspace.joined(args.text("channel"))
    shown = channel.messages.get(args.text("ts"))
    if shown is None or shown.ephemeral:
        raise SlackError("thread_not_found")
    root = channel.messages[shown.root]
    found = _within(args, channel.lasting(root.ts))
    return _page(workspace, channel, args, found, always=[root], default=1000)


def history(workspace: Workspace, args: Args) -> Json:
    """conversations.history: newest first, without replies unless they were broadcast."""
    channel = workspace.joined(args.text("channel"))
    top = [
        shown
        for shown in reversed(channel.messages.values())
        if not shown.ephemeral and (shown.thread_ts is None or shown.subtype == "thread_broadcast")
    ]
    return _page(workspace, channel, args, _within(args, top), always=[], default=100)


def info(workspace: Workspace, args: Args) -> Json:
    """conversations.info, also of public channels that the bot is not in."""
    return {"channel": _describe(workspace, workspace.channel(args.text("channel")))}


def open_direct(workspace: Workspace, args: Args) -> Json:
    """conversations.open, by users or by channel."""
    if args.text("channel"):
        channel, known = workspace.channel(args.text("channel")), True
        if channel.kind not in {"im", "mpim"}:
            raise SlackError("method_not_supported_for_channel_type")
    else:
        channel, known = workspace.direct(*_users(workspace, args))
    body: Json = {"channel": {"id": channel.id}}
    if args.flag("return_im"):
        body["channel"] = _describe(workspace, channel)
    return body | ({"no_op": True, "already_open": True} if known else {})


def _users(workspace: Workspace, args: Args) -> list[str]:
    users = [user for user in args.text("users").split(",") if user]
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 8:
        raise SlackError("too_many_users")
    if any(user not in workspace.users or user == workspace.app.bot_user for user in users):
        raise SlackError("user_not_found")
    return users


def _describe(workspace: Workspace, channel: Channel) -> Json:
    bot = workspace.app.bot_user
    body: Json = {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "is_archived": False,
        "is_member": bot in channel.members,
        "is_ext_shared": channel.shared,
        "is_pending_ext_shared": False,
        "context_team_id": workspace.app.team,
    }
    if channel.kind == "im":
        del body["name"]
        body["user"] = next(iter(channel.members - {bot}))
    return body


def _within(args: Args, messages: list[Shown]) -> list[Shown]:
    oldest, latest = _moment(args, "oldest"), _moment(args, "latest")
    ends = {oldest, latest} if args.flag("inclusive") else set()
    return [
        shown
        for shown in messages
        if (oldest is None or Decimal(shown.ts) > oldest or Decimal(shown.ts) in ends)
        and (latest is None or Decimal(shown.ts) < latest or Decimal(shown.ts) in ends)
    ]


def _moment(args: Args, name: str) -> Decimal | None:
    try:
        return Decimal(args.text(name)) if args.text(name) else None
    except InvalidOperation:
        raise SlackError(f"invalid_ts_{name}") from None


def _page(
    workspace: Workspace,
    channel: Channel,
    args: Args,
    found: list[Shown],
    *,
    always: list[Shown],
    default: int,
) -> Json:
    page, cursor = cut(args, found, default=default)
    messages = [
        payloads.message(shown, channel, workspace.app)
        | ({"metadata": shown.metadata} if shown.metadata and _wants_metadata(args) else {})
        for shown in (*always, *page)
    ]
    body: Json = {"messages": messages, "has_more": bool(cursor)}
    return body | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def cut(args: Args, found: list[T], *, default: int) -> tuple[list[T], str]:
    """One page of what was found, and the cursor of the next page, empty on the last.

    Raises:
        SlackError: invalid_cursor or invalid_arguments.
    """
    start = _start(args)
    stop = start + min(args.number("limit", default) or default, 1000)
    more = stop < len(found)
    cursor = base64.b64encode(f"next:{stop}".encode()).decode() if more else ""
    return found[start:stop], cursor


def _wants_metadata(args: Args) -> bool:
    return args.flag("include_all_metadata")


def _start(args: Args) -> int:
    if not args.text("cursor"):
        return 0
    try:
        kind, _, start = base64.b64decode(args.text("cursor"), validate=True).partition(b":")
        if kind == b"next":
            return int(start)
    except ValueError:
        pass
    raise SlackError("invalid_cursor")
