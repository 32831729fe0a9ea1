"""The Web API methods by which a message grows: chat.startStream, appendStream, stopStream."""

from bridge.sandbox.slack import blocks
from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.methods import MAX_MARKDOWN, metadata
from bridge.sandbox.slack.model import Channel, Content, Json, Shown, SlackError
from bridge.sandbox.slack.streaming import Stream

# As measured, github.com/openclaw/openclaw/issues/143882.
MAX_BYTES = 10_600  # of all that is said in a stream
_WAYS = ("markdown_text", "chunks")  # of saying something


def start(workspace: Workspace, args: Args) -> Json:
    """chat.startStream, in a thread; outside of direct messages one person sees it grow."""
    channel = workspace.joined(args.text("channel"))
    args.need("thread_ts")
    root = args.text("thread_ts")
    if not channel.is_root(root):
        raise SlackError("thread_not_found")
    if args.get("metadata") is not None:
        detail = "[ERROR] invalid additional property: metadata"
        raise SlackError("invalid_arguments", detail)
    _check_recipient(workspace, channel, args)
    text, way = _said(args)
    _check_size(text)
    content = Content(text=text, markdown=True)
    shown = workspace.post(channel, workspace.app.bot_user, content, thread_ts=root)
    workspace.streams.begin(channel.id, shown.ts, way)
    return {"channel": channel.id, "ts": shown.ts}


def append(workspace: Workspace, args: Args) -> Json:
    """chat.appendStream: text is added to what was said before."""
    channel, shown, stream = _growing(workspace, args)
    if stream.state == "stopped":
        raise SlackError("stopped_by_user")
    if not any(args.get(way) for way in _WAYS):
        raise SlackError("markdown_text_or_chunks_required")
    _add(workspace, channel, shown, stream, args)
    return {"channel": channel.id, "ts": shown.ts}


def stop(workspace: Workspace, args: Args) -> Json:
    """chat.stopStream, with the last of the text, blocks below it, and metadata."""
    channel, shown, stream = _growing(workspace, args)
    if stream.state == "stopped":
        raise SlackError("message_not_in_streaming_state")
    last = blocks.checked(args.decoded("blocks", "invalid_blocks_format") or [])
    told = metadata(args, None)
    if args.text("session_status") not in {"", "active", "processing", "suspended", "closed"}:
        raise SlackError("invalid_arguments", "[ERROR] must be a valid enum value: session_status")
    if any(args.get(way) for way in _WAYS):
        shown = _add(workspace, channel, shown, stream, args)
    content = Content(text=shown.text, blocks=last, markdown=True, metadata=told)
    stream.state = "complete"
    workspace.grow(channel, shown, content)
    return {"channel": channel.id, "ts": shown.ts}


def _growing(workspace: Workspace, args: Args) -> tuple[Channel, Shown, Stream]:
    """The message that a call is about; only a user may have stopped it."""
    channel = workspace.joined(args.text("channel"))
    shown = channel.messages.get(args.text("ts"))
    if shown is None or shown.ephemeral or shown.deleted:
        raise SlackError("message_not_found")
    if shown.user != workspace.app.bot_user:
        raise SlackError("message_not_owned_by_app")
    stream = workspace.streams.of(channel.id, shown.ts)
    if stream is None or stream.state == "complete":
        raise SlackError("message_not_in_streaming_state")
    return channel, shown, stream


def _add(
    workspace: Workspace, channel: Channel, shown: Shown, stream: Stream, args: Args
) -> Shown:
    text, way = _said(args)
    if way != stream.way:
        raise SlackError("streaming_mode_mismatch")
    _check_size(shown.text + text)
    return workspace.grow(channel, shown, Content(text=shown.text + text, markdown=True))


def _check_recipient(workspace: Workspace, channel: Channel, args: Args) -> None:
    for name in ("recipient_user_id", "recipient_team_id"):
        if channel.kind != "im" and not args.text(name):
            raise SlackError(f"missing_{name}")
    if args.text("recipient_user_id") and args.text("recipient_user_id") not in workspace.users:
        raise SlackError("user_not_found")


def _check_size(text: str) -> None:
    if len(text.encode()) > MAX_BYTES:
        raise SlackError("msg_too_long")


def _said(args: Args) -> tuple[str, str]:
    """What a call says, and in which of two ways; both at once are refused."""
    given = [way for way in _WAYS if args.get(way)]
    if len(given) > 1:
        raise SlackError("cannot_provide_both_markdown_text_and_chunks")
    if given == ["chunks"]:
        text = "".join(map(_chunk, _chunks(args)))
    else:
        text = args.text("markdown_text")
    if len(text) > MAX_MARKDOWN:
        raise SlackError("msg_too_long")
    return text, (given or ["markdown_text"])[0]


def _chunks(args: Args) -> list[object]:
    found = args.decoded("chunks", "invalid_chunks")
    if not isinstance(found, list):
        raise SlackError("invalid_chunks")
    return found


def _chunk(chunk: object) -> str:
    """Of all kinds of chunks the simulator knows text."""
    told = chunk if isinstance(chunk, dict) else {}
    if told.get("type") != "markdown_text" or not isinstance(told.get("text"), str):
        raise SlackError("invalid_chunks")
    return str(told["text"])
