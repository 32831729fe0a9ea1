"""Questions below an answer go when something newer is asked."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bridge.core.errors import Gone, RateLimited, Rejected, Unavailable
from bridge.core.layout import rating
from bridge.core.model import Address, Piece
from bridge.core.ports import About, Budget, Offer
from bridge.core.routing import turn_id
from bridge.core.texts import say
from tests.flow.clock import now
from tests.flow.fake_coze import FakeCoze
from tests.flow.fakes import HERE, Called, Crash, Fate, message
from tests.flow.office import SESSION, Office

FIRST, SECOND = turn_id("1"), turn_id("2")
RATING = [f"up:{FIRST}", f"down:{FIRST}"]
ASKS = [f"ask:{FIRST}:0", f"ask:{FIRST}:1"]


async def asked(*, rateable: bool = True, after: tuple[str, ...] = ()) -> Office:
    """An answer with two questions below it."""
    coze = FakeCoze("Hello.")
    coze.suggests = ("And why?", "Since when?")
    office = Office(coze=coze, rateable=rateable)
    office.chat.after = after
    await office.turn("1")
    coze.suggests = ()
    return office


def edits(office: Office) -> list[Called]:
    """Those of the first answer."""
    return [call for call in office.chat.called("edit") if call.id == "m0"]


async def test_questions_stand_below_an_answer_with_the_thumbs():
    office = await asked()
    assert office.buttons() == ASKS + RATING
    assert office.records.offers[SESSION] == Offer(HERE, "m0", "Hello.", FIRST, rateable=True)


async def test_they_go_when_something_newer_is_asked_and_the_thumbs_stay():
    office = await asked()
    await office.turn("2")
    assert office.buttons(0) == RATING
    assert office.texts == ["Hello.", "Hello."]
    assert office.records.offers[SESSION].taken_by == SECOND


async def test_where_nothing_can_be_rated_no_button_stays():
    office = await asked(rateable=False)
    assert office.buttons() == ASKS
    await office.turn("2")
    assert office.buttons(0) == []


async def test_an_answer_without_questions_offers_none():
    office = Office()
    await office.turn("1")
    assert office.records.offers == {}
    assert office.buttons() == RATING


async def test_the_questions_of_the_newest_answer_stay():
    office = await asked()
    office.coze.suggests = ("More?",)
    await office.turn("2")
    assert office.buttons(0) == RATING
    assert office.buttons(1)[0] == f"ask:{SECOND}:0"
    assert office.records.offers[SESSION].turn == SECOND


@pytest.mark.parametrize("error", [Unavailable("502"), RateLimited("slow", retry_after=1.0)])
async def test_what_could_not_be_taken_away_is_taken_away_later(error: Exception):
    office = await asked()
    office.chat.faults.add("edit", error, error)
    await office.turn("2")
    assert office.buttons(0) == RATING


async def test_what_can_still_not_be_taken_away_stays():
    office = await asked()
    office.chat.faults.add("edit", *[Unavailable("502")] * 9)
    await office.turn("2")
    assert office.buttons(0) == ASKS + RATING
    assert office.texts == ["Hello.", "Hello."]


@pytest.mark.parametrize("error", [Gone("deleted"), Rejected("too old to edit")])
async def test_what_can_never_be_taken_away_is_tried_once(error: Exception):
    office = await asked()
    shown = len(edits(office))
    office.chat.faults.add("edit", error)
    await office.turn("2")
    await office.turn("3")
    assert len(edits(office)) == shown + 1


async def test_to_take_them_away_holds_up_no_answer():
    office = await asked()
    office.chat.prices = (Budget("chat", 60.0, 2),)
    begun = now()
    await office.turn("2")
    assert office.chat.called("post")[-1].at - begun < 1
    assert office.buttons(0) == RATING


async def test_they_stay_while_nothing_is_asked():
    office = await asked()
    await office.control("2", "", "help")
    await office.turn("3", "", "export")
    assert office.buttons(0) == ASKS + RATING


async def test_a_full_store_keeps_no_answer_from_its_user():
    coze = FakeCoze("Hello.")
    coze.suggests = ("And why?",)
    office = Office(coze=coze)
    office.records.full = True
    await office.turn("1")
    assert office.texts == ["Hello."]


async def test_without_the_store_old_questions_stay():
    office = await asked()
    office.records.down = True
    await office.turn("2")
    assert office.texts == ["Hello.", "Hello."]
    assert office.buttons(0) == ASKS + RATING


async def test_each_message_of_a_long_answer_leads_to_its_turn():
    coze = FakeCoze("word " * 300)
    office = Office(coze=coze)
    await office.turn("1")
    assert len(office.texts) > 1
    for id_ in office.chat.messages:
        assert await office.records.behind(Address("telegram", "7"), id_) == FIRST


async def test_below_an_answer_that_failed_there_is_one_button_until_something_is_asked():
    office = await asked()
    office.coze.suggests = ("And why?",)
    office.coze.faults.add("said", Unavailable("cut"))
    await office.turn("2")
    assert office.buttons(1) == [f"retry:{SECOND}"]
    await office.turn("3")
    assert office.buttons(1) == []


async def test_an_offer_is_taken_away_as_it_was_shown():
    office = await asked()
    await office.turn("2")
    assert edits(office)[-1].piece == Piece("Hello.", rating(FIRST))


AFTER = [f"retry:{FIRST}", f"new:{FIRST}"]


async def answered(**settings: Any) -> Office:
    """An answer without questions."""
    office = Office(**settings)
    office.chat.after = ("retry", "new")
    await office.turn("1")
    return office


async def test_below_an_answer_stand_the_commands_that_the_platform_has_there():
    office = await asked(after=("retry",))
    assert office.buttons() == ASKS + RATING + AFTER[:1]


async def test_they_are_taken_away_from_an_answer_without_questions_too():
    office = await answered()
    assert office.buttons() == RATING + AFTER
    await office.turn("2")
    assert office.buttons(0) == RATING
    assert office.buttons(1)[-1] == f"new:{SECOND}"


async def test_what_went_out_plain_stays_plain():
    office = await answered(coze=FakeCoze("Hello."), rateable=False)
    offer = replace(office.records.offers[SESSION], plain=True)
    office.records.offers[SESSION] = offer
    await office.turn("2")
    assert edits(office)[-1].piece == Piece("Hello.", plain=True)


async def press(office: Office, id_: str, command: str, turn: str = FIRST) -> None:
    await office.turn(id_, turn, command, on="m0")


async def test_a_press_asks_again_once():
    office = await answered()
    await press(office, "2", "retry")
    await press(office, "3", "retry")
    assert [q.prompt.text for q in office.coze.asked] == ["why?", "why?"]
    assert office.texts == ["Hello.", "Hello.", say("late", "en")]
    assert office.buttons(0) == RATING


async def test_a_press_below_an_older_answer_is_declined():
    office = await answered()
    await office.turn("2", "and then?")
    for number, command in enumerate(("retry", "new"), 3):
        await press(office, str(number), command)
        assert office.last == say("late", "en")
    assert office.coze.sent == 2
    assert list(office.memory.talks) == [f"{SESSION}@bot"]


async def test_a_new_conversation_and_another_bot_take_all_of_it_away():
    for command, argument in (("new", ""), ("bot", "other")):
        office = await answered()
        await office.turn("2", argument, command)
        assert office.buttons(0) == RATING
        await press(office, "3", "retry")
        assert office.last == say("late", "en")
        assert office.coze.sent == 1


async def test_a_press_counts_also_after_the_process_died_of_it():
    office = await answered()
    office.coze.faults.add("ask", None)
    office.arrives(message("2", FIRST, "retry", on="m0"))
    office.live(Fate(3))
    with pytest.raises(Crash):
        await office.again()
    office.live(Fate())
    await office.again()
    assert office.last == "Hello."
    assert [q.job for q in office.coze.asked] == ["1", "2"]


async def test_a_button_that_is_nobodys_leads_nowhere():
    office = await answered()
    await office.turn("2", "5", "vote", on="m0")
    assert office.last == say("late", "en")
    assert office.coze.sent == 1


async def test_below_a_sentence_of_ours_there_is_nothing_to_ask_again():
    office = Office()
    office.chat.after = ("retry", "new")
    await office.turn("1", "", "retry")
    assert office.buttons() == []


async def test_a_greeting_takes_the_place_of_what_was_offered():
    office = await answered()
    office.services.bot = About("Bot", "Hello!", ("What now?",))
    await office.control("2", "", "start")
    while office.desk.background:
        await asyncio.wait(office.desk.background)
    assert office.buttons(0) == RATING
    assert office.buttons(1) == [f"ask:{SECOND}:0"]
