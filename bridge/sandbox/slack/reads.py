"""The Web API methods that read or mark: conversations.*, users.info, reactions.add."""

import base64
import re
from decimal import Decimal, InvalidOperation

from bridge.sandbox.slack import payloads
from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.model import Channel, Json, Shown, SlackError

_EMOJI = re.compile(r"[a-z0-9_+'-]+(?:::skin-tone-[2-6])?")
_TS = re.compile(r"\d+\.\d{6}")


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


def user_info(workspace: Workspace, args: Args) -> Json:
    """users.info, without a locale."""
    user = workspace.users.get(args.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {
        "user": {
            "id": user.id,
            "team_id": workspace.app.team,
            "name": user.name.lower(),
            "real_name": user.name,
            "deleted": False,
            "is_bot": user.is_bot,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "profile": {"real_name": user.name, "display_name": user.name},
        }
    }


def add_reaction(workspace: Workspace, args: Args) -> Json:
    """reactions.add, as the bot."""
    ts, name = args.text("timestamp"), args.text("name")
    if not args.text("channel") or not ts:
        raise SlackError("no_item_specified")
    channel = workspace.joined(args.text("channel"))
    if not _TS.fullmatch(ts):
        raise SlackError("bad_timestamp")
    if not _EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    shown = channel.messages.get(ts)
    if shown is None or shown.ephemeral or shown.deleted:
        raise SlackError("message_not_found")
    if name in shown.reactions:
        raise SlackError("already_reacted")
    workspace.react(channel, shown, name)
    return {}


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
    start = _start(args)
    stop = start + min(args.number("limit", default) or default, 1000)
    messages = [
        payloads.message(shown, channel, workspace.app)
        | ({"metadata": shown.metadata} if shown.metadata and _wants_metadata(args) else {})
        for shown in (*always, *found[start:stop])
    ]
    more = stop < len(found)
    body: Json = {"messages": messages, "has_more": more}
    if more:
        cursor = base64.b64encode(f"next:{stop}".encode()).decode()
        body["response_metadata"] = {"next_cursor": cursor}
    return body


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
