"""What is in a file: bytes, a rule to make them by, or what is kept of an upload."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias

KEPT = 1 << 20  # bytes
PIECE = 1 << 16  # bytes


class Content(ABC):
    """The bytes of a file, `size` of them."""

    size: int

    @property
    @abstractmethod
    def data(self) -> bytes:
        """All of the bytes; of more than 1 MiB the first 1 MiB."""

    @abstractmethod
    def pieces(self) -> Iterator[bytes]:
        """All of the bytes, some 64 KiB at a time.

        Raises:
            LookupError: they have not been kept.
        """

    @cached_property
    def sha256(self) -> str:
        """The digest of all of the bytes, in hexadecimal."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()


class Plain(Content):
    """Bytes as they are."""

    def __init__(self, body: bytes = b"") -> None:
        self.size = len(body)
        self._body = body

    @property
    def data(self) -> bytes:
        """See `Content`."""
        return self._body[:KEPT]

    def pieces(self) -> Iterator[bytes]:
        """See `Content`."""
        return (self._body[at : at + PIECE] for at in range(0, self.size, PIECE))


class Filler(Content):
    """Bytes that are made when they are needed: `head`, then `fill` again and again."""

    def __init__(self, size: int, fill: bytes = b"0123456789abcde\n", head: bytes = b"") -> None:
        self.size = size
        self._fill = fill
        self._head = head

    @cached_property
    def data(self) -> bytes:
        """See `Content`."""
        return b"".join(self._until(min(self.size, KEPT)))

    def pieces(self) -> Iterator[bytes]:
        """See `Content`."""
        return self._until(self.size)

    def _until(self, end: int) -> Iterator[bytes]:
        piece = self._head or self._fill
        while end > 0:
            yield piece[:end]
            end -= len(piece)
            piece = self._fill * max(1, PIECE // len(self._fill))


class Upload(Content):
    """A file that came with a call; more than the first 1 MiB of it is not kept."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.size = 0
        self._digest = hashlib.sha256()
        self._kept = bytearray()

    def write(self, piece: bytes) -> None:
        """Take in the next bytes."""
        self.size += len(piece)
        self._digest.update(piece)
        self._kept += piece[: KEPT - len(self._kept)]

    @cached_property
    def data(self) -> bytes:
        """See `Content`; ask for it when all is written."""
        return bytes(self._kept)

    @cached_property
    def sha256(self) -> str:
        """See `Content`."""
        return self._digest.hexdigest()

    def pieces(self) -> Iterator[bytes]:
        """See `Content`."""
        if len(self._kept) < self.size:
            raise LookupError(f"of {self.name} only the first {len(self._kept)} bytes are kept")
        return Plain(self.data).pieces()

    def __repr__(self) -> str:
        return f"Upload({self.name!r}, {self.size} bytes)"


Source: TypeAlias = bytes | int | Content
"""How a test gives a file: its bytes, its size alone, or a content."""


def content_of(source: Source) -> Content:
    """The content that is meant."""
    if isinstance(source, Content):
        return source
    return Filler(source) if isinstance(source, int) else Plain(source)
