"""Files of an answer: once in the chat whatever happens, and never left on our disk."""

import asyncio
import contextlib
import itertools
from pathlib import Path

import pytest

from bridge.core.errors import Gone, LeaseLost, Unavailable, Uncertain
from bridge.core.model import Reply
from bridge.flow.present import Show
from tests.flow.clock import now, run, settled
from tests.flow.drawing import Drawing, done, growing, working
from tests.flow.fake_store import FakeLease
from tests.flow.fakes import Crash, FakeChat, Fate
from tests.flow.web import AFTER, BEFORE, CAT, DOG, TEXT, VOICE, Web, drawing_with, stands


@pytest.mark.parametrize("happened", [False, True])
async def test_a_file_whose_fate_is_unknown_is_looked_for_before_it_is_sent_again(
    web: Web, happened: bool
):
    drawing = drawing_with(web)
    drawing.chat.faults.add("post", None)
    drawing.chat.faults.add("post", Uncertain("timeout"), happened=happened)
    await drawing.settle(TEXT)
    assert stands(drawing) == [BEFORE, CAT, AFTER]
    assert len(drawing.chat.called("find")) == 1
    assert len(drawing.chat.called("post")) == (3 if happened else 4)


async def test_a_successor_sends_no_file_twice_and_fetches_none_that_is_shown(web: Web):
    drawing = drawing_with(web)
    await drawing.settle(TEXT)
    after = drawing_with(web, drawing.chat, lease=drawing.lease)
    await after.settle(f"{TEXT} Yes.")
    assert len(drawing.chat.called("post")) == 3
    assert len(web.fetched) == 1
    assert stands(after) == [BEFORE, CAT, f"{AFTER} Yes."]


@pytest.mark.timeout(20)
async def test_a_file_that_moves_after_a_restart_becomes_a_link(web: Web):
    drawing = drawing_with(web)
    await drawing.settle(TEXT)
    other = f"Well, look:\n\n- one\n\n![a dog]({DOG})\n\nand\n\n![a cat]({CAT})"
    after = drawing_with(web, drawing.chat, lease=drawing.lease)
    await after.settle(other)
    assert stands(after) == [other.partition("![")[0], DOG, f"and\n\n![a cat]({CAT})"]
    assert web.left == []


@pytest.mark.timeout(20)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_answer_with_files_survives_a_crash_at_each_step(tmp_path: Path, after: bool):
    async def lives(at: int) -> tuple[Drawing, int]:
        web, chat, lease, deaths = Web(tmp_path), FakeChat(most=1000), FakeLease(), 0
        for fate in (Fate(at, after), Fate()):
            drawing = drawing_with(web, chat, lease=lease)
            chat.fate = lease.fate = fate
            with contextlib.suppress(Crash):
                await drawing.settle(f"{TEXT}\n\n![]({DOG})", enclosure=VOICE)
                break
            deaths += 1
        assert web.left == []
        return drawing, deaths

    for at in itertools.count():
        drawing, deaths = run(lives(at))
        assert stands(drawing) == [BEFORE, CAT, f"{AFTER}\n\n", DOG, VOICE]
        assert drawing.chat.complaints == []
        if not deaths:
            break
    assert at > 10


async def test_nothing_is_left_on_our_disk_when_an_answer_is_shown(web: Web):
    drawing = drawing_with(web)
    await drawing.follow(*growing(TEXT, every=0.1))
    assert len(web.fetched) == 1
    assert web.left == []


@pytest.mark.parametrize("error", [LeaseLost("lane"), Gone("blocked"), Crash()])
async def test_nothing_is_left_on_our_disk_when_it_cannot_be_shown(web: Web, error: BaseException):
    drawing = drawing_with(web)
    drawing.chat.faults.add("post", None, None, error)
    with pytest.raises(type(error)):
        await drawing.settle(TEXT)
    assert web.left == []


async def test_nothing_is_left_on_our_disk_when_reading_fails(web: Web):
    drawing = drawing_with(web)

    async def read(show: Show) -> Reply:
        show(working(TEXT))
        await asyncio.sleep(1)
        assert web.left
        raise Unavailable("cut")

    with pytest.raises(Unavailable):
        await drawing.screen.follow(read)
    assert web.left == []


async def test_nothing_is_left_on_our_disk_when_the_process_ends(web: Web):
    web.within = 30.0
    drawing = drawing_with(web)

    async def read(show: Show) -> Reply:
        show(working(TEXT))
        await asyncio.sleep(1000)
        return done(TEXT)

    following = asyncio.create_task(drawing.screen.follow(read))
    await settled()
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert web.given_up == [CAT]
    assert web.left == []
    assert now() < 1
