"""A workflow as a command: what it is given, and what it asks."""

import json
from dataclasses import replace

import pytest

from bridge.core.errors import (
    TooLarge,
)
from bridge.core.model import FileRef
from bridge.core.ports import Parameter
from bridge.core.texts import say
from tests.flow.errands import (
    CITY,
    COUNT,
    MONTH,
    OUTPUT,
    SCAN,
    TEXT,
    office_with,
    question,
)
from tests.flow.office import ANN, SESSION


async def test_a_workflow_runs_once_and_its_output_is_shown():
    office, flow = office_with(TEXT)
    await office.turn("1", "a tale", "sum")
    assert office.texts == [OUTPUT]
    assert flow.runs == [(ANN, {"text": "a tale"})]
    assert office.coze.sent == 0
    assert office.memory.waits == {}
    assert not office.buttons()


async def test_the_step_that_runs_is_shown_while_there_is_nothing_else():
    office, _ = office_with(TEXT, asks=(CITY,), pace=5.0)
    await office.turn("1", "a tale", "sum")
    piece = office.chat.called("post")[0].piece
    assert piece
    assert piece.text == say("doing.step", "en", name="Thinking it over")
    assert office.texts == ["❓ Which city?"]


@pytest.mark.parametrize(
    ("typed", "inputs"),
    [
        ("a tale count=3", {"text": "a tale", "count": 3}),
        ('count=3 text="two words"', {"text": "two words", "count": 3}),
        ("a=b count=3", {"text": "a=b", "count": 3}),
    ],
)
async def test_inputs_are_given_by_name_and_the_rest_is_the_text(
    typed: str, inputs: dict[str, object]
):
    office, flow = office_with(TEXT, COUNT)
    await office.turn("1", typed, "sum")
    assert flow.runs == [(ANN, inputs)]


async def test_where_coze_declares_no_inputs_every_name_is_one():
    office, flow = office_with()
    await office.turn("1", "size=9 a tale", "sum")
    assert flow.runs == [(ANN, {"size": "9", "text": "a tale"})]


async def test_what_is_missing_is_asked_for_one_by_one_and_then_it_runs():
    office, flow = office_with(TEXT, COUNT)
    await office.turn("1", "", "sum")
    assert office.last == question("input.needed", "text", about="What to sum up")
    await office.turn("2", "'a tale'")
    assert office.last == question("input.needed", "count")
    await office.turn("3", "3")
    assert office.last == OUTPUT
    assert flow.runs == [(ANN, {"text": "a tale", "count": 3})]
    assert office.memory.waits == {}
    assert office.coze.sent == 0


async def test_a_wrong_value_is_asked_for_again_and_the_others_are_kept():
    office, flow = office_with(TEXT, COUNT)
    await office.turn("1", "a tale count=many", "sum")
    assert office.last == question("input.integer", "count", found="many")
    await office.turn("2", "lots")
    assert office.last == question("input.integer", "count", found="lots")
    assert flow.runs == []
    await office.turn("3", "3")
    assert flow.runs == [(ANN, {"text": "a tale", "count": 3})]


async def test_another_command_ends_the_asking():
    office, flow = office_with(TEXT, COUNT)
    await office.turn("1", "a tale", "sum")
    await office.turn("2", "another count=5", "sum")
    assert flow.runs == [(ANN, {"text": "another", "count": 5})]
    assert office.memory.waits == {}


@pytest.mark.parametrize("command", ["new", "bot"])
async def test_a_new_conversation_or_bot_ends_the_asking(command: str):
    office, flow = office_with(TEXT)
    await office.turn("1", "", "sum")
    await office.turn("2", "other" if command == "bot" else "", command)
    await office.turn("3", "a tale")
    assert flow.runs == []
    assert office.coze.sent + office.other.sent == 1


async def test_a_file_that_comes_along_is_the_input_that_is_one():
    office, flow = office_with(TEXT, Parameter("scan", "image", required=True))
    office.chat.uploads["f"] = b"png"
    await office.turn("1", "a tale", "sum", files=(FileRef("f", "image", "cat.png"),))
    assert flow.runs == [(ANN, {"text": "a tale", "scan": json.dumps({"file_id": "file-1"})})]
    assert office.services.uploads == {"file-1": b"png"}


async def test_a_file_can_be_asked_for():
    office, flow = office_with(SCAN)
    await office.turn("1", "", "sum")
    assert office.last == question("input.needed", "scan")
    office.chat.uploads["f"] = b"pdf"
    await office.turn("2", "", files=(FileRef("f", "file", "a.pdf"),))
    assert flow.runs == [(ANN, {"scan": json.dumps({"file_id": "file-1"})})]


