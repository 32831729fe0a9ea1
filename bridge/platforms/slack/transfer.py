"""The bytes of files, from Slack and to Slack."""

import asyncio
import contextlib
import html
import logging
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bridge.core.errors import (
    BridgeError,
    Denied,
    Gone,
    RateLimited,
    Rejected,
    TooLarge,
    Unavailable,
    Uncertain,
)
from bridge.core.model import Address, FileRef, Media
from bridge.platforms.slack.api import pause, translated, without_effect
from bridge.platforms.slack.files import File, media_type, readable, ref

log = logging.getLogger(__name__)

READ, WRITE = "files:read", "files:write"  # the permissions for what is done here

_PART = 65_536  # bytes
_AT_MOST = aiohttp.ClientTimeout(total=300, sock_connect=15, sock_read=60)  # seconds
_PATIENCE = 2.0  # seconds that a message waits to learn what its files are
_FILE = "file:"  # begins the id of what was posted as a file
_ELSEWHERE = frozenset({301, 302, 303, 307, 308, 401, 403})
_HOSTS = frozenset({"files.slack.com", "files.slack-gov.com"})  # no others have files
_LOGIN = f"Slack does not hand out a file: give the app the scope {READ} and install it again"


class Transfer:
    """Moves the files of one workspace."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._unsure: dict[str, str] = {}  # the file whose sharing got no answer, by its mark

    async def told(self, files: Sequence[FileRef]) -> tuple[FileRef, ...]:
        """The files, with what Slack tells of those of which the message told nothing."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                files = await asyncio.gather(*map(self._told, files))
        return tuple(file if file.name else replace(file, name=file.id) for file in files)

    async def _told(self, file: FileRef) -> FileRef:
        if file.name:
            return file
        try:
            return ref(await self._info(file.id))
        except BridgeError as error:
            log.info("a file is not told", extra={"error": str(error)})
            return file

    async def download(self, file: FileRef, into: BinaryIO, *, most: int) -> None:
        """See `ports.Adapter`."""
        with without_effect():
            info = await self._info(file.id)
            if not readable(info):
                raise Gone(f"Slack: the file is not to be had ({info.get('mode')})")
            if (info.get("size") or 0) > most:
                raise TooLarge(f"Slack: a file of {info['size']} bytes")
            url = self._trusted(info.get("url_private_download") or info.get("url_private"))
            bearer = {"Authorization": f"Bearer {self._client.token}"}
            async with self._request("GET", url, headers=bearer) as answer:
                _check_page(answer, info)
                await _copy(answer, into, most)

    async def upload(self, to: Address, media: Media, text: str, *, mark: str) -> str:
        """Share a file where `to` says; of these calls the last one alone can be seen."""
        with without_effect():
            id_ = await self._send(media)
        try:
            with translated(WRITE):
                await self._client.files_completeUploadExternal(
                    files=[{"id": id_, "title": media.name}],
                    channel_id=to.chat,
                    thread_ts=to.thread,
                    initial_comment=html.escape(text, quote=False) or None,
                )
        except Uncertain:
            self._unsure[mark] = id_
            raise
        return f"{_FILE}{id_}"

    async def find(self, to: Address, *, mark: str) -> str | None:
        """The file with this mark whose sharing got no answer, if it was shared after all."""
        if mark not in self._unsure:
            return None
        info = await self._info(self._unsure[mark])
        del self._unsure[mark]
        places = [place for key in ("channels", "groups", "ims") for place in info.get(key) or ()]
        return f"{_FILE}{info['id']}" if to.chat in places else None

    @staticmethod
    def knows(id_: str) -> bool:
        """Whether this is the id of a file, not of a message."""
        return id_.startswith(_FILE)

    async def remove(self, id_: str) -> None:
        """Delete a file. Idempotent."""
        with contextlib.suppress(Gone), _absent(), translated(WRITE):
            await self._client.files_delete(file=id_.removeprefix(_FILE))

    async def _info(self, id_: str) -> File:
        with _absent(), translated(READ):
            told = await self._client.files_info(file=id_)
        info: File | None = told.get("file")
        if not info:
            raise Gone("Slack: nothing is told of the file")
        return info

    async def _send(self, media: Media) -> str:
        """Bring the bytes to Slack, where nobody sees them yet; returns Slack's id."""
        with translated(WRITE):
            opened = await self._client.files_getUploadURLExternal(
                filename=media.name, length=media.size
            )
        url = self._trusted(opened["upload_url"])
        with await asyncio.to_thread(Path(media.path).open, "rb") as data:
            kind = {"Content-Type": "application/octet-stream"}
            async with self._request("POST", url, headers=kind, data=data) as answer:
                _check_status(answer)
        return str(opened["file_id"])

    def _trusted(self, address: object) -> URL:
        """An address where Slack has files, or at what stands in for it.

        Raises:
            Rejected: it is elsewhere.
        """
        with contextlib.suppress(ValueError):
            url, base = URL(str(address)), URL(self._client.base_url)
            instead = not _is_slack(base) and url.origin() == base.origin()
            if (_has_files(url) or instead) and url.user is None and url.password is None:
                return url
        raise Rejected("Slack: a file is at an address that is not Slack's")

    @contextlib.asynccontextmanager
    async def _request(
        self,
        method: str,
        url: URL,
        **options: Any,  # noqa: ANN401 - aiohttp's own
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """Ask for an address; nothing is followed elsewhere, least of all with a token."""
        session, proxy = self._client.session, self._client.proxy
        if session is None:
            raise Unavailable("Slack: the connection is closed")
        with translated():
            async with session.request(
                method, url, allow_redirects=False, timeout=_AT_MOST, proxy=proxy, **options
            ) as answer:
                yield answer


def _is_slack(url: URL) -> bool:
    return f".{url.host}".endswith((".slack.com", ".slack-gov.com"))


def _has_files(url: URL) -> bool:
    """Whether Slack serves files there. Elsewhere it may say the token aloud, as api.test does."""
    return url.host in _HOSTS and url.scheme == "https" and url.port == 443  # noqa: PLR2004


@contextlib.contextmanager
def _absent() -> Iterator[None]:
    """A file that is refused as unknown is gone; its chat is not."""
    try:
        yield
    except Rejected as refused:
        if any(word in str(refused) for word in ("file_not_found", "file_deleted")):
            raise Gone(str(refused)) from refused
        raise


def _check_page(answer: aiohttp.ClientResponse, info: File) -> None:
    """Raise unless a file follows: where a scope is missing Slack shows a page, or leads to it."""
    page = answer.content_type == "text/html" and media_type(info) != "text/html"
    if answer.status in _ELSEWHERE or (answer.ok and page):
        raise Denied(_LOGIN)
    if answer.status in (404, 410):
        raise Gone("Slack: the file is gone")
    _check_status(answer)


def _check_status(answer: aiohttp.ClientResponse) -> None:
    """Raise unless all is well."""
    match answer.status:
        case 200:
            return
        case 413:
            raise TooLarge("Slack: HTTP 413")
        case 429:
            raise RateLimited("Slack: ratelimited", retry_after=pause(answer.headers))
        case status if status >= 500:  # noqa: PLR2004 - HTTP
            raise Unavailable(f"Slack: HTTP {status}")
        case status:
            raise Rejected(f"Slack: HTTP {status}")


async def _copy(answer: aiohttp.ClientResponse, into: BinaryIO, most: int) -> None:
    size = 0
    async for part in answer.content.iter_chunked(_PART):
        size += len(part)
        if size > most:
            raise TooLarge(f"Slack: a file of more than {most} bytes")
        into.write(part)
