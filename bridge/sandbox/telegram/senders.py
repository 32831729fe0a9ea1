"""The ways in which a person attaches something to a message."""

from abc import ABC, abstractmethod
from typing import TypedDict, Unpack

from bridge.sandbox.telegram import attach
from bridge.sandbox.telegram.attach import Attachment
from bridge.sandbox.telegram.content import Source
from bridge.sandbox.telegram.origins import cut, quoted
from bridge.sandbox.telegram.params import Json


class Where(TypedDict, total=False):
    """Who writes, and where.

    A negative `chat` is a supergroup (501); in a private chat `chat` is the person's own id and
    `user` (501) is ignored. `name` ("Ann") and `language` ("en") are the person's, `title` the
    group's; `thread` and `reply_to` are the ids of a topic and of a message. An administrator
    may stay `anonymous`; anybody may speak `as_channel`, by the id of one. `quote` are words
    of the message that is replied to. `origin` says from whom a message is forwarded, and
    `elsewhere` what it replies to in another chat (`bridge.sandbox.telegram.origins`). `date`
    is when it was written (now), in Unix time.
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
    quote: str
    origin: Json
    elsewhere: Json
    date: int


def context(where: Where, answered: str) -> Json:
    """What a message shows of others: words of what it answers, and who wrote it first."""
    shown = where.get("elsewhere", {}).copy()
    if origin := where.get("origin"):
        shown["forward_origin"] = origin
    if "quote" in where:
        shown["quote"] = quoted(answered, where["quote"])
    return shown


class Senders(ABC):
    """`send` for every kind of attachment, as `bridge.sandbox.telegram.attach` describes them."""

    @abstractmethod
    def say(self, text: str, *, via_edit_of: int | None = None, **where: Unpack[Where]) -> int:
        """Let a person write; returns the update's id."""

    def paste(self, text: str, **where: Unpack[Where]) -> list[int]:
        """Let a person write a text of any length, which the client cuts into messages."""
        first, *others = cut(text)
        later = where.copy()
        later.pop("reply_to", None)
        later.pop("quote", None)
        return [self.say(first, **where), *(self.say(part, **later) for part in others)]

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

    def send_contact(
        self, phone: str, first_name: str, last_name: str = "", **where: Unpack[Where]
    ) -> int:
        """Send somebody's telephone number."""
        return self.send(attach.contact(phone, first_name, last_name), **where)

    def send_poll(self, question: str, *options: str, **where: Unpack[Where]) -> int:
        """Send a poll."""
        return self.send(attach.poll(question, *options), **where)

    def send_dice(self, value: int, emoji: str = "🎲", **where: Unpack[Where]) -> int:
        """Throw a die."""
        return self.send(attach.dice(value, emoji), **where)