async def test_a_file_that_was_asked_for_is_no_other_input():
    sketch = Parameter("sketch", "file")
    office, flow = office_with(sketch, SCAN)
    await office.turn("1", "", "sum")
    office.chat.uploads["f"] = b"pdf"
    await office.turn("2", "", files=(FileRef("f", "file", "a.pdf"),))
    assert flow.runs == [(ANN, {"scan": json.dumps({"file_id": "file-1"})})]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (FileRef("big", "file", "a.zip"), "a.zip is too large for me."),
        (FileRef("gone", "file", "a.zip"), "a.zip is no longer there. Please send it again."),
        (FileRef("v", "voice", "voice.ogg"), "I cannot read files like voice.ogg."),
    ],
)
async def test_a_file_that_will_not_do_leaves_the_question_open(file: FileRef, told: str):
    office, flow = office_with(SCAN)
    await office.turn("1", "", "sum")
    office.chat.uploads |= {"v": b"ogg", "f": b"pdf"}
    if file.id == "big":
        office.chat.faults.add("download", TooLarge("more than a bot may fetch"))
    await office.turn("2", "", files=(file,))
    assert office.last == told
    await office.turn("3", "", files=(FileRef("f", "file", "a.pdf"),))
    assert office.last == OUTPUT
    assert len(flow.runs) == 1


async def test_a_question_of_the_workflow_is_asked_with_its_options():
    office, _ = office_with(TEXT, asks=(CITY,))
    await office.turn("1", "a tale", "sum")
    assert office.texts == ["❓ Which city?"]
    assert office.buttons() == ["answer:shkpsvhf:0", "answer:shkpsvhf:1"]
    waiting = office.memory.waits[SESSION]
    assert (waiting.workflow, waiting.resume) == ("sum", "event-1")
    assert waiting.options == ("Rome", "Paris")


@pytest.mark.parametrize(
    ("text", "command", "answer"),
    [("1", "answer", "Paris"), ("Berlin", "", "Berlin"), ("1", "", "1")],
    ids=["button", "words", "number"],
)
async def test_a_question_is_answered_by_a_button_or_in_words(
    text: str, command: str, answer: str
):
    office, flow = office_with(TEXT, asks=(CITY,))
    await office.turn("1", "a tale", "sum")
    await office.turn("2", text, command)
    assert flow.resumed == [("event-1", answer)]
    assert len(flow.runs) == 1
    assert office.texts == ["❓ Which city?", OUTPUT]
    assert office.memory.waits == {}
    assert office.coze.sent == 0


async def test_what_a_workflow_says_before_it_asks_stays():
    office, flow = office_with(TEXT, asks=(replace(CITY, question=""),))
    flow.leads_in = "Which city?"
    await office.turn("1", "a tale", "sum")
    assert office.texts == [f"Which city?\n\n❓ {say('asked', 'en')}"]
    assert office.buttons() == ["answer:shkpsvhf:0", "answer:shkpsvhf:1"]


async def test_a_workflow_may_ask_more_than_once():
    office, flow = office_with(TEXT, asks=(CITY, MONTH))
    await office.turn("1", "a tale", "sum")
    await office.turn("2", "0", "answer")
    assert office.last == "❓ Which month?"
    await office.turn("3", "1", "answer")
    assert flow.resumed == [("event-1", "Rome"), ("event-2", "June")]
    assert office.last == OUTPUT


async def test_the_buttons_of_a_question_go_when_it_is_answered():
    office, _ = office_with(TEXT, asks=(CITY,))
    await office.turn("1", "a tale", "sum")
    await office.turn("2", "0", "answer")
    assert office.buttons(0) == []
    assert office.texts[0] == "❓ Which city?"


async def test_an_option_that_there_is_not_leaves_the_question_open():
    office, flow = office_with(TEXT, asks=(CITY,))
    await office.turn("1", "a tale", "sum")
    await office.turn("2", "7", "answer")
    assert office.last == say("ask.late", "en")
    assert flow.resumed == []
    await office.turn("3", "0", "answer")
    assert flow.resumed == [("event-1", "Rome")]


@pytest.mark.parametrize("ended", ["answered", "stopped", "new"])
async def test_a_button_of_a_question_that_nobody_asks_any_more_is_told_so(ended: str):
    office, flow = office_with(TEXT, asks=(CITY,))
    await office.turn("1", "a tale", "sum")
    match ended:
        case "answered":  # by the first of two presses
            await office.turn("2", "0", "answer")
        case "stopped":
            await office.control("2", "", "stop")
        case "new":
            await office.turn("2", "", "new")
    await office.turn("3", "0", "answer")
    assert office.coze.sent == 0, "the bot is asked “0”"
    assert len(flow.resumed) == (ended == "answered")
    assert office.last == say("ask.late", "en")
