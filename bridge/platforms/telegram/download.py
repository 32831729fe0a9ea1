"""Files in: how their bytes are fetched."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, closing
from pathlib import Path
from typing import BinaryIO

import aiohttp
import httpx

from bridge.core.errors import Denied, Gone, RateLimited, Rejected, TooLarge, Unavailable
from bridge.core.model import FileRef
from bridge.platforms.telegram.api import OUT_OF_REACH, UNKNOWN_BOT, Bot, translated
from bridge.wire import never_sent, transport

_TIMEOUT = httpx.Timeout(20.0, connect=10.0)  # seconds; between two parts of a file
_PART = 1 << 20  # bytes that are read from a disk at a time
_SLOWEST = 500_000  # bytes a second at which a server of one's own gets a file from Telegram
_ASKED = 20.0  # seconds
_PAUSE = 5.0  # seconds, when Telegram names none


class Downloads:
    """Fetches what users sent to one bot.

    With `local_api` the server has no limit, and names files by where they are on its disk,
    which may be ours.
    """

    def __init__(self, bot: Bot, *, local_api: bool) -> None:
        self._bot, self._local_api = bot, local_api
        self._http = httpx.AsyncClient(
            base_url=f"{bot.base_file_url}/", transport=transport(), timeout=_TIMEOUT
        )

    async def download(self, file: FileRef, into: BinaryIO, *, most: int) -> None:
        """See `ports.Adapter`."""
        _check_size(file.size, most)
        with translated():
            found = await self._bot.get_file(file.id, read_timeout=self._patience(file))
        if not found.file_path:
            raise Gone("Telegram: there is no way to a file")
        _check_size(found.file_size, most)
        written = 0
        async with aclosing(self._parts(found.file_path)) as parts:
            async for part in parts:
                written += len(part)
                _check_size(written, most)
                into.write(part)

    async def _parts(self, path: str) -> AsyncGenerator[bytes, None]:
        """A file's bytes; `path` is an address, or with a server of one's own a path on a disk."""
        on_disk = path.removeprefix(f"{self._bot.base_file_url}/")
        if self._local_api and on_disk.startswith("/"):
            if (file := _opened(on_disk)) is not None:
                with closing(file):
                    while part := await asyncio.to_thread(_read, file):
                        yield part
                return
            # Somebody serves the bot's folder in which it is, as Telegram does.
            path = on_disk.rpartition(f"/{self._bot.token}/")[2].lstrip("/")
        try:
            async with self._http.stream("GET", path) as response:
                _check_status(response)
                async for part in response.aiter_bytes():
                    yield part
        except (httpx.HTTPError, aiohttp.ClientError) as failed:
            if never_sent(failed):
                raise Unavailable(f"Telegram {OUT_OF_REACH}") from failed
            # Its own words may be the address, in which the token is.
            why = type(failed).__name__
            raise Unavailable(f"Telegram: a download broke off ({why})") from failed

    def _patience(self, file: FileRef) -> float:
        """Seconds to wait for getFile: a server of one's own fetches the whole file first."""
        size = (file.size or 0) if self._local_api else 0
        return _ASKED + size / _SLOWEST

    async def aclose(self) -> None:
        """Close all connections. Idempotent."""
        await self._http.aclose()


def _check_size(size: int | None, most: int) -> None:
    if size is not None and size > most:
        raise TooLarge(f"Telegram: a file of {size} bytes, and {most} at most are let in")


def _check_status(response: httpx.Response) -> None:
    match response.status_code:
        case 200:
            return
        case 401:
            raise Denied(UNKNOWN_BOT)
        case 404:
            raise Gone("Telegram: a file is no longer there")
        case 429:
            pause = response.headers.get("retry-after", "")
            seconds = float(pause) if pause.isdigit() else _PAUSE
            raise RateLimited("Telegram: too many downloads", retry_after=seconds)
        case status if status >= 500:  # noqa: PLR2004 - HTTP
            raise Unavailable(f"Telegram: a download was answered {status}")
        case status:
            raise Rejected(f"Telegram: a download was answered {status}")


def _opened(path: str) -> BinaryIO | None:
    """A file of this disk; None if there is none, or it is not ours to read, or no file."""
    there = Path(path)
    try:
        return there.open("rb") if there.is_file() else None
    except OSError:
        return None


def _read(file: BinaryIO) -> bytes:
    try:
        return file.read(_PART)
    except OSError as error:
        raise Gone("Telegram: a file cannot be read on this disk") from error
