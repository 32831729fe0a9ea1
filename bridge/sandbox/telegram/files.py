"""The files that Telegram keeps: by `file_id` for the bot's calls, by path for its downloads."""

import base64
import hashlib
import itertools
import mimetypes
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from bridge.sandbox.telegram.attach import CAPTIONED_KINDS, Attachment
from bridge.sandbox.telegram.content import Content, Plain
from bridge.sandbox.telegram.formats import grey_jpeg
from bridge.sandbox.telegram.params import Json

# For each kind: the folder of its files, how their names end, and how their ids begin.
_SHELVES = {
    "photo": ("photos", ".jpg", "AgACAgIA"),
    "document": ("documents", "", "BQACAgIA"),
    "audio": ("music", ".mp3", "CQACAgIA"),
    "voice": ("voice", ".oga", "AwACAgIA"),
    "video": ("videos", ".mp4", "BAACAgIA"),
    "video_note": ("video_notes", ".mp4", "DQACAgIA"),
    "animation": ("animations", ".mp4", "CgACAgIA"),
    "sticker": ("stickers", ".webp", "CAACAgIA"),
}
_NAMED = frozenset({"document", "audio", "video", "animation"})
_TYPED = _NAMED | {"voice"}
_SMALLER = (90, 320, 800)  # the longer sides of a photo's smaller copies


@dataclass(frozen=True)
class Media:
    """What a message shows beside its words.

    `kind` is the field of the API's Message that tells of it, and `details` what is there
    besides the file: a duration, a place. A photo's content is that of its largest copy.
    """

    kind: str
    name: str
    mime: str
    details: Json
    file_id: str
    content: Content = field(repr=False, compare=False)
    wire: Json = field(repr=False, compare=False)  # the fields of a Message

    @property
    def takes_caption(self) -> bool:
        """Whether words can stand below it."""
        return self.kind in CAPTIONED_KINDS

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self.content.size

    @property
    def sha256(self) -> str:
        """The file's digest, in hexadecimal."""
        return self.content.sha256

    @property
    def data(self) -> bytes:
        """The file's bytes; of one above 1 MiB the first 1 MiB."""
        return self.content.data


@dataclass(frozen=True)
class StoredFile:
    """One file; `path` is where it can be downloaded while that is allowed."""

    id: str
    unique_id: str
    path: str
    content: Content

    def wire(self) -> Json:
        """The file as the API shows it, without its path."""
        return {
            "file_id": self.id,
            "file_unique_id": self.unique_id,
            "file_size": self.content.size,
        }


class FileStore:
    """All files of people and of the bot."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._media: dict[str, Media] = {}
        self._open: dict[str, StoredFile] = {}
        self._numbers = itertools.count()

    def file(self, file_id: str) -> StoredFile | None:
        """The file of that id."""
        return self._files.get(file_id)

    def media(self, file_id: str) -> Media | None:
        """What can be sent again by that id."""
        return self._media.get(file_id)

    def link(self, file: StoredFile) -> None:
        """Let a file be downloaded by its path."""
        self._open[file.path] = file

    def linked(self, path: str) -> StoredFile | None:
        """The file that can be downloaded by that path."""
        return self._open.get(path)

    def unlink_all(self) -> None:
        """Let no file be downloaded until it is linked again."""
        self._open.clear()

    def keep(self, attachment: Attachment) -> Media:
        """Store what is attached; returns what a message shows of it."""
        kind, details = attachment.kind, attachment.details
        files = self._copies(attachment) if attachment.has_file else []
        shown: object = details
        if kind == "photo":
            shown = [file.wire() | size for file, size in files]
        elif files:
            shown = details | _labels(attachment) | files[0][0].wire()
        wire: Json = {kind: shown}
        if kind == "venue":  # likewise clients from before there were venues
            wire["location"] = details["location"]
        if kind == "animation":
            # Clients from before there were animations look for a document.
            wire["document"] = _labels(attachment) | files[0][0].wire()
        media = Media(
            kind,
            attachment.name,
            attachment.mime,
            details,
            files[-1][0].id if files else "",
            attachment.content,
            wire,
        )
        self._media |= {file.id: media for file, _ in files}
        return media

    def _copies(self, attachment: Attachment) -> list[tuple[StoredFile, Json]]:
        """The files of an attachment with their sizes in pixels, the largest file last."""
        whole = self._store(attachment, attachment.content)
        if attachment.kind != "photo":
            return [(whole, {})]
        width, height = attachment.details["width"], attachment.details["height"]
        copies = []
        for longer in _SMALLER:
            scale = longer / max(width, height)
            if scale < 1:
                size = max(1, round(width * scale)), max(1, round(height * scale))
                copy = self._store(attachment, Plain(grey_jpeg(*size)))
                copies.append((copy, {"width": size[0], "height": size[1]}))
        return [*copies, (whole, {"width": width, "height": height})]

    def _store(self, attachment: Attachment, content: Content) -> StoredFile:
        folder, suffix, prefix = _SHELVES[attachment.kind]
        suffix = PurePosixPath(attachment.name).suffix or suffix
        suffix = suffix or mimetypes.guess_extension(attachment.mime) or ""
        number = next(self._numbers)
        token = base64.urlsafe_b64encode(hashlib.sha256(b"%d" % number).digest()).decode()
        path = f"{folder}/file_{number}{suffix}"
        file = StoredFile(prefix + token[:40], "AQAD" + token[:12], path, content)
        self._files[file.id] = file
        return file


def _labels(attachment: Attachment) -> Json:
    labels: Json = {}
    if attachment.name and attachment.kind in _NAMED:
        labels["file_name"] = attachment.name
    if attachment.mime and attachment.kind in _TYPED:
        labels["mime_type"] = attachment.mime
    return labels
