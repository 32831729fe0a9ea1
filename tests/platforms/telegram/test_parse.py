"""What an update means to the bridge."""

from typing import Any

import pytest
import telegram

from bridge.core.commands import Entry, Menu
from bridge.core.model import Address, Message, User
from bridge.platforms.telegram.parse import parse
from tests.platforms.telegram.updates import (
    ANN,
    ME,
    MESSAGE,
    OURS,
    PHOTO,
    PRIVATE,
    TEAM,
    command,
    entity,
    heard,
    pressed,
    read,
    said,
)


def test_a_private_message_is_its_text():
    assert said("hello") == Message(
        id="tg:100:7:1",
        address=Address("tg", "501"),
        user=User("501", "Ann Lee", "zh"),
        text="hello",
        joins="tg:100:501::501",
        sent=1,
        posted="42",
    )


def test_a_user_without_a_language_speaks_english():
    nameless = {"id": 501, "is_bot": False, "first_name": "Ann"}
    message = read({"message": MESSAGE | {"from": nameless, "text": "hello"}})
    assert message
    assert message.user == User("501", "Ann", "en")


def test_a_number_that_comes_again_after_a_week_is_another_message():
    week = {"message_id": 42, "date": 604_801, "chat": PRIVATE, "from": ANN, "text": "hello"}
    again = read({"message": week})
    assert again
    assert again.id != heard("hello").id


def test_the_same_update_has_the_same_id_and_another_has_another():
    assert heard("hello").id == heard("hello").id
    assert heard("hello").id != heard("hello", id_=8).id


def test_two_bots_do_not_share_ids():
    mine = telegram.Update.de_json({"update_id": 7, "message": {**MESSAGE, "text": "hello"}})
    other = telegram.User(200, "Other", is_bot=True, username="other_bot")
    one, two = parse(mine, "tg", ME, OURS), parse(mine, "tg", other, OURS)
    assert one
    assert two
    assert one.id != two.id


@pytest.mark.parametrize("word", ["/new", "/NEW", "/new@coze_bot", "/new@Coze_Bot"])
def test_a_command_is_known_however_it_is_spelled(word: str):
    message = command(word, word)
    assert message
    assert (message.command, message.text) == ("new", "")


def test_what_follows_a_command_is_its_text():
    message = command("/start  deep-link 你好 ", "/start")
    assert message
    assert (message.command, message.text) == ("start", "deep-link 你好")


def test_a_command_that_the_bridge_does_not_know_goes_to_the_bot():
    message = command("/weather@coze_bot Paris", "/weather@coze_bot", chat=TEAM)
    assert message
    assert (message.command, message.text) == ("", "/weather Paris")


MORE = Menu(extra=(Entry("weather", "How it will be"),))


@pytest.mark.parametrize("chat", [PRIVATE, TEAM])
def test_a_command_of_the_menu_is_one_that_the_bridge_knows(chat: dict[str, Any]):
    message = command("/Weather Paris", "/Weather", chat=chat, menu=MORE)
    assert message
    assert (message.command, message.text) == ("weather", "Paris")


def test_a_command_that_left_the_menu_is_only_text():
    message = command("/retry", "/retry", menu=Menu(names=("new",)))
    assert message
    assert (message.command, message.text) == ("", "/retry")


@pytest.mark.parametrize("word", ["/new@other_bot", "/weather@other_bot", "/weather"])
def test_a_command_for_somebody_else_in_a_group_is_ignored(word: str):
    assert command(word, word, chat=TEAM) is None


def test_a_bare_command_in_a_group_is_obeyed():
    message = command("/stop", "/stop", chat=TEAM)
    assert message
    assert message.command == "stop"


def test_a_command_in_the_middle_is_only_text():
    message = command("what does /new do?", "/new")
    assert message
    assert (message.command, message.text) == ("", "what does /new do?")


def test_an_emoji_before_a_command_does_not_shift_it():
    text = "/new 🎉🎉 @coze_bot x"
    both = [entity("bot_command", text, "/new"), entity("mention", text, "@coze_bot")]
    assert heard(text, chat=TEAM, entities=both).text == "🎉🎉 @coze_bot x"


def test_in_a_group_what_is_said_to_nobody_is_ignored():
    assert said("hello all", chat=TEAM) is None


@pytest.mark.parametrize("name", ["@coze_bot", "@Coze_BOT"])
def test_a_mention_in_a_group_is_meant_for_the_bot_whatever_its_case(name: str):
    text = f"🎉 {name}, hello"
    message = heard(text, chat=TEAM, entities=[entity("mention", text, name)])
    assert message.text == "🎉 , hello"
    assert message.address == Address("tg", "-1001", None, reply_to="42")
    assert (message.private, message.chat_title) == (False, "Team")


def test_a_mention_at_the_beginning_leaves_no_punctuation_behind():
    text = "@coze_bot: hello"
    assert heard(text, chat=TEAM, entities=[entity("mention", text, "@coze_bot")]).text == "hello"


def test_a_mention_of_somebody_else_is_ignored():
    text = "@coze_bot2 hello"
    assert said(text, chat=TEAM, entities=[entity("mention", text, "@coze_bot2")]) is None


def test_a_mention_of_a_longer_name_is_left_in_the_text():
    assert heard("what does @coze_bot2 do?").text == "what does @coze_bot2 do?"


def test_letters_that_grow_in_lower_case_do_not_shift_the_mention():
    text = "İİİ @coze_bot hello"
    entities = [entity("mention", text, "@coze_bot")]
    assert heard(text, chat=TEAM, entities=entities).text == "İİİ hello"


def test_a_mention_without_a_username_counts():
    text = "Coze, hello"
    me = {"id": 100, "is_bot": True, "first_name": "Coze"}
    entities = [entity("text_mention", text, "Coze", user=me)]
    assert heard(text, chat=TEAM, entities=entities).text == "Coze, hello"


