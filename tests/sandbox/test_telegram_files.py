"""Files that people send."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.sandbox.telegram import Attachment, TelegramSimulator, attach
from tests.sandbox.telegram_client import BotClient, client_of, ptb_of

MB = 1 << 20
GROUP = -1001


@pytest.fixture
def telegram() -> TelegramSimulator:
    return TelegramSimulator(limits=None)


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


KINDS: list[tuple[Attachment, dict[str, Any], str]] = [
    (
        attach.document("报告.pdf", b"%PDF"),
        {"file_name": "报告.pdf", "mime_type": "application/pdf", "file_size": 4},
        "documents/file_0.pdf",
    ),
    (attach.document("raw", 9, mime=""), {"file_name": "raw", "mime_type": None}, "file_0"),
    (
        attach.audio(b"ID3", title="Blue", duration=7),
        {"title": "Blue", "duration": 7, "mime_type": "audio/mpeg", "performer": None},
        "music/file_0.mp3",
    ),
    (attach.voice(duration=4), {"duration": 4, "mime_type": "audio/ogg"}, "voice/file_0.oga"),
    (
        attach.video(5 * MB, width=320, height=240),
        {"width": 320, "height": 240, "file_size": 5 * MB},
        "videos/file_0.mp4",
    ),
    (attach.video_note(b"mp4", length=240), {"length": 240}, "video_notes/file_0.mp4"),
    (attach.animation(b"mp4"), {"file_name": "wave.mp4"}, "animations/file_0.mp4"),
    (attach.sticker(emoji="🔥"), {"emoji": "🔥", "is_animated": False}, "stickers/file_0.webp"),
]


@pytest.mark.parametrize(("sent", "told", "path"), KINDS, ids=[k[0].kind for k in KINDS])
async def test_python_telegram_bot_gets_every_kind_of_file(
    telegram: TelegramSimulator, sent: Attachment, told: dict[str, Any], path: str
) -> None:
    telegram.send(sent, chat=7, name="Bo")
    async with ptb_of(telegram) as bot:
        (update,) = await bot.get_updates()
        assert update.message
        assert update.message.from_user
        assert update.message.from_user.first_name == "Bo"
        received = getattr(update.message, sent.kind)
        assert {name: received.to_dict().get(name) for name in told} == told
        file = await received.get_file()
        assert file.file_path.endswith(path)
        assert bytes(await file.download_as_bytearray()) == b"".join(sent.content.pieces())
    media = telegram.messages(7)[0].media
    assert media
    assert (media.kind, media.name, media.size) == (sent.kind, sent.name, sent.content.size)


async def test_a_photo_comes_in_several_sizes(telegram: TelegramSimulator) -> None:
    telegram.send_photo(caption="A cat")
    async with ptb_of(telegram) as bot:
        (update,) = await bot.get_updates()
        assert update.message
        assert update.message.caption == "A cat"
        sizes = update.message.photo
        sides = [(size.width, size.height) for size in sizes]
        assert sides == [(90, 68), (320, 240), (800, 600), (1280, 960)]
        assert len({size.file_unique_id for size in sizes}) == 4
        contents = [await (await size.get_file()).download_as_bytearray() for size in sizes]
    assert all(content.startswith(b"\xff\xd8\xff\xe0") for content in contents)
    assert [len(content) for content in contents] == [size.file_size for size in sizes]
    media = telegram.messages(501)[0].media
    assert media
    assert (media.size, media.data) == (len(contents[-1]), bytes(contents[-1]))


async def test_a_small_photo_has_no_larger_copies(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    gif = b"GIF89a\x40\x01\x0a\x00" + bytes(10)
    telegram.send_photo(gif)
    (update,) = await bot.updates()
    sizes = update["message"]["photo"]
    assert [(size["width"], size["height"]) for size in sizes] == [(90, 3), (320, 10)]
    answer = await bot.http.get(await bot.path_of(sizes[-1]["file_id"]))
    assert answer.content == gif


async def test_places_and_contacts_have_no_file(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.send_location(39.9, 116.4)
    telegram.send_contact("+8610", "安")
    place, contact = [update["message"] for update in await bot.updates()]
    assert place["location"] == {"latitude": 39.9, "longitude": 116.4}
    assert contact["contact"] == {"phone_number": "+8610", "first_name": "安"}
    shown = telegram.messages(501)[0]
    assert shown.media
    assert (shown.media.details["latitude"], shown.media.size) == (39.9, 0)


async def test_each_kind_has_its_own_way_of_sending(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    where: Any = {"chat": GROUP, "user": 9, "name": "Bo", "language": "zh", "thread": 4}
    telegram.privacy = False
    telegram.say("Hi", **where)
    telegram.send_photo(caption="1", **where, reply_to=1)
    telegram.send_document("a.txt", b"x", caption="2", **where, reply_to=1)
    telegram.send_audio(b"ID3", caption="3", **where, reply_to=1)
    telegram.send_voice(caption="4", **where, reply_to=1)
    telegram.send_video(10, caption="5", **where, reply_to=1)
    telegram.send_video_note(10, **where, reply_to=1)
    telegram.send_animation(10, caption="6", **where, reply_to=1)
    telegram.send_sticker("👌", **where, reply_to=1)
    messages = [update["message"] for update in await bot.updates()][1:]
    assert [message.get("caption", "") for message in messages] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "",
        "6",
        "",
    ]
    for message in messages:
        assert message["from"]["id"] == 9
        assert message["from"]["language_code"] == "zh"
        assert message["message_thread_id"] == 4
        assert message["reply_to_message"]["text"] == "Hi"
    kinds = [shown.media.kind for shown in telegram.messages(GROUP) if shown.media]
    assert kinds == [
        *("photo", "document", "audio", "voice"),
        *("video", "video_note", "animation", "sticker"),
    ]


async def test_an_animation_is_a_document_too(telegram: TelegramSimulator, bot: BotClient) -> None:
    telegram.send_animation(b"mp4")
    (update,) = await bot.updates()
    message = update["message"]
    assert message["document"]["file_id"] == message["animation"]["file_id"]
    assert "duration" not in message["document"]


async def test_a_caption_has_entities(telegram: TelegramSimulator, bot: BotClient) -> None:
    bold = {"type": "bold", "offset": 0, "length": 3}
    telegram.send_photo(caption="See /new @coze_sandbox_bot", caption_entities=[bold])
    (update,) = await bot.updates()
    message = update["message"]
    assert message["caption_entities"] == [
        bold,
        {"type": "bot_command", "offset": 4, "length": 4},
        {"type": "mention", "offset": 9, "length": 17},
    ]
    assert "text" not in message
    shown = telegram.messages(501)[0]
    assert shown.caption == shown.text == "See /new @coze_sandbox_bot"
    assert shown.entities == message["caption_entities"]


def test_what_no_client_sends_is_an_error(telegram: TelegramSimulator) -> None:
    with pytest.raises(ValueError, match="caption is too long"):
        telegram.send_photo(caption="x" * 1025)
    with pytest.raises(ValueError, match="below a sticker"):
        telegram.send(Attachment("sticker", caption="x"))
    with pytest.raises(LookupError):
        telegram.send_voice(reply_to=9)
    assert telegram.messages(501) == []


async def test_in_a_group_the_bot_sees_the_files_that_concern_it(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    assert not telegram.send_photo(chat=GROUP)
    assert not telegram.send_photo(chat=GROUP, caption="Nice")
    assert telegram.send_photo(chat=GROUP, caption="@coze_sandbox_bot What is it?")
    sent = await bot("sendMessage", chat_id=GROUP, text="Hi")
    assert telegram.send_voice(chat=GROUP, reply_to=sent["message_id"])
    telegram.promote(GROUP)
    assert telegram.send_photo(chat=GROUP)


async def test_a_person_edits_a_caption(telegram: TelegramSimulator, bot: BotClient) -> None:
    telegram.say("One")
    telegram.send_photo(caption="Cat")
    telegram.send_sticker()
    await bot.updates()
    assert telegram.edit(1, "Two")
    assert telegram.edit(2, "")
    first, second = [update["edited_message"] for update in await bot.updates()]
    assert (first["text"], first["message_id"]) == ("Two", 1)
    assert "caption" not in second
    assert second["photo"]
    assert [shown.edits for shown in telegram.messages(501)] == [1, 1, 0]
    with pytest.raises(ValueError, match="no words"):
        telegram.edit(3, "x")
    with pytest.raises(ValueError, match="Bad Request"):
        telegram.edit(1, " ")
    await bot("sendMessage", chat_id=501, text="x")
    with pytest.raises(LookupError):
        telegram.edit(4, "Mine")
