"""Files in: the one that a message holds. Pure."""

import mimetypes
from pathlib import PurePosixPath

import telegram

from bridge.core.model import FileRef, Kind

# What a message may hold, and its type where Telegram tells none. An animation comes as a
# document, too.
_HELD = (
    ("photo", "image/jpeg"),
    ("voice", "audio/ogg"),
    ("audio", "audio/mpeg"),
    ("video", "video/mp4"),
    ("video_note", "video/mp4"),
    ("animation", "video/mp4"),
    ("document", ""),
)
_SUFFIXES = {
    "image/jpeg": ".jpg",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "video/mp4": ".mp4",
}
"""How names end, where `mimetypes` would have several opinions."""


def held(message: telegram.Message | telegram.ExternalReplyInfo) -> FileRef | None:
    """The file of a message, if it holds one that can be passed on."""
    for field, usual in _HELD:
        if content := getattr(message, field):
            file = max(content, key=_area) if field == "photo" else content
            type_ = getattr(file, "mime_type", None) or usual
            name = getattr(file, "file_name", None) or f"{field}_{message.message_id}"
            if not PurePosixPath(name).suffix:
                name += _SUFFIXES.get(type_) or mimetypes.guess_extension(type_) or ""
            kind = "voice" if field == "voice" else _kind(type_)
            return FileRef(file.file_id, kind, name, file.file_size)
    return None


def _area(size: telegram.PhotoSize) -> int:
    return size.width * size.height


def _kind(type_: str) -> Kind:
    """What a file of this MIME type is."""
    match type_.partition("/")[0]:
        case "image" if "svg" not in type_:
            return "image"
        case "audio":
            return "audio"
        case "video":
            return "video"
        case _:
            return "file"
