"""Pictures and files that an answer links to, on their way to the chat."""

import asyncio
from dataclasses import replace

import pytest

from bridge.core.errors import (
    BridgeError,
    Denied,
    Gone,
    RateLimited,
    Rejected,
    TooLarge,
    Unavailable,
)
from bridge.core.links import MOST
from bridge.core.model import Reply
from bridge.flow.present import Show
from tests.flow.clock import now
from tests.flow.drawing import Drawing, done, growing, working
from tests.flow.fakes import FakeChat
from tests.flow.web import AFTER, BEFORE, CAT, DOG, TEXT, VOICE, Web, drawing_with, stands


async def test_a_picture_stands_where_its_link_stood(web: Web):
    drawing = drawing_with(web)
    await drawing.settle(TEXT)
    assert stands(drawing) == [BEFORE, CAT, AFTER]
    assert drawing.chat.files == {"m1": CAT.encode()}
    assert [piece.text for piece in drawing.chat.messages.values() if piece.media] == ["a cat"]


@pytest.mark.parametrize(("label", "caption"), [("a cat", "a cat"), ("cat.png", "")])
async def test_a_file_has_the_words_of_its_link_unless_they_are_its_name(
    web: Web, label: str, caption: str
):
    drawing = drawing_with(web)
    await drawing.settle(f"[{label}]({CAT})")
    assert [call.piece.text for call in drawing.chat.called("post") if call.piece][-1] == caption
    assert stands(drawing) == [CAT]


async def test_what_follows_a_link_is_held_back_until_it_is_decided(web: Web):
    web.within = 20.0
    drawing, seen = drawing_with(web), []

    async def read(show: Show) -> Reply:
        show(working(f"{TEXT} And"))
        await asyncio.sleep(10)
        seen.append(stands(drawing))
        await asyncio.sleep(20)
        seen.append(stands(drawing))
        return done(TEXT)

    await drawing.screen.follow(read)
    assert seen == [[BEFORE], [BEFORE, CAT, f"{AFTER} And"]]
    assert stands(drawing) == [BEFORE, CAT, AFTER]
    assert not drawing.chat.called("delete")


async def test_a_link_that_is_only_half_there_is_not_shown(web: Web):
    drawing = drawing_with(web, FakeChat(most=1000, edit_every=0.01))
    await drawing.follow(*growing(TEXT, every=0.1))
    drawn = [call.piece.text for call in drawing.chat.calls if call.piece]
    assert not any("![" in text or CAT in text for text in drawn)
    assert stands(drawing) == [BEFORE, CAT, AFTER]


async def test_a_file_is_fetched_while_the_answer_grows_and_only_once(web: Web):
    web.within = 5.0
    drawing = drawing_with(web)
    twice = f"![]({CAT})\n![again]({CAT})\n" + "words " * 20
    await drawing.follow(*growing(twice, every=0.1), last=1.0)
    assert [url for url, _ in web.fetched] == [CAT]
    assert web.fetched[0][1] < 5.0


async def test_the_complete_answer_waits_for_its_files(web: Web):
    web.within = 30.0
    drawing = drawing_with(web)
    await drawing.settle(TEXT)
    assert now() == pytest.approx(30.0, abs=0.1)
    assert stands(drawing) == [BEFORE, CAT, AFTER]


@pytest.mark.parametrize(
    "error", [Gone("404"), TooLarge("20 MB"), Rejected("a page"), Unavailable("timeout")]
)
async def test_what_cannot_be_fetched_stays_a_link(web: Web, error: BridgeError):
    web.faults[CAT] = error
    drawing = drawing_with(web)
    await drawing.follow(*growing(TEXT, every=0.1))
    assert stands(drawing) == [TEXT]


async def test_what_follows_a_link_that_stays_a_link_goes_on(web: Web):
    web.faults[CAT] = Gone("404")
    drawing, seen = drawing_with(web), []

    async def read(show: Show) -> Reply:
        show(working(TEXT))
        await asyncio.sleep(10)
        seen.append(stands(drawing))
        return done(TEXT)

    await drawing.screen.follow(read)
    assert seen == [[TEXT]]


async def test_of_several_files_each_is_decided_for_itself(web: Web):
    web.faults[CAT] = Gone("404")
    drawing = drawing_with(web)
    await drawing.settle(f"A\n\n![]({CAT})\n\nB\n\n![]({DOG})\n\nC")
    assert stands(drawing) == [f"A\n\n![]({CAT})\n\nB\n\n", DOG, "C"]


