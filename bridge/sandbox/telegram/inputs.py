"""The files that a bot hands in: uploaded with the call, or named by the id of an older one."""

from collections.abc import Callable
from typing import TypeAlias

from bridge.sandbox.telegram.attach import Attachment, mime_of
from bridge.sandbox.telegram.chats import Body
from bridge.sandbox.telegram.content import Upload
from bridge.sandbox.telegram.errors import ApiError, bad_request
from bridge.sandbox.telegram.files import FileStore, Media
from bridge.sandbox.telegram.formats import image_size, is_voice
from bridge.sandbox.telegram.params import Json, Params
from bridge.sandbox.telegram.text import clean_caption
from bridge.sandbox.telegram.writer import refuse_parse_mode

MAX_PHOTO = 10 << 20  # bytes
MAX_SIDES = 10_000  # pixels, width and height together
MAX_RATIO = 20
ALBUM_KINDS = frozenset({"photo", "video", "audio", "document"})
EDITED_KINDS = ALBUM_KINDS | {"animation"}

# For each kind of file: the numbers and the words that a bot may add to it.
_NUMBERS = {
    "audio": ("duration",),
    "voice": ("duration",),
    "video": ("duration", "width", "height"),
    "animation": ("duration", "width", "height"),
}
_WORDS = {"audio": ("title", "performer")}

Input: TypeAlias = Attachment | Media
"""A file that is new, or one that Telegram has."""


class Inputs:
    """Reads the files of a call, and stores them when nothing speaks against it."""

    def __init__(self, store: FileStore) -> None:
        self._store = store

    def sole(self, kind: str, params: Params) -> Input:
        """The file of sendPhoto and its like.

        Raises:
            ApiError: there is none that could be sent.
        """
        source = self._source(params.get(kind), params)
        if source is None:
            raise bad_request(f"there is no {kind} in the request")
        return self._input(kind, source, params)

    def media(
        self, item: object, params: Params, *, in_album: bool
    ) -> tuple[Input, str, list[Json]]:
        """The file, the caption and the caption's entities of an InputMedia.

        Raises:
            ApiError: it is not well-formed, or there is no such file.
        """
        if not isinstance(item, dict):
            raise _unparsed("expected an Object")
        refuse_parse_mode(item.get("parse_mode"))
        caption, entities = clean_caption(
            str(item.get("caption") or ""), item.get("caption_entities")
        )
        kind = item.get("type")
        if not isinstance(kind, str):
            raise _unparsed('Can\'t find field "type"')
        source = self._source(item.get("media"), params)
        if source is None:
            raise _unparsed("media not found")
        if in_album and kind == "animation":
            raise _unparsed('type "animation" can\'t be used in sendMediaGroup')
        if kind not in EDITED_KINDS:
            raise _unparsed(f'type "{kind}" is unsupported')
        return self._input(kind, source, item), caption, entities

    def keep(self, given: Input) -> Media:
        """Store a file, as the last server in the chain does.

        Raises:
            ApiError: it is not what it should be.
        """
        if isinstance(given, Media):
            return given
        if given.kind == "photo":
            _check_photo(given)
        elif given.kind == "voice" and not is_voice(given.content.data):
            # The server would make a file of it; nobody should rely on that.
            raise bad_request("a voice message must be OGG with Opus, MP3 or M4A")
        return self._store.keep(given)

    def _source(self, given: object, params: Params) -> Upload | str | None:
        if isinstance(given, str) and given.startswith("attach://"):
            given = params.get(given.removeprefix("attach://"))
            return given if isinstance(given, Upload) else None
        return given if given and isinstance(given, Upload | str) else None

    def _input(self, kind: str, source: Upload | str, said: Json) -> Input:
        if isinstance(source, str):
            return self._known(kind, source)
        if not source.size:
            raise bad_request("file must be non-empty")
        if kind == "photo" and source.size > MAX_PHOTO:
            raise bad_request(
                f"file of size {source.size} bytes is too big for a photo;"
                f" the maximum size is {MAX_PHOTO} bytes"
            )
        return Attachment(
            kind, source, source.name, mime_of(source.name), _details(kind, source, said)
        )

    def _known(self, kind: str, source: str) -> Media:
        if "." in source:
            raise bad_request("failed to get HTTP URL content")  # this world has no Internet
        media = self._store.media(source)
        if media is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if "photo" in {kind, media.kind} and kind != media.kind:
            real, wanted = media.kind.capitalize(), kind.capitalize()
            raise bad_request(f"can't use file of type {real} as {wanted}")
        return media


def in_turn(position: int, body: Callable[[], Body]) -> Body:
    """One message of an album, by its place counted from 1.

    Raises:
        ApiError: it is not what it should be; the words tell its place.
    """
    try:
        return body()
    except ApiError as error:
        reason = error.description.removeprefix("Bad Request: ")
        raise bad_request(
            f'failed to send message #{position} with the error message "{reason}"'
        ) from error


def _details(kind: str, upload: Upload, said: Json) -> Json:
    if kind == "photo":
        width, height = image_size(upload.data) or (0, 0)
        return {"width": width, "height": height}
    numbers = {name: _whole(said.get(name)) for name in _NUMBERS.get(kind, ())}
    words = {name: str(said[name]) for name in _WORDS.get(kind, ()) if said.get(name)}
    return numbers | words


def _whole(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _check_photo(photo: Attachment) -> None:
    sides = photo.details["width"], photo.details["height"]
    if not min(sides):
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(sides) > MAX_SIDES or max(sides) > MAX_RATIO * min(sides):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def _unparsed(reason: str) -> ApiError:
    return bad_request(f"can't parse InputMedia: {reason}")