def test_a_text_mention_of_somebody_else_is_ignored():
    text = "Bo, hello"
    bo = {"id": 502, "is_bot": False, "first_name": "Bo"}
    assert said(text, chat=TEAM, entities=[entity("text_mention", text, "Bo", user=bo)]) is None


def test_a_mention_with_nothing_else_asks_for_help():
    text = "@coze_bot"
    message = heard(text, chat=TEAM, entities=[entity("mention", text, text)])
    assert message.command == "help"


@pytest.mark.parametrize(("who", "heard_of"), [(100, True), (502, False)])
def test_in_a_group_a_reply_is_heard_when_it_answers_the_bot(who: int, heard_of: bool):
    theirs = {"id": who, "is_bot": True, "first_name": "x"}
    replied = {"message_id": 41, "date": 1, "chat": TEAM, "from": theirs, "text": "hi"}
    assert bool(said("go on", chat=TEAM, reply_to_message=replied)) is heard_of


def test_what_is_said_in_a_topic_that_the_bot_made_does_not_answer_the_bot():
    made = {"name": "Plans", "icon_color": 1}
    replied = {"message_id": 41, "date": 1, "chat": TEAM, "forum_topic_created": made}
    replied["from"] = {"id": 100, "is_bot": True, "first_name": "x"}
    assert said("go on", chat=TEAM, reply_to_message=replied) is None


def test_words_behind_stop_name_no_turn():
    stop = command("/stop that, please", "/stop")
    assert stop
    assert (stop.command, stop.text) == ("stop", "")


@pytest.mark.parametrize(
    ("fields", "thread"),
    [
        ({"message_thread_id": 7, "is_topic_message": True}, "7"),
        ({}, "1"),  # General
        ({"message_thread_id": 17}, "1"),  # a chain of replies in it
    ],
)
def test_a_topic_is_a_thread_and_a_chain_of_replies_is_none(
    fields: dict[str, Any], thread: str | None
):
    message = command("/new", "/new", chat=TEAM | {"is_forum": True}, **fields)
    assert message
    assert message.address.thread == thread


def test_a_topic_in_a_private_chat_is_a_thread():
    message = heard("hello", message_thread_id=7, is_topic_message=True)
    assert message.address == Address("tg", "501", "7")


def test_a_press_is_the_command_that_its_button_stands_for():
    on = {"message_id": 43, "date": 1, "chat": PRIVATE, "text": "…"}
    assert pressed("stop:tg:100:6", on) == Message(
        id="tg:100:7:9",
        address=Address("tg", "501"),
        user=User("501", "Ann Lee", "zh"),
        text="tg:100:6",
        command="stop",
        chat_title="Ann",
        on="43",
    )


def test_a_press_in_a_topic_is_about_that_topic():
    on = {"message_id": 43, "date": 1, "chat": TEAM, "text": "…"}
    message = pressed("retry", on | {"message_thread_id": 7, "is_topic_message": True})
    assert message
    assert message.address == Address("tg", "-1001", "7")
    assert not message.private


def test_a_press_on_an_answer_that_replies_is_not_about_a_topic():
    on = {"message_id": 43, "date": 1, "chat": TEAM, "text": "…", "message_thread_id": 42}
    message = pressed("stop:tg:100:6", on)
    assert message
    assert message.address.thread is None


def test_a_press_on_a_message_too_old_to_be_seen_still_counts():
    message = pressed("retry", {"message_id": 43, "date": 0, "chat": TEAM})
    assert message
    assert (message.command, message.address) == ("retry", Address("tg", "-1001"))
    assert message.on == "43"


@pytest.mark.parametrize(
    ("data", "on"),
    [("new", None), (None, {"message_id": 43, "date": 1, "chat": PRIVATE, "text": "…"})],
)
def test_a_press_without_a_message_or_a_meaning_is_ignored(
    data: str | None, on: dict[str, Any] | None
):
    assert pressed(data, on) is None


@pytest.mark.parametrize(
    "event",
    [
        {"new_chat_members": [ANN]},
        {"group_chat_created": True},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 5}},
        {"forum_topic_created": {"name": "x", "icon_color": 1}},
    ],
)
@pytest.mark.parametrize("chat", [PRIVATE, TEAM])
def test_service_messages_are_ignored(event: dict[str, Any], chat: dict[str, Any]):
    assert said(None, chat=chat, **event) is None


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": PHOTO[0] | {"is_animated": False, "is_video": False, "type": "regular"}},
        {"story": {"chat": TEAM, "id": 1}},
        {
            "giveaway": {
                "chats": [TEAM],
                "winners_selection_date": 1,
                "winner_count": 1,
            }
        },
        {"paid_media": {"star_count": 1, "paid_media": []}},
        {"forward_origin": {"type": "hidden_user", "sender_user_name": "Bo", "date": 1}}
        | {"story": {"chat": TEAM, "id": 1}},
    ],
)
def test_what_is_neither_words_nor_file_is_told_to_be_unsupported(content: dict[str, Any]):
    message = heard(None, **content)
    assert (message.command, message.text) == ("unsupported", "")


def test_a_photo_in_a_group_is_nobodys_business():
    assert said(None, chat=TEAM, photo=PHOTO) is None


def test_bots_are_ignored():
    robot = {"id": 502, "is_bot": True, "first_name": "Robot"}
    assert read({"message": MESSAGE | {"from": robot, "text": "hello"}}) is None


@pytest.mark.parametrize("kind", ["edited_channel_post", "channel_post"])
def test_other_updates_are_ignored(kind: str):
    assert read({kind: {**MESSAGE, "text": "hello"}}) is None
