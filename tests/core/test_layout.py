from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.core.growing import certain
from bridge.core.layout import Delete, Edit, Op, Post, layout, next_op, visible
from bridge.core.model import Answer, Button, Piece, Reply, Shown, Status
from bridge.core.splitting import Size, split
from bridge.core.texts import say


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escaped(text: str) -> int:
    """As Slack counts: &, < and > are sent as entities."""
    return utf16(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


MARKS = ["\n\n", "\n", "。", " ", "word", "扣子", "𝄞", "&", "<", "\n ", "e\u0301", "👩‍👩‍👧"]
texts = st.lists(st.sampled_from(MARKS) | st.text(max_size=5), max_size=60).map("".join)
sizes = st.builds(Size, st.integers(10, 60), st.sampled_from([utf16, escaped, len]))


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


RETRY = "retry:xqjhgnzb"  # of turn 42


def draw(*texts: str, size: Size | None = None, language: str = "en", **reply: Any):
    answers = tuple(Answer(str(at), text) for at, text in enumerate(texts))
    made = Reply(answers=answers, **reply)
    return layout(made, size or Size(1000, utf16), turn="42", language=language)


@settings(max_examples=300, deadline=None)
@given(texts, sizes)
def test_splitting_loses_nothing_and_every_part_fits(text: str, size: Size):
    parts = split(text, size)
    assert letters("".join(parts)) == letters(text)
    assert all(size.of(part) <= size.most + len("**~~``") for part in parts)  # what closes it
    assert all(parts[:-1])


@settings(max_examples=200, deadline=None)
@given(texts, sizes)
@example("\n" * 11 + "0`\n 。", Size(10, utf16))
@example("\n" * 8 + "0000`\n。", Size(10, utf16))
@example("\n" * 22 + "word$000\n。", Size(39, utf16))
def test_as_a_text_grows_all_parts_but_the_last_stay_and_the_last_only_grows(
    text: str, size: Size
):
    before = split("", size)
    for end in range(1, len(text) + 1):
        after = split(text[:end], size)
        assert after[: len(before) - 1] == before[:-1]
        assert after[len(before) - 1].startswith(certain(before[-1]).rstrip())
        before = after


@settings(max_examples=100, deadline=None)
@given(texts, sizes)
def test_no_part_is_short_without_need(text: str, size: Size):
    for part in split(text, size)[:-1]:
        assert size.of(part) >= size.most * 0.6 - 5  # 5: the widest letter does not fit any more


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("a" * 61 + "\n\n" + "b" * 60, "a" * 61 + "\n\n"),
        ("a" * 81 + "\n" + "b" * 60, "a" * 81 + "\n"),
        ("a" * 91 + "。" + "b" * 60, "a" * 91 + "。"),
        ("a" * 91 + " " + "b" * 60, "a" * 91 + " "),
        ("a" * 30 + "\n\n" + "b" * 90, "a" * 30 + "\n\n" + "b" * 68),
        ("a" * 61 + "\n" + "b" * 60, "a" * 61 + "\n" + "b" * 38),
        ("a" * 200, "a" * 100),
    ],
)
def test_a_message_ends_where_a_reader_would_pause(text: str, first: str):
    assert split(text, Size(100, len))[0] == first


def test_what_fits_is_one_message():
    assert split("a" * 100, Size(100, len)) == ["a" * 100]
    assert split("", Size(100, len)) == [""]


def test_a_letter_of_two_units_is_not_cut_in_half():
    assert split("𝄞" * 11, Size(10, utf16)) == ["𝄞" * 5, "𝄞" * 5, "𝄞"]


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u200b", "\u2800", "\u3164\u115f", "\ufeff"])
def test_what_looks_blank_is_no_message(text: str):
    assert not visible(text)
    assert draw(text) == ()
    assert draw("Hello", text) == draw("Hello")


@pytest.mark.parametrize("text", ["a", " . ", "扣", "👍", "\u200b?"])
def test_what_can_be_seen_is_a_message(text: str):
    assert visible(text)
    assert [piece.text.strip() for piece in draw(text)] == [text.strip()]


def test_a_blank_stretch_in_a_long_text_is_no_message():
    pieces = draw("a" * 10 + " " * 10 + "b" * 10, size=Size(10, len))
    assert all(visible(piece.text) for piece in pieces)
    assert "".join("".join(piece.text.split()) for piece in pieces) == "a" * 10 + "b" * 10


