from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.core.layout import Delete, Edit, Op, Post, layout, next_op, rating, visible
from bridge.core.model import Answer, Asked, Button, Doing, Heard, Piece, Reply, Shown
from bridge.core.splitting import Size
from bridge.core.texts import say

PNG, PDF = "https://x/b.png", "http://x/a.pdf"
ROOMY = Size(1000, len)


RETRY = "retry:xqjhgnzb"  # of turn 42


def draw(
    *answers: str,
    size: Size = ROOMY,
    language: str = "en",
    fetched: Mapping[str, bool] | None = None,
    **reply: Any,
) -> tuple[Piece, ...]:
    made = Reply(answers=tuple(Answer(str(at), text) for at, text in enumerate(answers)), **reply)
    return layout(made, size, turn="42", language=language, fetched=fetched)


def looks(pieces: tuple[Piece, ...]) -> list[str]:
    """What each piece says; of a file its address."""
    return [piece.media or piece.text for piece in pieces]


def commands(piece: Piece) -> list[str]:
    return [button.command for button in piece.buttons]


# Reasoning


def test_reasoning_stands_aside_above_the_answer() -> None:
    aside, answer = draw("42", thought="What is six times seven?")
    assert aside == Piece("What is six times seven?", aside=True)
    assert (answer.text, answer.aside, commands(answer)) == ("42", False, ["stop:42"])


def test_long_reasoning_takes_several_messages_none_of_which_has_buttons() -> None:
    pieces = draw(size=Size(10, len), thought="a" * 25)
    assert pieces == tuple(Piece(part, aside=True) for part in ("a" * 10, "a" * 10, "a" * 5))


def test_blank_reasoning_is_not_shown() -> None:
    assert draw("42", thought=" \n") == draw("42")


# What was heard, and what went wrong with the question


@pytest.mark.parametrize(
    ("reply", "head"),
    [
        ({"heard": Heard("What now?")}, "> What now?\n\n"),
        ({"heard": Heard(" one\ntwo \n", spoken=True)}, "> 🎤 one\n> two\n\n"),
        ({"notes": ("No.", "Nor this.")}, "📎 No.\n\n📎 Nor this.\n\n"),
        ({"notes": ("No.",), "heard": Heard("Hi")}, "> Hi\n\n📎 No.\n\n"),
    ],
)
def test_above_the_first_answer_stands_what_there_is_to_say_of_the_question(
    reply: dict[str, Any], head: str
) -> None:
    fates: list[dict[str, bool] | None] = [None, {}]
    for fetched in fates:
        assert looks(draw("one", "two", fetched=fetched, **reply)) == [f"{head}one", "two"]
        assert looks(draw(fetched=fetched, **reply)) == [head]
        assert looks(draw(f"![b]({PNG})", fetched={PNG: True}, **reply)) == [head, PNG]


def test_what_the_user_said_has_no_files_for_which_the_answer_would_wait() -> None:
    (piece,) = draw("one", fetched={}, heard=Heard(f"What is ![b]({PNG})?"))
    assert piece.text == f"> What is ![b]({PNG})?\n\none"
    (piece,) = draw("one", fetched={PNG: True}, notes=(f"[a]({PNG}) is too large",))
    assert piece.text == f"📎 [a]({PNG}) is too large\n\none"


# Files in the place of links


@pytest.mark.parametrize("status", ["working", "done"])
def test_a_file_takes_the_place_of_its_link_with_the_label_as_its_caption(status: str) -> None:
    pieces = draw(f"one ![A cat]({PNG}) two", status=status, fetched={PNG: True})
    assert looks(pieces) == ["one ", PNG, " two"]
    assert pieces[1] == Piece("A cat", media=PNG)


def test_a_link_stays_where_nothing_is_fetched() -> None:
    text = f"one ![b]({PNG}) two"
    assert looks(draw(text)) == looks(draw(text, fetched={PNG: False})) == [text]
    assert looks(draw(text, status="done", fetched={})) == [text]


