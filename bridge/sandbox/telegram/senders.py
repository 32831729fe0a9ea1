"""The ways in which a person attaches something to a message."""

from abc import ABC, abstractmethod
from typing import TypedDict, Unpack

from bridge.sandbox.telegram import attach
from bridge.sandbox.telegram.attach import Attachment
from bridge.sandbox.telegram.content import Source
from bridge.sandbox.telegram.params import Json


class Where(TypedDict, total=False):
    """Who writes, and where.

    A negative `chat` is a supergroup (501); in a private chat `chat` is the person's own id and
    `user` (501) is ignored. `name` ("Ann") and `language` ("en") are the person's, `title` the
    group's; `thread` and `reply_to` are the ids of a topic and of a message. An administrator
    may stay `anonymous`; anybody may speak `as_channel`, by the id of one.
    """

    chat: int
    user: int
    name: str
    language: str
    title: str | None
    thread: int | None
    reply_to: int | None
    anonymous: bool
    as_channel: int


class Senders(ABC):
    """`send` for every kind of attachment, as `bridge.sandbox.telegram.attach` describes them."""

    @abstractmethod
    def send(self, attachment: Attachment, **where: Unpack[Where]) -> int:
        """Let a person send a file or the like; returns the update's id, as `say` does."""

    def send_photo(
        self,
        data: Source | None = None,
        *,
        caption: str = "",
        caption_entities: list[Json] | None = None,
        **where: Unpack[Where],
    ) -> int:
        """Send a photo; without `data` a grey one."""
        photo = attach.photo(data, caption=caption, caption_entities=caption_entities)
        return self.send(photo, **where)

    def send_document(
        self,
        file_name: str,
        data: Source,
        *,
        mime: str | None = None,
        caption: str = "",
        caption_entities: list[Json] | None = None,
        **where: Unpack[Where],
    ) -> int:
        """Send a file by its bytes, or a made-up one of that size."""
        document = attach.document(
            file_name, data, mime=mime, caption=caption, caption_entities=caption_entities
        )
        return self.send(document, **where)

    def send_audio(
        self,
        data: Source,
        *,
        file_name: str = "music.mp3",
        caption: str = "",
        **where: Unpack[Where],
    ) -> int:
        """Send a piece of music."""
        return self.send(attach.audio(data, name=file_name, caption=caption), **where)

    def send_voice(
        self,
        data: Source | None = None,
        *,
        duration: int = 2,
        caption: str = "",
        **where: Unpack[Where],
    ) -> int:
        """Send a voice message; without `data` one that begins like such."""
        return self.send(attach.voice(data, duration=duration, caption=caption), **where)

    def send_video(self, data: Source, *, caption: str = "", **where: Unpack[Where]) -> int:
        """Send a video."""
        return self.send(attach.video(data, caption=caption), **where)

    def send_video_note(self, data: Source, **where: Unpack[Where]) -> int:
        """Send a round video."""
        return self.send(attach.video_note(data), **where)

    def send_animation(self, data: Source, *, caption: str = "", **where: Unpack[Where]) -> int:
        """Send what people call a GIF."""
        return self.send(attach.animation(data, caption=caption), **where)

    def send_sticker(self, emoji: str = "👍", **where: Unpack[Where]) -> int:
        """Send a sticker."""
        return self.send(attach.sticker(emoji=emoji), **where)

    def send_location(self, latitude: float, longitude: float, **where: Unpack[Where]) -> int:
        """Send a place, in degrees."""
        return self.send(attach.location(latitude, longitude), **where)

    def send_contact(self, phone: str, first_name: str, **where: Unpack[Where]) -> int:
        """Send somebody's telephone number."""
        return self.send(attach.contact(phone, first_name), **where)
