"""Messages of several objects: the object_string, a JSON list of at most one text, and files."""

import re
from collections.abc import Callable
from typing import Protocol, TypeAlias

import msgspec
from msgspec import Struct

from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.script import Attached

_FILES = {"image", "file", "audio"}


class Item(Struct):
    """One object of such a message."""

    type: str
    text: str | None = None
    file_id: str | None = None
    file_url: str | None = None


class Upload(Protocol):
    """What is known of an uploaded file."""

    @property
    def name(self) -> str:
        """What it was called."""

    @property
    def bytes(self) -> int:
        """How large it is."""


Uploads: TypeAlias = Callable[[str], Upload | None]  # by the file's id


def read(content: str) -> list[Item]:
    """The objects, as the cloud takes them.

    Raises:
        Refused: this is no such list, or an object is neither a text nor a file.
    """
    items = _decoded(content)
    for item in items or [Item("")]:
        named = item.type == "text" and item.text is not None
        filed = item.type in _FILES and (
            item.file_id or re.match(r"https?://[^/\s]", item.file_url or "")
        )
        if not (named or filed):
            raise Refused(Why.PARAMETER)
    return items


def check(content: str, *, text_beside: bool) -> None:
    """Hold the cloud's rules; `text_beside` is whether a message of text stands next to this.

    Raises:
        Refused: there are two texts, or a text without an image or file, or the reverse.
    """
    kinds = [item.type for item in read(content)]
    words, files = kinds.count("text"), len({"image", "file"} & set(kinds))
    lonely = not words and files and not text_beside
    if words > 1 or (words and not files) or lonely:
        raise Refused(Why.PARAMETER)


def text_of(content: str, content_type: str) -> str:
    """What a reader would see of a message; files are only mentioned.

    Raises:
        Refused: an object_string is none.
    """
    if content_type != "object_string":
        return content
    return " ".join(item.text or f"[{item.type}]" for item in _decoded(content))


def words_of(content: str, content_type: str) -> str:
    """The text alone."""
    if content_type != "object_string":
        return content
    return " ".join(item.text for item in _decoded(content) if item.text)


def attached(content: str, uploads: Uploads) -> list[Attached]:
    """The files of an object_string.

    Raises:
        Refused: an upload is unknown.
    """
    return [_attached(item, uploads) for item in _decoded(content) if item.type in _FILES]


def studio_reads(content: str) -> bool:
    """Whether Coze Studio can read this; its ids are numbers in quotation marks."""
    try:
        items = _decoded(content)
    except Refused:
        return False
    return all(item.file_id is None or item.file_id.isdigit() for item in items)


def for_studio(content: str) -> str:
    """What Coze Studio reads of an object_string: no audio, and no upload beside an address."""
    items = [item for item in _decoded(content) if item.type in {"text", "image", "file"}]
    for item in items:
        item.file_id = None if item.file_url else item.file_id
    return msgspec.json.encode(items).decode()


def _attached(item: Item, uploads: Uploads) -> Attached:
    if not item.file_id:
        return Attached(item.type, file_url=item.file_url)
    upload = uploads(item.file_id)
    if upload is None:
        missing = "code=104000008 message=system error : {msg}\ncause=record not found"
        raise Refused(Why.NOT_RUNNABLE, missing)
    return Attached(item.type, item.file_id, item.file_url, upload.name, upload.bytes)


def _decoded(content: str) -> list[Item]:
    try:
        return msgspec.json.decode(content, type=list[Item])
    except msgspec.MsgspecError as error:
        raise Refused(Why.PARAMETER, str(error)) from error
