"""The files in both chats: what the page is told of them, and their bytes for the browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bridge.sandbox.page.cast import SlackChannel, TelegramChat
from bridge.sandbox.slack import SharedFile, SlackSimulator
from bridge.sandbox.telegram import Media, TelegramSimulator

Form: TypeAlias = Literal["image", "audio", "video", "file"]

# What a browser shows without running anything in it; all else is only saved.
_SHOWN: dict[str, Form] = {
    **dict.fromkeys(("image/png", "image/jpeg", "image/gif", "image/webp"), "image"),
    **dict.fromkeys(("audio/ogg", "audio/mpeg", "audio/mp4", "audio/wav", "audio/webm"), "audio"),
    **dict.fromkeys(("video/mp4", "video/webm"), "video"),
}
_ALIASES = {"audio/x-wav": "audio/wav", "audio/m4a": "audio/mp4", "audio/x-m4a": "audio/mp4"}
# Of these Telegram tells no type, as there is only one.
_TYPES = {
    "photo": "image/jpeg",
    "sticker": "image/webp",
    "voice": "audio/ogg",
    "video_note": "video/mp4",
}


@dataclass(frozen=True)
class File:
    """A file in a chat: `size` is in bytes, and `seconds` are 0 where nothing plays.

    `pieces` gives its bytes; None: the simulator has not kept them.
    """

    id: str
    name: str
    type: str
    size: int
    seconds: int
    pieces: Callable[[], Iterator[bytes]] | None = field(repr=False, compare=False)

    @property
    def form(self) -> Form:
        """As what a browser may show it."""
        return _SHOWN.get(self.type, "file")

    def told(self, under: str, *, form: Form | None = None) -> dict[str, Any]:
        """What the page is told of it; the address of its bytes is `under` that path."""
        return {
            "form": form or self.form,
            "name": self.name,
            "size": self.size,
            "seconds": self.seconds,
            "url": f"{under}/{self.id}" if self.pieces else None,
        }


def of_telegram(media: Media) -> File:
    """What a message in Telegram shows beside its words."""
    type_ = _ALIASES.get(media.mime, media.mime)
    if type_ not in _SHOWN:
        type_ = _TYPES.get(media.kind, type_)
    return File(
        media.file_id,
        media.name or media.kind,
        type_,
        media.size,
        int(media.details.get("duration", 0)),
        media.content.pieces if media.file_id and _is_kept(media) else None,
    )


def of_slack(shared: SharedFile) -> File:
    """A file below a message in Slack."""
    type_ = _ALIASES.get(shared.mimetype, shared.mimetype)
    held = shared.kept and not shared.deleted
    return File(shared.id, shared.name, type_, shared.size, 0, shared.chunks if held else None)


def _is_kept(media: Media) -> bool:
    try:
        media.content.pieces()
    except LookupError:
        return False
    return True


def in_telegram(telegram: TelegramSimulator, id_: str) -> File | None:
    """The file of that id in a chat of the page."""
    held = (shown.media for chat in get_args(TelegramChat) for shown in telegram.messages(chat))
    return next((of_telegram(media) for media in held if media and media.file_id == id_), None)


def in_slack(slack: SlackSimulator, id_: str) -> File | None:
    """The file of that id in a channel of the page."""
    shown = (each for channel in get_args(SlackChannel) for each in slack.messages(channel))
    files = (file for each in shown for file in each.files)
    return next((of_slack(file) for file in files if file.id == id_), None)


def media_route(under: str, find: Callable[[str], File | None]) -> Route:
    """A route that sends what `find` finds; only what cannot harm is shown in the browser."""

    async def answer(request: Request) -> Response:
        file = find(request.path_params["id"])
        if file is None or file.pieces is None:
            return PlainTextResponse("There is no such file.\n", 404)
        shown = file.form != "file"
        return StreamingResponse(
            file.pieces(),
            media_type=file.type if shown else "application/octet-stream",
            headers={
                "Content-Length": str(file.size),
                "Content-Disposition": f"{'inline' if shown else 'attachment'}; "
                f"filename*=UTF-8''{quote(file.name, safe='')}",
            },
        )

    return Route(f"{under}/{{id}}", answer)
