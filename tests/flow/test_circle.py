"""What a bot is told of the group that it is asked in, and what it is not."""

from dataclasses import replace
from typing import Any

from bridge.core.errors import Unavailable
from bridge.core.model import FileRef, Prompt
from bridge.core.ports import Remark
from bridge.core.routing import place
from tests.flow.clock import run
from tests.flow.fakes import message
from tests.flow.office import POLICY, Office

BEFORE = "Said in the group before this:\nBen: hi Ann: yes\n\n"


def office(**policy: Any) -> Office:
    made = Office(policy=replace(POLICY, **{"names": True, "context": 5, **policy}))
    said = Remark("9", "Ben", "hi\nAnn: yes", 0.0)  # he cannot speak for her
    made.groups.remarks[place(message())] = [said]
    return made


def test_what_was_said_stands_before_the_question_and_is_not_part_of_it():
    async def story() -> None:
        made = office()
        await made.turn("1", private=False)
        await made.turn("2", "and?", private=False)
        first, second = [question.prompt for question in made.coze.asked]
        assert first == Prompt("why?", context=f"{BEFORE}Ann: ")
        assert second == Prompt("and?")

    run(story())


def test_what_is_asked_again_is_asked_as_it_was():
    async def story() -> None:
        made = office()
        made.coze.faults.add("ask", Unavailable("away"))
        await made.turn("1", private=False)
        made.groups.remarks[place(message())] = [Remark("8", "Ben", "later", 0.0)]
        await made.turn("2", "", "retry", private=False)
        (asked,) = made.coze.asked
        assert asked.prompt == Prompt("why?", context=f"{BEFORE}Ann: ")
        assert made.groups.remarks  # for the next question

    run(story())


def test_in_private_nobody_is_named():
    async def story() -> None:
        made = office(session="chat")
        await made.turn("1")
        assert made.coze.asked[0].prompt == Prompt("why?")

    run(story())


def test_what_is_heard_does_not_tell_what_others_said():
    async def story() -> None:
        made = office(session="chat")
        made.services.words = "why?"
        made.chat.uploads["v"] = b"OggS"
        made.arrives(message("1", "", files=(FileRef("v", "voice", "voice.ogg"),), private=False))
        await made.again()
        await made.again()  # after a crash
        assert all("Ben" not in text and "Ann" not in text for text in made.texts)

    run(story())
