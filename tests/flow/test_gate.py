"""At the door: what strangers are told, how often, and what a group hears before it is left."""

import pytest

from bridge.core.errors import Gone, Unavailable
from bridge.core.ports import Applicant
from bridge.flow.gate import AGAIN
from bridge.flow.worker import Job
from tests.flow.clock import run
from tests.flow.office import Office


@pytest.mark.parametrize("command", sorted(AGAIN))
def test_nobody_is_told_the_same_again_and_again(command: str):
    async def story() -> None:
        office = Office()
        await office.control("1", "", command)
        await office.control("2", "", command)
        assert len(office.texts) == 1

    run(story())


def test_what_broke_off_is_done_by_the_successor():
    async def story() -> None:
        office = Office()
        office.chat.faults.add("leave", Unavailable("away"))
        with pytest.raises(Unavailable):
            await office.control("1", "", "unlisted")
        office.lease.attempt = 2
        await office.desk.on_control(Job(office.lease))
        assert len(office.texts) == 1
        assert len(office.chat.called("leave")) == 2

    run(story())


def test_a_group_in_which_it_may_not_speak_is_left_all_the_same():
    async def story() -> None:
        office = Office()
        office.chat.faults.add("post", Gone("not enough rights"))
        await office.control("1", "", "unlisted")
        assert [call.id for call in office.chat.called("leave")] == ["7"]

    run(story())


def test_a_group_that_brings_it_back_at_once_is_left_without_a_word():
    async def story() -> None:
        office = Office()
        await office.control("1", "", "unlisted")
        await office.control("2", "", "unlisted")
        assert len(office.texts) == 1
        assert len(office.chat.called("leave")) == 2

    run(story())


def test_the_operator_hears_of_a_code_once_and_its_owner_sees_it_again():
    async def story() -> None:
        office = Office()
        await office.control("1", "", "pairing")
        await office.control("2", "", "pairing", user="502")
        office.records.heard.clear()  # a while later
        await office.control("3", "", "pairing")
        code, other = office.pairing.codes
        assert len({*code}) > 1
        assert len(code) == 8
        assert [code in text for text in office.texts] == [True, False, True]
        assert [text.rpartition(" ")[2] for text in office.told] == [code, other]

    run(story())


def test_while_too_many_are_waiting_a_stranger_learns_their_number():
    async def story() -> None:
        office = Office()
        for at in range(100):
            await office.pairing.apply(Applicant("telegram", str(at), str(at)), str(at))
        await office.control("1", "", "pairing")
        assert "501" in office.last
        assert not office.told

    run(story())
