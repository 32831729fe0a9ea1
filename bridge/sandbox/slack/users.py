"""The Web API methods about people: users.*."""

from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.model import Json, SlackError, User
from bridge.sandbox.slack.reads import cut


def info(workspace: Workspace, args: Args) -> Json:
    """users.info, with a locale for whoever asks for it."""
    user = workspace.users.get(args.text("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": _describe(workspace, args, user)}


def listed(workspace: Workspace, args: Args) -> Json:
    """users.list, in pages; all at once without a limit."""
    members, cursor = cut(args, [*workspace.users.values()], default=1000)
    described = [_describe(workspace, args, user) for user in members]
    return {"members": described, "response_metadata": {"next_cursor": cursor}}


def _describe(workspace: Workspace, args: Args, user: User) -> Json:
    body: Json = {
        "id": user.id,
        "team_id": user.team or workspace.app.team,
        "name": user.name.lower(),
        "real_name": user.name,
        "deleted": False,
        "is_bot": user.is_bot,
        "is_restricted": bool(user.guest),
        "is_ultra_restricted": user.guest == "single",
        "is_stranger": False,
        "tz": user.tz,
        "tz_offset": user.tz_offset,
        "profile": {"real_name": user.name, "display_name": user.name},
    }
    return body | ({"locale": user.locale} if args.flag("include_locale") else {})