def test_what_follows_a_link_waits_until_it_is_decided() -> None:
    text = f"one ![b]({PNG}) two"
    assert looks(draw(text, fetched={})) == ["one"]
    assert looks(draw(text, "three", fetched={})) == ["one "]
    assert looks(draw(text, "three", fetched={PNG: True})) == ["one ", PNG, " two", "three"]


def test_blank_text_between_files_is_no_message() -> None:
    pieces = draw(f"- [a]({PDF})\n\n- ![b]({PNG})\n\nend", fetched={PDF: True, PNG: True})
    assert looks(pieces) == [PDF, "- ", PNG, "end"]
    assert looks(draw(f"![a]({PDF})\n\n![b]({PNG})", fetched={PDF: True, PNG: True})) == [PDF, PNG]


def test_text_around_files_is_split_as_any_text() -> None:
    pieces = draw(f"{'a' * 25}![]({PNG}){'b' * 15}", size=Size(10, len), fetched={PNG: True})
    assert looks(pieces) == ["a" * 10, "a" * 10, "a" * 5, PNG, "b" * 10, "b" * 5]


@pytest.mark.parametrize("status", ["working", "stopped", "failed"])
def test_buttons_are_on_the_last_text_also_where_a_file_follows(status: str) -> None:
    fetched = {PNG: True}
    pieces = draw(f"one\n\n![b]({PNG})", fetched=fetched, status="working")
    assert [commands(piece) for piece in pieces] == [["stop:42"], []]
    pieces = draw(f"![b]({PNG})", fetched=fetched, status=status)
    assert [commands(piece) for piece in pieces] == [[]] + [[RETRY]] * (status != "working")


# The end of a file


def test_an_enclosure_comes_last_without_a_caption() -> None:
    pieces = draw("Here.", status="done", enclosure=PDF, fetched={PDF: True})
    assert pieces == (Piece("Here."), Piece("", media=PDF))
    assert draw("Here.", status="done", enclosure=PDF, fetched={}) == pieces


def test_an_enclosure_that_cannot_be_had_is_left_out() -> None:
    for fetched in (None, {PDF: False}):
        assert looks(draw("Here.", status="done", enclosure=PDF, fetched=fetched)) == ["Here."]


# What the bot is at, and what a workflow asks


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("what", ["thinking", "tool", "step"])
def test_what_the_bot_is_at_stands_below_what_was_said(language: str, what: Any) -> None:
    line = say(f"doing.{what}", language, name="search")
    doing = Doing(what, "search")
    assert looks(draw(language=language, doing=doing)) == [line]
    assert looks(draw("one", language=language, doing=doing)) == [f"one\n\n{line}"]
    assert commands(draw(doing=doing)[0]) == ["stop:42"]
    assert looks(draw("one", status="done", doing=doing)) == ["one"]


def test_what_the_bot_is_at_stands_below_a_file_too() -> None:
    pieces = draw(f"![b]({PNG})", fetched={PNG: True}, doing=Doing("thinking"))
    assert looks(pieces) == [PNG, say("doing.thinking", "en")]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_question_of_a_workflow_has_a_button_for_each_answer(language: str) -> None:
    asked = Asked("Which one?", ("This", "That"))
    (piece,) = draw("one", language=language, status="waiting", asked=asked)
    assert piece.text == "one\n\n❓ Which one?"
    assert piece.buttons == (
        Button("This", "answer:xqjhgnzb:0", wide=True),
        Button("That", "answer:xqjhgnzb:1", wide=True),
    )


def test_a_question_without_words_says_that_an_answer_is_awaited() -> None:
    assert looks(draw(status="waiting", asked=Asked(""))) == ["❓ " + say("asked", "en")]
    assert draw(status="waiting", asked=Asked("?"))[0].buttons == ()


def test_a_question_that_is_longer_than_a_message_takes_several() -> None:
    pieces = draw("one", size=Size(10, len), status="waiting", asked=Asked("a" * 25, ("This",)))
    assert looks(pieces) == ["one", "❓ " + "a" * 8, "a" * 10, "a" * 7]
    assert [commands(piece) for piece in pieces[:-1]] == [[]] * (len(pieces) - 1)
    assert commands(pieces[-1]) == ["answer:xqjhgnzb:0"]


