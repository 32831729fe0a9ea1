"""Forms with files in them, read as they arrive."""

import io
import re
from collections.abc import AsyncIterator
from urllib.parse import unquote

from bridge.sandbox.telegram.content import Upload
from bridge.sandbox.telegram.errors import ApiError

MAX_FILES = 50
_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^";,\s]+))', re.IGNORECASE)
_DISPOSITION = re.compile(r"^content-disposition:(.*)$", re.IGNORECASE | re.MULTILINE)
_PARAMETER = re.compile(r';\s*(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^";\s]*))')
_ESCAPE = re.compile(r"\\(.)")
_MAX_HEAD = 1 << 16  # bytes


class _Form:
    """Takes the body of a form in pieces; `fields` has what is complete."""

    def __init__(self, boundary: str) -> None:
        self.fields: dict[str, str | Upload] = {}
        self.ended = False
        self._mark = b"\r\n--" + boundary.encode()
        self._rest = bytearray(b"\r\n")  # the first mark stands at the very beginning
        self._name = ""
        self._sink: Upload | io.BytesIO | None = None  # None: between two parts

    def feed(self, piece: bytes) -> None:
        """Take in the next bytes.

        Raises:
            ApiError: there are too many files.
            ValueError: this is no form.
        """
        self._rest += piece
        while not self.ended and (self._fill(self._sink) if self._sink else self._open()):
            pass

    def _open(self) -> bool:
        """Read the mark and the head of a part; False until they are there."""
        begin = len(self._mark)
        if self._rest[:begin] != self._mark[: len(self._rest)]:
            raise ValueError("a part does not begin with the boundary")
        if self._rest[begin : begin + 2] == b"--":
            self.ended = True
            return False
        end = self._rest.find(b"\r\n\r\n", begin)
        if end < 0:
            if len(self._rest) > _MAX_HEAD:
                raise ValueError("the head of a part is too long")
            return False
        self._begin(self._rest[begin:end].decode())
        # The last line break may belong to the next mark.
        del self._rest[: end + 4]
        return True

    def _begin(self, head: str) -> None:
        disposition = _DISPOSITION.search(head)
        found = {
            name.lower(): _unescaped(quoted or token)
            for name, quoted, token in _PARAMETER.findall(disposition[1] if disposition else "")
        }
        if not found.get("name"):
            raise ValueError("field name in multipart/form-data not found")
        self._name = found["name"]
        self._sink = Upload(found["filename"]) if "filename" in found else io.BytesIO()
        files = sum(isinstance(field, Upload) for field in self.fields.values())
        if isinstance(self._sink, Upload) and files == MAX_FILES:
            raise ApiError(413, "Request Entity Too Large: too many files attached")

    def _fill(self, sink: Upload | io.BytesIO) -> bool:
        """Move what surely belongs to the part; False until the next mark is there."""
        end = self._rest.find(self._mark)
        certain = end if end >= 0 else max(0, len(self._rest) - len(self._mark))
        piece = bytes(self._rest[:certain])
        del self._rest[:certain]
        sink.write(piece)
        if end < 0:
            return False
        self._sink = None
        self.fields[self._name] = sink if isinstance(sink, Upload) else sink.getvalue().decode()
        return True


async def read_form(content_type: str, body: AsyncIterator[bytes]) -> dict[str, str | Upload]:
    """The fields of a multipart form; a file takes no more memory than is kept of it.

    Raises:
        ApiError: there are too many files.
        ValueError: this is no form.
    """
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        raise ValueError("boundary not found")
    form = _Form(boundary[1] or boundary[2])
    async for piece in body:
        form.feed(piece)
    if not form.ended:
        raise ValueError("the form has no end")
    return form.fields


def _unescaped(value: str) -> str:
    """The server takes both a backslash and a percent sign for an escape."""
    return unquote(_ESCAPE.sub(r"\1", value))
