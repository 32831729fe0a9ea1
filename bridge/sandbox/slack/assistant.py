"""The Web API methods of the assistant's pane: assistant.threads.*."""

from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import APP_THREAD, Workspace
from bridge.sandbox.slack.model import Channel, Content, Json, SlackError
from bridge.sandbox.slack.pane import Prompt

MAX_PROMPTS = 4


def set_status(workspace: Workspace, args: Args) -> Json:
    """assistant.threads.setStatus; an empty status clears it."""
    channel = workspace.joined(args.text("channel_id"))
    root = args.text("thread_ts")
    if not channel.is_root(root):
        raise SlackError("invalid_thread_ts")
    if "status" not in args:
        raise SlackError("invalid_arguments", "[ERROR] missing required field: status")
    phrases = args.decoded("loading_messages", "invalid_arguments") or []
    if not isinstance(phrases, list) or len(phrases) > 10:
        raise SlackError("invalid_arguments", "[ERROR] no more than 10 items allowed")
    if any(len(str(phrase)) > 50 for phrase in phrases):
        raise SlackError("invalid_arguments", "[ERROR] must be less than 51 characters")
    loading = tuple(str(phrase) for phrase in phrases)
    workspace.pane.set_status(channel.id, root, args.text("status"), loading)
    return {}


def set_prompts(workspace: Workspace, args: Args) -> Json:
    """assistant.threads.setSuggestedPrompts, in a thread or at the top of direct messages."""
    channel, root = _thread(workspace, args)
    given = args.decoded("prompts", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments", "[ERROR] missing required field: prompts")
    if len(given) > MAX_PROMPTS:
        raise SlackError("invalid_arguments", f"[ERROR] no more than {MAX_PROMPTS} items allowed")
    prompts = tuple(_prompt(each, at) for at, each in enumerate(given))
    workspace.pane.set_prompts(channel.id, root, prompts)
    return {}


def set_title(workspace: Workspace, args: Args) -> Json:
    """assistant.threads.setTitle; the root of a pane's thread says it too."""
    channel, root = _thread(workspace, args)
    if root is None:
        raise SlackError("invalid_thread_ts")
    args.need("title")
    workspace.pane.titles[channel.id, root] = args.text("title")
    shown = channel.messages[root]
    if shown.subtype == APP_THREAD:
        workspace.edit(channel, shown, Content(text=args.text("title")))
    return {}


def _thread(workspace: Workspace, args: Args) -> tuple[Channel, str | None]:
    """The thread, in direct messages; None is their top."""
    channel = workspace.joined(args.text("channel_id"))
    root = args.text("thread_ts") or None
    if channel.kind != "im" or (root and not channel.is_root(root)):
        raise SlackError("invalid_thread_ts")
    return channel, root


def _prompt(given: object, at: int) -> Prompt:
    told = given if isinstance(given, dict) else {}
    for name in ("title", "message"):
        if not isinstance(told.get(name), str) or not told[name]:
            pointer = f"[json-pointer:/prompts/{at}]"
            raise SlackError(
                "invalid_arguments", f"[ERROR] missing required field: {name} {pointer}"
            )
    return Prompt(told["title"], told["message"])
