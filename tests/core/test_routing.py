from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.model import Address, Message, User
from bridge.core.routing import Policy, Rule, Sharing, coze_user, place, route, shared, standing

TELEGRAM = Policy("telegram", "bot")
SLACK = Policy("slack", "bot", group_session="thread")


def said(user: str = "u1", chat: str = "c1", thread: str | None = None, *, private: bool = False):
    return Message("1", Address("main", chat, thread), User(user), "hi", private=private)


def same(policy: Policy, one: Message, other: Message) -> bool:
    return route(one, policy).session == route(other, policy).session


def test_a_private_chat_in_telegram_is_one_conversation_and_each_topic_another():
    chat = said(private=True)
    assert same(TELEGRAM, chat, replace(chat, id="2", text="more"))
    topic = said(thread="5", private=True)
    assert same(TELEGRAM, topic, said(thread="5", private=True))
    assert not same(TELEGRAM, chat, topic)
    assert not same(TELEGRAM, topic, said(thread="6", private=True))


def test_in_a_telegram_group_each_user_has_a_conversation_in_each_topic():
    assert same(TELEGRAM, said("u1"), said("u1"))
    assert not same(TELEGRAM, said("u1"), said("u2"))
    assert not same(TELEGRAM, said("u1"), said("u1", thread="5"))
    assert not same(TELEGRAM, said("u1"), said("u1", chat="c2"))


def test_in_a_slack_channel_each_thread_is_a_conversation_of_all_who_speak_there():
    assert same(SLACK, said("u1", thread="1.2"), said("u2", thread="1.2"))
    assert not same(SLACK, said(thread="1.2"), said(thread="3.4"))


def test_workspaces_of_one_channel_share_nothing_though_their_ids_are_equal():
    one, other = (
        replace(message, address=replace(message.address, team=team))
        for team in ("T1", "T2")
        for message in [said("u1", thread="1.2")]
    )
    assert not same(SLACK, one, other)
    assert place(one) != place(other)
    assert route(one, SLACK).user != route(other, SLACK).user
    alone = said("u1", thread="1.2")
    assert route(alone, SLACK).session == "main:c1:1.2:"  # as it always was
    assert route(alone, SLACK).user == coze_user("slack", "u1")


def test_in_a_slack_direct_message_each_thread_is_a_conversation():
    assert same(SLACK, said(thread="1.2", private=True), said(thread="1.2", private=True))
    assert not same(SLACK, said(thread="1.2", private=True), said(thread="3.4", private=True))


@pytest.mark.parametrize("policy", [TELEGRAM, SLACK], ids=["telegram", "slack"])
@pytest.mark.parametrize(
    ("session", "by_user", "by_thread"),
    [("user", True, False), ("thread", False, True), ("chat", False, False)],
)
@pytest.mark.parametrize("private", [True, False])
def test_an_operator_can_say_who_shares_a_conversation(
    policy: Policy, session: Sharing, by_user: bool, by_thread: bool, private: bool
):
    policy = replace(policy, session=session)
    one = said("u1", thread="1", private=private)
    assert same(policy, one, said("u2", thread="1", private=private)) != by_user
    assert same(policy, one, said("u1", thread="2", private=private)) != by_thread
    assert not same(policy, one, said("u1", chat="c2", thread="1", private=private))


@pytest.mark.parametrize("policy", [TELEGRAM, SLACK], ids=["telegram", "slack"])
@pytest.mark.parametrize("session", ["auto", "user", "thread", "chat"])
def test_channels_and_chats_never_share_a_conversation(policy: Policy, session: Sharing):
    policy = replace(policy, session=session)
    one = said()
    elsewhere = replace(one, address=replace(one.address, channel="other"))
    assert not same(policy, one, elsewhere)
    assert not same(policy, one, said(chat="c2"))


def test_where_an_answer_is_sent_does_not_change_whose_conversation_it_is():
    one = said(thread="1.2")
    aside = replace(one, address=replace(one.address, reply_to="9", only_for="u1"))
    assert same(SLACK, one, aside)


def test_a_session_is_named_as_it_was_named_before():
    """Conversations are stored under these names: to change one is to forget it."""
    assert route(said("501", "7", private=True), TELEGRAM).session == "main:7::"
    assert route(said("501", "-7", "5"), TELEGRAM).session == "main:-7:5:501"
    assert route(said("U1", "C1", "1.2"), SLACK).session == "main:C1:1.2:"
    assert coze_user("telegram", "501") == "1c8ed641118b4290373348c95416096d"


def test_coze_knows_a_user_by_a_stable_name_that_does_not_tell_who_it_is():
    name = coze_user("telegram", "123456789")
    assert name == coze_user("telegram", "123456789") == route(said("123456789"), TELEGRAM).user
    assert "123456789" not in name
    assert len(name) == 32
    assert int(name, 16)


