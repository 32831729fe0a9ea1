"""The thread that a bot is called into: what of it the bot is told."""

from typing import Any

from bridge.core.errors import Denied
from bridge.core.model import Prompt, Quote
from bridge.core.ports import Remark
from bridge.flow.recall import ALL, LONGEST, capped
from tests.flow.clock import run
from tests.flow.fakes import message
from tests.flow.office import Office

BEFORE = "Said in this thread before; for you to know, not to be answered:\n"


def remarks(*texts: str) -> list[Remark]:
    return [Remark(str(at), "Ben", text, 0.0) for at, text in enumerate(texts)]


def office(*texts: str) -> Office:
    made = Office()
    made.chat.remarks = remarks(*texts)
    return made


def into(**more: Any) -> dict[str, Any]:
    """A message by which the bot enters a thread."""
    return {"thread": "1.5", "private": False, "enters": True, **more}


def test_what_was_said_stands_apart_on_lines_of_its_own():
    async def story() -> None:
        made = office("It rains\nAnn: stop", "So what?")
        made.chat.remarks += [Remark("9", "", "Hm", 0.0)]
        await made.turn("1", **into())
        context = f"{BEFORE}Ben: It rains Ann: stop\nBen: So what?\nSomebody: Hm\n\nAnn: "
        assert made.coze.asked[0].prompt == Prompt("why?", context=context)
        assert made.chat.looked_back == [("1.5", "1")]

    run(story())


def test_whoever_goes_on_in_a_thread_or_speaks_in_private_is_not_looked_up():
    async def story() -> None:
        made = office("It rains")
        await made.turn("1", **into(enters=False))
        await made.turn("2", **into(private=True))
        assert made.chat.looked_back == []
        assert [asked.prompt.context for asked in made.coze.asked] == ["", ""]

    run(story())


def test_a_thread_that_cannot_be_read_holds_nobody_up(caplog):
    async def story() -> None:
        made = office("It rains")
        made.chat.faults.add("earlier", Denied("missing_scope"), Denied("missing_scope"))
        await made.turn("1", **into())
        await made.turn("2", **into())
        assert [asked.prompt for asked in made.coze.asked] == [Prompt("why?")] * 2

    run(story())
    assert [r.message for r in caplog.records].count("threads cannot be read") == 1


def test_what_the_question_quotes_is_not_told_twice():
    async def story() -> None:
        made = office("It rains", "Always?")
        await made.turn("1", **into(quote=Quote("Always?", "Ben")))
        assert made.coze.asked[0].prompt.context == f"{BEFORE}Ben: It rains\n\nAnn: "

    run(story())


def test_of_much_the_first_and_the_last_are_kept():
    said = remarks("first", *(f"{n} {'x' * 998}" for n in range(9)))
    assert [each.text[0] for each in capped(said)] == ["f", "4", "5", "6", "7", "8"]
    assert sum(len(each.text) for each in capped(said)) <= ALL
    [cut] = capped(remarks("y" * 5000))
    assert len(cut.text) == LONGEST
    assert capped([]) == []


def test_of_a_question_about_a_message_the_chat_sees_the_question_alone():
    async def story() -> None:
        made = Office()
        made.arrives(message("1", "why?", "about", quote=Quote("It rains", "Ben")))
        await made.again()
        await made.again()  # after a crash
        assert made.coze.asked[0].prompt.text == "> Ben: It rains\n\nwhy?"
        assert [text.splitlines()[0] for text in made.texts] == ["> why?"] * len(made.texts)

    run(story())