async def test_no_more_files_than_a_chat_can_bear(web: Web):
    drawing = drawing_with(web)
    await drawing.settle("\n".join(f"![]({CAT}?{number})" for number in range(MOST + 2)))
    assert len(web.fetched) == MOST
    assert len(drawing.chat.files) == MOST
    assert drawing.shown[-1].count(CAT) == 2


@pytest.mark.parametrize("error", [Rejected("no"), TooLarge("50 MB"), Denied("no rights")])
async def test_a_file_that_the_platform_does_not_take_stays_a_link(web: Web, error: BridgeError):
    drawing = drawing_with(web)
    drawing.chat.faults.add("post", None, error)
    await drawing.settle(TEXT)
    assert stands(drawing) == [TEXT]
    assert not any(piece.plain for piece in drawing.chat.messages.values())
    assert web.left == []


async def test_a_file_that_fails_for_now_is_sent_again(web: Web):
    drawing = drawing_with(web)
    slow = RateLimited("slow", retry_after=9.0)
    drawing.chat.faults.add("post", None, Unavailable("502"), slow)
    await drawing.settle(TEXT)
    assert stands(drawing) == [BEFORE, CAT, AFTER]
    assert len(web.fetched) == 1


async def test_what_is_enclosed_comes_last_and_the_text_does_not_wait_for_it(web: Web):
    web.within = 30.0
    drawing = drawing_with(web)
    settling = asyncio.create_task(drawing.settle("Hello", enclosure=VOICE))
    await asyncio.sleep(1)
    assert stands(drawing) == ["Hello"]
    await settling
    assert stands(drawing) == ["Hello", VOICE]
    assert drawing.chat.files == {"m1": VOICE.encode()}


async def test_what_is_enclosed_stands_below_pictures(web: Web):
    drawing = drawing_with(web)
    await drawing.settle(f"![]({CAT})", enclosure=VOICE)
    assert stands(drawing)[-1] == VOICE
    assert stands(drawing)[0] == CAT


@pytest.mark.parametrize("where", ["web", "chat"])
async def test_an_answer_is_complete_without_what_could_not_be_enclosed(web: Web, where: str):
    drawing = drawing_with(web)
    if where == "web":
        web.faults[VOICE] = Unavailable("no voice")
    else:
        drawing.chat.faults.add("post", None, Rejected("no"))
    await drawing.settle("Hello", enclosure=VOICE)
    assert stands(drawing) == ["Hello"]
    assert web.left == []


async def test_where_nothing_is_fetched_links_are_links(web: Web):
    drawing = Drawing(FakeChat(most=1000))
    await drawing.settle(TEXT, enclosure=VOICE)
    assert stands(drawing) == [TEXT]


async def test_without_streaming_pictures_stand_where_they_stood_too(web: Web):
    drawing = drawing_with(web, stream=False)
    await drawing.follow(*growing(TEXT, every=0.1))
    assert stands(drawing) == [BEFORE, CAT, AFTER]
    assert {call.kind for call in drawing.chat.calls} == {"post"}


async def test_buttons_stand_below_the_last_words_not_below_a_picture(web: Web):
    drawing = drawing_with(web)
    text = f"Look:\n\n![a cat]({CAT})"
    reply = replace(done(text), turn="turn", rateable=True)
    await drawing.screen.settle(reply)
    first, cat = drawing.chat.messages.values()
    assert [button.label for button in first.buttons] == ["👍", "👎"]
    assert cat.buttons == ()


async def test_a_file_that_the_final_answer_no_longer_has_is_not_sent(web: Web):
    drawing = drawing_with(web, stream=False)

    async def read(show: Show) -> Reply:
        show(working(TEXT))
        await asyncio.sleep(1)
        return done("Look.")

    await drawing.screen.follow(read)
    assert stands(drawing) == ["Look."]
    assert web.left == []


async def test_an_answer_that_loses_its_picture_takes_it_back(web: Web):
    drawing = drawing_with(web)

    async def read(show: Show) -> Reply:
        show(working(TEXT))
        await asyncio.sleep(5)
        assert CAT in stands(drawing)
        return done("Look.")

    await drawing.screen.follow(read)
    assert stands(drawing) == ["Look."]
