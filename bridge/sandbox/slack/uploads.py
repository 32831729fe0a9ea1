"""The Web API methods about files: files.*, and the uploads that they begin and complete."""

import re
import secrets
import time
from dataclasses import dataclass

from bridge.sandbox.slack import blocks, filebodies
from bridge.sandbox.slack.args import Args
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.files import SharedFile, Upload
from bridge.sandbox.slack.model import Channel, Content, Json, SlackError

MAX_FILE = 1 << 30  # bytes
MAX_ALT_TEXT = 1000
MAX_CHANNELS = 100

_CHANNEL = re.compile(r"[CGDZ][A-Z0-9]+")


def begin(workspace: Workspace, args: Args) -> Json:
    """files.getUploadURLExternal; like the real one it does not read JSON."""
    if args.as_json:
        args = Args()
    args.need("filename", "length")
    length = args.number("length", 0)
    if length == 0:
        raise SlackError("missing_argument")
    if length > MAX_FILE:
        raise SlackError("file_upload_size_restricted")
    if len(args.text("alt_txt")) > MAX_ALT_TEXT:
        raise SlackError("alt_txt_too_large")
    file = SharedFile(
        id=workspace.next_file_id(),
        user=workspace.app.bot_user,
        created=int(time.time()),
        upload=Upload(args.text("filename"), size=length),
        alt_txt=args.text("alt_txt"),
    )
    key = secrets.token_urlsafe(24)
    workspace.tickets[key] = file
    return {"upload_url": f"{workspace.app.site.url}upload/v1/{key}", "file_id": file.id}


def complete(workspace: Workspace, args: Args) -> Json:
    """files.completeUploadExternal: the files appear as one message in each channel.

    The answer does not tell of that message yet, as Slack is not done when it answers.
    """
    wanted = _wanted(args)
    channels = _destinations(workspace, args)
    thread_ts = args.text("thread_ts") or None
    if thread_ts and len(channels) != 1:
        raise SlackError("invalid_arguments", "[ERROR] `thread_ts` needs one channel")
    if thread_ts and not channels[0].is_root(thread_ts):
        raise SlackError("thread_not_found")
    content = _content(args)
    files = _received(workspace, wanted)
    workspace.files |= {file.id: file for file in files}
    for channel in channels:
        bot = workspace.app.bot_user
        workspace.post(channel, bot, content, thread_ts=thread_ts, files=tuple(files))
    app = workspace.app
    return {"files": [filebodies.full(file, [], app) | _UNPROCESSED for file in files]}


def info(workspace: Workspace, args: Args) -> Json:
    """files.info, with the messages in which the file is shared."""
    file = _known(workspace, args)
    if not workspace.visible(file):
        raise SlackError("not_visible")
    body = filebodies.full(file, workspace.shares(file.id), workspace.app)
    return {"file": body, "comments": [], "response_metadata": {"next_cursor": ""}}


def delete(workspace: Workspace, args: Args) -> Json:
    """files.delete, of the bot's own files."""
    file = _known(workspace, args)
    if not workspace.visible(file):
        raise SlackError("file_not_found")
    if file.user != workspace.app.bot_user:
        raise SlackError("cant_delete_file")
    workspace.delete_file(file)
    return {}


@dataclass(frozen=True)
class _Wanted:
    id: str
    title: str


_UNPROCESSED = {"mimetype": "", "filetype": "", "pretty_type": ""}


def _known(workspace: Workspace, args: Args) -> SharedFile:
    file = workspace.files.get(args.text("file"))
    if file is None:
        raise SlackError("file_not_found")
    if file.deleted:
        raise SlackError("file_deleted")
    return file


def _wanted(args: Args) -> list[_Wanted]:
    files = args.decoded("files", "invalid_arguments")
    if not isinstance(files, list) or not files:
        raise SlackError("invalid_arguments", "[ERROR] missing required field: files")
    if not all(isinstance(file, dict) and isinstance(file.get("id"), str) for file in files):
        raise SlackError("invalid_arguments", "[ERROR] missing required field: id")
    return [_Wanted(file["id"], str(file.get("title") or "")) for file in files]


def _destinations(workspace: Workspace, args: Args) -> list[Channel]:
    """The channels of `channel_id` and `channels`; only the latter may name people."""
    single = args.text("channel_id")
    if single and not _CHANNEL.fullmatch(single):
        raise SlackError("invalid_arguments", "[ERROR] failed to match regex: channel_id")
    several = [each.strip() for each in args.text("channels").split(",") if each.strip()]
    if len(several) > MAX_CHANNELS:
        raise SlackError("channels_limit_exceeded")
    places = dict.fromkeys([single] if single else several)
    return [
        workspace.direct(place)[0] if place in workspace.users else workspace.joined(place)
        for place in places
    ]


def _content(args: Args) -> Content:
    comment = args.text("initial_comment")
    given = None if comment else args.decoded("blocks", "invalid_blocks")
    return Content(text=comment, blocks=blocks.checked(given or []))


def _received(workspace: Workspace, wanted: list[_Wanted]) -> list[SharedFile]:
    """The files of which the content has come; their uploads are over.

    Raises:
        SlackError: file_not_found.
    """
    keys = {file.id: key for key, file in workspace.tickets.items() if file.digest}
    if not all(each.id in keys for each in wanted):
        raise SlackError("file_not_found")
    return [workspace.tickets.pop(keys[each.id]).titled(each.title) for each in wanted]
