"""What users think of an answer goes to Coze; what was wrong need not be told."""

from dataclasses import replace

import pytest

from bridge.core.commands import FORM, REASONS
from bridge.core.errors import BridgeError, Rejected, StoreUnavailable, Unavailable
from bridge.core.model import Reply, Run
from bridge.core.routing import turn_id
from bridge.core.texts import say
from bridge.flow.bot import Bot
from bridge.flow.feedback import rate
from tests.flow.fake_coze import FakeCoze, FakeServices
from tests.flow.fake_store import FakeRecords
from tests.flow.fakes import HERE, message
from tests.flow.office import Office
from tests.store.lanes import record

RUN = Run("r1", "c1")


class Ballot:
    """Where votes are cast on the turn "abc", which is shown in m0 and m1."""

    def __init__(self, *answers: str, run: Run | None = RUN, rateable: bool = True) -> None:
        self.services, self.records = FakeServices(), FakeRecords()
        self.bot = Bot("bot", FakeCoze(), self.services, rateable=rateable)
        self.records.turns["abc"] = record("abc", run=run, answers=answers or ("a1",))
        self.records.shows = {("7", "m0"): "abc", ("7", "m1"): "abc"}

    async def press(self, command: str, text: str = "abc", language: str = "en") -> Reply | None:
        return await rate(message("9", text, command, language=language), self.bot, self.records)

    async def react(self, command: str, on: str = "m1") -> Reply | None:
        return await rate(message("9", "", command, on=on), self.bot, self.records)


def says(reply: Reply | None, key: str, language: str = "en") -> bool:
    return reply is not None and (reply.status, reply.text) == ("done", say(key, language))


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_praise_goes_to_coze_and_is_thanked_for_where_nobody_else_sees_it(language: str):
    ballot = Ballot()
    given = message("9", "abc", "up", language=language)
    alone = replace(given, address=replace(HERE, only_for="501"))
    thanks = await rate(alone, ballot.bot, ballot.records)
    assert says(thanks, "rate.thanks", language)
    assert await rate(given, ballot.bot, ballot.records) is None
    assert ballot.services.rated == [(RUN, "a1", True, ())] * 2


async def test_who_blames_is_asked_for_the_reason():
    ballot = Ballot()
    reply = await ballot.press("down")
    assert says(reply, "rate.why")
    assert reply
    assert [button.command for button in reply.choices] == [f"why:abc:{r}" for r in REASONS]
    labels = [button.label for button in reply.choices]
    assert labels == [say(f"reason.{r}", "en") for r in REASONS]
    assert ballot.services.rated == [(RUN, "a1", False, ())]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("reason", REASONS)
async def test_the_reason_goes_to_coze_in_the_words_of_the_user(reason: str, language: str):
    ballot = Ballot()
    reply = await ballot.press("why", f"abc:{reason}", language)
    assert says(reply, "rate.thanks", language)
    assert ballot.services.rated == [(RUN, "a1", False, (say(f"reason.{reason}", language),))]


async def test_a_reason_that_nobody_knows_is_none():
    ballot = Ballot()
    assert says(await ballot.press("why", "abc:boring"), "rate.thanks")
    assert ballot.services.rated == [(RUN, "a1", False, ())]


async def test_all_messages_of_an_answer_are_rated():
    ballot = Ballot("a1", "a2")
    await ballot.press("up")
    assert [answer for _, answer, _, _ in ballot.services.rated] == ["a1", "a2"]


@pytest.mark.parametrize("on", ["m0", "m1"])
async def test_a_reaction_rates_the_answer_that_its_message_shows(on: str):
    ballot = Ballot()
    assert await ballot.react("up", on) is None
    assert says(await ballot.react("down", on), "rate.why")
    assert [good for _, _, good, _ in ballot.services.rated] == [True, False]


async def test_a_reaction_to_anything_else_means_nothing():
    ballot = Ballot()
    assert await ballot.react("up", "m7") is None
    assert ballot.services.rated == []


@pytest.mark.parametrize("ballot", [Ballot(run=None), Ballot(rateable=False)])
async def test_a_reaction_to_what_cannot_be_rated_means_nothing(ballot: Ballot):
    assert await ballot.react("down") is None
    assert ballot.services.rated == []


async def test_a_button_of_an_answer_that_is_forgotten_says_so():
    ballot = Ballot()
    assert says(await ballot.press("up", "gone"), "rate.late")
    ballot.records.turns["abc"] = record("abc", run=RUN)
    assert says(await ballot.press("up"), "rate.late")
    assert ballot.services.rated == []


@pytest.mark.parametrize("error", [Unavailable("502"), Rejected("404")])
async def test_what_does_not_reach_coze_is_told(error: BridgeError):
    ballot = Ballot("a1", "a2")
    ballot.services.faults.add("rate", None, error)
    assert says(await ballot.press("down"), "rate.failed")


async def test_without_the_store_it_is_tried_again():
    ballot = Ballot()
    ballot.records.down = True
    with pytest.raises(StoreUnavailable):
        await ballot.press("up")


async def answered() -> tuple[Office, str]:
    """An answer that can be rated, and the id of its turn."""
    office = Office()
    await office.turn()
    (turn,) = office.records.turns
    assert office.buttons() == [f"up:{turn}", f"down:{turn}"]
    return office, turn


async def test_an_answer_has_buttons_that_rate_it():
    office, turn = await answered()
    await office.control("2", turn, "up", on="m0")
    assert office.services.rated == [(Run("r1", "c1"), "a1", True, ())]
    assert office.texts == ["Hello."]


async def test_the_thanks_take_the_place_of_the_question_for_the_reason():
    office, turn = await answered()
    await office.control("2", turn, "down", on="m0")
    assert office.texts == ["Hello.", say("rate.why", "en")]
    await office.control("3", f"{turn}:wrong", "why", on="m1")
    assert office.texts == ["Hello.", say("rate.thanks", "en")]
    assert office.buttons() == []


async def test_a_reaction_finds_the_answer_by_each_of_its_messages():
    office, turn = await answered()
    assert await office.records.behind(HERE, "m0") == turn
    await office.control("2", "", "down", on="m0")
    assert office.services.rated == [(Run("r1", "c1"), "a1", False, ())]


async def test_an_answer_that_failed_has_no_buttons_that_rate_it():
    office = Office()
    office.coze.faults.add("said", Unavailable("cut"))
    await office.turn()
    assert office.buttons() == [f"retry:{turn_id('1')}"]


async def test_a_reaction_to_an_answer_that_failed_means_nothing():
    office = Office(coze=FakeCoze("half ", "of it"))
    office.coze.faults.add("said", None, Unavailable("cut"))
    await office.turn()
    await office.control("2", "", "down", on="m0")
    assert office.services.rated == []
    assert len(office.texts) == 1


async def test_where_the_operator_wants_no_feedback_nothing_asks_for_it():
    office = Office(rateable=False)
    await office.turn()
    assert office.buttons() == []


async def test_who_has_a_form_is_not_asked_in_the_chat_and_their_words_go_to_coze():
    ballot = Ballot()
    assert await ballot.press("down", f"abc:{FORM}") is None
    assert says(await ballot.press("why", "abc:style: see: a, b "), "rate.thanks")
    assert says(await ballot.press("why", "abc::"), "rate.thanks")
    told = [reasons for _, _, _, reasons in ballot.services.rated]
    assert told == [(), (say("reason.style", "en"), "see: a, b"), ()]
