"""Reactions and presses by which users say how good an answer is."""

from typing import Any

import pytest

from bridge.core.layout import rating
from bridge.core.model import Address, Message, Piece, User
from bridge.core.texts import say
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.sandbox.telegram import TelegramSimulator
from tests.platforms.telegram.rig import ANN, GROUP, PRIVATE, TEAM
from tests.platforms.telegram.updates import ANN as HER
from tests.platforms.telegram.updates import PRIVATE as HERS
from tests.platforms.telegram.updates import TEAM as THEIRS
from tests.platforms.telegram.updates import read
from tests.platforms.waiting import Heard, listening, until


def emoji(*which: str) -> list[dict[str, str]]:
    return [{"type": "emoji", "emoji": each} for each in which]


def reaction(
    old: list[dict[str, str]], new: list[dict[str, str]], id_: int = 7, **more: Any
) -> Message | None:
    """What a change of Ann's reactions means."""
    body = {"chat": HERS, "message_id": 43, "date": 9, "user": HER, **more}
    return read({"message_reaction": body | {"old_reaction": old, "new_reaction": new}}, id_)


def test_a_thumb_is_a_rating_of_the_message_that_it_is_on():
    assert reaction([], emoji("👍")) == Message(
        id="tg:100:7:9",
        address=Address("tg", "501"),
        user=User("501", "Ann Lee", "zh"),
        text="",
        command="up",
        on="43",
    )


def test_a_thumb_in_a_group_tells_of_the_group():
    message = reaction([], emoji("👎"), chat=THEIRS)
    assert message
    assert (message.command, message.address) == ("down", Address("tg", "-1001"))
    assert (message.private, message.chat_title) == (False, "Team")


@pytest.mark.parametrize(
    ("old", "new", "command"),
    [
        (["👍"], ["👎"], "down"),
        (["👎"], ["👍"], "up"),
        (["🔥"], ["🔥", "👍"], "up"),
        (["👍"], [], None),
        (["👍"], ["👍", "🔥"], None),
        ([], ["❤"], None),
        ([], ["👏"], None),
    ],
)
def test_only_a_thumb_that_is_new_counts(old: list[str], new: list[str], command: str | None):
    message = reaction(emoji(*old), emoji(*new))
    assert (message and message.command) == command


@pytest.mark.parametrize(
    "new",
    [[{"type": "custom_emoji", "custom_emoji_id": "5"}], [{"type": "paid"}], [{"type": "new"}]],
)
def test_reactions_without_an_emoji_are_ignored(new: list[dict[str, str]]):
    assert reaction([], new) is None


def test_reactions_of_nobody_in_particular_and_of_bots_are_ignored():
    assert reaction([], emoji("👍"), user=None, actor_chat=THEIRS) is None
    assert reaction([], emoji("👍"), user=HER | {"is_bot": True}) is None


def test_the_same_reaction_given_again_is_another():
    one, two = reaction([], emoji("👍")), reaction([], emoji("👍"), id_=8)
    assert one
    assert two
    assert one.id != two.id


async def test_a_reaction_arrives(telegram: TelegramSimulator, adapter: TelegramAdapter):
    heard = Heard()
    telegram.say("hi")
    id_ = await adapter.post(PRIVATE, Piece("hello"), mark="1")
    async with listening(adapter, heard):
        await until(lambda: telegram.polling)
        telegram.react(int(id_), "👍")
        telegram.react(int(id_), "🔥")
        telegram.react(int(id_), "👎")
        telegram.react(int(id_), "")
        telegram.say("bye")
        await until(lambda: "bye" in heard.texts)
    assert [(m.command, m.on) for m in heard.messages[1:-1]] == [("up", id_), ("down", id_)]


async def test_a_reaction_in_a_group_arrives_where_the_bot_is_an_administrator(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    heard = Heard()
    telegram.say("/new", chat=TEAM)
    telegram.promote(TEAM)
    id_ = await adapter.post(GROUP, Piece("hello"), mark="1")
    async with listening(adapter, heard):
        await until(lambda: telegram.polling)
        telegram.react(int(id_), "👎", chat=TEAM)
        await until(lambda: len(heard.messages) == 2)
    assert (heard.messages[1].command, heard.messages[1].on) == ("down", id_)
    assert heard.messages[1].address == GROUP


@pytest.mark.parametrize("language", ["en", "zh-hans"])
async def test_a_press_is_thanked_for_beside_its_button(
    telegram: TelegramSimulator, adapter: TelegramAdapter, language: str
):
    heard = Heard()
    telegram.say("hi", language=language)
    id_ = await adapter.post(PRIVATE, Piece("hello", rating("t1")), mark="1")
    async with listening(adapter, heard):
        await until(lambda: telegram.polling)
        up = telegram.press(int(id_), "👍", chat=ANN)
        await until(lambda: up in telegram.answered())
        down = telegram.press(int(id_), "👎", chat=ANN)
        await until(lambda: down in telegram.answered())
        await until(lambda: len(heard.messages) == 3)
    assert [(m.command, m.text, m.on) for m in heard.messages[1:]] == [
        ("up", "t1", id_),
        ("down", "t1", id_),
    ]
    [toast] = telegram.toasts
    assert (toast.query, toast.text) == (up, say("rate.thanks", language))


async def test_a_press_counts_even_when_it_cannot_be_thanked_for(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    heard = Heard()
    telegram.say("hi")
    telegram.fail("answerCallbackQuery", status=400, description="Bad Request: query is too old")
    id_ = await adapter.post(PRIVATE, Piece("hello", rating("t1")), mark="1")
    async with listening(adapter, heard):
        await until(lambda: telegram.polling)
        telegram.press(int(id_), "👍", chat=ANN)
        await until(lambda: len(heard.messages) == 2)
    assert heard.messages[1].command == "up"
