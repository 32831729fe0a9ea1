import asyncio

import pytest

from bridge.core.errors import (
    BridgeError,
    Denied,
    Gone,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
)
from bridge.core.model import Prompt
from bridge.core.ports import Progress, Talk
from bridge.core.routing import turn_id
from bridge.flow.asking import LOOKS
from tests.flow.asking import SESSION, Chat
from tests.flow.clock import now
from tests.flow.fake_coze import FakeCoze

ANSWER = "Hello there."


async def test_a_question_is_asked_once_and_its_answer_shown():
    asking = Chat()
    reply = await asking.ask()
    assert reply.status == "done"
    assert asking.said == reply.text == ANSWER
    assert [q.prompt.text for q in asking.coze.asked] == ["why?"]


async def test_coze_is_told_who_asks_and_under_which_job():
    asking = Chat()
    await asking.ask()
    (question,) = asking.coze.asked
    assert (question.job, question.user, question.conversation) == ("1", "user", "c1")
    assert question.variables == {
        "company": "ACME",
        "user_name": "Ann",
        "user_id": "user",
        "platform": "telegram",
        "chat_title": "",
        "language": "en",
    }


async def test_the_next_question_goes_to_the_same_conversation():
    asking = Chat()
    await asking.ask("1", "why?")
    await asking.ask("2", "and then?")
    assert [q.conversation for q in asking.coze.asked] == ["c1", "c1"]
    assert asking.memory.talks == {SESSION: Talk("user", "c1")}
    assert asking.memory.prompts == {SESSION: Prompt("and then?")}


async def test_a_conversation_goes_on_under_the_user_who_began_it():
    asking = Chat()
    asking.coze.conversations.add("c9")
    asking.memory.talks[SESSION] = Talk("somebody else", "c9")
    await asking.ask()
    assert [(q.user, q.conversation) for q in asking.coze.asked] == [("somebody else", "c9")]
    assert asking.memory.talks[SESSION] == Talk("somebody else", "c9")


async def test_where_coze_begins_conversations_itself_its_choice_is_remembered():
    asking = Chat(FakeCoze(opens=False))
    await asking.ask("1")
    await asking.ask("2")
    assert [q.conversation for q in asking.coze.asked] == [None, "c1"]


async def test_a_forgotten_conversation_is_replaced_once_and_silently():
    asking = Chat()
    asking.memory.talks[SESSION] = Talk("user", "long gone")
    reply = await asking.ask()
    assert reply.status == "done"
    assert asking.said == ANSWER
    assert asking.coze.sent == 2
    assert asking.memory.talks[SESSION].conversation == "c1"


async def test_a_conversation_that_is_gone_twice_is_told():
    asking = Chat()
    asking.coze.faults.add("ask", Gone("gone"), Gone("gone"), Gone("gone"))
    assert (await asking.ask()).status == "failed"
    assert asking.coze.sent == 2
    assert asking.says("", Gone)


async def test_a_question_that_arrived_after_all_is_found_and_not_asked_again():
    asking = Chat()
    asking.coze.faults.add("ask", Uncertain("timeout"), happened=True)
    asking.coze.shows_late = LOOKS - 1
    reply = await asking.ask()
    assert reply.text == asking.said == ANSWER
    assert asking.coze.sent == 1
    assert [run.chat for run in asking.coze.resumed] == ["r1"]


async def test_a_question_that_never_arrived_is_asked_again():
    asking = Chat()
    asking.coze.faults.add("ask", Uncertain("timeout"))
    reply = await asking.ask()
    assert reply.text == asking.said == ANSWER
    assert len(asking.coze.asked) == 1
    assert asking.coze.looked == LOOKS


async def test_a_question_whose_fate_stays_unknown_is_not_asked_for_ever():
    asking = Chat()
    asking.coze.faults.add("ask", *[Uncertain("timeout")] * 9)
    assert (await asking.ask()).status == "failed"
    assert asking.coze.sent == 2


