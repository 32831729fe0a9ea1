"""A growing answer as messages to which text is added, and nothing taken back."""

import asyncio
import itertools
from dataclasses import replace

import pytest

from bridge.core.errors import BridgeError, Ended, Full, Halted, RateLimited, Rejected, Uncertain
from bridge.core.growing import certain
from bridge.core.model import Address, Answer, Doing, Reply
from bridge.core.ports import Budget, Call, Streams
from bridge.flow.present import Show
from tests.flow.clock import now
from tests.flow.drawing import Drawing, done, growing, working
from tests.flow.fakes import FakeChat

TEXT = "The quick brown fox jumps over the lazy dog."
CODE = "Look:\n\n```py\n" + "".join(f"x{n} = {n}\n" for n in range(9)) + "```\n\nDone."
STREAMS = Streams(certain, str, most=10_000, life=240.0, every=0.5)


def streaming(most: int = 1000, life: float = 240.0) -> Drawing:
    return Drawing(FakeChat(most=most, streams=replace(STREAMS, life=life)))


def kinds(drawing: Drawing) -> list[str]:
    return [call.kind for call in drawing.chat.calls]


def lines(drawing: Drawing) -> list[str]:
    """The lines of code that stand in the chat."""
    return [line for text in drawing.shown for line in text.split("\n") if " = " in line]


async def test_words_are_added_at_a_pace_and_the_end_brings_the_rest():
    drawing = streaming()
    await drawing.follow(*growing(TEXT, every=0.1))
    first, *added, last = drawing.chat.calls
    assert [first.kind, last.kind] == ["begin", "end"]
    assert {call.kind for call in added} == {"append"}
    assert len(added) > 4
    assert first.piece
    assert first.piece.text == "The"
    assert all(b - a > 0.49 for a, b in itertools.pairwise(drawing.times[:-1]))
    assert drawing.is_complete(TEXT)


async def test_what_the_bot_is_at_is_no_part_of_a_stream():
    drawing = streaming()

    async def read(show: Show) -> Reply:
        show(Reply(doing=Doing("thinking")))
        show(replace(working("Hello there you"), doing=Doing("tool", "search")))
        return done("Hello there you")

    await drawing.screen.follow(read)
    assert drawing.is_complete("Hello there you")


async def test_the_text_goes_on_in_the_next_message_before_the_time_of_one_is_over():
    drawing = streaming(life=5.0)
    await drawing.follow(*growing(TEXT, every=0.4))
    assert drawing.is_complete(TEXT)
    assert not drawing.chat.called("edit")
    begun, ended = drawing.chat.called("begin"), drawing.chat.called("end")
    assert len(begun) > 2
    assert all(end.at - begin.at < 5.6 for begin, end in zip(begun, ended, strict=True))


async def test_a_message_is_ended_in_time_also_while_nothing_new_is_said():
    drawing = streaming(life=5.0)
    await drawing.follow((0, "Hello you "), (100, "Hello you there"))
    assert drawing.chat.called("end")[0].at == pytest.approx(5.0, abs=0.1)
    assert [text.strip() for text in drawing.shown] == ["Hello you", "there"]


async def test_a_long_text_is_cut_where_its_messages_are_full():
    drawing = streaming(most=20)
    await drawing.follow(*growing(TEXT * 3, every=0.2))
    assert "".join("".join(drawing.shown).split()) == "".join((TEXT * 3).split())
    assert not drawing.chat.called("edit")
    assert len(drawing.shown) > 6


async def test_what_takes_more_bytes_than_expected_goes_on_in_the_next():
    drawing = Drawing(FakeChat(most=1000, streams=replace(STREAMS, most=25)))
    await drawing.follow(*growing(TEXT, every=0.2))
    assert drawing.is_complete(TEXT)
    assert all(len(text) <= 25 for text in drawing.shown)


