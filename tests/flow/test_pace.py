"""How fast an answer is drawn: first words at once, then ever more calmly."""

import asyncio
import itertools

import pytest

from bridge.core.errors import RateLimited
from bridge.core.model import Answer, Doing, Reply
from bridge.core.ports import Budget
from bridge.flow.present import SETTLE_WITHIN, STATUS_AFTER, Show
from bridge.flow.throttle import Rank
from bridge.flow.typing import _keep_typing
from tests.flow.clock import now, settled
from tests.flow.drawing import Drawing, done, growing
from tests.flow.fakes import HERE, FakeChat

AT_WORK = Reply(doing=Doing("tool", "search"))


def pieces(drawing: Drawing) -> list[tuple[float, str]]:
    return [(round(call.at, 2), call.piece.text) for call in drawing.chat.calls if call.piece]


async def told(drawing: Drawing, *said: tuple[float, Reply], text: str) -> None:
    """Show snapshots, each so many seconds after the last one; then the complete text."""

    async def read(show: Show) -> Reply:
        for pause, reply in said:
            await asyncio.sleep(pause)
            show(reply)
        await asyncio.sleep(1.0)
        return done(text)

    await drawing.screen.follow(read)


async def test_an_answer_of_less_than_a_second_is_drawn_twice():
    drawing = Drawing(FakeChat(edit_every=1.1))
    await drawing.follow(*growing("It is short.", every=0.05), last=0.05)
    assert [call.kind for call in drawing.chat.calls] == ["post", "edit"]
    assert drawing.times == pytest.approx([0.05, 0.65], abs=0.01)
    assert drawing.is_complete("It is short.")


