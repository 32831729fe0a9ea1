"""The methods of the Bot API that send files, and the one that fetches them."""

import asyncio
import functools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bridge.sandbox.telegram.attach import location
from bridge.sandbox.telegram.chats import Body, Message
from bridge.sandbox.telegram.content import KEPT, Upload
from bridge.sandbox.telegram.errors import bad_request
from bridge.sandbox.telegram.files import FileStore, StoredFile
from bridge.sandbox.telegram.inputs import ALBUM_KINDS, EDITED_KINDS, Input, Inputs, in_turn
from bridge.sandbox.telegram.params import Json, Params
from bridge.sandbox.telegram.text import clean_caption
from bridge.sandbox.telegram.writer import Writer, refuse_parse_mode

MAX_DOWNLOAD = 20 << 20  # bytes
MOST_IN_ALBUM = 10


class MediaMethods:
    """Carries out the calls of one bot, as `ChatMethods` does.

    `local` is what `TelegramSimulator` is told.
    """

    def __init__(self, writer: Writer, store: FileStore, *, local: bool | Path) -> None:
        self._writer = writer
        self._store = store
        self._inputs = Inputs(store)
        self._local = local

    def send(self, kind: str, params: Params) -> Json:
        """The methods sendPhoto, sendDocument, sendAudio, sendVoice, sendVideo, sendAnimation."""
        given = self._inputs.sole(kind, params)
        caption, entities = _caption(params)
        (message,) = self._writer.post(params, [self._body(given, caption, entities)])
        return message.wire()

    def send_media_group(self, params: Params) -> list[Json]:
        """The method sendMediaGroup."""
        items = _json(params, "media", "media")
        if not isinstance(items, list):
            raise bad_request("expected an Array of InputMedia")
        given = [self._inputs.media(item, params, in_album=True) for item in items]
        _check_album([media.kind for media, _, _ in given])
        bodies = [self._body(*item) for item in given]
        if len(bodies) > 1:
            bodies = [functools.partial(in_turn, at, body) for at, body in enumerate(bodies, 1)]
        return [message.wire() for message in self._writer.post(params, bodies)]

    def send_location(self, params: Params) -> Json:
        """The method sendLocation."""
        place = location(_degrees(params, "latitude", 90), _degrees(params, "longitude", 180))
        body = Body("", [], self._store.keep(place))
        (message,) = self._writer.post(params, [lambda: body])
        return message.wire()

    def edit_message_caption(self, params: Params) -> Json:
        """The method editMessageCaption."""
        text, entities = _caption(params)
        return self._writer.edit(
            params, lambda body: replace(body, text=text, entities=entities), _check_captioned
        )

    def edit_message_media(self, params: Params) -> Json:
        """The method editMessageMedia."""
        item = _json(params, "media", "input media")
        given, caption, entities = self._inputs.media(item, params, in_album=False)

        def allow(message: Message) -> None:
            _check_replaceable(message, given.kind)

        body = self._body(given, caption, entities)
        return self._writer.edit(params, lambda _: body(), allow)

    async def get_file(self, params: Params) -> Json:
        """The method getFile."""
        file_id = params.text("file_id")
        if not file_id:
            raise bad_request("file_id not specified")
        file = self._store.file(file_id)
        if file is None:
            raise bad_request("invalid file_id")
        if file.content.size > MAX_DOWNLOAD and not self._local:
            raise bad_request("file is too big")
        if isinstance(file.content, Upload) and file.content.size > KEPT:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        self._store.link(file)
        if not isinstance(self._local, Path):
            return file.wire() | {"file_path": file.path}
        path = await asyncio.to_thread(_copied, file, self._local)
        return file.wire() | {"file_path": str(path)}

    def _body(self, given: Input, caption: str, entities: list[Json]) -> Callable[[], Body]:
        return lambda: Body(caption, entities, self._inputs.keep(given))


def _caption(params: Params) -> tuple[str, list[Json]]:
    refuse_parse_mode(params.get("parse_mode"))
    return clean_caption(params.text("caption"), params.get("caption_entities"))


def _json(params: Params, name: str, what: str) -> object:
    value = params.get(name, "")
    if value == "":
        raise bad_request(f'parameter "{name}" is required')
    if isinstance(value, str):
        raise bad_request(f"can't parse {what} JSON object")
    return value


def _degrees(params: Params, name: str, most: int) -> float:
    given = str(params.get(name, "")).strip()
    if not given:
        raise bad_request(f"{name} is empty")
    try:
        degrees = float(given)
    except ValueError:
        degrees = 0.0  # as the server reads it
    if not abs(degrees) <= most:
        raise bad_request("invalid location specified")
    return degrees


def _check_album(kinds: list[str]) -> None:
    if len(kinds) > MOST_IN_ALBUM:
        raise bad_request("too many messages to send as an album")
    if not kinds:
        raise bad_request("there are no messages to send")
    for kind in ("audio", "document"):
        if kind in kinds and len(set(kinds)) > 1:
            raise bad_request(f"{kind} can't be mixed with other media types")


def _check_captioned(message: Message) -> None:
    media = message.body.media
    if not media or not media.takes_caption:
        raise bad_request("there is no caption in the message to edit")


def _check_replaceable(message: Message, kind: str) -> None:
    media = message.body.media
    if media and media.kind not in EDITED_KINDS:
        raise bad_request("message media can't be edited")
    if not message.album or media is None or media.kind == kind:
        return
    if kind not in ALBUM_KINDS:
        raise bad_request("message content type can't be used in an album")
    if {"audio", "document"} & {kind, media.kind}:
        raise bad_request("can't change media type in the album")


def _copied(file: StoredFile, folder: Path) -> Path:
    path = (folder / file.path).absolute()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as copy:
            copy.writelines(file.content.pieces())
    return path
