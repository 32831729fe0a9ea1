"""Files in: which a message holds, and where it belongs."""

from typing import Any

import pytest

from bridge.core.commands import Entry, Menu
from bridge.core.model import FileRef
from tests.platforms.telegram.updates import (
    ME,
    MESSAGE,
    PHOTO,
    TEAM,
    entity,
    heard,
    overheard,
    said,
)

BOT = {"id": 100, "is_bot": True, "first_name": "Coze"}
REPLY = {"message_id": 41, "date": 1, "chat": TEAM, "from": BOT, "text": "hi"}


def file(**fields: Any) -> dict[str, Any]:
    return {"file_id": "f", "file_unique_id": "u"} | fields


MP4 = {"width": 1, "height": 1, "duration": 1, "mime_type": "video/mp4"}

HELD: list[tuple[dict[str, Any], FileRef]] = [
    ({"photo": PHOTO}, FileRef("f", "image", "photo_42.jpg")),
    (
        {"document": file(file_name="a.pdf", mime_type="application/pdf", file_size=9)},
        FileRef("f", "file", "a.pdf", 9),
    ),
    (
        {"document": file(file_name="a", mime_type="application/pdf")},
        FileRef("f", "file", "a.pdf"),
    ),
    (
        {"document": file(file_name="a.png", mime_type="image/png")},
        FileRef("f", "image", "a.png"),
    ),
    (
        {"document": file(file_name="a.svg", mime_type="image/svg+xml")},
        FileRef("f", "file", "a.svg"),
    ),
    (
        {"document": file(file_name="a.wav", mime_type="audio/x-wav")},
        FileRef("f", "audio", "a.wav"),
    ),
    ({"document": file()}, FileRef("f", "file", "document_42")),
    (
        {"audio": file(duration=1, file_name="song.mp3", mime_type="audio/mpeg")},
        FileRef("f", "audio", "song.mp3"),
    ),
    (
        {"audio": file(duration=1, mime_type="audio/mp4")},
        FileRef("f", "audio", "audio_42.m4a"),
    ),
    (
        {"voice": file(duration=1, mime_type="audio/ogg")},
        FileRef("f", "voice", "voice_42.ogg"),
    ),
    ({"voice": file(duration=1)}, FileRef("f", "voice", "voice_42.ogg")),
    ({"video": file(**MP4, file_size=7)}, FileRef("f", "video", "video_42.mp4", 7)),
    ({"video_note": file(length=9, duration=1)}, FileRef("f", "video", "video_note_42.mp4")),
    (
        {"animation": file(**MP4), "document": file(file_id="g")},
        FileRef("f", "video", "animation_42.mp4"),
    ),
]


@pytest.mark.parametrize(("content", "expected"), HELD, ids=lambda value: str(value)[:40])
def test_a_file_is_known_by_its_kind_and_has_a_name(content: dict[str, Any], expected: FileRef):
    message = heard(None, **content)
    assert message.files == (expected,)
    assert (message.command, message.text, message.group) == ("", "", "")


def test_of_a_photo_the_largest_copy_is_taken():
    sizes = [
        file(file_id="small", width=90, height=60),
        file(file_id="large", width=1280, height=960, file_size=9),
        file(file_id="middle", width=320, height=240),
    ]
    [photo] = heard(None, photo=sizes).files
    assert (photo.id, photo.size) == ("large", 9)


def test_a_caption_is_the_text():
    message = heard(None, photo=PHOTO, caption="what is this?")
    assert (message.text, len(message.files)) == ("what is this?", 1)


def test_a_caption_can_give_a_command():
    text = "/draw@coze_bot a cat"
    marked = [entity("bot_command", text, "/draw@coze_bot")]
    menu = Menu(extra=(Entry("draw", "Draw"),))
    message = heard(None, photo=PHOTO, caption=text, caption_entities=marked, menu=menu)
    assert (message.command, message.text, len(message.files)) == ("draw", "a cat", 1)


def test_a_caption_with_somebody_elses_command_is_only_a_caption():
    text = "/draw@other_bot a cat"
    marked = [entity("bot_command", text, "/draw@other_bot")]
    assert said(None, photo=PHOTO, caption=text, caption_entities=marked, chat=TEAM) is None


def test_in_a_group_a_file_is_heard_when_its_caption_mentions_the_bot():
    text = "🎉 @coze_bot what is this?"
    marked = [entity("mention", text, "@coze_bot")]
    message = heard(None, photo=PHOTO, caption=text, caption_entities=marked, chat=TEAM)
    assert (message.text, len(message.files)) == ("🎉 what is this?", 1)


def test_a_file_with_nothing_but_a_mention_is_no_call_for_help():
    text = "@coze_bot"
    marked = [entity("mention", text, text)]
    message = heard(None, photo=PHOTO, caption=text, caption_entities=marked, chat=TEAM)
    assert (message.command, message.text, len(message.files)) == ("", "", 1)


def test_in_a_group_a_file_is_heard_when_it_replies_to_the_bot():
    message = heard(None, photo=PHOTO, chat=TEAM, reply_to_message=REPLY)
    assert (message.command, len(message.files)) == ("", 1)


def test_the_parts_of_an_album_are_of_one_group():
    one = heard(None, photo=PHOTO, media_group_id="13", caption="look", id_=7)
    two = heard(None, photo=PHOTO, media_group_id="13", id_=8)
    other = heard(None, photo=PHOTO, media_group_id="14", id_=9)
    assert one.group == two.group != other.group
    assert one.id != two.id
    assert one.group == f"tg:{ME.id}:501:13"


def test_in_a_group_a_part_of_an_album_that_speaks_to_nobody_is_one_of_what_does():
    text = "@coze_bot look"
    marked = [entity("mention", text, "@coze_bot")]
    part: dict[str, Any] = {"photo": PHOTO, "media_group_id": "13", "chat": TEAM}
    captioned = heard(None, caption=text, caption_entities=marked, **part)
    silent = overheard({"message": MESSAGE | part})
    assert silent
    assert not silent.addressed
    assert silent.group == captioned.group == heard(None, reply_to_message=REPLY, **part).group
