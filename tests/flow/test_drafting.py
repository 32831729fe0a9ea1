"""A growing answer as a preview, before it is a message."""

import asyncio
import itertools

import pytest

from bridge.core.errors import Gone, RateLimited, Rejected, Unavailable
from bridge.core.model import Doing, Reply
from bridge.core.pacing import STRIKES
from bridge.core.ports import Drafts
from bridge.flow.present import Show
from tests.flow.clock import settled
from tests.flow.drawing import Drawing, done, growing, working
from tests.flow.fakes import FakeChat
from tests.flow.web import AFTER, BEFORE, CAT, Web, drawing_with, stands
from tests.flow.web import TEXT as PICTURE

TEXT = "The quick brown fox jumps over the lazy dog."
NATIVE = Drafts(every=0.5, life=30.0)


def drafting(most: int = 100) -> Drawing:
    return Drawing(FakeChat(most=most, drafts=NATIVE))


def previews(drawing: Drawing) -> list[str]:
    return [call.piece.text for call in drawing.chat.called("draft") if call.piece]


def kinds(drawing: Drawing) -> list[str]:
    return [call.kind for call in drawing.chat.calls]


async def test_an_answer_grows_as_a_preview_and_is_posted_once_when_it_is_complete():
    drawing = drafting()
    await drawing.follow(*growing(TEXT, every=0.1))
    assert kinds(drawing) == ["draft"] * (len(drawing.chat.calls) - 1) + ["post"]
    assert all(TEXT.startswith(text) for text in previews(drawing))
    assert previews(drawing)[0] == TEXT[0]
    gaps = [b - a for a, b in itertools.pairwise(drawing.times[:-1])]
    assert all(0.49 < gap < 0.7 for gap in gaps)
    assert len(gaps) > 5
    assert drawing.is_complete(TEXT)


async def test_a_preview_is_kept_alive_while_nothing_new_comes():
    drawing = drafting()
    await drawing.follow((0, "Hello"), (100.0, "Hello there"), last=0.1)
    assert previews(drawing)[:5] == ["Hello"] * 5
    gaps = [b - a for a, b in itertools.pairwise(drawing.times[:5])]
    assert gaps == pytest.approx([20.0] * 4, abs=0.1)
    assert drawing.is_complete("Hello there")


async def test_thinking_is_an_empty_preview_and_words_take_its_place():
    drawing = drafting()

    async def read(show: Show) -> Reply:
        for reply in (Reply(doing=Doing("thinking")), Reply(doing=Doing("tool", "search"))):
            show(reply)
            await asyncio.sleep(1.0)
        show(working("Hello"))
        await asyncio.sleep(1.0)
        return done("Hello you")

    screen = drawing.screen
    assert not screen.begun
    await screen.follow(read)
    thinking, tool, words = previews(drawing)
    assert thinking == ""
    assert "search" in tool
    assert words == "Hello"
    assert drawing.times == pytest.approx([0.0, 1.0, 2.0, 3.0], abs=0.01)
    assert drawing.is_complete("Hello you")


async def test_the_first_words_keep_the_distance_of_previews():
    drawing = drafting()

    async def read(show: Show) -> Reply:
        show(Reply(doing=Doing("thinking")))
        await asyncio.sleep(0.1)
        show(working("Hello"))
        await asyncio.sleep(2.0)
        return done("Hello")

    await drawing.screen.follow(read)
    assert drawing.times == pytest.approx([0.0, 0.5, 2.1], abs=0.01)


async def test_what_does_not_fit_any_more_is_posted_and_the_preview_goes_on_with_the_rest():
    drawing = drafting(most=20)
    await drawing.follow(*growing(TEXT * 3, every=0.2))
    assert drawing.is_complete(TEXT * 3)
    assert len(drawing.chat.called("post")) == len(drawing.shown) > 6
    assert not drawing.chat.called("edit")
    for text in previews(drawing):
        assert len(text) <= 20
    posts = [at for at, kind in enumerate(kinds(drawing)) if kind == "post"]
    assert all(b - a > 1 for a, b in itertools.pairwise(posts))
    assert drawing.chat.replied_to == ["70"] + [None] * (len(drawing.shown) - 1)


