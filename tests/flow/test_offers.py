"""Questions below an answer go when something newer is asked."""

import pytest

from bridge.core.errors import Gone, RateLimited, Rejected, Unavailable
from bridge.core.layout import rating
from bridge.core.model import Address, Piece
from bridge.core.ports import Budget, Offer
from bridge.core.routing import turn_id
from bridge.flow.offers import withdraw
from bridge.flow.present import Stage
from bridge.flow.throttle import Throttle
from tests.flow.clock import now
from tests.flow.fake_coze import FakeCoze
from tests.flow.fake_store import FakeLimiter
from tests.flow.fakes import HERE, Called
from tests.flow.office import SESSION, Office

FIRST, SECOND = turn_id("1"), turn_id("2")
RATING = [f"up:{FIRST}", f"down:{FIRST}"]
ASKS = [f"ask:{FIRST}:0", f"ask:{FIRST}:1"]


async def asked(*, rateable: bool = True) -> Office:
    """An answer with two questions below it."""
    coze = FakeCoze("Hello.")
    coze.suggests = ("And why?", "Since when?")
    office = Office(coze=coze, rateable=rateable)
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
    assert office.records.offers == {}


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


async def test_a_newer_offer_is_not_forgotten_with_the_old_one():
    office = await asked()
    old = office.records.offers[SESSION]
    newer = Offer(HERE, "m9", "Newer.", SECOND)
    office.records.offers[SESSION] = newer
    await withdraw(old, SESSION, Stage(office.chat, Throttle(FakeLimiter())), office.records)
    assert office.buttons(0) == RATING
    assert office.records.offers[SESSION] == newer


@pytest.mark.parametrize("error", [Unavailable("502"), RateLimited("slow", retry_after=1.0)])
async def test_what_could_not_be_taken_away_is_taken_away_the_next_time(error: Exception):
    office = await asked()
    office.chat.faults.add("edit", error)
    await office.turn("2")
    assert office.buttons(0) == ASKS + RATING
    await office.turn("3")
    assert office.buttons(0) == RATING
    assert office.records.offers == {}


@pytest.mark.parametrize("error", [Gone("deleted"), Rejected("too old to edit")])
async def test_what_can_never_be_taken_away_is_tried_once(error: Exception):
    office = await asked()
    shown = len(edits(office))
    office.chat.faults.add("edit", error)
    await office.turn("2")
    assert office.records.offers == {}
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


async def test_an_answer_that_failed_offers_nothing():
    office = await asked()
    office.coze.suggests = ("And why?",)
    office.coze.faults.add("said", Unavailable("cut"))
    await office.turn("2")
    assert office.buttons(1) == ["retry:jdwkvnnb"]
    assert office.records.offers == {}


async def test_an_offer_is_taken_away_as_it_was_shown():
    office = await asked()
    await office.turn("2")
    assert edits(office)[-1].piece == Piece("Hello.", rating(FIRST))
