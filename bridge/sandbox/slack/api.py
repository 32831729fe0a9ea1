"""All Web API methods of the bot: what does each, and which scope it needs."""

from collections.abc import Callable
from typing import NamedTuple

from bridge.sandbox.slack import (
    agents,
    assistant,
    methods,
    reactions,
    reads,
    streams,
    uploads,
    users,
    views,
)
from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.model import Json, SlackError

_KINDS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}

SCOPES = frozenset(
    {
        "app_mentions:read",
        "assistant:write",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "reactions:read",
        "reactions:write",
        "users:read",
        *(f"{kind}:{right}" for kind in _KINDS.values() for right in ("history", "read")),
        "im:write",
        "mpim:write",
    }
)


class Method(NamedTuple):
    """What a method does, and its scope: an asterisk stands for the kind of the channel."""

    do: Callable[[Workspace, Args], Json]
    scope: str = ""


METHODS = {
    "agents.sessions.rename": Method(agents.rename, "chat:write"),
    "agents.sessions.setStatus": Method(agents.set_status, "chat:write"),
    "assistant.threads.setStatus": Method(assistant.set_status, "chat:write"),
    "assistant.threads.setSuggestedPrompts": Method(assistant.set_prompts, "assistant:write"),
    "assistant.threads.setTitle": Method(assistant.set_title, "assistant:write"),
    "chat.appendStream": Method(streams.append, "chat:write"),
    "chat.delete": Method(methods.delete, "chat:write"),
    "chat.postEphemeral": Method(methods.post_ephemeral, "chat:write"),
    "chat.postMessage": Method(methods.post_message, "chat:write"),
    "chat.startStream": Method(streams.start, "chat:write"),
    "chat.stopStream": Method(streams.stop, "chat:write"),
    "chat.update": Method(methods.update, "chat:write"),
    "conversations.history": Method(reads.history, "*:history"),
    "conversations.info": Method(reads.info, "*:read"),
    "conversations.open": Method(reads.open_direct, "im:write"),
    "conversations.replies": Method(reads.replies, "*:history"),
    "files.completeUploadExternal": Method(uploads.complete, "files:write"),
    "files.delete": Method(uploads.delete, "files:write"),
    "files.getUploadURLExternal": Method(uploads.begin, "files:write"),
    "files.info": Method(uploads.info, "files:read"),
    "reactions.add": Method(reactions.add, "reactions:write"),
    "reactions.get": Method(reactions.get, "reactions:read"),
    "reactions.remove": Method(reactions.remove, "reactions:write"),
    "users.info": Method(users.info, "users:read"),
    "users.list": Method(users.listed, "users:read"),
    "views.open": Method(views.open_modal),
    "views.publish": Method(views.publish),
    "views.push": Method(views.push),
    "views.update": Method(views.update),
}


def call(workspace: Workspace, name: str, args: Args) -> Json:
    """The answer of the method called `name`.

    Raises:
        SlackError: missing_scope, or what the method refuses.
    """
    method = METHODS[name]
    needed = method.scope
    if needed.startswith("*"):
        channel = workspace.channels.get(args.text("channel"))
        needed = needed.replace("*", _KINDS[channel.kind]) if channel else ""
    if needed and needed not in workspace.scopes:
        provided = ",".join(sorted(workspace.scopes))
        raise SlackError("missing_scope", needed=needed, provided=provided)
    return method.do(workspace, args)
