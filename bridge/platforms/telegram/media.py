"""Files out: how Telegram is to show one, and the call that sends it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

import telegram
from telegram.constants import FileSizeLimit

from bridge.core.errors import TooLarge, Uncertain
from bridge.core.model import Media
from bridge.platforms.telegram.api import Bot, translated
from bridge.platforms.telegram.images import HEAD, sides

Form: TypeAlias = Literal["photo", "animation", "voice", "audio", "video", "document"]

_PLAYED = frozenset({"audio/mpeg", "audio/mp3", "audio/mp4", "audio/m4a", "audio/x-m4a"})
_OGG = frozenset({"audio/ogg", "audio/opus", "application/ogg"})

# https://core.telegram.org/bots/api#sendphoto, 2026-11
_SIDES, _RATIO = 10_000, 20  # pixels, width and height together; one to the other

_ANSWER = 60.0  # seconds until Telegram, which has the file by then, has passed it on
_SLOWEST = 50_000  # bytes a second that we can send; a slower line is taken for a dead one


def form(media: Media, head: bytes) -> Form:
    """As what to send a file that begins with `head`; any file can be a document."""
    type_ = media.type.partition(";")[0].strip().lower()
    match media.kind:
        case "image" if type_ == "image/gif":
            return "animation"
        case "image" if media.size <= FileSizeLimit.PHOTOSIZE_UPLOAD and _is_photo(head):
            return "photo"
        case "voice" if type_ in _PLAYED or (type_ in _OGG and b"OpusHead" in head[:128]):
            return "voice"
        case "audio" if type_ in _PLAYED:
            return "audio"
        case "video" if type_ == "video/mp4":
            return "video"
        case _:
            return "document"


def _is_photo(head: bytes) -> bool:
    size = sides(head)
    if size is None or not min(size):
        return False
    return sum(size) <= _SIDES and max(size) <= _RATIO * min(size)


async def send(
    bot: Bot,
    chat: str,
    media: Media,
    *,
    most: int,
    **how: Any,  # noqa: ANN401
) -> telegram.Message:
    """Send a file of `most` bytes at most; `how` is what the calls for all forms take.

    Raises:
        TooLarge: a bot may not send it. For the rest see `ports.Adapter`.
    """
    if media.size > most:
        raise TooLarge(f"Telegram: a file of {media.size} bytes is more than a bot may send")
    calls: dict[Form, Callable[..., Awaitable[telegram.Message]]] = {
        "photo": bot.send_photo,
        "animation": bot.send_animation,
        "voice": bot.send_voice,
        "audio": bot.send_audio,
        "video": bot.send_video,
        "document": bot.send_document,
    }
    with _opened(media) as (shown_as, upload), translated():
        try:
            async with asyncio.timeout(_ANSWER + media.size / _SLOWEST):
                return await calls[shown_as](chat, upload, read_timeout=_ANSWER, **how)
        except TimeoutError as error:
            raise Uncertain("Telegram: a file could not be sent in time") from error


@contextmanager
def _opened(media: Media) -> Iterator[tuple[Form, telegram.InputFile]]:
    """A file, which is read as it is sent: it never is in memory as a whole."""
    with Path(media.path).open("rb") as file:
        shown_as = form(media, file.read(HEAD))
        yield shown_as, telegram.InputFile(file, media.name, read_file_handle=False)
