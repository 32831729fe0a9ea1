"""Files in: how their bytes are fetched."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

import aiohttp
import httpx

from bridge.core.errors import Denied, Gone, RateLimited, Rejected, TooLarge, Unavailable
from bridge.core.model import FileRef
from bridge.platforms.telegram.api import OUT_OF_REACH, UNKNOWN_BOT, Bot, translated
from bridge.wire import never_sent, transport

_TIMEOUT = httpx.Timeout(20.0, connect=10.0)  # seconds; between two parts of a file
_PART = 65_536  # bytes
_PAUSE = 5.0  # seconds, when Telegram names none


class Downloads:
    """Fetches what users sent to one bot."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._http = httpx.AsyncClient(
            base_url=f"{bot.base_file_url}/", transport=transport(), timeout=_TIMEOUT
        )

    async def download(self, file: FileRef, into: BinaryIO, *, most: int) -> None:
        """See `ports.Adapter`."""
        _check_size(file.size, most)
        with translated():
            found = await self._bot.get_file(file.id)
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
        if Path(path).is_absolute():
            for part in _read(path):
                yield part
            return
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


def _read(path: str) -> Iterator[bytes]:
    try:
        with Path(path).open("rb") as file:
            while part := file.read(_PART):
                yield part
    except OSError as error:
        raise Gone("Telegram: a file is not on this disk") from error
