"""What people send on the page: deeds that bring files."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files as resources
from typing import Protocol, TypeVar

from bridge.sandbox.page.cast import SlackChannel, SlackUser
from bridge.sandbox.page.deeds import Body, InTelegram
from bridge.sandbox.page.uploads import Announced, divided
from bridge.sandbox.slack import SlackSimulator, Upload
from bridge.sandbox.telegram import Attachment, TelegramSimulator, attach
from bridge.sandbox.telegram.formats import image_size
from bridge.sandbox.telegram.inputs import MAX_PHOTO

S_contra = TypeVar("S_contra", contravariant=True)

_PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp"})
_MUSIC = frozenset({"audio/mpeg", "audio/mp4", "audio/x-m4a"})
_SAMPLE = resources(__package__).joinpath("sample.ogg").read_bytes()  # three notes, 0.9 seconds


class Sending(Protocol[S_contra]):
    """Something that a person sends in a simulator."""

    def do(self, simulator: S_contra, content: bytes, /) -> None:
        """Send it; `content` is that of all its files.

        Raises:
            LookupError, ValueError: nobody could do that; the text says why.
        """


class TelegramSend(InTelegram):
    """Send files, several as an album, with the text below the first."""

    files: list[Announced]
    text: str = ""

    def do(self, telegram: TelegramSimulator, content: bytes, /) -> None:
        """See `Sending`."""
        if not self.files:
            raise ValueError("there is no file")
        parts = [*zip(self.files, divided(self.files, content), strict=True)]
        sent = [_attachment(file, data) for file, data in parts]
        if len(sent) == 1:
            telegram.send(replace(sent[0], caption=self.text), **self.where())
            return
        if not _mix(sent):
            sent = [_document(file, data) for file, data in parts]
        telegram.send_album(sent, caption=self.text, **self.where())


class TelegramSpeak(InTelegram):
    """Send a voice message of so many seconds: a recording, or without one a sample."""

    files: list[Announced]
    seconds: int = 1

    def do(self, telegram: TelegramSimulator, content: bytes, /) -> None:
        """See `Sending`."""
        recorded = divided(self.files[:1], content)
        voice = attach.voice(recorded[0] if recorded else _SAMPLE, duration=self.seconds)
        type_ = self.files[0].media_type if recorded else voice.mime
        telegram.send(replace(voice, mime=type_), **self.where())


class SlackShare(Body):
    """Send files with a message, in a thread if there is a `thread_ts`."""

    channel: SlackChannel
    user: SlackUser
    files: list[Announced]
    text: str = ""
    thread_ts: str | None = None

    def do(self, slack: SlackSimulator, content: bytes, /) -> None:
        """See `Sending`."""
        if not self.files:
            raise ValueError("there is no file")
        parts = zip(self.files, divided(self.files, content), strict=True)
        slack.say(
            self.text,
            channel=self.channel,
            user=self.user,
            thread_ts=self.thread_ts,
            files=[Upload(file.name, data, mimetype=file.media_type) for file, data in parts],
        )


def _attachment(file: Announced, data: bytes) -> Attachment:
    """A file as the apps send it by themselves."""
    type_ = file.media_type
    if type_ in _PHOTOS and len(data) <= MAX_PHOTO and image_size(data):
        return replace(attach.photo(data), mime=type_)
    if type_ == "image/gif":
        return attach.animation(data, name=file.name, mime=type_)
    if type_ in _MUSIC:
        return attach.audio(data, name=file.name, mime=type_)
    if type_ == "video/mp4":
        return attach.video(data, name=file.name)
    return _document(file, data)


def _document(file: Announced, data: bytes) -> Attachment:
    return attach.document(file.name, data, mime=file.media_type or None)


def _mix(attachments: Sequence[Attachment]) -> bool:
    """Whether they can be in one album as they are."""
    kinds = {attachment.kind for attachment in attachments}
    return kinds <= {"photo", "video"} or kinds == {"audio"}
