"""What people and bots attach to a message, as they hand it in.

A file is given by its bytes, by its size alone, or by a `Content`. Durations are in seconds,
widths and heights in pixels.
"""

import mimetypes
from dataclasses import dataclass, field

from bridge.sandbox.telegram.content import Content, Plain, Source, content_of
from bridge.sandbox.telegram.formats import grey_jpeg, image_size
from bridge.sandbox.telegram.params import Json

CAPTIONED_KINDS = frozenset({"photo", "document", "audio", "voice", "video", "animation"})
UNKNOWN_MIME = "application/octet-stream"
_NO_CONTENT = Plain()
_OPUS = b"OggS\0\2" + bytes(22) + b"OpusHead\1\1"
_SPEECH = Plain(_OPUS + bytes(2000))


@dataclass(frozen=True)
class Attachment:
    """What is sent beside the words; `kind` is the field of a message that will show it.

    `details` is what that field says of it besides the file.
    """

    kind: str
    content: Content = _NO_CONTENT
    name: str = ""
    mime: str = ""
    details: Json = field(default_factory=dict)
    caption: str = ""
    caption_entities: list[Json] = field(default_factory=list)

    @property
    def has_file(self) -> bool:
        """Whether there is a file to download."""
        return self.kind not in {"location", "venue", "contact", "poll", "dice", "story"}

    @property
    def takes_caption(self) -> bool:
        """Whether words can stand below it."""
        return self.kind in CAPTIONED_KINDS


def photo(
    data: Source | None = None,
    *,
    caption: str = "",
    caption_entities: list[Json] | None = None,
) -> Attachment:
    """A photo; without `data` a grey one of 1280 × 960."""
    content = content_of(grey_jpeg(1280, 960) if data is None else data)
    width, height = image_size(content.data) or (1280, 960)
    return Attachment(
        "photo",
        content,
        details={"width": width, "height": height},
        caption=caption,
        caption_entities=caption_entities or [],
    )


def document(
    name: str,
    data: Source,
    *,
    mime: str | None = None,
    caption: str = "",
    caption_entities: list[Json] | None = None,
) -> Attachment:
    """A file of any kind; its type is guessed from the name, and an empty one is not told."""
    return Attachment(
        "document",
        content_of(data),
        name,
        mime_of(name) if mime is None else mime,
        caption=caption,
        caption_entities=caption_entities or [],
    )


def audio(
    data: Source,
    *,
    name: str = "music.mp3",
    mime: str = "audio/mpeg",
    duration: int = 3,
    title: str = "",
    performer: str = "",
    caption: str = "",
) -> Attachment:
    """A piece of music."""
    said = {"title": title, "performer": performer}
    details = {"duration": duration} | {field: value for field, value in said.items() if value}
    return Attachment("audio", content_of(data), name, mime, details, caption)


def voice(data: Source | None = None, *, duration: int = 2, caption: str = "") -> Attachment:
    """A voice message, OGG with Opus; without `data` one that begins like such."""
    content = _SPEECH if data is None else content_of(data)
    return Attachment(
        "voice", content, mime="audio/ogg", details={"duration": duration}, caption=caption
    )


def video(
    data: Source,
    *,
    name: str = "",
    mime: str = "video/mp4",
    width: int = 1280,
    height: int = 720,
    duration: int = 5,
    caption: str = "",
) -> Attachment:
    """A video."""
    details = {"duration": duration, "width": width, "height": height}
    return Attachment("video", content_of(data), name, mime, details, caption)


def video_note(data: Source, *, length: int = 384, duration: int = 5) -> Attachment:
    """A round video, `length` wide and high."""
    return Attachment(
        "video_note", content_of(data), details={"duration": duration, "length": length}
    )


def animation(
    data: Source, *, name: str = "wave.mp4", mime: str = "video/mp4", caption: str = ""
) -> Attachment:
    """What people call a GIF."""
    details = {"duration": 2, "width": 320, "height": 240}
    return Attachment("animation", content_of(data), name, mime, details, caption)


def sticker(data: Source = b"RIFF\x1a\0\0\0WEBP", *, emoji: str = "👍") -> Attachment:
    """A sticker that does not move."""
    details = {"width": 512, "height": 512, "emoji": emoji, "set_name": "Coze"}
    looks = {"is_animated": False, "is_video": False, "type": "regular"}
    return Attachment("sticker", content_of(data), details=details | looks)


def location(latitude: float, longitude: float, *, live: int = 0) -> Attachment:
    """A place, in degrees; `live` is for how many seconds it may move."""
    details: Json = {"latitude": latitude, "longitude": longitude}
    return Attachment("location", details=details | ({"live_period": live} if live else {}))


def venue(latitude: float, longitude: float, title: str, address: str) -> Attachment:
    """A place that has a name."""
    where = {"latitude": latitude, "longitude": longitude}
    return Attachment("venue", details={"location": where, "title": title, "address": address})


def contact(phone: str, name: str, last_name: str = "") -> Attachment:
    """Somebody's telephone number."""
    details = {"phone_number": phone, "first_name": name}
    return Attachment("contact", details=details | ({"last_name": last_name} if last_name else {}))


def poll(question: str, *options: str) -> Attachment:
    """A poll, in which nobody has voted yet."""
    choices = [
        {"persistent_id": str(at), "text": option, "voter_count": 0}
        for at, option in enumerate(options)
    ]
    kind = {"type": "regular", "is_anonymous": True, "allows_multiple_answers": False}
    state = {"is_closed": False, "total_voter_count": 0}
    rights = {"allows_revoting": True, "members_only": False}
    said = {"id": "5000000001", "question": question, "options": choices}
    return Attachment("poll", details=said | kind | state | rights)


def dice(value: int, emoji: str = "🎲") -> Attachment:
    """A die or another game of chance, and what came of it."""
    return Attachment("dice", details={"emoji": emoji, "value": value})


def story() -> Attachment:
    """A story of a channel, passed on."""
    chat = {"id": -1000000000042, "type": "channel", "title": "Stories"}
    return Attachment("story", details={"chat": chat, "id": 1})


def mime_of(name: str) -> str:
    """The media type that the server concludes from a file's name."""
    return mimetypes.guess_type(name)[0] or UNKNOWN_MIME
