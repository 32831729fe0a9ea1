"""Reads a multipart/form-data body as it comes in, keeping no more of it than is wanted."""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

_PARAMETER = re.compile(r';\s*([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_LONGEST_HEADERS = 16 << 10


class Malformed(Exception):
    """The body is not what its content type says."""


@dataclass
class Part:
    """One part: `head` is how it begins; `filename` is None for what is no file."""

    name: str
    filename: str | None
    content_type: str
    head: bytearray = field(default_factory=bytearray)
    size: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        """The digest of all of it, in hexadecimal digits."""
        return str(self._digest.hexdigest())

    def write(self, content: bytes, keep: int) -> None:
        """Take in what follows; `head` grows to at most `keep` bytes."""
        self.head += content[: max(0, keep - len(self.head))]
        self.size += len(content)
        self._digest.update(content)


async def read(stream: AsyncIterator[bytes], content_type: str, *, keep: int) -> list[Part]:
    """The parts of a body, each with its first `keep` bytes.

    Raises:
        Malformed: the content type names no boundary, or the body does not keep to it.
    """
    boundary = _parameters(content_type).get("boundary")
    if not boundary:
        raise Malformed
    delimiter = b"\r\n--" + boundary.encode("latin-1")
    source, parts = _Source(stream), []
    async for _ in source.before(delimiter):
        pass  # nobody is to read what stands before the first part
    while not await source.begins(b"--"):
        part = _part(await source.headers())
        async for piece in source.before(delimiter):
            part.write(piece, keep)
        parts.append(part)
    return parts


class _Source:
    """A stream in which is looked for marks, which may lie across two chunks of it."""

    def __init__(self, stream: AsyncIterator[bytes]) -> None:
        self._stream = stream
        self._buffer = bytearray(b"\r\n")  # the first delimiter has no line before it

    async def before(self, mark: bytes) -> AsyncIterator[bytes]:
        """All that comes before `mark`, in pieces; the mark is passed over."""
        while (at := self._buffer.find(mark)) < 0:
            if (certain := len(self._buffer) - len(mark) + 1) > 0:
                yield self._take(certain)
            await self._read()
        yield self._take(at)
        self._take(len(mark))

    async def begins(self, mark: bytes) -> bool:
        """Whether `mark` comes next; it is not passed over."""
        while len(self._buffer) < len(mark):
            await self._read()
        return self._buffer.startswith(mark)

    async def headers(self) -> str:
        """A block of lines up to an empty one."""
        block = b""
        async for piece in self.before(b"\r\n\r\n"):
            block += piece
            if len(block) > _LONGEST_HEADERS:
                raise Malformed
        return block.decode(errors="replace")

    async def _read(self) -> None:
        chunk = await anext(self._stream, None)
        if chunk is None:
            raise Malformed
        self._buffer += chunk

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken


def _part(block: str) -> Part:
    lines = [line.partition(":") for line in block.split("\r\n")]
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    said = _parameters(headers.get("content-disposition", ""))
    kind = headers.get("content-type", "application/octet-stream")
    return Part(said.get("name", ""), said.get("filename"), kind)


def _parameters(header: str) -> dict[str, str]:
    """What follows the semicolons of a header."""
    found = _PARAMETER.findall(header)
    return {
        name.lower(): re.sub(r'\\(["\\])', r"\1", quoted) or plain for name, quoted, plain in found
    }
