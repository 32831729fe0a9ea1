"""Files that the bot sends."""

import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import telegram as ptb

from bridge.sandbox.telegram import Bucket, Media, TelegramLimits, TelegramSimulator, attach
from tests.sandbox.telegram_client import OPUS, BotClient, client_of, ptb_of

MB = 1 << 20
PHOTO = attach.photo().content.data
BIG_PHOTO = (
    f"file of size {10 * MB + len(PHOTO)} bytes is too big for a photo;"
    f" the maximum size is {10 * MB} bytes"
)


@pytest.fixture
def telegram() -> TelegramSimulator:
    simulator = TelegramSimulator(limits=None)
    simulator.say("Hello")
    return simulator


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


def bitmap(width: int, height: int) -> bytes:
    sides = width.to_bytes(4, "little") + height.to_bytes(4, "little")
    return b"BM" + bytes(16) + sides


def media_of(telegram: TelegramSimulator, at: int = -1) -> Media:
    media = telegram.messages(501)[at].media
    assert media
    return media


async def test_python_telegram_bot_sends_every_kind(telegram: TelegramSimulator) -> None:
    bold = ptb.MessageEntity("bold", 0, 3)
    caption: Any = {"caption": "See it", "caption_entities": [bold]}
    async with ptb_of(telegram) as bot:
        photo = await bot.send_photo(501, PHOTO, **caption)
        document = await bot.send_document(501, b"%PDF", filename="报告.pdf", **caption)
        audio = await bot.send_audio(501, b"ID3", title="Blue", duration=7, **caption)
        voice = await bot.send_voice(501, OPUS, duration=3, **caption)
        video = await bot.send_video(501, b"mp4", width=320, height=240, **caption)
        animation = await bot.send_animation(501, b"GIF89a", filename="a.gif", **caption)
        place = await bot.send_location(501, 39.9, 116.4)
    assert [(size.width, size.height) for size in photo.photo][-1] == (1280, 960)
    assert document.document
    assert (document.document.file_name, document.document.mime_type) == (
        "报告.pdf",
        "application/pdf",
    )
    assert audio.audio
    assert (audio.audio.title, audio.audio.file_size) == ("Blue", 3)
    assert voice.voice
    assert video.video
    assert (video.video.width, video.video.height) == (320, 240)
    assert animation.animation
    assert place.location
    for message in (photo, document, audio, voice, video, animation):
        assert (message.caption, message.caption_entities) == ("See it", (bold,))
    shown = telegram.messages(501)[1:]
    assert [one.media.kind for one in shown if one.media] == [
        *("photo", "document", "audio", "voice", "video", "animation", "location"),
    ]
    assert shown[0].media
    assert (shown[0].media.data, shown[0].media.sha256) == (
        PHOTO,
        hashlib.sha256(PHOTO).hexdigest(),
    )
    assert (shown[1].caption, shown[1].entities) == ("See it", [bold.to_dict()])
    assert (shown[6].caption, shown[6].text) == ("", "")
    words = telegram.messages(501)[0]
    assert (words.caption, words.text, words.media) == ("", "Hello", None)


