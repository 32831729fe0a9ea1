"""Who is let in, which groups are left, and whose a button is."""

from dataclasses import replace
from typing import Any

import pytest

from bridge.core.errors import StoreUnavailable
from bridge.core.model import Address, Message, User
from bridge.core.ports import Applicant
from bridge.core.routing import coze_user
from tests.flow.door import Door, direct, in_slack
from tests.store.lanes import record

GROUP = Address("telegram", "-7")


def in_group(id_: str = "1", command: str = "", text: str = "hi", **more: Any) -> Message:
    user = User(more.pop("user", "501"), "Ann")
    return Message(id_, GROUP, user, text, command, private=False, **more)


async def test_of_a_stranger_only_what_they_say_in_private_is_answered():
    door = Door(users=frozenset({"502"}))
    await door.accept(direct("1", text="a secret"))
    await door.accept(replace(direct("2", "up"), on="3"))
    await door.accept(in_group("3"))
    await door.accept(in_slack("4"))
    assert door.obeyed == [("1", "stranger")]
    assert door.controls.jobs["telegram:7::"][0].text == ""


async def test_who_was_let_in_by_a_code_is_let_in_in_private_alone():
    door = Door(closed=True, pairing=True, leaves=True)
    await door.accept(direct("1"))
    assert door.obeyed == [("1", "pairing")]
    await door.pairing.apply(Applicant("telegram", "501", "7"), "AAAA")
    await door.pairing.admit("AAAA")
    await door.accept(direct("2"))
    await door.accept(in_group("3"))
    assert door.waiting == ["2"]
    assert door.obeyed == [("1", "pairing"), ("3", "unlisted")]


@pytest.mark.parametrize(("listed", "left"), [("-7", False), ("-8", True)])
async def test_a_group_is_left_when_the_bot_comes_and_when_it_is_spoken_to(
    listed: str, left: bool
):
    door = Door(chats=frozenset({listed}), leaves=True, context=5)
    await door.accept(in_group("1", "added", text=""))
    await door.accept(in_group("2", addressed=False))
    await door.accept(in_group("3"))
    assert door.obeyed == ([("1", "unlisted"), ("3", "unlisted")] if left else [])
    assert bool(door.groups.remarks) is not left


async def test_what_is_not_for_the_bot_is_kept_only_if_it_is_to_know_of_it():
    door = Door()
    await door.accept(in_group("1", addressed=False))
    assert not door.groups.remarks
    assert not door.waiting


async def test_a_group_that_moved_has_the_lane_that_it_had():
    door = Door()
    await door.accept(in_group("1", "moved", "-1007"))
    await door.accept(replace(in_group("2"), address=Address("telegram", "-1007")))
    assert door.turns.jobs.keys() == {"telegram:-7::501"}


async def test_a_group_that_the_bot_has_left_is_over():
    door = Door(chats=frozenset({"-8"}), leaves=True)
    await door.accept(in_group("1", "left"))
    assert door.groups.ended == ["-7"]
    assert door.obeyed == []


def pressed(command: str, text: str, user: str = "502", **more: Any) -> Message:
    return in_group("9", command, text, user=user, on="77", **more)


async def of_ann(policy: dict[str, Any]) -> Door:
    """Ann has asked something in a group, and was answered before."""
    door = Door(**policy)
    await door.accept(in_group("1"))
    ann = coze_user("telegram", "501")
    await door.records.note(record("bcdfghjk", user=ann))
    return door


OWN = [("stop", "1"), ("retry", "bcdfghjk"), ("answer", "bcdfghjk:0"), ("why", "bcdfghjk:style")]


@pytest.mark.parametrize(("command", "text"), OWN)
async def test_a_button_is_for_who_asked(command: str, text: str):
    door = await of_ann({})
    refusal = await door.accept(pressed(command, text))
    assert refusal
    assert "whoever asked" in refusal
    assert "提问的人" in str(await door.accept(replace(pressed(command, text), user=ZHOU)))
    assert (door.waiting, door.obeyed) == (["1"], [])
    assert await door.accept(pressed(command, text, user="501")) is None
    assert "9" in [*door.waiting, *(id_ for id_, _ in door.obeyed)]


@pytest.mark.parametrize(("command", "text"), [*OWN, ("ask", "bcdfghjk:0"), ("up", "bcdfghjk")])
async def test_where_all_share_a_conversation_its_buttons_are_for_all(command: str, text: str):
    door = await of_ann({"session": "chat"})
    assert await door.accept(pressed(command, text)) is None


@pytest.mark.parametrize("command", ["ask", "up", "down", "bot"])
async def test_other_buttons_are_for_all(command: str):
    door = await of_ann({})
    assert await door.accept(pressed(command, "bcdfghjk:0")) is None


@pytest.mark.parametrize(
    ("command", "text"), [("retry", ""), ("retry", "zzzzzzzz"), ("stop", "0")]
)
async def test_a_button_that_nobody_is_known_to_have_asked_for_is_for_all(command: str, text: str):
    door = await of_ann({})
    assert await door.accept(pressed(command, text)) is None


async def test_who_asked_in_the_name_of_the_group_can_press_under_their_own():
    door = Door()
    await door.accept(in_group("1", user="-7"))
    assert await door.accept(pressed("stop", "1")) is None


async def test_without_the_store_a_press_has_to_come_again():
    door = await of_ann({})
    door.records.down = True
    door.turns.faults.add("add", StoreUnavailable("no Redis"))
    with pytest.raises(StoreUnavailable):
        await door.accept(pressed("retry", "bcdfghjk"))


ZHOU = User("503", "Zhou", "zh-hans")
