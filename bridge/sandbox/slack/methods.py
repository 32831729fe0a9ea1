"""The Web API methods that write: chat.*."""

from bridge.sandbox.slack import blocks, payloads
from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.model import Channel, Content, Json, Shown, SlackError

MAX_POST = 40_000  # longer text is cut off
MAX_UPDATE = 4_000
MAX_MARKDOWN = 12_000


def post_message(workspace: Workspace, args: Args) -> Json:
    """chat.postMessage, to a channel by id or name, or to a person."""
    channel = _recipient(workspace, args.text("channel"))
    content = _content(args)
    thread_ts = _thread(channel, args)
    broadcast = thread_ts and args.flag("reply_broadcast")
    shown = workspace.post(
        channel,
        workspace.app.bot_user,
        content,
        thread_ts=thread_ts,
        subtype="thread_broadcast" if broadcast else None,
    )
    body = payloads.message(shown, channel, workspace.app)
    return {"channel": channel.id, "ts": shown.ts, "message": body}


def update(workspace: Workspace, args: Args) -> Json:
    """chat.update, of the bot's own messages."""
    channel = workspace.joined(args.text("channel"))
    old = _idle(workspace, channel, args, "cant_update_message")
    if len(args.text("text")) > MAX_UPDATE:
        raise SlackError("msg_too_long")
    new = workspace.edit(channel, old, _content(args, old.metadata))
    body = payloads.message(new, channel, workspace.app)
    return {"channel": channel.id, "ts": new.ts, "text": new.text, "message": body}


def delete(workspace: Workspace, args: Args) -> Json:
    """chat.delete, of the bot's own messages."""
    channel = workspace.joined(args.text("channel"))
    shown = _idle(workspace, channel, args, "cant_delete_message")
    workspace.delete(channel, shown)
    return {"channel": channel.id, "ts": shown.ts}


def post_ephemeral(workspace: Workspace, args: Args) -> Json:
    """chat.postEphemeral, to one member of the channel."""
    channel = workspace.joined(args.text("channel"))
    user = args.text("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = _content(args)
    thread_ts = _thread(channel, args)
    # In a thread that nobody has answered yet, Slack accepts it and shows nothing.
    if thread_ts and not channel.lasting(thread_ts):
        return {"message_ts": workspace.next_ts()}
    bot = workspace.app.bot_user
    shown = workspace.post(channel, bot, content, thread_ts=thread_ts, visible_to=user)
    return {"message_ts": shown.ts}


def _recipient(workspace: Workspace, reference: str) -> Channel:
    """A channel by id or name, or the direct messages with a user."""
    if reference in workspace.users and reference != workspace.app.bot_user:
        return workspace.direct(reference)[0]
    name = reference.removeprefix("#")
    named = [channel.id for channel in workspace.channels.values() if channel.name == name]
    return workspace.joined(named[0] if named else reference)


def _thread(channel: Channel, args: Args) -> str | None:
    thread_ts = args.text("thread_ts")
    if thread_ts and not channel.is_root(thread_ts):
        raise SlackError("thread_not_found")
    return thread_ts or None


def _own(workspace: Workspace, channel: Channel, args: Args, refusal: str) -> Shown:
    shown = channel.messages.get(args.text("ts"))
    if shown is None or shown.ephemeral or shown.deleted:
        raise SlackError("message_not_found")
    if shown.user != workspace.app.bot_user:
        raise SlackError(refusal)
    return shown


def _idle(workspace: Workspace, channel: Channel, args: Args, refusal: str) -> Shown:
    """A message of the bot's own that is not growing."""
    shown = _own(workspace, channel, args, refusal)
    if workspace.streams.growing(channel.id, shown.ts):
        raise SlackError("streaming_state_conflict")
    return shown


def _content(args: Args, kept: Json | None = None) -> Content:
    """What the call wants to say; `kept` is the metadata it has unless the call changes it."""
    text, markdown = args.text("text"), args.text("markdown_text")
    given = args.decoded("blocks", "invalid_blocks_format") or []
    if markdown and (text or given):
        raise SlackError("markdown_text_conflict")
    if len(markdown) > MAX_MARKDOWN:
        raise SlackError("msg_too_long")
    checked = blocks.checked(given)
    if not (text.strip() or markdown.strip() or checked):
        raise SlackError("no_text")
    return Content(
        text=markdown or text[:MAX_POST],
        blocks=checked,
        markdown=bool(markdown),
        metadata=metadata(args, kept),
    )


def metadata(args: Args, kept: Json | None) -> Json | None:
    """The metadata that a call gives a message, else what it has."""
    value = args.decoded("metadata", "invalid_metadata_format")
    if value is None:
        return kept
    if not isinstance(value, dict):
        raise SlackError("invalid_metadata_format")
    if not value:
        return None
    if not isinstance(value.get("event_type"), str) or not isinstance(
        value.get("event_payload"), dict
    ):
        raise SlackError("invalid_metadata_schema")
    return value
