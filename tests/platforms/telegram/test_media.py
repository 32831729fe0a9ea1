"""Files that the bot sends, seen from the people's side."""

import asyncio
import hashlib
import struct
import tracemalloc
from pathlib import Path

import pytest

from bridge.core.errors import BridgeError, ChatClosed, RateLimited, Rejected, TooLarge, Uncertain
from bridge.core.model import Address, Button, Kind, Media, Piece
from bridge.platforms.telegram import media as sending
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.platforms.telegram.images import sides
from bridge.platforms.telegram.media import form
from bridge.sandbox.telegram import Shown, TelegramSimulator, attach
from bridge.sandbox.telegram.formats import grey_jpeg
from tests.platforms.telegram.rig import ANN, PRIVATE, TEAM, adapter_at, adapter_of

MB = 1_000_000
OPUS = b"OggS\0\2" + bytes(22) + b"OpusHead" + bytes(100)
GIF = b"GIF89a" + struct.pack("<HH", 5, 5)


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


def webp(kind: bytes, rest: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + b"\0\0\0\0" + rest


@pytest.fixture
def folder(tmp_path: Path, telegram: TelegramSimulator) -> Path:
    """Where the files are; Ann has written."""
    telegram.say("hi")
    return tmp_path


def made(
    folder: Path,
    data: bytes,
    kind: Kind = "file",
    type_: str = "application/pdf",
    *,
    name: str = "a.pdf",
    size: int | None = None,
) -> Media:
    """A file on the disk that begins with `data`, with a hole behind it if `size` is more."""
    path = folder / "file"
    with path.open("wb") as file:
        file.write(data)
        file.truncate(size or len(data))
    return Media(str(path), kind, name, type_, size or len(data))


def last(telegram: TelegramSimulator, chat: int = ANN) -> Shown:
    return telegram.messages(chat)[-1]


def methods(telegram: TelegramSimulator) -> list[str]:
    return [call.method for call in telegram.calls]


FORMS: list[tuple[Kind, str, bytes, str]] = [
    ("image", "image/jpeg", grey_jpeg(20, 10), "photo"),
    ("image", "image/png", png(20, 10), "photo"),
    ("image", "image/webp", webp(b"VP8X", bytes(4) + bytes(6)), "photo"),
    ("image", "image/gif", GIF, "animation"),
    ("image", "image/svg+xml", b"<svg/>", "document"),
    ("image", "image/png", b"not a picture", "document"),
    ("image", "image/jpeg", grey_jpeg(1, 30), "document"),
    ("image", "image/png", png(1080, 12_000), "document"),
    ("voice", "audio/ogg; codecs=opus", OPUS, "voice"),
    ("voice", "audio/mpeg", b"ID3", "voice"),
    ("voice", "audio/ogg", b"OggS vorbis", "document"),
    ("voice", "audio/wav", b"RIFF", "document"),
    ("audio", "audio/mpeg", b"ID3", "audio"),
    ("audio", "audio/x-m4a", b"\0\0\0\0ftypM4A", "audio"),
    ("audio", "audio/flac", b"fLaC", "document"),
    ("video", "video/mp4", b"\0\0\0\0ftypmp42", "video"),
    ("video", "video/webm", b"\x1a\x45", "document"),
    ("file", "application/pdf", b"%PDF", "document"),
]


@pytest.mark.parametrize("row", FORMS)
async def test_a_file_is_shown_as_what_it_is(
    telegram: TelegramSimulator,
    adapter: TelegramAdapter,
    folder: Path,
    row: tuple[Kind, str, bytes, str],
):
    kind, type_, data, expected = row
    media = made(folder, data, kind, type_)
    id_ = await adapter.post(PRIVATE, Piece("", media="https://a.test"), mark="1", media=media)
    shown = last(telegram)
    assert shown.media
    assert (str(shown.id), shown.text, shown.entities) == (id_, "", [])
    assert (shown.media.kind, shown.media.data) == (expected, data)


async def test_a_picture_that_is_too_large_for_a_photo_is_a_document(
    telegram: TelegramSimulator, adapter: TelegramAdapter, folder: Path
):
    media = made(folder, png(20, 10), "image", "image/png", size=11 * MB, name="图.png")
    await adapter.post(PRIVATE, Piece(""), mark="1", media=media)
    shown = last(telegram).media
    assert shown
    assert (shown.kind, shown.name, shown.size) == ("document", "图.png", 11 * MB)


async def test_a_file_keeps_its_name(
    telegram: TelegramSimulator, adapter: TelegramAdapter, folder: Path
):
    media = made(folder, b"%PDF", name='报告 "1"\r\n.pdf')
    await adapter.post(PRIVATE, Piece(""), mark="1", media=media)
    shown = last(telegram).media
    assert shown
    assert shown.name.startswith('报告 "1"')


async def test_below_a_file_stand_its_caption_and_buttons(
    telegram: TelegramSimulator, adapter: TelegramAdapter, folder: Path
):
    piece = Piece("> so\n图", (Button("A", "a:", wide=True), Button("B", "b:")))
    await adapter.post(PRIVATE, piece, mark="1", media=made(folder, b"%PDF"))
    shown = last(telegram)
    assert shown.caption == "so\n\n图"
    assert shown.entities == [{"type": "blockquote", "offset": 0, "length": 2}]
    assert shown.buttons == [[("A", "a:")], [("B", "b:")]]


async def test_a_caption_has_what_there_is_room_for(
    telegram: TelegramSimulator, adapter: TelegramAdapter, folder: Path
):
    media = made(folder, b"%PDF")
    await adapter.post(PRIVATE, Piece("x" + "🎉" * 3000), mark="1", media=media)
    assert last(telegram).caption == "x" + "🎉" * 511


async def test_a_file_answers_its_question_and_stays_in_its_topic(
    telegram: TelegramSimulator, adapter: TelegramAdapter, folder: Path
):
    telegram.say("hi", chat=TEAM, thread=7)
    question = last(telegram, TEAM).id
    to = Address("telegram", str(TEAM), "7", reply_to=str(question))
    await adapter.post(to, Piece(""), mark="1", media=made(folder, b"%PDF"))
    shown = last(telegram, TEAM)
    assert (shown.thread, shown.reply_to) == (7, question)


async def test_a_file_is_removed_like_any_message(
    telegram: TelegramSimulator, adapter: TelegramAdapter, folder: Path
):
    id_ = await adapter.post(PRIVATE, Piece(""), mark="1", media=made(folder, b"%PDF"))
    await adapter.delete(PRIVATE, id_)
    assert [shown.text for shown in telegram.messages(ANN)] == ["hi"]


async def test_a_file_that_is_too_large_is_not_sent(
    telegram: TelegramSimulator, adapter: TelegramAdapter, folder: Path
):
    media = made(folder, b"%PDF", size=50 * MB + 1)
    with pytest.raises(TooLarge):
        await adapter.post(PRIVATE, Piece(""), mark="1", media=media)
    assert methods(telegram) == []


async def test_the_largest_file_is_sent_without_being_in_memory(
    telegram: TelegramSimulator, adapter: TelegramAdapter, folder: Path
):
    media = made(folder, b"%PDF", size=50 * MB)
    await adapter.whoami()
    tracemalloc.start()
    try:
        await adapter.post(PRIVATE, Piece(""), mark="1", media=media)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10 * MB
    shown = last(telegram).media
    assert shown
    assert shown.size == 50 * MB
    assert shown.sha256 == hashlib.sha256(b"%PDF" + bytes(50 * MB - 4)).hexdigest()


async def test_a_server_of_ones_own_takes_larger_files(folder: Path):
    telegram = TelegramSimulator(limits=None, local=True)
    telegram.say("hi")
    async with adapter_of(telegram, local_api=True) as adapter:
        media = made(folder, b"%PDF", size=51 * MB)
        await adapter.post(PRIVATE, Piece(""), mark="1", media=media)
        media = made(folder, b"%PDF", size=2000 * MB + 1)
        with pytest.raises(TooLarge):
            await adapter.post(PRIVATE, Piece(""), mark="2", media=media)
    shown = last(telegram).media
    assert shown
    assert shown.size == 51 * MB
    assert methods(telegram) == ["sendDocument"]


REFUSALS: list[tuple[int, str, type[BridgeError]]] = [
    (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", Rejected),
    (400, "Bad Request: IMAGE_PROCESS_FAILED", Rejected),
    (400, "Bad Request: not enough rights to send photos to the chat", Rejected),
    (400, "Bad Request: file of size 9 bytes is too big for a photo", TooLarge),
    (413, "Request Entity Too Large", TooLarge),
    (403, "Forbidden: bot was blocked by the user", ChatClosed),
    (502, "Bad Gateway", Uncertain),
]


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_file_that_is_refused_is_sent_once_and_says_why(
    telegram: TelegramSimulator,
    adapter: TelegramAdapter,
    folder: Path,
    refusal: tuple[int, str, type[BridgeError]],
):
    status, description, meaning = refusal
    telegram.fail("sendPhoto", status=status, description=description)
    media = made(folder, grey_jpeg(20, 10), "image", "image/jpeg")
    with pytest.raises(meaning) as caught:
        await adapter.post(PRIVATE, Piece(""), mark="1", media=media)
    assert type(caught.value) is meaning
    assert methods(telegram) == ["sendPhoto"]


async def test_a_pace_that_is_refused_names_the_pause(
    telegram: TelegramSimulator, adapter: TelegramAdapter, folder: Path
):
    telegram.fail("sendDocument", retry_after=17)
    with pytest.raises(RateLimited) as caught:
        await adapter.post(PRIVATE, Piece(""), mark="1", media=made(folder, b"%PDF"))
    assert caught.value.retry_after == 17


async def test_a_file_whose_sending_breaks_off_may_have_arrived(
    telegram: TelegramSimulator, adapter: TelegramAdapter, folder: Path
):
    telegram.fail("sendDocument", drop=True, after_doing=True)
    with pytest.raises(Uncertain) as caught:
        await adapter.post(PRIVATE, Piece(""), mark="1", media=made(folder, b"%PDF"))
    assert "sandbox-token" not in str(caught.value)
    assert last(telegram).media


async def test_a_telegram_that_hangs_up_while_a_file_is_sent_leaves_it_uncertain(folder: Path):
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.transport.abort()

    media = made(folder, b"%PDF", size=20 * MB)
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with adapter_at(f"http://127.0.0.1:{port}") as adapter:
            with pytest.raises(Uncertain) as caught:
                await adapter.post(PRIVATE, Piece(""), mark="1", media=media)
    assert "sandbox-token" not in str(caught.value)


async def test_a_telegram_that_takes_nothing_in_is_not_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sending, "_ANSWER", 0.2)
    monkeypatch.setattr(sending, "_SLOWEST", 1000 * MB)
    over = asyncio.Event()

    async def read_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    media = made(folder, b"%PDF", size=40 * MB)
    async with await asyncio.start_server(read_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with adapter_at(f"http://127.0.0.1:{port}") as adapter:
            with pytest.raises(Uncertain, match="in time"):
                await adapter.post(PRIVATE, Piece(""), mark="1", media=media)
        over.set()


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (png(3, 4), (3, 4)),
        (grey_jpeg(30, 40), (30, 40)),
        (b"\xff\xd8\xff\xff\xe1\0\4ab" + grey_jpeg(30, 40)[2:], (30, 40)),  # padding, EXIF
        (webp(b"VP8X", bytes(4) + b"\x02\0\0\x03\0\1"), (3, 65_540)),
        (webp(b"VP8L", b"\x2f" + (2 | 3 << 14).to_bytes(4, "little")), (3, 4)),
        (webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 3 | 1 << 14, 4)), (3, 4)),
        (png(3, 4)[:20], None),
        (grey_jpeg(30, 40)[:60], None),
        (b"\xff\xd8\xff", None),
        (b"\xff\xd8\xff" + b"\xff" * 100, None),
        (b"\xff\xd8\xff" + bytes(300_000), None),
        (webp(b"VP8X", b""), None),
        (GIF, None),
        (b"", None),
    ],
    ids=repr,
)
def test_the_sides_of_a_picture_are_told_from_its_beginning(
    head: bytes, size: tuple[int, int] | None
):
    assert sides(head[:300_000]) == size


def test_a_picture_without_an_extent_is_no_photo():
    media = Media("", "image", "a.png", "image/png", 100)
    assert form(media, png(0, 10)) == "document"
    assert form(media, png(1, 10)) == "photo"


def test_what_people_send_can_be_sent_back():
    head = attach.photo().content.data
    assert form(Media("", "image", "a.jpg", "image/jpeg", len(head)), head) == "photo"
