"""Files that users sent, fetched from Telegram."""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bridge.core.errors import (
    BridgeError,
    Denied,
    Gone,
    RateLimited,
    Rejected,
    Retryable,
    TooLarge,
    Unavailable,
)
from bridge.core.model import FileRef, Message
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.sandbox.telegram import Attachment, Filler, TelegramSimulator, attach, media_methods
from bridge.wire.serve import serve
from tests.platforms.telegram.rig import ANN, adapter_at, adapter_of
from tests.platforms.waiting import Heard, free_port, listening, until

MOST = 100 << 20  # bytes
DATA = bytes(range(256)) * 1000

SENT = [
    attach.photo(),
    attach.document("a.pdf", DATA),
    attach.audio(DATA),
    attach.voice(DATA),
    attach.video(DATA),
    attach.video_note(DATA),
    attach.animation(DATA),
]


class Parts(io.BytesIO):
    """A file that remembers how much it was given at once."""

    largest = 0

    def write(self, part, /):
        self.largest = max(self.largest, len(part))
        return super().write(part)


async def received(adapter: TelegramAdapter, count: int = 1) -> list[Message]:
    """The messages that arrive."""
    heard = Heard()
    async with listening(adapter, heard):
        await until(lambda: len(heard.messages) >= count)
    return heard.messages


async def sent(
    telegram: TelegramSimulator, adapter: TelegramAdapter, attachment: Attachment
) -> FileRef:
    """The file of a message that holds `attachment`."""
    telegram.send(attachment)
    [message] = await received(adapter)
    [file] = message.files
    return file


def gets(telegram: TelegramSimulator) -> int:
    """How often a file was asked for."""
    return [call.method for call in telegram.calls].count("getFile")


@pytest.mark.parametrize("attachment", SENT, ids=lambda attachment: attachment.kind)
async def test_a_file_is_fetched_as_it_was_sent(
    telegram: TelegramSimulator, adapter: TelegramAdapter, attachment: Attachment
):
    file, into = await sent(telegram, adapter, attachment), io.BytesIO()
    await adapter.download(file, into, most=MOST)
    assert into.getvalue() == attachment.content.data
    assert file.size == attachment.content.size


