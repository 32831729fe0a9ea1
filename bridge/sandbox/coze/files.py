"""The endpoints for files, of which only what tells them apart is kept."""

import builtins
import time
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from bridge.sandbox.coze import multipart
from bridge.sandbox.coze.calls import Call, Result
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.memory import Memory
from bridge.sandbox.coze.multipart import Malformed, Part
from bridge.sandbox.coze.refusals import Refused, Why

_HEAD = 64 << 10
_TYPES = (
    "doc docx xls xlsx ppt pptx pdf numbers csv cpp py java c "
    "jpg jpg2 jpeg png gif webp heic heif bmp pcd tiff wav mp3 flac m4a aac ogg wma midi "
    "mp4 avi mov 3gp 3gpp flv webm wmv rmvb m4v mkv rar zip 7z gz gzip bz2"
)


@dataclass(frozen=True)
class File:
    """An upload: its size in `bytes`, and `head`, the first 64 KB; `uploaded_by` is a token."""

    id: str
    name: str
    bytes: int
    sha256: str
    head: builtins.bytes = field(repr=False)
    content_type: str
    uploaded_by: str
    created_at: int = field(default_factory=lambda: int(time.time()))


class Files:
    """Takes files of up to `largest` bytes, and shows what it took; they cannot be had back."""

    largest: int = 512 << 20

    def __init__(self, memory: Memory) -> None:
        self.stored: dict[str, File] = {}
        self._memory = memory

    @property
    def routes(self) -> Table:
        """Where files are uploaded and looked at."""
        return [
            ("/v1/files/upload", ["POST"], self.upload),
            ("/v1/files/retrieve", ["GET"], self.retrieve),
        ]

    def has(self, file_id: str) -> bool:
        """Whether a message can refer to this file."""
        return file_id in self.stored

    async def upload(self, call: Call) -> Result:
        """POST /v1/files/upload."""
        part = await sole_file(call, keep=_HEAD, largest=self.largest)
        self._check(part)
        file = File(
            self._memory.new_id(),
            part.filename or "",
            part.size,
            part.sha256,
            bytes(part.head),
            part.content_type,
            call.token,
        )
        self.stored[file.id] = file
        return self._shown(file)

    def retrieve(self, call: Call) -> Result:
        """GET /v1/files/retrieve."""
        (file_id,) = call.required("file_id")
        if file_id not in self.stored:
            raise Refused(Why.NO_RESOURCE, f"file_id={file_id}")
        return self._shown(self.stored[file_id])

    def _check(self, part: Part) -> None:
        check_kind(part, set(_TYPES.split()))

    def _shown(self, file: File) -> dict[str, Any]:
        return {
            "id": file.id,
            "bytes": file.bytes,
            "created_at": file.created_at,
            "file_name": file.name,
        }


class StudioFiles(Files):
    """Those of Coze Studio, which takes anything, and tells where it lies."""

    largest = 200 << 20

    @property
    def routes(self) -> Table:
        """Where files are uploaded."""
        return [("/v1/files/upload", ["POST"], self.upload)]

    def _check(self, part: Part) -> None:
        pass

    def _shown(self, file: File) -> dict[str, Any]:
        shown = super()._shown(file)
        uri = f"bot_files/{file.id}/{file.name}"
        # One field goes by the name that it has in Go.
        return shown | {
            "CreatedAt": shown.pop("created_at"),
            "uri": uri,
            "url": f"http://localhost:9000/opencoze/{uri}",
        }


async def sole_file(call: Call, *, keep: int, largest: int) -> Part:
    """The one file of a multipart body, with its first `keep` bytes.

    Raises:
        Refused: there is none, or more, or it has over `largest` bytes, or the body is broken.
    """
    content_type = call.headers.get("content-type", "")
    if not content_type.startswith("multipart/form-data"):
        raise Refused(Why.NO_FILE)
    try:
        parts = await multipart.read(call.stream, content_type, keep=keep)
    except Malformed as error:
        raise Refused(Why.FILE_BROKEN) from error
    found = [part for part in parts if part.name == "file" and part.filename is not None]
    if len(found) != 1:
        raise Refused(Why.MANY_FILES if found else Why.NO_FILE)
    if found[0].size > largest:
        raise Refused(Why.FILE_SIZE)
    return found[0]


def check_kind(part: Part, types: AbstractSet[str]) -> None:
    """Look at a file as the cloud does, which goes by its name.

    Raises:
        Refused: it is empty, or its name ends in none of `types`.
    """
    if not part.size:
        raise Refused(Why.NO_FILE)
    if PurePath(part.filename or "").suffix[1:].lower() not in types:
        raise Refused(Why.FILE_TYPE)
