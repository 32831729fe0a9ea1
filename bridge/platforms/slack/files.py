"""From Slack's file objects to what they mean to the bridge. Pure."""

import mimetypes
from collections.abc import Iterable, Mapping
from typing import Any

from bridge.core.model import FileRef, Kind

File = Mapping[str, Any]

# docs.slack.dev/reference/objects/file-object, 2026-11. A "file_access" is another company's,
# of which a message tells nothing but the id. Not among them: what is elsewhere (external),
# canvases, lists and e-mails; and what was there once, which is to be told.
_MODES = frozenset({"hosted", "snippet", "file_access", "", None})
_ONCE = frozenset({"tombstone", "hidden_by_limit"})  # deleted, or too old for a free workspace
_HIDDEN = frozenset({"access_denied", "file_not_found"})
_KINDS: dict[str, Kind] = {"image": "image", "audio": "audio", "video": "video"}


def found(files: Iterable[File]) -> tuple[FileRef, ...]:
    """Those files of a message that can be downloaded, or could be once."""
    wanted = (file for file in files if readable(file) or file.get("mode") in _ONCE)
    return tuple(ref(file) for file in wanted if file.get("id"))


def readable(file: File) -> bool:
    """Whether Slack has the bytes of a file, and may hand them to us."""
    return file.get("mode") in _MODES and file.get("file_access") not in _HIDDEN


def ref(file: File) -> FileRef:
    """What is told of a file; without a name where nothing is told but the id."""
    name = str(file.get("name") or file.get("title") or "")
    kind = _KINDS.get(media_type(file).partition("/")[0], "file")
    if file.get("subtype") == "slack_audio":  # a clip spoken in Slack; its type may be video/mp4
        kind = "voice"
    return FileRef(str(file["id"]), kind, name, file.get("size") or None)


def media_type(file: File) -> str:
    """The MIME type of a file; empty where it cannot be told."""
    guessed, _ = mimetypes.guess_type(str(file.get("name") or ""))
    return str(file.get("mimetype") or guessed or "")