def test_each_answer_begins_a_message():
    assert [piece.text for piece in draw("one", "two")] == ["one", "two"]


@pytest.mark.parametrize(
    ("status", "commands"),
    [
        ("working", ["stop:42"]),
        ("done", []),
        ("stopped", ["retry:xqjhgnzb"]),
        ("failed", ["retry:xqjhgnzb"]),
    ],
)
def test_the_last_message_has_the_buttons_of_its_status(status: Status, commands: list[str]):
    *body, last = draw("one", "two", status=status)
    assert [button.command for button in last.buttons] == commands
    assert not any(piece.buttons for piece in body)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_an_answer_that_did_not_simply_end_says_why_below(language: str):
    def last(**reply: Any) -> str:
        return str(draw("one", language=language, **reply)[-1].text)

    assert last(status="working") == last(status="done") == "one"
    assert last(status="stopped") == "one\n\n⏹ " + say("stopped", language)
    assert last(status="failed", trouble="No.") == "one\n\n⚠️ No."
    assert last(status="failed") == "one\n\n⚠️ " + say("error.unknown", language)


def test_where_nothing_was_said_the_reason_stands_alone():
    assert [piece.text for piece in draw(status="failed", trouble="No.")] == ["⚠️ No."]
    assert [piece.text for piece in draw(status="stopped")] == ["⏹ Stopped."]
    assert [piece.text for piece in draw(" ", status="done")] == [say("empty", "en")]
    assert draw(status="working") == ()


def test_a_closing_line_that_does_not_fit_is_a_message_of_its_own():
    pieces = draw("a" * 20, size=Size(20, len), status="stopped")
    assert [piece.text for piece in pieces] == ["a" * 20, "⏹ Stopped."]


@settings(max_examples=100, deadline=None)
@given(st.lists(texts, max_size=3), sizes, st.sampled_from(["working", "done", "stopped"]))
def test_every_message_fits_and_can_be_seen(answers: list[str], size: Size, status: Status):
    if size.most < utf16(say("empty", "en")):
        size = Size(size.most + 40, size.of)
    for piece in draw(*answers, size=size, status=status):
        assert size.of(piece.text) <= size.most
        assert visible(piece.text)


pieces = st.builds(
    Piece,
    st.sampled_from(["a", "b", "c", "a ", " b\n"]),
    st.sampled_from([(), (Button("Stop", "stop:1"),)]),
)
screens = st.lists(pieces | st.none(), max_size=4)


def obey(op: Op, shown: list[Shown]) -> None:
    match op:
        case Post(piece):
            shown.append(Shown(f"new{len(shown)}", piece))
        case Edit(at, piece):
            shown[at] = Shown(shown[at].id, piece)
        case Delete(at):
            shown.pop(at)


@settings(max_examples=300, deadline=None)
@given(screens, st.lists(pieces, max_size=4))
def test_step_by_step_the_screen_becomes_what_is_wanted(
    screen: list[Piece | None], wanted: list[Piece]
):
    shown = [Shown(str(at), piece) for at, piece in enumerate(screen)]
    for _ in range(len(screen) + len(wanted)):
        if not (op := next_op(shown, wanted)):
            break
        if isinstance(op, Edit):  # never what is there already
            old = shown[op.at].piece
            assert old is None or (old.text.strip(), old.buttons) != (
                op.piece.text.strip(),
                op.piece.buttons,
            )
        obey(op, shown)
    assert next_op(shown, wanted) is None
    there = [(s.piece.text.strip(), s.piece.buttons) for s in shown if s.piece]
    assert there == [(piece.text.strip(), piece.buttons) for piece in wanted]


def test_a_message_whose_look_is_not_known_is_drawn():
    assert next_op([Shown("1")], [Piece("a")]) == Edit(0, Piece("a"))


def test_an_older_message_is_mended_before_a_new_one_is_posted():
    assert next_op([Shown("1", Piece("a"))], [Piece("b"), Piece("c")]) == Edit(0, Piece("b"))


def test_messages_that_are_too_many_go_from_the_end():
    shown = [Shown("1", Piece("a")), Shown("2", Piece("b")), Shown("3", Piece("c"))]
    assert next_op(shown, [Piece("a")]) == Delete(2)
