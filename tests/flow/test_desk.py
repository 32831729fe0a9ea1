import asyncio

import pytest

from bridge.core.errors import Fatal, Unavailable
from bridge.core.ports import Progress, Talk
from bridge.core.routing import turn_id
from bridge.core.texts import say
from bridge.flow.worker import Job
from tests.flow.fake_coze import FakeCoze
from tests.flow.fake_store import FakeLease
from tests.flow.fakes import message
from tests.flow.office import SESSION, Office


async def test_a_message_is_answered_by_its_bot():
    office = Office()
    await office.turn()
    assert office.last == "Hello."
    assert list(office.memory.talks) == [f"{SESSION}@bot"]


async def test_after_new_the_next_question_begins_a_conversation():
    office = Office()
    await office.turn("1")
    await office.turn("2", command="new")
    assert office.last == say("new", "en")
    await office.turn("3")
    assert [q.conversation for q in office.coze.asked] == ["c1", "c2"]


async def test_retry_asks_the_last_question_again():
    office = Office()
    await office.turn("1", "why?")
    await office.turn("2", "", "retry")
    assert [(q.job, q.prompt.text) for q in office.coze.asked] == [("1", "why?"), ("2", "why?")]


async def test_there_may_be_nothing_to_ask_again():
    office = Office()
    await office.turn("1", "", "retry")
    assert office.last == say("retry.nothing", "en")
    assert office.coze.asked == []


async def test_a_message_that_was_dropped_while_it_waited_is_not_answered():
    office = Office()
    lease = FakeLease(progress=Progress(stop=True))
    await office.desk.on_turn(Job(lease))
    assert office.chat.calls == []
    assert office.coze.asked == []


async def test_parts_that_were_dropped_while_they_waited_for_more_are_told_of():
    office = Office()
    parts = message("1", "half of", group="paste")
    await office.desk.on_turn(Job(FakeLease(parts, progress=Progress(stop=True))))
    assert office.last == say("stopped", "en")
    assert office.coze.asked == []


async def test_what_took_the_place_of_an_answer_and_was_dropped_says_so_there():
    office = Office()
    await office.turn("1")
    shown = office.lease.progress.shown
    progress = Progress(stop=True, shown=shown)
    await office.desk.on_turn(Job(FakeLease(message("2", "how?"), progress=progress)))
    assert office.texts == ["⏹ " + say("stopped", "en")]
    assert len(office.coze.asked) == 1


async def test_buttons_are_not_taken_off_a_message_that_is_drawn_over():
    office = Office()
    office.coze.suggests = ("And?",)
    await office.turn("1")
    shown = office.lease.progress.shown
    office.coze.suggests, office.coze.answer = (), ("Bye.",)
    office.arrives(message("2", "how?"))
    office.lease.progress = Progress(shown=shown)
    office.chat.calls.clear()
    await office.again()
    drawn = [call.piece.text for call in office.chat.called("edit") if call.piece]
    assert set(drawn) == set(office.texts) == {"Bye."}
    assert await office.records.offer(SESSION) is None


async def test_who_asks_too_often_is_told_when_to_come_back():
    office = Office(per_minute=2)
    for number in range(3):
        await office.turn(str(number))
    assert len(office.coze.asked) == 2
    seconds = int("".join(filter(str.isdigit, office.last)))
    assert office.last == say("slow_down", "en", seconds=seconds)
    assert 20 <= seconds <= 30
    await asyncio.sleep(seconds)
    await office.turn("4")
    assert len(office.coze.asked) == 3


async def test_a_second_attempt_is_not_counted():
    office = Office(per_minute=1)
    await office.turn("1")
    await office.desk.on_turn(Job(FakeLease(message("2"), attempt=2)))
    assert len(office.coze.asked) == 2


async def test_without_the_store_nobody_is_counted():
    office = Office(per_minute=1)
    office.limiter.down = True
    await office.turn()
    assert office.last == "Hello."


async def test_a_fault_in_the_bridge_is_told_to_the_user_below_what_was_said():
    office = Office(coze=FakeCoze("Well, ", "then."))
    office.coze.faults.add("said", None, ZeroDivisionError("oops"))
    await office.turn()
    told = f"{say('error.unknown', 'en')} {say('turn', 'en', turn=turn_id('1'))}"
    assert office.last.split("\n\n") == ["Well, ", f"⚠️ {told}"]
    assert office.buttons() == [f"retry:{turn_id('1')}"]
    assert office.records.turns[turn_id("1")].error == "ZeroDivisionError('oops')"
    await office.turn("2", turn_id("1"), "retry", on="m0")
    assert office.last == "Well, then."


async def test_a_fault_before_anything_was_asked_is_told_too():
    office = Office()
    waiting, office.memory.waiting = office.memory.waiting, None  # type: ignore[method-assign, assignment]
    await office.turn()
    assert office.last == "⚠️ " + say("error.unknown", "en")
    assert office.buttons() == [f"retry:{turn_id('1')}"]
    office.memory.waiting = waiting  # type: ignore[method-assign]
    await office.turn("2", turn_id("1"), "retry", on="m0")
    assert [q.prompt.text for q in office.coze.asked] == ["why?"]


async def test_the_bot_is_shown_at_work_until_there_is_something_to_read():
    office = Office(coze=FakeCoze("Hello ", "there.", pace=10.0))
    await office.turn()
    assert office.chat.typed == 3  # at 0, 4 and 8 seconds; the first words came at 10


async def test_what_is_not_answered_by_a_post_is_no_longer_worked_on():
    office = Office()
    await office.turn()
    assert office.chat.idled == 0  # the post has told so
    office.coze.faults.add("ask", *[Fatal("no")] * 2)
    await office.turn("2", private=False)
    assert office.chat.idled == 0
    await office.turn("3", private=False)  # the same trouble is not told again
    assert office.chat.idled == 1
    office.chat.faults.add("post", Fatal("no"))
    office.chat.faults.add("idle", Fatal("no"))
    with pytest.raises(Fatal):
        await office.turn("4")
    assert office.chat.idled == 2


async def test_a_stop_reaches_the_turn():
    office = Office(coze=FakeCoze(*"abc", pace=10.0))
    job = Job(FakeLease())
    working = asyncio.create_task(office.desk.on_turn(job))
    await asyncio.sleep(15)
    job.stop()
    await working
    assert office.last == "a\n\n⏹ Stopped."


async def test_a_command_is_obeyed_and_answered():
    office = Office()
    await office.desk.on_control(Job(FakeLease(message("1", "", "stop"))))
    assert office.last == say("stop.nothing", "en")
    assert office.turns.stopped == [("lane", "*")]


async def test_a_chat_that_is_away_is_left_to_the_inbox():
    office = Office()
    office.chat.faults.add("post", *[Unavailable("502")] * 1000)
    office.chat.prices = ()
    with pytest.raises(Unavailable):
        await office.desk.on_control(Job(FakeLease(message("1", "", "help"))))


async def test_bots_do_not_share_conversations():
    office = Office()
    office.memory.talks["telegram:7::@other"] = Talk("user", "theirs")
    await office.turn()
    assert office.coze.asked[0].conversation == "c1"
