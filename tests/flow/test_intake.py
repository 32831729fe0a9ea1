from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bridge.core.errors import StoreUnavailable
from bridge.core.model import Address, Message, User
from bridge.core.ports import HEAD, Offer
from bridge.core.texts import say
from bridge.flow.commands import CONTROLS
from tests.flow.door import OUTSIDE, Door, direct, in_slack

LANE = "slack:C1:1.2:"


async def test_a_message_goes_into_the_lane_of_its_conversation():
    door = Door()
    await door.accept(direct())
    await door.accept(in_slack("2"))
    assert [job.id for job in door.turns.jobs["telegram:7::"]] == ["1"]
    assert [job.id for job in door.turns.jobs[LANE]] == ["2"]


@pytest.mark.parametrize("command", sorted(CONTROLS - {"full"}))
async def test_controls_overtake(command: str):
    door = Door()
    await door.accept(direct("1"))
    await door.accept(direct("2", command))
    assert door.waiting == ["1"]
    assert door.obeyed == [("2", command)]
    assert list(door.controls.jobs) == ["telegram:7::"]  # the lane that they are about


@pytest.mark.parametrize(
    "command", ["new", "retry", "ask", "answer", "bot", "vars", "export", "summary"]
)
async def test_what_changes_the_conversation_waits_for_its_turn(command: str):
    door = Door()
    await door.accept(direct("1"))
    await door.accept(direct("2", command))
    assert door.waiting == ["1", "2"]
    assert door.obeyed == []


async def test_a_new_conversation_ends_the_answer_that_is_being_written():
    door = Door()
    await door.accept(direct("1"))
    assert door.turns.stopped == []
    await door.accept(direct("2", "new"))
    assert door.turns.stopped == [("telegram:7::", HEAD)]


async def test_who_sends_too_much_is_told():
    door = Door(most=1)
    await door.accept(direct("1"))
    await door.accept(direct("2", text="a secret"))
    assert door.waiting == ["1"]
    assert door.obeyed == [("2", "full")]
    assert door.controls.jobs["telegram:7::"][0].text == ""


async def test_who_floods_holds_up_nobody_else():
    door = Door(most=1)
    for number in range(200):
        await door.accept(direct(str(number)))
    await door.accept(direct("stop", "stop"))
    await door.accept(replace(direct("other"), address=Address("telegram", "8")))
    assert "other" in door.waiting


async def test_what_is_not_stored_is_not_confirmed():
    door = Door()
    door.turns.faults.add("add", StoreUnavailable("full"))
    with pytest.raises(StoreUnavailable):
        await door.accept(direct())
    await door.accept(direct())  # delivered again
    assert door.waiting == ["1"]


async def test_a_redelivered_message_is_stored_once():
    door = Door()
    for _ in range(3):
        await door.accept(direct())
        await door.accept(direct("2", "help"))
    assert door.waiting == ["1"]
    assert door.obeyed == [("2", "help")]


async def test_what_is_not_meant_for_the_bot_is_heard_only_in_its_threads():
    door = Door()
    await door.accept(in_slack("1", addressed=False))
    assert door.waiting == []
    await door.accept(in_slack("2"))
    await door.accept(in_slack("3", addressed=False))
    await door.accept(in_slack("4", Address("slack", "C1", "9.9"), addressed=False))
    await door.accept(in_slack("5", OUTSIDE, addressed=False))
    assert door.waiting == ["2", "3"]


async def test_a_control_makes_the_bot_no_part_of_a_thread():
    door = Door()
    await door.accept(in_slack("1", command="help"))
    await door.accept(in_slack("2", addressed=False))
    assert door.waiting == []


@pytest.mark.parametrize(
    ("allowed", "enters"),
    [
        ({}, True),
        ({"users": frozenset({"501"})}, True),
        ({"users": frozenset({"502"})}, False),
        ({"chats": frozenset({"7"})}, True),
        ({"users": frozenset({"502"}), "chats": frozenset({"7"})}, True),
    ],
    ids=str,
)
@pytest.mark.parametrize("make", [direct, lambda: direct(command="help")], ids=["text", "help"])
async def test_only_those_on_the_list_are_let_in(
    allowed: dict[str, Any], enters: bool, make: Callable[[], Message]
):
    door = Door(**allowed)
    await door.accept(make())
    assert (door.obeyed == [("1", "stranger")]) != enters
    assert bool(door.waiting) == (enters and not make().command)


@pytest.mark.parametrize("command", ["stop", "new", "retry"])
async def test_a_command_outside_of_threads_goes_to_the_thread_where_its_user_spoke_last(
    command: str,
):
    door = Door()
    await door.accept(in_slack("1"))
    await door.accept(in_slack("2", OUTSIDE, command))
    jobs = door.turns.jobs[LANE] + door.controls.jobs[LANE]
    assert [job.id for job in jobs] == ["1", "2"]
    assert jobs[-1].address.thread == "1.2"