# Suggestions and ratings


def test_below_a_complete_answer_stand_suggestions_and_ratings() -> None:
    more: dict[str, Any] = {"status": "done", "turn": "bcdfghjk", "suggestions": ("Why?", "How?")}
    asks = (
        Button("Why?", "ask:bcdfghjk:0", wide=True),
        Button("How?", "ask:bcdfghjk:1", wide=True),
    )
    first, last = draw("one", "two", rateable=True, **more)
    assert (first.buttons, last.buttons) == ((), (*asks, *rating("bcdfghjk")))
    assert draw("one", **more)[-1].buttons == asks
    assert commands(draw("one", **(more | {"suggestions": ()}), rateable=True)[-1]) == [
        "up:bcdfghjk",
        "down:bcdfghjk",
    ]
    assert draw("one", **(more | {"turn": ""}), rateable=True)[-1].buttons == ()
    assert commands(draw("one", **(more | {"status": "working"}))[-1]) == ["stop:42"]
    assert commands(draw("one", **(more | {"status": "failed"}))[-1]) == [RETRY]
    again = draw("one", **more, rateable=True, after=("retry", "new"))[-1].buttons[-2:]
    assert again == (Button("🔄", "retry:bcdfghjk"), Button("✨", "new:bcdfghjk"))


def test_suggestions_below_files_alone_have_a_message_of_their_own() -> None:
    done: dict[str, Any] = {"status": "done", "turn": "t", "fetched": {PNG: True}}
    pieces = draw(f"![b]({PNG})", suggestions=("Why?",), **done)
    assert looks(pieces) == [PNG, say("more", "en")]
    assert commands(pieces[1]) == ["ask:t:0"]
    assert looks(draw(f"![b]({PNG})", rateable=True, **done)) == [PNG]


def test_a_reply_of_the_bridge_has_the_buttons_that_it_wants() -> None:
    choices = (Button("a", "bot:a"), Button("b", "bot:b"))
    assert draw("Which?", status="done", choices=choices)[0].buttons == choices
    assert commands(draw("Which?", choices=choices)[0]) == ["stop:42"]


def test_a_button_stands_for_no_more_than_the_platforms_take() -> None:
    full: dict[str, Any] = {"turn": "bcdfghjk", "suggestions": ("?" * 500,) * 20, "rateable": True}
    for piece in draw("one", status="done", **full):
        assert all(len(command.encode()) <= 64 for command in commands(piece))


def test_an_answer_of_files_alone_is_an_answer() -> None:
    assert looks(draw(f"![b]({PNG})", status="done", fetched={PNG: True})) == [PNG]


# What holds for all of it

words = st.lists(
    st.sampled_from(
        ["word ", "\n\n", "。", "a" * 15, f"![b]({PNG})", f"\n- [c]({PDF})\n", "`", "!"]
    ),
    max_size=12,
).map("".join)
replies = st.builds(
    Reply,
    status=st.sampled_from(["working", "done", "stopped", "failed", "waiting"]),
    answers=st.lists(st.builds(Answer, st.just("a"), words), max_size=3).map(tuple),
    suggestions=st.lists(words, max_size=2).map(tuple),
    trouble=words,
    heard=st.none() | st.builds(Heard, words, st.booleans()),
    notes=st.lists(words, max_size=2).map(tuple),
    thought=words,
    doing=st.none() | st.builds(Doing, st.sampled_from(["thinking", "tool", "step"]), words),
    asked=st.none() | st.builds(Asked, words, st.lists(words, max_size=2).map(tuple)),
    turn=st.sampled_from(["", "bcdfghjk"]),
    rateable=st.booleans(),
    enclosure=st.sampled_from(["", PDF]),
)
fates = st.none() | st.dictionaries(st.sampled_from([PNG, PDF]), st.booleans())


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


