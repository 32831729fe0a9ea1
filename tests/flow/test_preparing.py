"""From what a user sent to what Coze is asked."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bridge.core.errors import (
    StoreUnavailable,
)
from bridge.core.model import Heard, Noted, Prompt, Quote, Upload
from bridge.core.ports import Shortcut
from bridge.core.texts import say
from tests.flow.fakes import message
from tests.flow.kitchen import CAT, TALK, VOICE, Kitchen, sent
from tests.store.lanes import record

SUM = Shortcut("cmd-1", "sum", "Sum up", ("topic", "length"))


async def test_words_are_asked_as_they_are():
    assert await Kitchen().make(message("1", " why?\n")) == ([], Prompt(" why?\n"))


async def test_there_may_be_nothing_to_ask():
    assert await Kitchen().says(message("1", "", "translate")) == say("ask.empty", "en")


async def test_what_is_spoken_is_asked_and_told():
    kitchen = Kitchen()
    kitchen.services.words = " What is the weather? \n"
    events, prompt = await kitchen.make(sent(VOICE))
    assert events == [Heard("What is the weather?", spoken=True)]
    assert prompt == Prompt("What is the weather?")
    assert kitchen.services.uploads == {}


async def test_what_is_spoken_stands_below_what_is_written():
    _, prompt = await Kitchen().make(sent(VOICE, CAT, text="Listen:"))
    assert prompt.text == "Listen:\nwhat I said"
    assert [upload.name for upload in prompt.files] == ["cat.png"]


@pytest.mark.parametrize("words", ["", " \n"])
async def test_a_recording_without_words_is_told(words: str):
    kitchen = Kitchen()
    kitchen.services.words = words
    assert await kitchen.says(sent(VOICE)) == say("voice.silent", "en")


async def test_a_recording_without_words_is_noted_beside_other_things():
    kitchen = Kitchen()
    kitchen.services.words = ""
    events, prompt = await kitchen.make(sent(VOICE, text="and this"))
    assert events == [Noted(say("voice.silent", "en"))]
    assert prompt == Prompt("and this")


async def test_retry_is_the_last_prompt_with_its_files():
    kitchen = Kitchen()
    asked = Prompt("look", (Upload("file-7", "image", "cat.png"),), "cmd-1", (("topic", "cats"),))
    kitchen.memory.prompts[TALK] = asked
    assert await kitchen.make(message("2", "", "retry")) == ([], asked)
    assert kitchen.services.uploads == {}


async def test_there_may_be_nothing_to_ask_again():
    assert await Kitchen().says(message("2", "", "retry")) == say("retry.nothing", "en")


async def test_a_pressed_suggestion_is_asked_and_told():
    kitchen = Kitchen()
    await kitchen.records.note(record("abc", suggestions=("And why?", "Since when?")))
    events, prompt = await kitchen.make(message("2", "abc:1", "ask"))
    assert events == [Heard("Since when?")]
    assert prompt == Prompt("Since when?")


@pytest.mark.parametrize("which", ["abc:2", "abc:-1", "abc:x", "abc:", "abc", "gone:0", ""])
async def test_a_suggestion_that_is_not_known_any_more_is_told(which: str):
    kitchen = Kitchen()
    await kitchen.records.note(record("abc", suggestions=("And why?", "Since when?")))
    assert await kitchen.says(message("2", which, "ask")) == say("ask.late", "en")


async def test_an_answer_that_nobody_waits_for_is_not_asked():
    assert await Kitchen().says(message("2", "0", "answer")) == say("ask.late", "en")


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("rivers", [("topic", "rivers")]),
        ("rivers length=short", [("length", "short"), ("topic", "rivers")]),
        ('topic="long rivers" length=9', [("topic", "long rivers"), ("length", "9")]),
        ("a=b", [("topic", "a=b")]),
        ("", []),
    ],
)
async def test_what_is_typed_behind_a_shortcut_is_its_inputs(
    text: str, inputs: Sequence[tuple[str, str]]
):
    events, prompt = await Kitchen().make(message("1", text, "sum"), SUM)
    assert events == []
    assert prompt.shortcut == "cmd-1"
    assert sorted(prompt.inputs) == sorted(inputs)
    assert prompt.text == (text or "/sum")


async def test_a_shortcut_may_have_no_inputs_and_come_with_a_file():
    shortcut = Shortcut("cmd-2", "look", "Look at it")
    _, prompt = await Kitchen().make(message("1", "closely", "look", files=(CAT,)), shortcut)
    assert (prompt.shortcut, prompt.inputs, prompt.text) == ("cmd-2", (), "closely")
    assert [upload.name for upload in prompt.files] == ["cat.png"]


async def test_without_the_store_nothing_is_made_up():
    kitchen = Kitchen()

    async def away(_session: str) -> Prompt | None:
        raise StoreUnavailable("away")

    kitchen.memory.prompt = away  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreUnavailable):
        await kitchen.make(message("2", "", "retry"))


TEA = Quote("Tea?\nOr not?", "Bo")


async def test_what_is_answered_stands_above_the_words():
    prompt = (await Kitchen().make(message("1", "why?", quote=TEA)))[1]
    assert prompt.text == "> Bo: Tea?\n> Or not?\n\nwhy?"
    bare = replace(TEA, by="")
    assert (await Kitchen().make(message("1", "", quote=bare)))[1].text == "> Tea?\n> Or not?"


@pytest.mark.parametrize(
    ("quote", "text", "told"),
    [
        (Quote("Green tea.", "Coze", "m2"), "why?", False),
        (Quote("Green tea.", "Coze", "m2"), "", True),
        (Quote("tea", "Coze", "m2", exact=True), "why?", True),
        (Quote("Green tea.", "Coze", "m1"), "why?", True),
        (Quote("Green tea.", "Coze", "m9"), "why?", True),
    ],
)
async def test_the_newest_answer_needs_not_be_repeated(quote: Quote, text: str, *, told: bool):
    kitchen = Kitchen()
    asked = message("3", text, quote=quote)
    for turn, shown in (("one", "m1"), ("two", "m2")):
        await kitchen.records.note(record(turn, session="telegram:7::"))
        await kitchen.records.showed(asked.address, [shown], turn)
    await kitchen.records.note(record("three", session="somebody else's"))
    prompt = (await kitchen.make(asked))[1]
    assert prompt.text.startswith("> ") is told


async def test_a_command_is_given_what_it_answers_if_nothing_follows_it():
    kitchen = Kitchen()
    for text, given in (("", TEA.text), ("cats", "cats")):
        prompt = (await kitchen.make(message("1", text, "sum", quote=TEA), SUM))[1]
        assert prompt.text == given