async def test_an_album_arrives_as_parts_of_one_group(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.send_album([attach.photo(), attach.video(DATA)], caption="look")
    one, two = await received(adapter, 2)
    assert one.group == two.group != ""
    assert (one.text, two.text) == ("look", "")
    assert [file.kind for part in (one, two) for file in part.files] == ["image", "video"]


async def test_a_large_file_comes_in_small_parts(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    file, into = await sent(telegram, adapter, attach.document("a.bin", 19 << 20)), Parts()
    await adapter.download(file, into, most=MOST)
    assert into.tell() == 19 << 20
    assert 0 < into.largest <= 1 << 20


async def test_a_file_that_is_told_to_be_too_large_is_not_asked_for(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    file = await sent(telegram, adapter, attach.document("a.bin", DATA))
    with pytest.raises(TooLarge):
        await adapter.download(file, io.BytesIO(), most=len(DATA) - 1)
    assert gets(telegram) == 0
    into = io.BytesIO()
    await adapter.download(file, into, most=len(DATA))
    assert into.getvalue() == DATA


async def test_a_file_that_turns_out_to_be_too_large_is_not_fetched(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    file = await sent(telegram, adapter, attach.document("a.bin", DATA))
    with pytest.raises(TooLarge):
        await adapter.download(FileRef(file.id, "file", "a.bin"), io.BytesIO(), most=1000)
    assert gets(telegram) == 1
    assert telegram.downloads.made == []


async def test_a_file_that_telegram_does_not_let_bots_have_is_too_large(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    file = await sent(telegram, adapter, attach.document("a.bin", Filler(21 << 20)))
    with pytest.raises(TooLarge, match="too big"):
        await adapter.download(file, io.BytesIO(), most=MOST)


async def test_a_file_that_nobody_knows_is_gone(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    with pytest.raises(Gone):
        await adapter.download(FileRef("x", "file", "x"), io.BytesIO(), most=MOST)


FAULTS: list[tuple[int, type[BridgeError]]] = [
    (404, Gone),
    (401, Denied),
    (429, RateLimited),
    (500, Unavailable),
    (502, Unavailable),
    (403, Rejected),
    (302, Rejected),
]


@pytest.mark.parametrize(("status", "meaning"), FAULTS)
async def test_a_download_that_is_refused_has_a_meaning(
    telegram: TelegramSimulator,
    adapter: TelegramAdapter,
    status: int,
    meaning: type[BridgeError],
):
    file, into = await sent(telegram, adapter, attach.document("a.bin", DATA)), io.BytesIO()
    telegram.downloads.fail(status=status)
    with pytest.raises(meaning) as caught:
        await adapter.download(file, into, most=MOST)
    assert type(caught.value) is meaning
    assert "sandbox-token" not in str(caught.value)
    assert into.getvalue() == b""


@pytest.mark.parametrize("after", [0, 100_000])
async def test_a_download_that_breaks_off_can_be_begun_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter, after: int
):
    file = await sent(telegram, adapter, attach.document("a.bin", DATA))
    telegram.downloads.fail(cut_after=after)
    with pytest.raises(Retryable) as caught:
        await adapter.download(file, io.BytesIO(), most=MOST)
    assert "sandbox-token" not in str(caught.value)
    into = io.BytesIO()
    await adapter.download(file, into, most=MOST)
    assert into.getvalue() == DATA


async def test_a_telegram_that_hangs_up_can_be_asked_again(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    file = await sent(telegram, adapter, attach.document("a.bin", DATA))
    telegram.fail("getFile", drop=True)
    with pytest.raises(Retryable):
        await adapter.download(file, io.BytesIO(), most=MOST)


async def test_a_telegram_that_is_away_can_be_asked_again():
    async with adapter_at(f"http://127.0.0.1:{free_port()}") as adapter:
        with pytest.raises(Unavailable, match="TELEGRAM_API_BASE"):
            await adapter.download(FileRef("x", "file", "x"), io.BytesIO(), most=MOST)


async def test_a_file_that_is_not_wanted_any_more_is_fetched_no_further(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    file = await sent(telegram, adapter, attach.document("a.bin", 19 << 20))
    begun, never = asyncio.Event(), asyncio.Event()

    async def pace(_: object) -> None:
        begun.set()
        await never.wait()

    telegram.downloads.pace = pace
    task = asyncio.create_task(adapter.download(file, io.BytesIO(), most=MOST))
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    telegram.downloads.pace = None
    into = io.BytesIO()
    await adapter.download(file, into, most=MOST)
    assert into.tell() == 19 << 20


@contextlib.asynccontextmanager
async def loose_telegram(path: str = "documents/f.bin") -> AsyncIterator[str]:
    """A Bot API that tells no size of its one file, which has no end, and maybe no address."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)  # nothing else waits once nobody listens

    async def get_file(_: Request) -> Response:
        file = {"file_id": "f", "file_unique_id": "u", "file_path": path}
        return JSONResponse({"ok": True, "result": file})

    async def file(_: Request) -> Response:
        return StreamingResponse(endless())

    routes = [
        Route("/bot{token}/getFile", get_file, methods=["POST"]),
        Route("/file/bot{token}/documents/f.bin", file),
    ]
    async with serve(Starlette(routes=routes)) as url:
        yield url


async def test_a_file_without_an_end_ends_where_it_is_too_large():
    into = io.BytesIO()
    async with loose_telegram() as url, adapter_at(url) as adapter:
        with pytest.raises(TooLarge):
            await adapter.download(FileRef("f", "file", "f.bin"), into, most=1 << 20)
    assert into.tell() <= 1 << 20


async def test_a_download_of_something_else_than_http_can_be_begun_again():
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        told = b'{"ok":true,"result":{"file_id":"f","file_unique_id":"u","file_path":"f"}}'
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(told)
        writer.write(head + told if asked.startswith(b"POST") else b"garbage\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with adapter_at(f"http://127.0.0.1:{port}") as adapter:
            with pytest.raises(Unavailable) as caught:
                await adapter.download(FileRef("f", "file", "f"), io.BytesIO(), most=MOST)
    assert "sandbox-token" not in str(caught.value)


async def test_a_server_of_ones_own_has_files_of_any_size_on_our_disk(tmp_path: Path):
    telegram = TelegramSimulator(limits=None, local=tmp_path)
    async with adapter_of(telegram, local_api=True) as adapter:
        file = await sent(telegram, adapter, attach.document("a.bin", 21 << 20))
        into = Parts()
        await adapter.download(file, into, most=MOST)
        assert into.tell() == 21 << 20
        assert into.largest <= 1 << 20
        with pytest.raises(TooLarge):
            await adapter.download(file, io.BytesIO(), most=1000)
    assert telegram.downloads.made == []
    assert telegram.messages(ANN)


async def test_what_a_server_of_ones_own_has_on_another_disk_is_fetched_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(media_methods, "_copied", lambda file, folder: folder / file.path)
    telegram = TelegramSimulator(limits=None, local=tmp_path)
    async with adapter_of(telegram, local_api=True) as adapter:
        file, into = await sent(telegram, adapter, attach.document("a.bin", DATA)), io.BytesIO()
        await adapter.download(file, into, most=MOST)
    assert into.getvalue() == DATA
    assert telegram.downloads.made[-1].path == "documents/file_0.bin"


@pytest.mark.parametrize("path", ["/nowhere/f.bin", "/proc/self/mem", "/dev/zero", "/"])
async def test_what_is_no_file_on_our_disk_or_cannot_be_read_there_is_gone(path: str):
    async with loose_telegram(path) as url, adapter_at(url, local_api=True) as adapter:
        with pytest.raises(Gone):
            await adapter.download(FileRef("f", "file", "f.bin"), io.BytesIO(), most=MOST)


async def test_what_a_server_that_is_not_ones_own_says_is_never_read_from_our_disk(
    tmp_path: Path,
):
    ours = tmp_path / "f.bin"
    ours.write_bytes(b"private")
    async with loose_telegram(str(ours)) as url, adapter_at(url) as adapter:
        into = io.BytesIO()
        with pytest.raises(Gone):
            await adapter.download(FileRef("f", "file", "f.bin"), into, most=MOST)
        assert into.getvalue() == b""
