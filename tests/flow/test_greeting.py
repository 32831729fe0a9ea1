"""The first words of a bot, and what it suggests to ask."""

import pytest

from bridge.core.errors import Denied, RateLimited, StoreUnavailable, Unavailable
from bridge.core.ports import About
from bridge.core.routing import turn_id
from bridge.core.texts import say
from tests.flow.office import ANN, Office

QUESTIONS = ("What can you do?", "Tell me something")
TURN = turn_id("1")


def office_of(prologue: str = "", *questions: str) -> Office:
    office = Office()
    office.services.bot = About("Bot", prologue, questions)
    return office


async def started(office: Office) -> Office:
    await office.control("1", "", "start")
    return office


async def test_a_bot_greets_in_its_own_words_and_by_name():
    office = await started(office_of("Hello, {{user_name}}! I am {{who}}."))
    assert office.texts == ["Hello, Ann! I am {{who}}."]
    assert office.buttons() == []


async def test_what_a_bot_suggests_is_asked_by_pressing_it():
    office = await started(office_of("Hello!", *QUESTIONS))
    assert office.buttons() == [f"ask:{TURN}:0", f"ask:{TURN}:1"]
    await office.turn("2", f"{TURN}:1", "ask")
    assert [q.prompt.text for q in office.coze.asked] == ["Tell me something"]
    assert office.last == "> Tell me something\n\nHello."


async def test_the_suggestions_go_when_something_is_asked():
    office = await started(office_of("Hello!", *QUESTIONS))
    await office.turn("2", "why?")
    assert office.texts[0] == "Hello!"
    assert office.buttons(0) == []


async def test_suggestions_without_a_greeting_stand_below_ours():
    office = await started(office_of("", *QUESTIONS))
    assert office.texts == [say("start", "en")]
    assert office.buttons() == [f"ask:{TURN}:0", f"ask:{TURN}:1"]


@pytest.mark.parametrize("prologue", ["Hello!", ""])
async def test_a_platform_with_a_place_for_suggestions_shows_them_there(prologue: str):
    office = office_of(prologue, *QUESTIONS)
    office.chat.has_prompts = True
    await started(office)
    assert office.chat.asked == [QUESTIONS]
    assert office.texts == [prologue or say("start", "en")]
    assert office.buttons() == []


@pytest.mark.parametrize("error", [Unavailable("502"), RateLimited("slow", retry_after=9.0)])
async def test_where_that_place_is_refused_they_are_buttons(error: Exception):
    office = office_of("Hello!", *QUESTIONS)
    office.chat.has_prompts = True
    office.chat.faults.add("prompts", error)
    await started(office)
    assert len(office.buttons()) == 2


@pytest.mark.parametrize("prologue", ["", "  \n"])
async def test_a_bot_without_a_word_is_greeted_for(prologue: str):
    office = await started(office_of(prologue))
    assert office.last.startswith(say("start", "en"))
    assert "/new" in office.last


@pytest.mark.parametrize("error", [Unavailable("502"), Denied("4101")])
async def test_where_coze_does_not_tell_the_bridge_says_hello(error: Exception):
    office = office_of("Hello!", *QUESTIONS)
    office.services.faults.add("about", error)
    await started(office)
    assert office.last.startswith(say("start", "en"))


async def test_a_greeting_is_kept_for_its_buttons_and_costs_nobody_anything():
    office = await started(office_of("Hello!", *QUESTIONS))
    kept = office.records.turns[TURN]
    assert (kept.suggestions, kept.user, kept.run, kept.usage) == (QUESTIONS, ANN, None, None)
    assert office.records.days == {}


async def test_buttons_that_would_lead_nowhere_are_not_shown():
    office = office_of("Hello!", *QUESTIONS)
    office.records.full = True
    with pytest.raises(StoreUnavailable):
        await started(office)
    assert office.texts == []


async def test_the_bot_that_was_chosen_greets():
    office = office_of("Hello!")
    office.memory.bots["telegram:7::"] = "other"
    await started(office)
    assert office.records.turns[TURN].bot == "other"
