"""The Web API methods of modals and of the app's home: views.*."""

from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.model import Json, SlackError


def publish(workspace: Workspace, args: Args) -> Json:
    """views.publish, for a member of the workspace."""
    args.need("user_id", "view")
    user = workspace.users.get(args.text("user_id"))
    if user is None or user.is_bot:
        raise SlackError("invalid_arguments", "[ERROR] invalid user_id")
    given = args.decoded("view", "invalid_arguments")
    return {"view": workspace.homes.publish(user.id, given, args.text("hash"))}


def open_modal(workspace: Workspace, args: Args) -> Json:
    """views.open."""
    args.need("trigger_id", "view")
    given = args.decoded("view", "invalid_arguments")
    trigger = workspace.modals.triggers.exchange(args.text("trigger_id"))
    return {"view": workspace.modals.open(trigger.user, given).body}


def push(workspace: Workspace, args: Args) -> Json:
    """views.push, after a gesture in the modal on which the view is put."""
    args.need("trigger_id", "view")
    given = args.decoded("view", "invalid_arguments")
    trigger = workspace.modals.triggers.exchange(args.text("trigger_id"))
    below = workspace.modals.find(trigger.view or "")
    return {"view": workspace.modals.push(below, given).body}


def update(workspace: Workspace, args: Args) -> Json:
    """views.update, unless the view is no longer the one of `hash`."""
    args.need("view")
    if not (args.text("view_id") or args.text("external_id")):
        args.need("view_id")
    view = workspace.modals.find(args.text("view_id"), args.text("external_id"))
    if args.text("hash") not in {"", view.body["hash"]}:
        raise SlackError("hash_conflict")
    workspace.modals.update(view, args.decoded("view", "invalid_arguments"))
    return {"view": view.body}
