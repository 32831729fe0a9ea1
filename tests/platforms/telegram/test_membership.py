"""Who speaks in a group, to whom, and how the bot comes and goes."""

from typing import Any

import pytest

from bridge.core.model import Address, User
from bridge.sandbox.telegram.membership import ANONYMOUS, CHANNEL
from tests.platforms.telegram.updates import ANN, ME, PRIVATE, TEAM, entity, overheard, read

GROUP = {"id": -42, "type": "group", "title": "Old"}


def message(**more: Any) -> dict[str, Any]:
    return {"message": {"message_id": 42, "date": 1, "chat": TEAM, "from": ANN, **more}}


def change(was: dict[str, Any], is_: dict[str, Any], chat: dict[str, Any] = TEAM):
    me = ME.to_dict()
    told = {"old_chat_member": {"user": me, **was}, "new_chat_member": {"user": me, **is_}}
    return read({"my_chat_member": {"chat": chat, "from": ANN, "date": 1, **told}})


RESTRICTED = {
    f"can_{each}": True
    for each in (
        *("change_info", "invite_users", "pin_messages", "manage_topics", "send_polls"),
        *("send_messages", "send_other_messages", "add_web_page_previews", "send_audios"),
        *("send_documents", "send_photos", "send_videos", "send_video_notes", "send_voice_notes"),
        *("edit_tag", "react_to_messages"),
    )
} | {"status": "restricted", "until_date": 0}
LEFT, MEMBER = {"status": "left"}, {"status": "member"}
KICKED = {"status": "kicked", "until_date": 0}


@pytest.mark.parametrize(
    ("was", "is_", "command"),
    [
        (LEFT, MEMBER, "added"),
        (KICKED, RESTRICTED | {"is_member": True}, "added"),
        (MEMBER, LEFT, "left"),
        (RESTRICTED | {"is_member": True}, KICKED, "left"),
        (LEFT, KICKED, None),
        (MEMBER, RESTRICTED | {"is_member": True}, None),
        (RESTRICTED | {"is_member": True}, RESTRICTED | {"is_member": False}, "left"),
    ],
)
def test_the_bot_comes_and_goes(was: dict[str, Any], is_: dict[str, Any], command: str | None):
    found = change(was, is_)
    assert (found and found.command) == command
    if found:
        assert (found.address, found.private) == (Address("tg", "-1001"), False)
        assert found.user.name == "Ann Lee"


@pytest.mark.parametrize("chat", [PRIVATE, {"id": -1009, "type": "channel", "title": "News"}])
def test_elsewhere_than_in_groups_it_does_not_matter(chat: dict[str, Any]):
    assert change(LEFT, MEMBER, chat) is None
    assert change(MEMBER, KICKED, chat) is None


@pytest.mark.parametrize(
    "said",
    [
        message(chat=GROUP, migrate_to_chat_id=-1001),
        message(migrate_from_chat_id=-42),
    ],
)
def test_both_ends_tell_that_a_group_has_moved(said: dict[str, Any]):
    found = read(said)
    assert found
    assert (found.command, found.address.chat, found.text) == ("moved", "-42", "-1001")


def test_an_administrator_without_a_name_is_the_group():
    found = read(message(**{"from": ANONYMOUS}, sender_chat=TEAM, text="/new", entities=NEW))
    assert found
    assert (found.command, found.user) == ("new", User("-1001", "Team"))


def test_somebody_may_speak_as_a_channel_of_theirs():
    channel = {"id": -1009, "type": "channel", "title": "News"}
    spoken = message(**{"from": CHANNEL}, sender_chat=channel, text="/new", entities=NEW)
    found = read(spoken)
    assert found
    assert found.user == User("-1009", "News")
    assert overheard(message(**spoken["message"] | {"is_automatic_forward": True})) is None


def test_what_a_channel_posts_is_nobodys_question():
    posted = message()["message"] | {"text": "/new", "entities": NEW}
    assert read({"channel_post": posted | {"chat": {"id": -1009, "type": "channel"}}}) is None


def test_what_is_said_to_others_is_its_words_alone():
    photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    text = "@ben look"
    told = message(photo=photo, caption=text, caption_entities=[entity("mention", text, "@ben")])
    found = overheard(told)
    assert found
    assert (found.addressed, found.text, found.command, found.files) == (False, text, "", ())


NEW = [{"type": "bot_command", "offset": 0, "length": 4}]
