import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.sandbox.telegram import TelegramSimulator
from tests.sandbox.telegram_client import TOKEN, BotClient, client_of

NOT_MODIFIED = (
    "400 Bad Request: message is not modified: specified new message content and reply markup"
    " are exactly the same as a current content and reply markup of the message"
)
STALE = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.fixture
def telegram() -> TelegramSimulator:
    simulator = TelegramSimulator(limits=None)
    simulator.say("Hello")
    return simulator


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


def keyboard(*labels: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": label}] for label in labels]}


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


async def test_a_wrong_token_is_unauthorized(bot: BotClient) -> None:
    response = await bot.http.get("/bot100:other/getMe")
    assert response.status_code == 401
    assert response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_an_unknown_method_or_address_is_not_found(bot: BotClient) -> None:
    assert (await bot.refusal("sendNothing")).startswith("404 Not Found")
    assert (await bot.http.get("/elsewhere")).json()["error_code"] == 404


async def test_parameters_come_in_every_form(telegram: TelegramSimulator, bot: BotClient) -> None:
    address = f"/bot{TOKEN}/SENDmessage"
    given = {"chat_id": "501", "text": "7 & ½\r\n"}
    markup = {"reply_markup": json.dumps(keyboard("OK"))}
    await bot.http.get(address, params=given)
    await bot.http.post(address, params=given)
    await bot.http.post(address, data=given | markup)
    await bot.http.post(address, files={name: (None, value) for name, value in given.items()})
    await bot.http.post(address, json={"chat_id": 501, "text": "7 & ½"} | markup)
    assert [call.status for call in telegram.calls] == [200] * 5
    assert {shown.text for shown in telegram.messages(501)[1:]} == {"7 & ½"}
    assert {call.method for call in telegram.calls} == {"sendMessage"}
    assert {call.params["chat_id"] for call in telegram.calls} == {501}
    assert telegram.calls[2].params["reply_markup"] == keyboard("OK")
    assert telegram.messages(501)[-1].buttons == [[("OK", "OK")]]


async def test_a_body_that_cannot_be_read_is_refused(bot: BotClient) -> None:
    response = await bot.http.post(
        f"/bot{TOKEN}/getMe", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400


async def test_the_bot_knows_itself(bot: BotClient) -> None:
    me = await bot("getMe")
    assert (me["id"], me["is_bot"], me["username"]) == (100, True, "coze_sandbox_bot")
    assert me["can_join_groups"]
    assert not me["can_read_all_group_messages"]
    assert me["has_topics_enabled"]


async def test_a_sent_message_shows_what_it_is(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    telegram.say("Hi all", chat=-100, title="Team", thread=9)
    sent = await bot(
        "sendMessage",
        chat_id=-100,
        message_thread_id=9,
        text=" \n*Yes* \x07 \n",
        entities=[entity("bold", 2, 5)],
        reply_parameters={"message_id": 1},
        reply_markup=keyboard("Stop"),
    )
    replied = sent.pop("reply_to_message")
    assert (replied["text"], replied["from"]["is_bot"]) == ("Hi all", False)
    assert sent.pop("date") >= replied["date"] > 0
    assert sent == {
        "message_id": 2,
        "from": {
            "id": 100,
            "is_bot": True,
            "first_name": "Coze sandbox",
            "username": "coze_sandbox_bot",
        },
        "chat": {"id": -100, "type": "supergroup", "title": "Team", "is_forum": True},
        "message_thread_id": 9,
        "is_topic_message": True,
        "text": "*Yes*",
        "entities": [entity("bold", 0, 5)],
        "reply_markup": keyboard("Stop"),
    }
    shown = telegram.messages(-100)[-1]
    assert (shown.id, shown.from_bot, shown.thread, shown.reply_to) == (2, True, 9, 1)


WRONG_MESSAGES: list[tuple[dict[str, Any], str]] = [
    ({}, "message text is empty"),
    ({"text": " \n\u200b\u3000\x01 "}, "text must be non-empty"),
    ({"text": "\U0001f600" * 2049}, "message is too long"),
    ({"text": "x" * 32_769}, "text is too long"),
    ({"text": "x", "parse_mode": "HTML"}, "parse_mode is not simulated"),
    ({"text": "x", "chat_id": ""}, "chat_id is empty"),
    ({"text": "x", "chat_id": 77}, "chat not found"),
    ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
    ({"text": "x", "message_thread_id": 4}, "message thread not found"),
    ({"text": "x", "reply_parameters": {"message_id": 9}}, "message to be replied not found"),
    ({"text": "x", "reply_to_message_id": 9}, "message to be replied not found"),
    ({"text": "x", "reply_parameters": "{"}, "can't parse reply parameters JSON object"),
]


async def test_a_wrong_message_is_refused(telegram: TelegramSimulator, bot: BotClient) -> None:
    for params, reason in WRONG_MESSAGES:
        refusal = await bot.refusal("sendMessage", **{"chat_id": 501} | params)
        assert refusal == f"400 Bad Request: {reason}"
    assert len(telegram.messages(501)) == 1


async def test_half_a_surrogate_pair_is_refused(bot: BotClient) -> None:
    half = r'{"chat_id": 501, "text": "\ud83d"}'
    response = await bot.http.post(
        f"/bot{TOKEN}/sendMessage", content=half, headers={"Content-Type": "application/json"}
    )
    description = response.json()["description"]
    assert description == "Bad Request: strings must be encoded in UTF-8"


async def test_the_longest_text_is_counted_after_trimming(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    await bot("sendMessage", chat_id=501, text="\n " + "\U0001f600" * 2048 + "  ")
    assert telegram.messages(501)[-1].text == "\U0001f600" * 2048


async def test_a_reply_may_do_without_its_target(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    reply = {"message_id": 9, "allow_sending_without_reply": True}
    await bot("sendMessage", chat_id=501, text="x", reply_parameters=reply)
    assert telegram.messages(501)[-1].reply_to is None


async def test_a_reply_stays_in_the_topic(telegram: TelegramSimulator, bot: BotClient) -> None:
    telegram.say("Hi", thread=5)
    await bot("sendMessage", chat_id=501, text="x", reply_parameters={"message_id": 2})
    assert telegram.messages(501)[-1].thread == 5


async def test_a_blocked_bot_may_not_write(telegram: TelegramSimulator, bot: BotClient) -> None:
    sent = await bot("sendMessage", chat_id=501, text="x")
    telegram.say("Hi", chat=-100)
    telegram.block(501)
    telegram.block(-100)
    blocked = "403 Forbidden: bot was blocked by the user"
    edit = {"chat_id": 501, "message_id": sent["message_id"], "text": "y"}
    assert await bot.refusal("sendMessage", chat_id=501, text="x") == blocked
    assert await bot.refusal("editMessageText", **edit) == blocked
    assert await bot.refusal("sendChatAction", chat_id=501, action="typing") == blocked
    kicked = await bot.refusal("sendMessage", chat_id=-100, text="x")
    assert kicked == "403 Forbidden: bot was kicked from the supergroup chat"
    telegram.say("Come back")
    await bot("sendMessage", chat_id=501, text="x")
    with pytest.raises(LookupError):
        telegram.block(77)
    telegram.deactivate(501)
    gone = await bot.refusal("sendMessage", chat_id=501, text="x")
    assert gone == "403 Forbidden: user is deactivated"


async def test_an_edit_replaces_text_and_keyboard(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    await bot("sendMessage", chat_id=501, text="One", reply_markup=keyboard("Stop"))
    edited = await bot("editMessageText", chat_id=501, message_id=2, text="Two")
    assert edited["edit_date"] >= edited["date"]
    assert "reply_markup" not in edited
    shown = telegram.messages(501)[-1]
    assert (shown.text, shown.buttons, shown.edits) == ("Two", [], 1)
    again = keyboard("Again")
    await bot("editMessageReplyMarkup", chat_id=501, message_id=2, reply_markup=again)
    shown = telegram.messages(501)[-1]
    assert (shown.text, shown.buttons, shown.edits) == ("Two", [[("Again", "Again")]], 2)
    await bot("editMessageReplyMarkup", chat_id=501, message_id=2)
    assert telegram.messages(501)[-1].buttons == []


async def test_an_edit_that_changes_nothing_is_refused(bot: BotClient) -> None:
    marks = {"entities": [entity("code", 0, 3)], "reply_markup": keyboard("Stop")}
    await bot("sendMessage", chat_id=501, text="One", **marks)
    same = {"chat_id": 501, "message_id": 2, "text": "One \n", **marks}
    assert await bot.refusal("editMessageText", **same) == NOT_MODIFIED
    assert await bot.refusal("editMessageReplyMarkup", **same) == NOT_MODIFIED
    await bot("editMessageText", **same | {"entities": []})
    await bot("editMessageText", **same | {"entities": [], "reply_markup": keyboard("Go")})


async def test_only_the_bots_own_messages_can_be_edited(bot: BotClient) -> None:
    force = {"force_reply": True}
    await bot("sendMessage", chat_id=501, text="Answer me", reply_markup=force)
    await bot("sendMessage", chat_id=501, text="x")
    edit = {"chat_id": 501, "text": "y"}
    wrong = "400 Bad Request: message can't be edited"
    assert await bot.refusal("editMessageText", **edit, message_id=1) == wrong
    assert await bot.refusal("editMessageText", **edit, message_id=2) == wrong
    unknown = await bot.refusal("editMessageText", **edit, message_id=9)
    assert unknown == "400 Bad Request: message to edit not found"
    other = await bot.refusal("editMessageText", **edit, message_id=3, reply_markup=force)
    assert other == "400 Bad Request: inline keyboard expected"
    nowhere = await bot.refusal("editMessageText", text="y")
    assert nowhere == "400 Bad Request: message identifier is not specified"


async def test_a_deleted_message_is_gone(telegram: TelegramSimulator, bot: BotClient) -> None:
    await bot("sendMessage", chat_id=501, text="x", reply_markup=keyboard("Stop"))
    assert await bot("deleteMessage", chat_id=501, message_id=2) is True
    assert [shown.id for shown in telegram.messages(501)] == [1]
    again = await bot.refusal("deleteMessage", chat_id=501, message_id=2)
    assert again == "400 Bad Request: message to delete not found"
    with pytest.raises(LookupError):
        telegram.press(2, "Stop", chat=501)
    telegram.say("Hi", chat=-100)
    others = await bot.refusal("deleteMessage", chat_id=-100, message_id=1)
    assert others == "400 Bad Request: message can't be deleted"


async def test_chat_actions_are_counted(telegram: TelegramSimulator, bot: BotClient) -> None:
    await bot("sendChatAction", chat_id=501, action="typing")
    await bot("sendChatAction", chat_id=501, action="Upload_Photo", message_thread_id=1)
    wrong = await bot.refusal("sendChatAction", chat_id=501, action="dancing")
    assert wrong == "400 Bad Request: wrong parameter action in request"
    assert telegram.typing(501) == 2
    assert telegram.typing(77) == 0


async def test_a_callback_query_is_answered_once(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    await bot("sendMessage", chat_id=501, text="x", reply_markup=keyboard("Stop"))
    query = telegram.press(2, "Stop", chat=501)
    long = await bot.refusal("answerCallbackQuery", callback_query_id=query, text="x" * 201)
    assert long == "400 Bad Request: MESSAGE_TOO_LONG"
    assert telegram.answered() == set()
    assert await bot("answerCallbackQuery", callback_query_id=query, text="Stopped")
    assert telegram.answered() == {query}
    assert await bot.refusal("answerCallbackQuery", callback_query_id=query) == STALE
    assert await bot.refusal("answerCallbackQuery", callback_query_id="1") == STALE


async def test_a_reaction_is_shown(telegram: TelegramSimulator, bot: BotClient) -> None:
    def reaction(*emoji: str) -> dict[str, Any]:
        shown = [{"type": "emoji", "emoji": one} for one in emoji]
        return {"chat_id": 501, "message_id": 1, "reaction": shown}

    await bot("setMessageReaction", **reaction("👀"))
    assert telegram.messages(501)[0].reaction == "👀"
    await bot("setMessageReaction", **reaction())
    assert telegram.messages(501)[0].reaction == ""
    many = await bot.refusal("setMessageReaction", **reaction("👀", "👍"))
    assert many == "400 Bad Request: REACTIONS_TOO_MANY"
    odd = await bot.refusal("setMessageReaction", **reaction("🪑"))
    assert odd == "400 Bad Request: REACTION_INVALID"
    nowhere = await bot.refusal("setMessageReaction", **reaction("👀") | {"message_id": 9})
    assert nowhere == "400 Bad Request: message to react not found"