async def test_a_sent_file_can_be_fetched_and_sent_again(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    sent = await bot("sendDocument", chat_id=501, document=("a.txt", b"abc"))
    file_id = sent["document"]["file_id"]
    path = (await bot("getFile", file_id=file_id))["file_path"]
    answer = await bot.http.get(f"/file/bot100:sandbox-token/{path}")
    assert (path, answer.content) == ("documents/file_0.txt", b"abc")
    again = await bot("sendDocument", chat_id=501, document=file_id, caption="Again")
    assert again["document"] == sent["document"]
    assert media_of(telegram) == media_of(telegram, -2)


async def test_a_file_of_a_person_can_be_sent_back(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.send_photo()
    small = (await bot.updates())[-1]["message"]["photo"][0]
    sent = await bot("sendPhoto", chat_id=501, photo=small["file_id"])
    assert [size["width"] for size in sent["photo"]] == [90, 320, 800, 1280]
    refusal = await bot.refusal("sendDocument", chat_id=501, document=small["file_id"])
    assert refusal == "400 Bad Request: can't use file of type Photo as Document"


async def test_a_file_goes_where_and_looks_as_it_is_told(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.say("Hi", thread=4)
    markup = {"inline_keyboard": [[{"text": "Stop", "callback_data": "s"}]]}
    sent = await bot(
        "sendPhoto",
        chat_id=501,
        photo=("a.png", PHOTO),
        message_thread_id=4,
        reply_parameters={"message_id": 2},
        reply_markup=markup,
    )
    assert (sent["message_thread_id"], sent["reply_to_message"]["text"]) == (4, "Hi")
    shown = telegram.messages(501)[-1]
    assert (shown.thread, shown.reply_to, shown.buttons) == (4, 2, [[("Stop", "s")]])
    telegram.press(shown.id, "Stop", chat=501)


WRONG_FILES: list[tuple[str, dict[str, Any], str]] = [
    ("sendPhoto", {}, "there is no photo in the request"),
    ("sendVoice", {"voice": "attach://other"}, "there is no voice in the request"),
    ("sendPhoto", {"photo": ("a.png", b"")}, "file must be non-empty"),
    ("sendPhoto", {"photo": ("a.png", b"%PDF")}, "IMAGE_PROCESS_FAILED"),
    ("sendPhoto", {"photo": ("a.bmp", bitmap(9000, 1001))}, "PHOTO_INVALID_DIMENSIONS"),
    ("sendPhoto", {"photo": ("a.bmp", bitmap(2001, 100))}, "PHOTO_INVALID_DIMENSIONS"),
    (
        "sendPhoto",
        {"photo": ("a.png", PHOTO + bytes(10 * MB))},
        BIG_PHOTO,
    ),
    (
        "sendVoice",
        {"voice": ("a.wav", b"RIFF....WAVE")},
        "a voice message must be OGG with Opus, MP3 or M4A",
    ),
    (
        "sendVoice",
        {"voice": ("a.ogg", b"OggS" + bytes(24) + b"\1vorbis")},
        "a voice message must be OGG with Opus, MP3 or M4A",
    ),
    (
        "sendDocument",
        {"document": "https://example.com/a.pdf"},
        "failed to get HTTP URL content",
    ),
    ("sendDocument", {"document": "BQACAgIA"}, "wrong file identifier/HTTP URL specified"),
    (
        "sendPhoto",
        {"photo": ("a.png", PHOTO), "caption": "x" * 1025},
        "message caption is too long",
    ),
    (
        "sendPhoto",
        {"photo": ("a.png", PHOTO), "caption": "\U0001f600" * 513},
        "message caption is too long",
    ),
    (
        "sendPhoto",
        {
            "photo": ("a.png", PHOTO),
            "caption": "x",
            "caption_entities": [{"type": "bold", "offset": 0, "length": 2}],
        },
        "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 2",
    ),
    (
        "sendPhoto",
        {"photo": ("a.png", PHOTO), "caption": "x", "parse_mode": "HTML"},
        "parse_mode is not simulated",
    ),
    ("sendPhoto", {"photo": ("a.png", PHOTO), "chat_id": 77}, "chat not found"),
    ("sendLocation", {"longitude": 1}, "latitude is empty"),
    ("sendLocation", {"latitude": 91, "longitude": 1}, "invalid location specified"),
]


@pytest.mark.parametrize(
    ("method", "params", "reason"), WRONG_FILES, ids=[wrong[2] for wrong in WRONG_FILES]
)
async def test_a_wrong_file_is_refused(
    telegram: TelegramSimulator,
    bot: BotClient,
    method: str,
    params: dict[str, Any],
    reason: str,
) -> None:
    refusal = await bot.refusal(method, **{"chat_id": 501} | params)
    assert refusal == f"400 Bad Request: {reason}"
    assert len(telegram.messages(501)) == 1


async def test_a_caption_is_counted_after_trimming(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    caption = "  " + "\U0001f600" * 512 + "\n"
    await bot("sendPhoto", chat_id=501, photo=("a.png", PHOTO), caption=caption)
    assert telegram.messages(501)[-1].caption == "\U0001f600" * 512
    await bot("sendPhoto", chat_id=501, photo=("a.png", PHOTO), caption=" \n")
    assert telegram.messages(501)[-1].caption == ""


VOICES = [OPUS, b"ID3\4", b"\xff\xfb\x90", b"\0\0\0\x20ftypM4A "]


async def test_voice_messages_come_in_three_formats(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    for voice in VOICES:
        await bot("sendVoice", chat_id=501, voice=("a", voice))
        assert media_of(telegram).data == voice


async def test_more_than_50_mb_is_too_large(bot: BotClient) -> None:
    half = ("a.bin", bytes(25 * MB))
    whole = {"media": [{"type": "document", "media": f"attach://{name}"} for name in "ab"]}
    await bot("sendMediaGroup", chat_id=501, a=half, b=half, **whole)
    more = ("a.bin", bytes(25 * MB + 1))
    refusal = await bot.refusal("sendMediaGroup", chat_id=501, a=half, b=more, **whole)
    assert refusal == "413 Request Entity Too Large"


async def test_a_100_mb_document_is_uploaded_without_taking_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    with path.open("wb") as big:
        big.truncate(100 * MB)
    telegram = TelegramSimulator(limits=None, local=True)
    telegram.say("Hi")
    async with ptb_of(telegram) as bot:
        with path.open("rb") as handle:
            tracemalloc.start()
            try:
                file = ptb.InputFile(handle, read_file_handle=False)
                sent = await bot.send_document(501, file, read_timeout=60, write_timeout=60)
                _, peak = tracemalloc.get_traced_memory()
            finally:
                tracemalloc.stop()
        assert sent.document
        with pytest.raises(ptb.error.BadRequest, match="temporarily unavailable"):
            await sent.document.get_file()
    zeros = hashlib.sha256()
    for _ in range(100):
        zeros.update(bytes(MB))
    media = media_of(telegram)
    assert (media.name, media.size, media.sha256) == ("big.bin", 100 * MB, zeros.hexdigest())
    assert media.data == bytes(MB)
    assert peak < 8 * MB


async def test_files_and_texts_share_the_budget_of_their_chat() -> None:
    telegram = TelegramSimulator(
        limits=TelegramLimits(chat=Bucket(burst=3, every=60.0)), clock=lambda: 0.0
    )
    telegram.say("Hi")
    async with client_of(telegram) as bot:
        await bot("sendPhoto", chat_id=501, photo=("a.png", PHOTO))
        await bot("sendMessage", chat_id=501, text="x")
        # What the last server refuses has been counted.
        wrong = await bot.refusal("sendPhoto", chat_id=501, photo=("a.png", b"%PDF"))
        assert wrong == "400 Bad Request: IMAGE_PROCESS_FAILED"
        edit = {"chat_id": 501, "message_id": 2, "caption": "x"}
        assert (await bot.refusal("editMessageCaption", **edit)).startswith("429 ")
        flood = await bot.refusal("sendPhoto", chat_id=501, photo=("a.png", PHOTO))
        assert flood == "429 Too Many Requests: retry after 60"


async def test_a_file_is_seen_in_the_calls(telegram: TelegramSimulator, bot: BotClient) -> None:
    await bot("sendDocument", chat_id=501, document=("a.bin", bytes(3 * MB)), caption="x")
    params = telegram.calls[-1].params
    (upload,) = params.uploads
    assert (params["caption"], upload.name, upload.size) == ("x", "a.bin", 3 * MB)
    assert repr(upload) == f"Upload('a.bin', {3 * MB} bytes)"
