"""What a message holds besides words and files, what it answers, and what it was cut from."""

from typing import Any

import pytest
from aiogram.types import Update

from bridge.core.model import FileRef, Message, Quote
from bridge.sandbox.telegram import TelegramSimulator, attach, origins
from bridge.sandbox.telegram.attach import Attachment
from tests.platforms.telegram.updates import ANN, PHOTO, PRIVATE, TEAM, entity, heard, read, said
from tests.sandbox.telegram_client import client_of

BO = {"id": 502, "is_bot": False, "first_name": "Bo"}
COZE = {"id": 100, "is_bot": True, "first_name": "Coze"}


def theirs(who: dict[str, Any] = BO, **holds: Any) -> dict[str, Any]:
    """A message that is replied to."""
    return {"message_id": 41, "date": 1, "chat": PRIVATE, "from": who, **holds}


def edited(**more: Any) -> Message | None:
    changed = {"message_id": 42, "date": 1, "edit_date": 9, "chat": PRIVATE, "from": ANN}
    return read({"edited_message": changed | more})


async def told(attachment: Attachment, language: str) -> str:
    """What a message means that the simulated Telegram sends."""
    telegram = TelegramSimulator(limits=None)
    telegram.send(attachment, language=language)
    async with client_of(telegram) as bot:
        [update] = await bot.updates()
    Update.model_validate(update)
    message = read(update)
    assert message
    assert (message.command, message.files) == ("", ())
    return message.text


KINDS = [
    (attach.location(52.52, 13.405), "📍 Location: 52.52, 13.405", "📍 位置：52.52, 13.405"),
    (
        attach.venue(1, 2.5, "Café", "Road 1"),
        "📍 Place: Café, Road 1 (1, 2.5)",
        "📍 地点：Café, Road 1（1, 2.5）",
    ),
    (
        attach.contact("+49 1", "Bo", "Lee"),
        "👤 Contact: Bo Lee, +49 1",
        "👤 联系人：Bo Lee，+49 1",
    ),
    (
        attach.poll("Tea?", "Yes", "No"),
        "📊 Poll: Tea?\n- Yes\n- No",
        "📊 投票：Tea?\n- Yes\n- No",
    ),
    (attach.dice(4, "🎯"), "🎯 4", "🎯 4"),
    (attach.sticker(emoji="🎉"), "🎉", "🎉"),
]


@pytest.mark.parametrize(("sent", "english", "chinese"), KINDS)
async def test_what_is_no_text_is_told_in_words(sent: Attachment, english: str, chinese: str):
    assert await told(sent, "en") == english
    assert await told(sent, "zh-hans") == chinese


def test_the_words_below_what_cannot_be_read_are_kept():
    paid = {"star_count": 1, "paid_media": []}
    assert heard(None, paid_media=paid, caption="worth it?").text == "worth it?"


def test_a_sticker_in_a_group_is_heard_as_a_reply_to_the_bot():
    sticker = PHOTO[0] | {"is_animated": False, "is_video": False, "type": "regular"}
    given: dict[str, Any] = {"sticker": sticker | {"emoji": "🎉"}, "chat": TEAM}
    assert said(None, **given) is None
    assert heard(None, reply_to_message=theirs(COZE, text="hi"), **given).text == "🎉"


@pytest.mark.parametrize(
    ("answers", "quote"),
    [
        ({"reply_to_message": theirs(text="tea?")}, Quote("tea?", "Bo")),
        ({"reply_to_message": theirs(photo=PHOTO, caption="look")}, Quote("look", "Bo")),
        ({"reply_to_message": theirs(text="x" * 1001)}, Quote("x" * 1000 + "…", "Bo")),
        ({"reply_to_message": theirs(COZE, text="tea?")}, Quote("tea?", "Coze", "41")),
        (
            {
                "reply_to_message": theirs(COZE, text="green tea?"),
                "quote": {"text": "tea", "position": 6, "is_manual": True},
            },
            Quote("tea", "Coze", "41", exact=True),
        ),
        (
            {
                "reply_to_message": theirs(text="green tea?"),
                "quote": {"text": "tea", "position": 6},
            },
            Quote("green tea?", "Bo"),
        ),
        (
            origins.elsewhere(origins.from_channel("News"), "tea"),
            Quote("tea", "News", exact=True),
        ),
        (
            origins.elsewhere(origins.from_hidden("Bo"), dice={"emoji": "🎲", "value": 4}),
            Quote("🎲 4", "Bo"),
        ),
        (origins.elsewhere(origins.from_user("Bo")), None),
        ({"reply_to_message": theirs(forum_topic_created={"name": "x", "icon_color": 1})}, None),
        (
            {"reply_to_message": theirs(text="x", forward_origin=origins.from_user("Cy"))},
            Quote("x", "Cy"),
        ),
    ],
)
def test_a_reply_tells_what_it_answers(answers: dict[str, Any], quote: Quote | None):
    assert heard("why?", **answers).quote == quote


def test_the_file_that_is_answered_comes_along_unless_it_is_the_bots_or_too_large():
    photo: dict[str, Any] = {"photo": PHOTO}
    large: dict[str, Any] = {"document": PHOTO[0] | {"file_size": 21 << 20}}
    named = FileRef("f", "image", "photo_41.jpg")
    assert heard("what?", reply_to_message=theirs(**photo)).files == (named,)
    assert heard("what?", reply_to_message=theirs(COZE, **photo)).files == ()
    assert heard("what?", reply_to_message=theirs(**large)).files == ()
    far = origins.elsewhere(origins.from_user("Bo"), **photo)
    assert [file.id for file in heard("what?", **far).files] == ["f"]


def test_a_mention_below_what_it_answers_needs_no_other_words():
    text = "@coze_bot"
    marked = [entity("mention", text, text)]
    message = heard(text, chat=TEAM, entities=marked, reply_to_message=theirs(text="tea?"))
    assert (message.command, message.text, message.quote) == ("", "", Quote("tea?", "Bo"))


def test_a_text_of_more_than_half_a_message_may_go_on_in_the_next():
    short, long, full = heard("x" * 2048), heard("x" * 2049), heard("🎉" * 2048)
    assert (short.group, short.joins) == ("", long.group)
    assert long.group == full.group == long.joins != ""
    assert (short.cut, long.cut, full.cut) == (False, False, True)


def test_in_another_topic_or_by_somebody_else_it_is_another_text():
    keys = {
        heard("x").joins,
        heard("x", message_thread_id=7, is_topic_message=True).joins,
        heard("x", **{"from": BO}).joins,
    }
    assert len(keys) == 3


def test_a_command_joins_nothing_but_a_long_one_goes_on():
    marked = [entity("bot_command", "/retry", "/retry")]
    assert heard("/retry", entities=marked).joins == ""
    assert heard("/retry" + " x" * 2000, entities=marked).group != ""


def test_an_edit_is_the_same_message_in_other_words():
    before, after = heard("hi"), edited(text="hello")
    assert after
    assert (after.text, after.edits, after.posted) == ("hello", True, before.posted)
    assert (after.group, after.joins) == ("", "")
    assert after.id != before.id
    assert edited(chat=TEAM, text="hello") is None


def test_a_location_that_moves_says_nothing():
    assert edited(location={"latitude": 1.0, "longitude": 2.0, "live_period": 900}) is None
