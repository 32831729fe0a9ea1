"""Files: what people share, and what the workspace keeps of it."""

import hashlib
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Self

CHUNK = 1 << 16  # bytes
KEPT = 1 << 20  # bytes; of a larger file of the bot's only size and digest are kept
_PATTERN = bytes(range(256)) * (CHUNK // 256)
_FILETYPES = {"": "binary", "txt": "text", "jpeg": "jpg", "md": "markdown", "py": "python"}


@dataclass(frozen=True)
class Upload:
    """A file that a person shares: `data`, or else `size` bytes that are made as they are sent.

    `url` tells where an external file lives. Events tell only the id of a file that came by
    Slack `connect`. The file host sends a chunk every `pause` seconds, closes the connection
    after `cut_after` bytes, or redirects to the URL `redirect_to`.
    """

    name: str
    data: bytes | None = None
    size: int = 0
    mimetype: str = ""  # guessed from the name unless given
    title: str = ""
    mode: Literal["hosted", "snippet", "external"] = "hosted"
    url: str = ""
    connect: bool = False
    pause: float = 0.0
    cut_after: int | None = None
    redirect_to: str = ""


@dataclass(frozen=True, kw_only=True)
class SharedFile:
    """A file in the workspace; `data` is None when there is too much of it to be looked at.

    `created` is in seconds of Unix time; `digest` is set for what is not kept as a whole.
    """

    id: str
    user: str
    created: int
    upload: Upload
    alt_txt: str = ""
    digest: str = ""
    deleted: bool = False

    @property
    def name(self) -> str:
        """The name as its owner wrote it."""
        return self.upload.name

    @property
    def title(self) -> str:
        """The title, which is the name unless there is another."""
        return self.upload.title or self.upload.name

    @property
    def data(self) -> bytes | None:
        """The content, if it is kept."""
        return self.upload.data

    @property
    def size(self) -> int:
        """In bytes."""
        return self.upload.size if self.data is None else len(self.data)

    @property
    def mimetype(self) -> str:
        """The type, told by the name unless somebody said it."""
        guessed = mimetypes.guess_type(self.name)[0]
        return self.upload.mimetype or guessed or "application/octet-stream"

    @property
    def filetype(self) -> str:
        """The type in Slack's own words, such as `text` or `png`."""
        suffix = self.name.rpartition(".")[2].lower() if "." in self.name else ""
        return _FILETYPES.get(suffix, suffix)

    @property
    def slug(self) -> str:
        """The name as it stands in addresses."""
        return re.sub(r"[^a-z0-9._-]", "_", self.name.lower())

    @cached_property
    def sha256(self) -> str:
        """The digest of the content, in hexadecimal digits."""
        if self.digest:
            return self.digest
        digest = hashlib.sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        return digest.hexdigest()

    @property
    def kept(self) -> bool:
        """Whether the content can be sent."""
        return self.data is not None or not self.digest

    def titled(self, title: str) -> Self:
        """The same file under another title; an empty one changes nothing."""
        return replace(self, upload=replace(self.upload, title=title or self.upload.title))

    def chunks(self) -> Iterator[bytes]:
        """The content; nothing when it is not kept."""
        if not self.kept:
            return
        for start in range(0, self.size, CHUNK):
            most = min(CHUNK, self.size - start)
            yield _PATTERN[:most] if self.data is None else self.data[start : start + most]