async def test_what_a_command_says_is_for_its_user_alone_but_an_answer_is_for_all():
    door = Door()
    alone = replace(OUTSIDE, only_for="U1")
    await door.accept(in_slack("1"))
    await door.accept(in_slack("2", alone, "help"))
    await door.accept(in_slack("3", alone, "retry"))
    assert door.controls.jobs[LANE][0].address.only_for == "U1"
    assert door.turns.jobs[LANE][-1].address.only_for is None


@pytest.mark.parametrize(
    ("command", "alone"),
    [
        *((name, True) for name in ("usage", "help", "new", "bot", "vars", "up", "down", "why")),
        *((name, False) for name in ("export", "ask", "answer", "retry", "summary")),
    ],
)
async def test_only_what_concerns_nobody_else_is_for_one_user_alone(command: str, alone: bool):
    door = Door()
    await door.accept(in_slack("1", replace(OUTSIDE, only_for="U1"), command))
    ((job,),) = [
        jobs for jobs in (*door.turns.jobs.values(), *door.controls.jobs.values()) if jobs
    ]
    assert (job.address.only_for == "U1") == alone


async def test_parts_of_an_album_are_stored_as_they_are_for_the_inbox_to_join():
    door = Door()
    for id_ in "12":
        await door.accept(replace(direct(id_), group="album"))
    assert [job.group for job in door.turns.jobs["telegram:7::"]] == ["album", "album"]


async def test_a_message_that_is_edited_obeys_nothing_and_stops_nothing():
    door = Door()
    for id_, command in (("1", "stop"), ("2", "new"), ("3", "")):
        await door.accept(replace(direct(id_, command), posted="9", edits=True))
    assert door.waiting == ["2", "3"]  # the inbox knows whether they are the newest
    assert (door.obeyed, door.turns.stopped) == ([], [])


async def test_a_part_of_what_may_speak_to_the_bot_is_for_the_inbox_to_join():
    door = Door()
    part = replace(direct("1"), group="album", addressed=False)
    await door.accept(part)
    await door.accept(replace(part, id="2", group="", joins="text"))
    await door.accept(replace(part, id="3", group=""))
    assert door.waiting == ["1", "2"]


async def test_a_command_of_somebody_who_never_spoke_stays_where_it_is():
    door = Door()
    await door.accept(in_slack("1", OUTSIDE, "stop"))
    assert list(door.controls.jobs) == ["slack:C1::"]


async def test_a_message_outside_of_threads_is_no_command_and_stays_there():
    door = Door()
    await door.accept(in_slack("1"))
    await door.accept(in_slack("2", OUTSIDE))
    assert [job.id for job in door.turns.jobs["slack:C1::"]] == ["2"]


async def test_a_command_of_telegram_never_moves():
    door = Door()
    topic = Message("1", Address("telegram", "7", "5"), User("501"), "hi")
    await door.accept(topic)
    await door.accept(direct("2", "stop"))
    assert list(door.controls.jobs) == ["telegram:7::"]


def pressed(command: str, turn: str = "t1", id_: str = "2") -> Message:
    return replace(direct(id_, command, turn), on="m1")


@pytest.mark.parametrize("command", ["retry", "new"])
@pytest.mark.parametrize(
    ("newest", "late"),
    [("t1", False), ("t2", True), ("", False)],
    ids=["newest", "older", "not kept yet"],
)
async def test_a_button_of_an_answer_that_is_the_newest_no_more_is_declined_at_once(
    command: str, newest: str, *, late: bool
):
    door = Door()
    if newest:
        door.records.offers["telegram:7::"] = Offer(Address("telegram", "7"), "m1", "x", newest)
    said = await door.accept(pressed(command))
    assert said == (say("late", "en") if late else None)
    assert door.waiting == ([] if late else ["2"])


async def test_a_button_of_an_answer_that_has_just_ended_is_not_declined():
    door = Door()
    older = Offer(Address("telegram", "7"), "m0", "x", "t0", taken_by="t1")
    door.records.offers["telegram:7::"] = older
    assert await door.accept(pressed("retry")) is None
    assert door.waiting == ["2"]


async def test_a_button_that_was_pressed_already_is_declined():
    door = Door()
    made = Offer(Address("telegram", "7"), "m1", "x", "t1", taken_by="t2")
    door.records.offers["telegram:7::"] = made
    assert await door.accept(pressed("retry")) == say("late", "en")
    assert await door.accept(direct("3", "retry", "")) is None  # typed
    assert door.waiting == ["3"]


async def test_by_its_first_message_in_a_thread_the_bot_enters_it():
    door = Door()
    await door.accept(in_slack("1"))
    await door.accept(in_slack("2", addressed=False))
    await door.accept(in_slack("3"))
    [jobs] = door.turns.jobs.values()
    assert [(job.id, job.enters) for job in jobs] == [("1", True), ("2", False), ("3", False)]


async def test_what_comes_again_as_it_was_not_stored_still_enters_its_thread():
    door = Door()
    door.turns.faults.add("add", StoreUnavailable("full"))
    with pytest.raises(StoreUnavailable):
        await door.accept(in_slack("1"))
    await door.accept(in_slack("1"))
    [jobs] = door.turns.jobs.values()
    assert jobs[0].enters