async def test_a_long_answer_slows_down():
    drawing = Drawing(FakeChat(most=4096, edit_every=1.1, slower=0.5))
    await drawing.follow(*growing("many words " * 300, every=0.25, step=25))
    *times, _final = drawing.times
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert gaps[0] < 1.3
    assert 1.5 < gaps[len(gaps) // 2] < 2.6
    assert 2.4 < gaps[-1] < 3.0
    assert gaps == sorted(gaps)


async def test_a_status_of_less_than_a_second_is_not_posted():
    drawing = Drawing()
    await told(drawing, (0.1, AT_WORK), (0.5, Reply(answers=(Answer("a", "Hi"),))), text="Hi all")
    assert pieces(drawing) == [(0.6, "Hi"), (1.6, "Hi all")]


async def test_a_status_that_lasts_is_posted_and_gives_way_to_the_first_words_at_once():
    drawing = Drawing(FakeChat(edit_every=3.0))
    await told(drawing, (0.1, AT_WORK), (1.5, Reply(answers=(Answer("a", "Hi"),))), text="Hi all")
    (shown, status), words, _final = pieces(drawing)
    assert shown == pytest.approx(0.1 + STATUS_AFTER, abs=0.01)
    assert "search" in status
    assert words == (1.6, "Hi")


async def test_the_first_words_do_not_wait_behind_a_status_that_waits_for_its_turn():
    drawing = Drawing(FakeChat(edit_every=3.0))
    other = Reply(doing=Doing("tool", "weather"))
    await told(
        drawing,
        (0.0, AT_WORK),
        (1.5, other),
        (0.5, Reply(answers=(Answer("a", "Hi"),))),
        text="Hi all",
    )
    assert pieces(drawing)[1:] == [(2.0, "Hi"), (3.0, "Hi all")]


async def test_words_after_an_edited_status_keep_the_distance_of_edits():
    drawing = Drawing(FakeChat(edit_every=3.0))
    other = Reply(doing=Doing("tool", "weather"))
    said = Reply(answers=(Answer("a", "Hi"),))
    await told(drawing, (0.0, AT_WORK), (1.5, other), (3.0, said), (4.0, said), text="Hi all")
    edits = [round(call.at, 2) for call in drawing.chat.called("edit")]
    assert edits == [4.0, 7.0, 9.5]


async def test_a_final_does_not_wait_for_hours_but_leaves_them_to_the_inbox():
    drawing = Drawing()
    drawing.chat.faults.add("edit", RateLimited("slow down", retry_after=7200.0))
    with pytest.raises(RateLimited) as limit:
        await drawing.follow((0, "Hello"), (2, "Hello there"), last=10.0)
    assert now() < SETTLE_WITHIN
    assert limit.value.retry_after == pytest.approx(7200.0 - 10.0, abs=0.1)
    await asyncio.sleep(limit.value.retry_after)
    after = Drawing(drawing.chat, lease=drawing.lease)
    after.limiter, after.stage, after.throttle = drawing.limiter, drawing.stage, drawing.throttle
    await after.settle("Hello there")
    assert after.is_complete("Hello there")
    assert len(drawing.chat.called("post")) == 1


async def test_a_pause_that_another_replica_was_told_is_left_to_the_inbox_too():
    here, there = Drawing(), Drawing()
    here.throttle._limiter = there.limiter
    await there.throttle.close(here.chat.prices[0], 3600.0)
    with pytest.raises(RateLimited) as limit:
        await here.settle("Hello")
    assert limit.value.retry_after == pytest.approx(3600.0, abs=0.1)
    assert here.chat.calls == []


async def test_one_chats_flood_delays_no_other():
    flooded, free = Drawing(), Drawing()
    flooded.chat.prices = (Budget("one", 1.0, 3), Budget("bot", 0.05, 4))
    free.chat.prices = (Budget("other", 1.0, 3), Budget("bot", 0.05, 4))
    free.stage = type(free.stage)(free.chat, flooded.throttle)
    flooded.chat.faults.add("post", RateLimited("slow down", retry_after=100.0))
    waiting = asyncio.create_task(flooded.settle("Hello"))
    await settled()
    await free.follow(*growing("The quick brown fox.", every=0.1))
    assert free.times[0] == pytest.approx(0.1, abs=0.01)
    assert free.is_complete("The quick brown fox.")
    assert now() < 4.0
    await waiting
    assert flooded.times == pytest.approx([0.0, 100.0], abs=0.1)


async def test_during_a_pause_the_bot_is_not_typing():
    drawing = Drawing()
    chat, drawing.chat.prices = drawing.chat, (Budget("chat", 1.0, 3),)
    typing = asyncio.create_task(_keep_typing(drawing.stage, HERE, drawing.screen))
    await asyncio.sleep(1.0)
    assert chat.typed == 1
    await drawing.throttle.close(chat.prices[0], 60.0)
    await asyncio.sleep(58.0)
    assert chat.typed == 1
    await asyncio.sleep(10.0)
    assert chat.typed > 1
    typing.cancel()


async def test_a_refused_typing_is_a_pause_for_everything():
    drawing = Drawing()
    drawing.chat.faults.add("typing", RateLimited("slow down", retry_after=59.0))
    typing = asyncio.create_task(_keep_typing(drawing.stage, HERE, drawing.screen))
    await settled()
    await drawing.settle("Hello")
    assert drawing.times == pytest.approx([59.0], abs=0.1)
    assert drawing.chat.typed == 1
    typing.cancel()


async def test_who_waits_for_a_pause_that_is_too_long_is_told_while_others_wait():
    drawing, chat = Drawing(), (Budget("chat", 1.0, 1),)
    patient = asyncio.create_task(drawing.throttle.admit(chat, Rank.FINAL))
    await patient
    await drawing.throttle.close(chat[0], 50.0)
    patient = asyncio.create_task(drawing.throttle.admit(chat, Rank.EDIT))
    with pytest.raises(RateLimited):
        await drawing.throttle.admit(chat, Rank.FINAL, longest=10.0)
    assert now() < 1.0
    assert drawing.throttle.pauses(chat)
    await patient
    assert now() >= 50.0
    assert not drawing.throttle.pauses(chat)