async def test_a_question_is_not_asked_again_while_nobody_can_look():
    asking = Chat()
    asking.coze.faults.add("ask", Uncertain("timeout"), happened=True)
    asking.coze.faults.add("find", Unavailable("502"))
    await asking.ask()
    assert asking.coze.sent == 1


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    "error",
    [
        Unavailable("away"),
        RateLimited("busy", retry_after=1.0),
        Denied("token"),
        Rejected("no"),
        BridgeError("?"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_why_there_is_no_answer_is_told_in_the_language_of_the_user(
    error: BridgeError, language: str
):
    asking = Chat()
    asking.coze.faults.add("ask", error)
    reply = await asking.ask(language=language)
    assert reply.status == "failed"
    assert asking.says("", type(error), language)
    assert asking.coze.asked == []


async def test_an_answer_that_breaks_off_keeps_what_was_said():
    asking = Chat()
    asking.coze.faults.add("said", None, Unavailable("cut"))
    assert (await asking.ask()).status == "failed"
    assert asking.says("Hello ", Unavailable)
    assert asking.coze.sent == 1


async def test_after_a_failure_there_is_a_button_to_try_again():
    asking = Chat()
    asking.coze.faults.add("ask", Unavailable("away"))
    await asking.ask()
    (piece,) = asking.chat.messages.values()
    assert [button.command for button in piece.buttons] == [f"retry:{turn_id('1')}"]
    assert asking.memory.prompts == {SESSION: Prompt("why?")}


async def test_an_answer_that_takes_too_long_is_ended_and_told():
    asking = Chat(FakeCoze(*"abcdefgh", pace=10.0), timeout=25.0)
    assert (await asking.ask()).status == "failed"
    assert asking.says("ab", "error.timeout")
    assert [run.chat for run in asking.coze.cancelled] == ["r1"]
    assert now() < 30


async def stopped_after(asking: Chat, seconds: float) -> None:
    turn = asking.turn()
    running = asyncio.create_task(turn.run())
    await asyncio.sleep(seconds)
    turn.stop()
    begun = now()
    reply = await running
    assert reply.status == "stopped"
    assert now() - begun < 5


async def test_a_stop_keeps_what_was_said_and_ends_the_run_at_coze():
    asking = Chat(FakeCoze(*"abcdefgh", pace=10.0))
    await stopped_after(asking, 25.0)
    assert asking.said == "ab\n\n⏹ Stopped."
    assert [run.chat for run in asking.coze.cancelled] == ["r1"]


async def test_a_stop_before_the_first_word_is_told():
    asking = Chat(FakeCoze(pace=10.0))
    await stopped_after(asking, 1.0)
    assert asking.said == "⏹ Stopped."
    assert len(asking.coze.cancelled) == 1


async def test_a_stop_is_obeyed_also_when_coze_cannot_be_told():
    asking = Chat(FakeCoze(*"abcdefgh", pace=10.0))
    asking.coze.faults.add("cancel", Unavailable("502"))
    await stopped_after(asking, 25.0)
    assert asking.said == "ab\n\n⏹ Stopped."


async def test_a_stop_that_comes_before_the_turn_begins_asks_nothing():
    asking = Chat()
    turn = asking.turn()
    turn.stop()
    assert (await turn.run()).status == "stopped"
    assert asking.coze.sent == 0


async def test_a_stop_that_was_stored_ends_the_run_of_the_process_before():
    asking = Chat()
    await asking.ask()
    run = asking.coze.runs["1"]
    asking.lease.progress = Progress(asked=True, conversation="c1", stop=True)
    assert (await asking.again()).status == "stopped"
    assert asking.coze.cancelled == [run]
    assert asking.coze.sent == 1


async def test_a_stop_after_the_end_changes_nothing():
    asking = Chat()
    turn = asking.turn()
    await turn.run()
    turn.stop()
    assert asking.said == ANSWER
    assert asking.coze.cancelled == []


async def test_a_bot_without_a_word_is_said_to_have_none():
    asking = Chat(FakeCoze(""))
    await asking.ask()
    assert asking.said == "The bot had nothing to say to that."


async def test_a_full_store_still_has_its_questions_answered():
    asking = Chat()
    asking.memory.full = True
    await asking.ask()
    assert asking.said == ANSWER
    assert asking.coze.sent == 1