@pytest.mark.parametrize("error", [Full, Ended])
async def test_code_goes_on_as_code_where_the_platform_ends_a_message(error: type[BridgeError]):
    drawing = streaming()
    drawing.chat.faults.add("append", None, None, error("over"))
    await drawing.follow(*growing(CODE, every=0.1))
    assert len(drawing.shown) == 2
    assert all(text.count("```") == 2 for text in drawing.shown)
    assert lines(drawing) == [f"x{n} = {n}" for n in range(9)]
    assert "Done." in drawing.shown[1]


@pytest.mark.parametrize("happened", [False, True])
@pytest.mark.parametrize("kind", ["begin", "append", "end"])
async def test_what_may_have_been_said_is_not_said_again(kind: str, happened: bool):
    drawing = streaming()
    drawing.chat.faults.add(kind, Uncertain("timeout"), happened=happened)
    await drawing.follow(*growing(TEXT, every=0.4))
    assert drawing.is_complete(TEXT)
    assert len(drawing.shown) == 1


async def test_a_message_that_the_platform_ended_is_not_taken_for_the_next_one():
    drawing = streaming()
    drawing.chat.faults.add("append", Ended("over"))
    drawing.chat.faults.add("begin", None, Uncertain("timeout"))
    await drawing.follow(*growing(TEXT, every=0.4))
    assert drawing.is_complete(TEXT)
    assert len(drawing.shown) == 2


@pytest.mark.parametrize("error", [Halted("user"), Rejected("no")])
@pytest.mark.parametrize("kind", ["begin", "append"])
async def test_a_message_is_edited_where_it_cannot_be_added_to(kind: str, error: BridgeError):
    drawing = streaming()
    drawing.chat.faults.add(kind, error)
    await drawing.follow(*growing(TEXT, every=0.4))
    assert drawing.is_complete(TEXT)
    assert len(drawing.chat.called("edit")) > 2
    assert len(drawing.shown) == 1


class Scarce(FakeChat):
    """A chat in which one message may be begun in ten minutes."""

    def budgets(self, call: Call, to: Address) -> tuple[Budget, ...]:
        return (Budget("begin", 600.0, 1),) if call == "begin" else super().budgets(call, to)


async def test_an_answer_does_not_wait_for_a_stream_while_others_take_them_all():
    one = Drawing(Scarce(streams=STREAMS))
    await one.follow((0, TEXT), (1, TEXT))
    other = Drawing(one.chat)
    other.stage = one.stage
    await other.follow((0, TEXT), (1, TEXT))
    begun, _, posted, *_ = one.chat.calls
    assert (begun.kind, posted.kind) == ("begin", "post")
    assert posted.at == pytest.approx(1.5, abs=0.01)  # as soon as there was something to say


async def test_a_stream_that_is_refused_for_a_while_is_a_message_at_once():
    drawing = streaming()
    drawing.chat.faults.add("begin", RateLimited("slow", retry_after=0.1))
    await drawing.follow(*growing(TEXT, every=0.4))
    assert drawing.chat.called("post")
    assert drawing.is_complete(TEXT)


async def test_a_text_that_begins_otherwise_all_at_once_is_mended():
    drawing = streaming()

    async def read(show: Show) -> Reply:
        begun = now()
        for end in range(4, len(TEXT), 4):
            show(working(TEXT[:end]))
            await asyncio.sleep(0.3)
        assert now() > begun
        return Reply(status="done", answers=(Answer("a", f"No. {TEXT}"),))

    await drawing.screen.follow(read)
    assert drawing.is_complete(f"No. {TEXT}")
    assert kinds(drawing)[-2:] == ["end", "edit"]


async def test_a_stop_ends_the_message_with_what_was_said():
    drawing = streaming()

    async def read(show: Show) -> Reply:
        show(working("Hello there"))
        await asyncio.sleep(1.0)
        return replace(working("Hello there"), status="stopped")

    await drawing.screen.follow(read)
    [shown] = drawing.chat.messages.values()
    assert shown.text.startswith("Hello there\n\n⏹")
    assert shown.buttons
    assert not drawing.chat.growing
    assert kinds(drawing) == ["begin", "end"]
