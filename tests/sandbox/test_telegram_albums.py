"""Several files in one message, as people see it; in the Bot API each is a message."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
import telegram as ptb

from bridge.sandbox.telegram import Attachment, Bucket, TelegramLimits, TelegramSimulator, attach
from tests.sandbox.telegram_client import BotClient, client_of, ptb_of

GROUP = -1001
PHOTO = attach.photo().content.data


@pytest.fixture
def telegram() -> TelegramSimulator:
    simulator = TelegramSimulator(limits=None)
    simulator.say("Hello")
    return simulator


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


def item(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "media": f"attach://{name}", **more}


async def test_an_album_of_a_person_is_several_updates(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    ids = telegram.send_album(
        [attach.photo(), attach.video(10), attach.photo(caption="The last")],
        caption="Look",
        thread=3,
        reply_to=1,
    )
    updates = (await bot.updates())[1:]
    assert [update["update_id"] for update in updates] == ids
    messages = [update["message"] for update in updates]
    assert [message.get("caption") for message in messages] == ["Look", None, "The last"]
    assert [message["message_id"] for message in messages] == [2, 3, 4]
    assert {message["message_thread_id"] for message in messages} == {3}
    assert all(message["reply_to_message"]["text"] == "Hello" for message in messages)
    (album,) = {message["media_group_id"] for message in messages}
    assert {shown.album for shown in telegram.messages(501)} == {"", album}
    telegram.send_album([attach.document("a.txt", 1), attach.document("b.txt", 1)])
    assert telegram.messages(501)[-1].album not in {"", album}


async def test_in_a_group_the_bot_sees_only_the_part_that_mentions_it(
    telegram: TelegramSimulator,
) -> None:
    photos = [attach.photo(), attach.photo()]
    seen = telegram.send_album(photos, caption="@coze_sandbox_bot, look", chat=GROUP)
    assert (seen[0] > 0, seen[1]) == (True, 0)
    telegram.promote(GROUP)
    assert all(telegram.send_album(photos, chat=GROUP))


WRONG_ALBUMS: list[tuple[Sequence[Attachment], str]] = [
    ([attach.photo()], "two to ten"),
    ([attach.photo()] * 11, "two to ten"),
    ([attach.photo(), attach.voice()], "two to ten"),
    ([attach.photo(), attach.document("a", 1)], "mixed"),
]


def test_an_album_that_no_client_sends_is_an_error(telegram: TelegramSimulator) -> None:
    for album, reason in WRONG_ALBUMS:
        with pytest.raises(ValueError, match=reason):
            telegram.send_album(album)
    assert len(telegram.messages(501)) == 1


async def test_python_telegram_bot_sends_an_album(telegram: TelegramSimulator) -> None:
    async with ptb_of(telegram) as bot:
        sent = await bot.send_media_group(
            501,
            [ptb.InputMediaPhoto(PHOTO), ptb.InputMediaVideo(b"mp4")],
            caption="First",
        )
        one = await bot.send_media_group(501, [ptb.InputMediaPhoto(sent[0].photo[0].file_id)])
    assert [message.caption for message in sent] == ["First", None]
    assert len({message.media_group_id for message in sent}) == 1
    assert one[0].media_group_id is None
    shown = telegram.messages(501)[1:]
    assert [one.media.kind for one in shown if one.media] == ["photo", "video", "photo"]
    assert shown[0].album == shown[1].album == sent[0].media_group_id


WRONG_GROUPS: list[tuple[object, str]] = [
    ("[", "can't parse media JSON object"),
    ({}, "expected an Array of InputMedia"),
    ([], "there are no messages to send"),
    ([item("photo", "p")] * 11, "too many messages to send as an album"),
    (
        [item("photo", "p"), item("document", "d")],
        "document can't be mixed with other media types",
    ),
    ([item("audio", "d"), item("video", "d")], "audio can't be mixed with other media types"),
    (
        [item("animation", "d")],
        "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup",
    ),
    ([item("photo", "x")], "can't parse InputMedia: media not found"),
    (
        [item("photo", "p"), item("photo", "d")],
        'failed to send message #2 with the error message "IMAGE_PROCESS_FAILED"',
    ),
    ([item("photo", "p", caption="x" * 1025)] * 2, "message caption is too long"),
]


async def test_a_wrong_album_is_refused(telegram: TelegramSimulator, bot: BotClient) -> None:
    files = {"p": ("p.jpg", PHOTO), "d": ("d.txt", b"x")}
    for media, reason in WRONG_GROUPS:
        refusal = await bot.refusal("sendMediaGroup", chat_id=501, media=media, **files)
        assert refusal == f"400 Bad Request: {reason}"
    assert len(telegram.messages(501)) == 1


async def test_an_album_stays_one_when_a_part_is_replaced(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    album = [item("photo", "p"), item("photo", "p")]
    await bot("sendMediaGroup", chat_id=501, media=album, p=("p.jpg", PHOTO))
    target = {"chat_id": 501, "message_id": 2, "d": ("d.txt", b"x")}
    edited = await bot("editMessageMedia", **target, media=item("video", "d"))
    assert edited["media_group_id"] == telegram.messages(501)[-1].album
    for kind, reason in (
        ("document", "can't change media type in the album"),
        ("animation", "message content type can't be used in an album"),
    ):
        refusal = await bot.refusal("editMessageMedia", **target, media=item(kind, "d"))
        assert refusal == f"400 Bad Request: {reason}"


async def test_an_album_draws_for_each_of_its_messages() -> None:
    now = 0.0
    limits = TelegramLimits(chat=Bucket(burst=3, every=1.0), group=None, bot=None)
    telegram = TelegramSimulator(limits=limits, clock=lambda: now)
    telegram.say("Hi")
    album = {"chat_id": 501, "media": [item("photo", "p")] * 5, "p": ("p.jpg", PHOTO)}
    async with client_of(telegram) as bot:
        assert len(await bot("sendMediaGroup", **album)) == 5
        refusal = await bot.refusal("sendMessage", chat_id=501, text="x")
        assert refusal == "429 Too Many Requests: retry after 3"
        now = 3.0
        await bot("sendMessage", chat_id=501, text="x")
