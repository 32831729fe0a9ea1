"""How the bot changes what it has sent with a file."""

from collections.abc import AsyncIterator

import pytest
import telegram as ptb

from bridge.sandbox.telegram import Media, TelegramSimulator, attach
from tests.sandbox.telegram_client import OPUS, BotClient, client_of, ptb_of

PHOTO = attach.photo().content.data
NOT_MODIFIED = "400 Bad Request: message is not modified"


@pytest.fixture
def telegram() -> TelegramSimulator:
    simulator = TelegramSimulator(limits=None)
    simulator.say("Hello")
    return simulator


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


def media_of(telegram: TelegramSimulator, at: int = -1) -> Media:
    media = telegram.messages(501)[at].media
    assert media
    return media


async def test_a_caption_is_edited(telegram: TelegramSimulator, bot: BotClient) -> None:
    await bot("sendPhoto", chat_id=501, photo=("a.png", PHOTO), caption="One")
    target = {"chat_id": 501, "message_id": 2}
    edited = await bot("editMessageCaption", **target, caption="Two ")
    assert (edited["caption"], len(edited["photo"])) == ("Two", 4)
    assert (telegram.messages(501)[-1].caption, media_of(telegram).data) == ("Two", PHOTO)
    same = await bot.refusal("editMessageCaption", **target, caption="Two")
    assert same.startswith(NOT_MODIFIED)
    long = await bot.refusal("editMessageCaption", **target, caption="x" * 1025)
    assert long == "400 Bad Request: message caption is too long"
    assert "caption" not in await bot("editMessageCaption", **target)
    text = await bot.refusal("editMessageText", **target, text="x")
    assert text == "400 Bad Request: there is no text in the message to edit"
    await bot("sendMessage", chat_id=501, text="x")
    none = await bot.refusal("editMessageCaption", chat_id=501, message_id=3, caption="x")
    assert none == "400 Bad Request: there is no caption in the message to edit"


async def test_buttons_below_a_file_are_edited(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    await bot("sendPhoto", chat_id=501, photo=("a.png", PHOTO), caption="One")
    markup = {"inline_keyboard": [[{"text": "Stop", "callback_data": "s"}]]}
    await bot("editMessageReplyMarkup", chat_id=501, message_id=2, reply_markup=markup)
    shown = telegram.messages(501)[-1]
    assert (shown.caption, shown.buttons) == ("One", [[("Stop", "s")]])


async def test_python_telegram_bot_replaces_a_file(telegram: TelegramSimulator) -> None:
    async with ptb_of(telegram) as bot:
        sent = await bot.send_photo(501, PHOTO, caption="One")
        new = ptb.InputMediaDocument(b"%PDF", caption="Two", filename="a.pdf")
        edited = await bot.edit_message_media(new, 501, sent.id)
        assert isinstance(edited, ptb.Message)
        assert edited.document
        assert (edited.caption, edited.document.file_name) == ("Two", "a.pdf")
        again = ptb.InputMediaDocument(edited.document.file_id, caption="Two")
        with pytest.raises(ptb.error.BadRequest, match=r"(?i)message is not modified"):
            await bot.edit_message_media(again, 501, sent.id)
        text = await bot.send_message(501, "Only words")
        await bot.edit_message_media(new, 501, text.id)
    assert [(shown.caption, shown.edits) for shown in telegram.messages(501)[1:]] == [
        ("Two", 1),
        ("Two", 1),
    ]
    assert media_of(telegram).kind == "document"


WRONG_MEDIA: list[tuple[object, str]] = [
    ("{", "can't parse input media JSON object"),
    ("", 'parameter "media" is required'),
    ([], "can't parse InputMedia: expected an Object"),
    ({"media": "attach://a"}, "can't parse InputMedia: Can't find field \"type\""),
    ({"type": "photo"}, "can't parse InputMedia: media not found"),
    ({"type": "photo", "media": "attach://b"}, "can't parse InputMedia: media not found"),
    (
        {"type": "voice", "media": "attach://a"},
        'can\'t parse InputMedia: type "voice" is unsupported',
    ),
    ({"type": "photo", "media": "attach://a"}, "IMAGE_PROCESS_FAILED"),
    (
        {"type": "photo", "media": "attach://a", "parse_mode": "HTML"},
        "parse_mode is not simulated",
    ),
]


async def test_a_wrong_replacement_is_refused(telegram: TelegramSimulator, bot: BotClient) -> None:
    await bot("sendPhoto", chat_id=501, photo=("a.png", PHOTO))
    for media, reason in WRONG_MEDIA:
        refusal = await bot.refusal(
            "editMessageMedia", chat_id=501, message_id=2, media=media, a=b"x"
        )
        assert refusal == f"400 Bad Request: {reason}"
    await bot("sendVoice", chat_id=501, voice=("a.ogg", OPUS))
    document = {"type": "document", "media": "attach://a"}
    refusal = await bot.refusal(
        "editMessageMedia", chat_id=501, message_id=3, media=document, a=b"x"
    )
    assert refusal == "400 Bad Request: message media can't be edited"
    assert [shown.edits for shown in telegram.messages(501)] == [0, 0, 0]