@settings(max_examples=300, deadline=None)
@given(replies, st.integers(50, 200), fates)
def test_every_message_fits_and_has_something_to_see(
    reply: Reply, most: int, fetched: dict[str, bool] | None
) -> None:
    pieces = layout(reply, Size(most, len), turn="42", language="en", fetched=fetched)
    for piece in pieces:
        assert piece.media or visible(piece.text)
        assert len(piece.text) <= most + len("**~~``")  # what closes emphasis
        assert not (piece.buttons and (piece.media or piece.aside))
    assert sum(bool(piece.buttons) for piece in pieces) <= 1


@settings(max_examples=80, deadline=None)
@given(replies, words, st.integers(50, 200), fates)
@example(Reply(), f"one [a]({PDF}) two\n", 50, {PDF: True})
def test_as_an_answer_grows_all_messages_but_the_last_stay(
    reply: Reply, text: str, most: int, fetched: dict[str, bool] | None
) -> None:
    reply = replace(reply, status="working", doing=None, enclosure="")
    before: list[tuple[str, str]] = []
    for end in range(len(text) + 1):
        grown = replace(reply, answers=(*reply.answers, Answer("b", text[:end])))
        drawn = layout(grown, Size(most, len), turn="42", language="en", fetched=fetched)
        after = [(piece.media, letters(piece.text)) for piece in drawn]
        if before:
            assert after[: len(before) - 1] == before[:-1]
            assert after[len(before) - 1][0] == before[-1][0]
            assert after[len(before) - 1][1].startswith(before[-1][1])
        before = after


# From what is shown to what is wanted

BUTTONS = (Button("Stop", "stop:1"),)
drawn = st.builds(
    Piece,
    st.sampled_from(["a", "b", "a "]),
    st.sampled_from([(), BUTTONS]),
    aside=st.booleans(),
) | st.builds(Piece, st.sampled_from(["", "c"]), media=st.sampled_from([PNG, PDF]))
known = st.builds(lambda piece: Shown("", piece, piece.media), drawn)
unknown = st.builds(lambda piece: Shown("", None, piece.media), drawn)


def obey(op: Op, shown: list[Shown]) -> None:
    match op:
        case Post(piece):
            shown.append(Shown("", piece, piece.media))
        case Edit(at, piece):
            assert not piece.media
            assert not shown[at].media
            shown[at] = Shown("", piece)
        case Delete(at):
            shown.pop(at)


@settings(max_examples=300, deadline=None)
@given(st.lists(known | unknown, max_size=4), st.lists(drawn, max_size=4))
def test_step_by_step_the_screen_becomes_what_is_wanted_with_its_files(
    shown: list[Shown], wanted: list[Piece]
) -> None:
    for _ in range(2 * len(shown) + len(wanted) + 1):
        if not (op := next_op(shown, wanted)):
            break
        obey(op, shown)
    assert next_op(shown, wanted) is None
    assert [each.media for each in shown] == [piece.media for piece in wanted]
    there = [
        (s.piece.text.strip(), s.piece.buttons, s.piece.aside)
        for s in shown
        if s.piece and not s.media
    ]
    assert there == [(p.text.strip(), p.buttons, p.aside) for p in wanted if not p.media]


def test_text_is_not_edited_into_a_file_nor_a_file_into_anything() -> None:
    text, file, other = Piece("a"), Piece("a", media=PNG), Piece("a", media=PDF)
    for old, new in ((text, file), (file, text), (file, other)):
        assert next_op([Shown("1", old, old.media)], [new]) == Delete(0)


def test_a_file_that_is_shown_stays_whatever_is_known_of_its_caption() -> None:
    file = Piece("a", media=PNG)
    assert next_op([Shown("1", None, PNG)], [file]) is None
    assert next_op([Shown("1", Piece("b", media=PNG), PNG)], [file]) is None


def test_text_becomes_reasoning_by_an_edit() -> None:
    aside = Piece("a", aside=True)
    assert next_op([Shown("1", Piece("a"))], [aside]) == Edit(0, aside)


def test_a_file_follows_the_text_above_it() -> None:
    wanted = [Piece("a"), Piece("", media=PNG), Piece("b")]
    shown: list[Shown] = []
    for piece in wanted:
        assert next_op(shown, wanted) == Post(piece)
        shown.append(Shown("1", piece, piece.media))
    assert next_op(shown, wanted) is None
