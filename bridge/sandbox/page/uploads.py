"""Files on their way into a chat: a line of JSON about them, then all of their bytes."""

import itertools
from collections.abc import Sequence

import msgspec
from starlette.requests import Request

MOST = 50 << 20  # bytes of all files that are sent at once
_MOST_SAID = 1 << 20  # bytes of the JSON


class TooLargeError(ValueError):
    """There is more than the page takes in."""


class Announced(msgspec.Struct, forbid_unknown_fields=True):
    """A file that is about to come: `size` in bytes, `type` empty if the browser knows none."""

    name: str
    size: int
    type: str = ""

    @property
    def media_type(self) -> str:
        """The type without parameters."""
        return self.type.partition(";")[0].strip().lower()


async def said(request: Request) -> bytes:
    """The JSON of a request that brings nothing else.

    Raises:
        TooLargeError: it is more than a person says.
    """
    json = await _body(request, _MOST_SAID)
    if json is None:
        raise TooLargeError("that is too much to say")
    return json


async def brought(request: Request) -> tuple[bytes, bytes]:
    """The JSON of a request that brings files, and the bytes behind it.

    Raises:
        TooLargeError: the files have more than 50 MB.
    """
    body = await _body(request, MOST + _MOST_SAID)
    json, _, content = (body or b"").partition(b"\n")
    if body is None or len(content) > MOST:
        raise TooLargeError(f"at most {MOST >> 20} MB can be sent at once")
    return json, content


def divided(files: Sequence[Announced], content: bytes) -> list[bytes]:
    """The bytes of each file.

    Raises:
        ValueError: a file is empty, or there are more or fewer bytes than was announced.
    """
    for file in files:
        if file.size <= 0:
            raise ValueError(f"{file.name} is empty")
    ends = [*itertools.accumulate(file.size for file in files)]
    if len(content) != (ends[-1] if ends else 0):
        raise ValueError("the files are not as long as was announced")
    return [content[end - file.size : end] for file, end in zip(files, ends, strict=True)]


async def _body(request: Request, most: int) -> bytes | None:
    """The body, or None if it is larger; it is read to its end, as browsers listen only then."""
    kept, size = bytearray(), 0
    async for piece in request.stream():
        size += len(piece)
        kept += piece if size <= most else b""
    return bytes(kept) if size <= most else None