@given(st.text(), st.text())
def test_two_users_have_two_names(one: str, other: str):
    one, other = (text.encode(errors="replace").decode() for text in (one, other))
    assert (coze_user("telegram", one) == coze_user("telegram", other)) == (one == other)
    assert coze_user("telegram", one) != coze_user("slack", one)


@pytest.mark.parametrize(
    ("rules", "bot"),
    [
        ((), "bot"),
        ((Rule("x", channel="main"),), "x"),
        ((Rule("x", channel="other"),), "bot"),
        ((Rule("x", chat="c1"),), "x"),
        ((Rule("x", user="u2"),), "bot"),
        ((Rule("x", user="u1", chat="c2"),), "bot"),
        ((Rule("x", "main", "c1", "u1"),), "x"),
        ((Rule("x", chat="c1"), Rule("y", user="u1")), "x"),
        ((Rule("x", chat="c2"), Rule("y", user="u1"), Rule("z")), "y"),
        ((Rule("x"), Rule("y", user="u1")), "x"),
    ],
)
def test_the_first_rule_that_matches_wins(rules: tuple[Rule, ...], bot: str):
    assert route(said("u1", "c1"), replace(TELEGRAM, rules=rules)).bot == bot


@pytest.mark.parametrize(
    ("users", "chats", "closed", "allowed"),
    [
        ("", "", False, True),
        ("", "", True, False),
        ("u1", "", False, True),
        ("u2", "", False, False),
        ("", "c1", False, True),
        ("", "c2", False, False),
        ("u2", "c1", True, True),
        ("u1", "c2", True, True),
        ("u2", "c2", True, False),
    ],
)
def test_a_list_lets_in_who_is_on_it(users: str, chats: str, closed: bool, allowed: bool):
    listed, open_to = frozenset(users.split()), frozenset(chats.split())
    policy = replace(TELEGRAM, closed=closed, users=listed, chats=open_to)
    assert (standing(said("u1", "c1"), policy) == "welcome") == allowed


@pytest.mark.parametrize(
    ("users", "chats", "closed", "found"),
    [
        ("", "", False, "welcome"),
        ("", "-1", False, "welcome"),
        ("u1", "-2", False, "unlisted"),
        ("u1", "", True, "unlisted"),
        ("u1", "", False, "welcome"),
        ("u2", "", False, "stranger"),
        ("u2", "-1", True, "welcome"),
        ("u2", "-10", True, "welcome"),
    ],
)
def test_a_list_of_users_opens_no_group(users: str, chats: str, closed: bool, found: str):
    listed, open_to = frozenset(users.split()), frozenset(chats.split())
    policy = replace(TELEGRAM, closed=closed, users=listed, chats=open_to, leaves=True)
    message = replace(said("u1", "-1"), home="-10")  # which it was before it moved
    assert standing(message, policy) == found


def test_a_group_that_moved_keeps_its_sessions_and_its_rules():
    moved = replace(said("501", "-1001", "5"), home="-7")
    assert route(moved, TELEGRAM).session == "main:-7:5:501"
    assert place(moved) == "main:-7:5"
    assert route(moved, replace(TELEGRAM, rules=(Rule("x", chat="-7"),))).bot == "x"


@pytest.mark.parametrize(
    ("session", "several"), [("auto", False), ("user", False), ("chat", True), ("thread", True)]
)
def test_a_conversation_is_of_several_where_it_is_not_of_each_user(
    session: Sharing, several: bool
):
    policy = replace(TELEGRAM, session=session)
    assert shared(said("501", "-7"), policy) == several
    assert not shared(said("501", "7", private=True), policy)


@pytest.mark.parametrize(
    ("team", "guest", "shared_chat"),
    [("T2", False, False), ("T1", True, False), ("", True, False), ("T1", False, True)],
)
def test_whoever_is_external_is_let_in_by_name_or_where_all_are(
    team: str, *, guest: bool, shared_chat: bool
):
    message = replace(said("u1", "c1"), team="T1", external=shared_chat)
    message = replace(message, user=replace(message.user, team=team, guest=guest))
    for policy in (SLACK, replace(SLACK, chats=frozenset({"c1"}), workspaces=frozenset({team}))):
        assert standing(message, policy) == "external"
    assert standing(message, replace(SLACK, users=frozenset({"u1"}))) == "welcome"
    assert standing(message, replace(SLACK, external=True)) == "welcome"


@pytest.mark.parametrize(
    ("team", "listed", "found"),
    [
        ("T1", "T1", "welcome"),
        ("", "T1", "welcome"),
        ("T1", "T2", "stranger"),
        ("T2", "T2", "welcome"),
        ("T2", "T1", "stranger"),
    ],
)
def test_members_of_a_workspace_that_is_listed_are_let_in(team: str, listed: str, found: str):
    policy = replace(SLACK, workspaces=frozenset({listed}), external=True)
    message = said("u1", "c1")
    message = replace(message, team="T1", user=replace(message.user, team=team))
    assert standing(message, policy) == found