@pytest.mark.parametrize("after", [0, 3])
@pytest.mark.parametrize("refusal", [Rejected("no"), Gone("forbidden")])
async def test_a_refused_preview_becomes_a_message_that_is_edited(after: int, refusal: Exception):
    drawing = drafting(most=20)
    drawing.chat.faults.add("draft", *[None] * after, refusal)
    await drawing.follow(*growing(TEXT, every=0.2))
    assert len(previews(drawing)) == after + 1
    refused = drawing.chat.called("draft")[-1].at
    assert drawing.chat.called("edit")
    if not after:
        assert drawing.chat.called("post")[0].at == refused
    assert drawing.is_complete(TEXT)


async def test_a_message_in_place_of_refused_previews_keeps_the_distance_of_edits():
    drawing = Drawing(FakeChat(edit_every=3.0, drafts=NATIVE))
    drawing.chat.faults.add("draft", Rejected("no"))
    await drawing.follow(*growing(TEXT, every=0.5))
    *times, _final = [call.at for call in drawing.chat.calls if call.kind != "draft"]
    assert all(b - a > 2.99 for a, b in itertools.pairwise(times))


async def test_a_pause_of_previews_is_kept_also_by_the_final_text():
    drawing = drafting()
    drawing.chat.faults.add("draft", RateLimited("slow down", retry_after=30.0))
    await drawing.follow(*growing("Hello", every=0.2))
    assert drawing.times == pytest.approx([0.2, 30.2], abs=0.01)
    assert drawing.is_complete("Hello")


async def test_after_three_strikes_there_are_no_more_previews():
    drawing = drafting()
    drawing.chat.faults.add("draft", *[RateLimited("slow down", retry_after=1.0)] * 9)
    await drawing.follow(*growing(TEXT, every=1.0))
    assert kinds(drawing) == ["draft"] * STRIKES + ["post"]
    assert drawing.is_complete(TEXT)


async def test_a_preview_that_failed_is_overtaken_by_the_next():
    drawing = drafting()
    drawing.chat.faults.add("draft", Unavailable("502"), Unavailable("502"))
    await drawing.follow(*growing(TEXT, every=0.2))
    assert len(previews(drawing)) > 5
    assert drawing.is_complete(TEXT)


async def test_the_final_text_does_not_wait_for_the_pace_of_previews():
    drawing = drafting()
    await drawing.follow((0, "Hello"), (0.1, "Hello there"), last=0.1)
    assert drawing.times == pytest.approx([0.0, 0.2], abs=0.01)
    assert drawing.is_complete("Hello there")


async def test_a_successor_draws_previews_again():
    drawing = drafting(most=20)
    reading = asyncio.create_task(drawing.follow((0, TEXT), (100, TEXT)))
    await settled()
    await asyncio.sleep(3.0)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    posted = len(drawing.chat.called("post"))
    assert drawing.chat.preview
    assert posted
    assert len(drawing.lease.progress.shown) == posted
    after = Drawing(drawing.chat, lease=drawing.lease)
    await after.follow((0, TEXT), (3, TEXT))
    assert {call.id for call in drawing.chat.called("draft")} == {"1"}
    assert after.is_complete(TEXT)
    assert len(drawing.chat.called("post")) == len(drawing.chat.messages)


async def test_a_message_that_is_there_already_is_edited():
    before = Drawing()
    await before.settle("Hel")
    before.chat._pace = 1.0, 4.0, 0.0, NATIVE
    drawing = Drawing(before.chat, lease=before.lease)
    await drawing.follow((0, "Hello"), (3, "Hello there"))
    assert not previews(drawing)
    assert drawing.is_complete("Hello there")


async def test_a_picture_in_the_middle_is_posted_with_what_was_before_it(web: Web):
    web.within = 3.0
    drawing = drawing_with(web, FakeChat(most=1000, drafts=NATIVE))
    await drawing.follow(*growing(PICTURE, every=0.2), last=3.0)
    assert stands(drawing) == [BEFORE, CAT, AFTER]
    posted = [at for at, kind in enumerate(kinds(drawing)) if kind == "post"]
    assert posted[0] > 1
    assert len(drawing.chat.calls) == posted[-1] + 1
    assert previews(drawing)[-1].startswith(AFTER[:3])


async def test_without_streaming_there_are_no_previews():
    drawing = Drawing(FakeChat(drafts=NATIVE), stream=False)
    await drawing.follow(*growing(TEXT, every=1.0))
    assert kinds(drawing) == ["post"]
