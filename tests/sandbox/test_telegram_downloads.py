"""How the bot fetches files: getFile, and what lies behind its paths."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import telegram as ptb

from bridge.sandbox.telegram import Download, Filler, TelegramSimulator
from tests.sandbox.telegram_client import TOKEN, BotClient, client_of, ptb_of

MB = 1 << 20


@pytest.fixture
def telegram() -> TelegramSimulator:
    return TelegramSimulator(limits=None)


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


async def test_a_file_of_more_than_20_mb_is_refused(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.send_document("a.zip", 20 * MB)
    telegram.send_document("b.zip", 20 * MB + 1)
    small, big = [update["message"]["document"] for update in await bot.updates()]
    assert (await bot("getFile", file_id=small["file_id"]))["file_size"] == 20 * MB
    refusal = await bot.refusal("getFile", file_id=big["file_id"])
    assert refusal == "400 Bad Request: file is too big"


async def test_a_file_that_is_not_known_is_refused(bot: BotClient) -> None:
    assert await bot.refusal("getFile") == "400 Bad Request: file_id not specified"
    assert await bot.refusal("getFile", file_id="x") == "400 Bad Request: invalid file_id"


async def test_a_100_mb_document_takes_no_memory() -> None:
    telegram = TelegramSimulator(limits=None, local=True)
    telegram.send_document("big.bin", Filler(100 * MB, fill=b"\0\1\2", head=b"MAGIC"))
    async with client_of(telegram) as bot:
        (update,) = await bot.updates()
        path = await bot.path_of(update["message"]["document"]["file_id"])
        tracemalloc.start()
        try:
            digest, size, begin = hashlib.sha256(), 0, b""
            async with bot.http.stream("GET", path) as answer:
                async for piece in answer.aiter_raw():
                    begin = begin or piece[:8]
                    digest.update(piece)
                    size += len(piece)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    media = telegram.messages(501)[0].media
    assert media
    assert (size, begin) == (100 * MB, b"MAGIC\0\1\2")
    assert digest.hexdigest() == media.sha256
    assert len(media.data) == MB
    assert peak < 8 * MB


async def test_a_self_hosted_server_leaves_the_files_in_a_folder(tmp_path: Path) -> None:
    telegram = TelegramSimulator(limits=None, local=tmp_path)
    telegram.send_document("b.bin", 21 * MB)
    async with ptb_of(telegram, local=True) as bot:
        (update,) = await bot.get_updates()
        assert update.message
        assert update.message.document
        file = await update.message.document.get_file()
        assert file.file_path == str(tmp_path / TOKEN / "documents/file_0.bin")
        path = await file.download_to_drive()
    assert path.stat().st_size == 21 * MB


async def test_a_path_expires_until_the_next_getfile(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.send_voice()
    (update,) = await bot.updates()
    voice = update["message"]["voice"]["file_id"]
    path = await bot.path_of(voice)
    assert (await bot.http.get(path)).status_code == 200
    telegram.downloads.expire()
    gone = await bot.http.get(path)
    assert gone.status_code == 404
    assert gone.json() == {"ok": False, "error_code": 404, "description": "Not Found"}
    assert (await bot.http.get(await bot.path_of(voice))).status_code == 200
    assert [download.status for download in telegram.downloads.made] == [200, 404, 200]


async def test_a_path_without_getfile_or_with_a_wrong_token_is_not_found(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.send_voice()
    assert (await bot.http.get(f"/file/bot{TOKEN}/voice/file_0.oga")).status_code == 404
    (update,) = await bot.updates()
    path = await bot.path_of(update["message"]["voice"]["file_id"])
    assert path.endswith("voice/file_0.oga")
    assert (await bot.http.get(path)).status_code == 200
    assert (await bot.http.get(path.replace(TOKEN, "100:other"))).status_code == 404


@pytest.fixture
async def path(telegram: TelegramSimulator, bot: BotClient) -> str:
    """The path of a file of 1 MiB."""
    telegram.send_document("a.bin", MB)
    (update,) = await bot.updates()
    return await bot.path_of(update["message"]["document"]["file_id"])


async def test_a_call_of_getfile_can_go_wrong(telegram: TelegramSimulator, bot: BotClient) -> None:
    telegram.send_voice()
    (update,) = await bot.updates()
    telegram.fail("getFile", status=502, description="Bad Gateway")
    refusal = await bot.refusal("getFile", file_id=update["message"]["voice"]["file_id"])
    assert refusal == "502 Bad Gateway"


async def test_a_download_can_go_wrong(
    telegram: TelegramSimulator, bot: BotClient, path: str
) -> None:
    telegram.downloads.fail()
    telegram.downloads.fail(status=500, times=2)
    assert [(await bot.http.get(path)).status_code for _ in range(4)] == [404, 500, 500, 200]
    last = await telegram.changes.until(
        lambda: [download for download in telegram.downloads.made if download.whole]
    )
    assert last == [Download(path.partition(f"{TOKEN}/")[2], 200, MB, whole=True)]


async def stream(http: httpx.AsyncClient, path: str, into: bytearray) -> None:
    async with http.stream("GET", path) as answer:
        assert answer.headers["content-length"] == str(MB)
        async for piece in answer.aiter_raw():
            into += piece


@pytest.mark.parametrize("end", [0, 1, 500_000])
async def test_a_download_can_be_cut_in_the_middle(
    telegram: TelegramSimulator, bot: BotClient, path: str, end: int
) -> None:
    telegram.downloads.fail(cut_after=end)
    received = bytearray()
    with pytest.raises(httpx.RemoteProtocolError):
        await stream(bot.http, path, received)
    assert len(received) == end
    assert (telegram.downloads.made[0].sent, telegram.downloads.made[0].whole) == (end, False)
    assert len((await bot.http.get(path)).content) == MB


async def test_a_download_can_be_slow(
    telegram: TelegramSimulator, bot: BotClient, path: str
) -> None:
    go_on = asyncio.Event()
    seen: list[int] = []

    async def pace(download: Download) -> None:
        seen.append(download.sent)
        telegram.changes.notify()
        if download.sent >= 200_000:
            await go_on.wait()

    telegram.downloads.pace = pace
    fetching = asyncio.create_task(bot.http.get(path))
    await telegram.changes.until(lambda: seen and seen[-1] >= 200_000)
    assert not fetching.done()
    go_on.set()
    assert len((await fetching).content) == MB
    await telegram.changes.until(lambda: telegram.downloads.made[0].whole)


async def test_a_download_ends_when_its_client_goes_away(
    telegram: TelegramSimulator, bot: BotClient, path: str
) -> None:
    stuck, ended = asyncio.Event(), asyncio.Event()

    async def pace(_: Download) -> None:
        stuck.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    telegram.downloads.pace = pace
    fetching = asyncio.create_task(bot.http.get(path))
    await stuck.wait()
    fetching.cancel()
    await ended.wait()
    assert telegram.downloads.made == [
        Download(path.partition(f"{TOKEN}/")[2], 200, 0, whole=False)
    ]


async def test_python_telegram_bot_sees_a_cut_download_as_a_network_error(
    telegram: TelegramSimulator,
) -> None:
    telegram.send_document("a.bin", MB)
    async with ptb_of(telegram) as bot:
        (update,) = await bot.get_updates()
        assert update.message
        assert update.message.document
        file = await update.message.document.get_file()
        telegram.downloads.fail(cut_after=9)
        with pytest.raises(ptb.error.NetworkError):
            await file.download_as_bytearray()
        telegram.downloads.expire()
        with pytest.raises(ptb.error.InvalidToken):
            await file.download_as_bytearray()
