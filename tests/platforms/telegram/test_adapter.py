"""What the adapter does in Telegram, seen from the people's side."""

from typing import Any

import pytest

from bridge.core.model import Address, Button, Piece
from bridge.core.ports import Budget
from bridge.platforms.telegram.adapter import TelegramAdapter
from bridge.sandbox.telegram import TelegramSimulator
from tests.platforms.telegram.rig import ANN, GROUP, PRIVATE, TEAM, TOKEN, adapter_at

STOP = (Button("⏹ Stop", "stop:tg:100:7"), Button("Help", "help"))


def last(telegram: TelegramSimulator, method: str) -> dict[str, Any]:
    """The parameters of the last call of a method."""
    return dict([call for call in telegram.calls if call.method == method][-1].params)


async def test_it_tells_who_it_is(adapter: TelegramAdapter):
    assert await adapter.whoami() == "@coze_sandbox_bot"
    assert adapter.platform == "telegram"


async def test_a_post_is_shown_under_the_id_that_it_returns(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    id_ = await adapter.post(PRIVATE, Piece("*hello*", STOP), mark="1")
    shown = telegram.messages(ANN)[-1]
    assert (str(shown.id), shown.text, shown.entities) == (
        id_,
        "hello",
        [{"type": "italic", "offset": 0, "length": 5}],
    )
    assert shown.buttons == [[("⏹ Stop", "stop:tg:100:7"), ("Help", "help")]]


async def test_posts_and_edits_show_no_preview_of_links(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    id_ = await adapter.post(PRIVATE, Piece("https://a.test"), mark="1")
    await adapter.edit(PRIVATE, id_, Piece("https://b.test"))
    for method in ("sendMessage", "editMessageText"):
        assert last(telegram, method)["link_preview_options"] == {"is_disabled": True}


async def test_an_edit_replaces_text_and_buttons(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    id_ = await adapter.post(PRIVATE, Piece("hel", STOP), mark="1")
    await adapter.edit(PRIVATE, id_, Piece("hello"))
    shown = telegram.messages(ANN)[-1]
    assert (shown.text, shown.buttons, shown.edits) == ("hello", [], 1)


async def test_a_removed_message_is_not_there(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    id_ = await adapter.post(PRIVATE, Piece("hello"), mark="1")
    await adapter.delete(PRIVATE, id_)
    assert [shown.text for shown in telegram.messages(ANN)] == ["hi"]


async def test_a_first_post_answers_its_question(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi", chat=TEAM)
    [question] = telegram.messages(TEAM)
    to = Address("telegram", str(TEAM), reply_to=str(question.id))
    await adapter.post(to, Piece("hello"), mark="1")
    assert telegram.messages(TEAM)[-1].reply_to == question.id


async def test_an_answer_to_a_question_that_was_deleted_comes_all_the_same(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi", chat=TEAM)
    to = Address("telegram", str(TEAM), reply_to="999")
    await adapter.post(to, Piece("hello"), mark="1")
    shown = telegram.messages(TEAM)[-1]
    assert (shown.text, shown.reply_to) == ("hello", None)


async def test_posts_and_typing_stay_in_their_topic(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi", chat=TEAM, thread=7)
    to = Address("telegram", str(TEAM), "7")
    await adapter.post(to, Piece("hello"), mark="1")
    await adapter.typing(to)
    assert telegram.messages(TEAM)[-1].thread == 7
    assert last(telegram, "sendChatAction")["message_thread_id"] == 7


async def test_outside_of_topics_none_is_named(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    await adapter.post(PRIVATE, Piece("hello"), mark="1")
    await adapter.typing(PRIVATE)
    for method in ("sendMessage", "sendChatAction"):
        assert "message_thread_id" not in last(telegram, method)
    assert "reply_parameters" not in last(telegram, "sendMessage")


async def test_typing_is_shown(telegram: TelegramSimulator, adapter: TelegramAdapter):
    telegram.say("hi")
    await adapter.typing(PRIVATE)
    assert telegram.typing(ANN) == 1
    assert last(telegram, "sendChatAction")["action"] == "typing"


async def test_a_post_cannot_be_found_again(telegram: TelegramSimulator, adapter: TelegramAdapter):
    telegram.say("hi")
    await adapter.post(PRIVATE, Piece("hello"), mark="1")
    calls = len(telegram.calls)
    assert await adapter.find(PRIVATE, mark="1") is None
    assert len(telegram.calls) == calls


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("", 0),
        ("abc", 3),
        ("你好", 2),
        ("🎉", 2),
        ("👨\u200d💻", 5),
        ("e\u0301", 2),
        ("\ud83c", 1),
    ],
)
async def test_text_is_counted_as_telegram_counts(adapter: TelegramAdapter, text: str, units: int):
    assert adapter.limits(PRIVATE).size.of(text) == units


async def test_the_longest_text_is_taken(telegram: TelegramSimulator, adapter: TelegramAdapter):
    telegram.say("hi")
    size = adapter.limits(PRIVATE).size
    longest = "🎉" * (size.most // 2)
    assert size.of(longest) == size.most == 4096
    await adapter.post(PRIVATE, Piece(longest), mark="1")
    assert telegram.messages(ANN)[-1].text == longest


async def test_groups_have_less_patience(adapter: TelegramAdapter):
    private, group = adapter.limits(PRIVATE), adapter.limits(GROUP)
    assert private.edit_every >= 1.0
    assert group.edit_every >= 3.0
    assert private.typing_every < 5.0


async def test_the_operator_sets_the_pace():
    adapter = TelegramAdapter("telegram", TOKEN, api_base="http://127.0.0.1", edit_every=9.0)
    assert adapter.limits(PRIVATE).edit_every == adapter.limits(GROUP).edit_every == 9.0
    await adapter.aclose()


def calls_in(budget: Budget, seconds: float) -> float:
    """How many calls a budget lets through in so many seconds at most."""
    return budget.burst + seconds / budget.every


async def test_budgets_stay_below_what_telegram_allows(adapter: TelegramAdapter):
    (private, everywhere), (group, also) = (
        adapter.budgets("post", PRIVATE),
        adapter.budgets("post", GROUP),
    )
    assert private.every >= 1.0
    assert calls_in(group, 60) <= 20
    assert calls_in(everywhere, 1) <= 30
    assert everywhere == also


async def test_edits_draw_on_the_budget_of_posts(adapter: TelegramAdapter):
    posts = adapter.budgets("post", GROUP)
    assert adapter.budgets("edit", GROUP) == adapter.budgets("delete", GROUP) == posts


async def test_topics_share_a_budget_and_chats_and_bots_do_not(adapter: TelegramAdapter):
    topic = Address("telegram", str(TEAM), "7")
    assert adapter.budgets("post", topic) == adapter.budgets("post", GROUP)
    assert adapter.budgets("post", PRIVATE)[0].key != adapter.budgets("post", GROUP)[0].key
    async with adapter_at("http://127.0.0.1", "200:other") as other:
        keys = {budget.key for budget in other.budgets("post", GROUP)}
        assert keys.isdisjoint(budget.key for budget in adapter.budgets("post", GROUP))


async def test_budgets_do_not_tell_the_token(adapter: TelegramAdapter):
    assert all("sandbox-token" not in each.key for each in adapter.budgets("post", PRIVATE))


async def test_commands_are_typed_with_a_slash(adapter: TelegramAdapter):
    assert adapter.commands(["new", "stop"]) == {"new": "/new", "stop": "/stop"}


async def test_wide_buttons_have_rows_of_their_own_and_others_share_one(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    telegram.say("hi")
    buttons = (
        Button("One?", "ask:t:0", wide=True),
        Button("Two?", "ask:t:1", wide=True),
        Button("👍", "up:t"),
        Button("👎", "down:t"),
    )
    await adapter.post(PRIVATE, Piece("hello", buttons), mark="1")
    assert telegram.messages(ANN)[-1].buttons == [
        [("One?", "ask:t:0")],
        [("Two?", "ask:t:1")],
        [("👍", "up:t"), ("👎", "down:t")],
    ]


async def test_there_is_no_place_for_questions(
    telegram: TelegramSimulator, adapter: TelegramAdapter
):
    assert await adapter.prompts(PRIVATE, ["One?"]) is False
    assert telegram.calls == []
