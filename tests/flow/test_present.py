import asyncio
import itertools
from dataclasses import replace

import pytest

from bridge.core.errors import LeaseLost, RateLimited, Unavailable
from bridge.core.model import Reply
from bridge.core.pacing import STRIKES
from bridge.core.ports import Budget
from bridge.flow.present import SETTLE_WITHIN, Screen, Show
from tests.flow.clock import now
from tests.flow.drawing import Drawing, done, growing, working
from tests.flow.fake_store import FakeLease
from tests.flow.fakes import FakeChat

TEXT = "The quick brown fox jumps over the lazy dog."


async def test_the_first_text_is_shown_at_once():
    drawing = Drawing()
    await drawing.follow((3.0, "Hello"), (5.0, "Hello there"))
    assert drawing.times[0] == pytest.approx(3.0, abs=0.01)
    assert drawing.chat.calls[0].kind == "post"
    assert drawing.is_complete("Hello there")


async def test_while_it_grows_an_answer_can_be_stopped_and_then_no_more():
    drawing = Drawing()
    await drawing.follow((0, "Hello"), (2, "Hello there"))
    pieces = [call.piece for call in drawing.chat.calls if call.piece]
    assert [bool(piece.buttons) for piece in pieces] == [True, True, False]
    assert pieces[0].buttons[0].command == "stop:1"


async def test_only_the_newest_snapshot_is_drawn():
    drawing = Drawing()
    await drawing.follow(*growing(TEXT, every=0.01))
    assert drawing.is_complete(TEXT)
    assert len(drawing.chat.calls) <= 3


async def test_edits_keep_their_distance():
    drawing = Drawing(FakeChat(edit_every=2.0))
    await drawing.follow(*growing(TEXT, every=0.3))
    *intermediate, _final = drawing.times
    gaps = [b - a for a, b in itertools.pairwise(intermediate)]
    assert len(gaps) > 4
    assert all(1.99 < gap < 2.5 for gap in gaps)


async def test_any_number_of_deltas_costs_the_same_edits():
    few, many = Drawing(), Drawing()
    await few.follow(*growing(TEXT, every=0.5))
    begun = now()
    await many.follow(*growing(TEXT * 2, every=0.25))
    assert now() - begun > 20
    assert abs(len(few.chat.calls) - len(many.chat.calls)) <= 2


async def test_the_final_text_never_waits_behind_the_pace_of_edits():
    drawing = Drawing(FakeChat(edit_every=60.0))
    await drawing.follow((0, "Hello"), (1, "Hello there"))
    assert drawing.times == pytest.approx([0, 1.5], abs=0.01)
    assert drawing.is_complete("Hello there")


async def test_the_final_text_does_not_wait_for_an_edit_that_waits_for_its_budget():
    chat = FakeChat(edit_every=0.1)
    chat.prices = (Budget("chat", 10.0, 2),)  # edits leave one of them
    drawing = Drawing(chat)
    await drawing.follow((0, "Hello"), (1, "Hello there"))
    assert drawing.times[-1] == pytest.approx(1.5, abs=0.01)
    assert drawing.is_complete("Hello there")


async def test_a_pause_that_the_platform_names_is_kept_and_the_answer_still_arrives():
    drawing = Drawing()
    drawing.chat.faults.add("edit", RateLimited("slow down", retry_after=30.0))
    await drawing.follow(*growing(TEXT, every=0.5))
    refused = drawing.chat.called("edit")[0].at
    assert drawing.chat.called("edit")[1].at >= refused + 30.0
    assert drawing.is_complete(TEXT)


async def test_the_final_text_keeps_a_named_pause_too():
    drawing = Drawing()
    drawing.chat.faults.add("edit", *[RateLimited("slow down", retry_after=30.0)] * 2)
    await drawing.follow((0, "Hello"), (0.1, "Hello there"), last=0.1)
    times = [call.at for call in drawing.chat.called("edit")]
    assert all(b - a > 29.99 for a, b in itertools.pairwise(times))
    assert drawing.is_complete("Hello there")


async def test_a_pause_holds_back_everybody_who_shares_the_budget():
    one = Drawing()
    other = Drawing()
    other.stage, other.throttle = one.stage, one.throttle
    one.chat.faults.add("post", RateLimited("slow down", retry_after=30.0))
    await one.settle("first")
    assert one.chat.called("post")[1].at >= 30.0
    await other.throttle.close(one.chat.prices[0], 50.0)
    begun = now()
    await other.settle("second")
    assert now() >= begun + 50.0


async def test_after_three_strikes_only_the_final_text_is_shown():
    drawing = Drawing()
    drawing.chat.faults.add("edit", *[RateLimited("slow down", retry_after=1.0)] * 9)
    for _ in range(9 - STRIKES):
        drawing.chat.faults.take("edit")
    await drawing.follow(*growing(TEXT, every=2.0))
    struck = drawing.chat.called("edit")[STRIKES - 1].at
    later = [call for call in drawing.chat.calls if call.at > struck]
    assert len(later) == 1
    assert drawing.is_complete(TEXT)


async def test_each_strike_slows_the_edits_down():
    drawing = Drawing(FakeChat(edit_every=2.0))
    drawing.chat.faults.add("edit", RateLimited("slow down", retry_after=0.1))
    await drawing.follow(*growing(TEXT, every=0.5))
    *times, _final = [call.at for call in drawing.chat.called("edit")][1:]
    assert all(b - a > 3.99 for a, b in itertools.pairwise(times))


async def test_an_edit_that_failed_is_overtaken_by_the_next():
    drawing = Drawing()
    drawing.chat.faults.add("edit", Unavailable("502"), Unavailable("502"))
    await drawing.follow(*growing(TEXT, every=0.5))
    assert drawing.is_complete(TEXT)


async def test_a_failed_final_call_is_repeated_with_growing_pauses():
    drawing = Drawing()
    drawing.chat.faults.add("post", *[Unavailable("502")] * 4)
    await drawing.settle("Hello")
    gaps = [b - a for a, b in itertools.pairwise(drawing.times)]
    assert gaps == pytest.approx([0.5, 1.0, 2.0, 4.0], abs=0.01)
    assert drawing.is_complete("Hello")


async def test_a_platform_that_stays_away_is_left_to_the_inbox():
    drawing = Drawing()
    drawing.chat.faults.add("post", *[Unavailable("502")] * 1000)
    with pytest.raises(Unavailable):
        await drawing.settle("Hello")
    assert SETTLE_WITHIN * 0.9 < now() <= SETTLE_WITHIN


async def test_a_pause_that_is_too_long_is_left_to_the_inbox():
    drawing = Drawing()
    drawing.chat.faults.add("post", RateLimited("slow down", retry_after=SETTLE_WITHIN * 2))
    with pytest.raises(RateLimited):
        await drawing.settle("Hello")
    assert now() < 1.0


async def test_a_platform_that_is_away_is_not_hammered_while_the_answer_grows():
    chat = FakeChat()
    chat.prices = (Budget("chat", 0.01, 1),)
    drawing = Drawing(chat)
    drawing.chat.faults.add("post", *[Unavailable("502")] * 1000)
    drawing.chat.faults.add("find", *[Unavailable("502")] * 1000)
    with pytest.raises(Unavailable):
        await drawing.follow(*growing(TEXT, every=0.5))
    while_it_grew = [at for at in drawing.times if at < len(TEXT) * 0.5]
    assert len(while_it_grew) <= len(TEXT)


async def test_without_streaming_only_the_complete_text_is_shown():
    drawing = Drawing(stream=False)
    await drawing.follow(*growing(TEXT, every=1.0))
    assert [call.kind for call in drawing.chat.calls] == ["post"]
    assert drawing.is_complete(TEXT)


async def test_a_long_answer_grows_over_several_messages_and_loses_nothing():
    drawing = Drawing(FakeChat(most=20))
    await drawing.follow(*growing(TEXT * 3, every=0.2))
    assert drawing.is_complete(TEXT * 3)
    assert len(drawing.shown) > 6
    assert drawing.chat.replied_to == ["70"] + [None] * (len(drawing.shown) - 1)


async def test_an_answer_that_became_shorter_takes_its_messages_back():
    drawing = Drawing(FakeChat(most=20))
    await drawing.follow((0, TEXT), (20, "Short."), last=0.1)
    assert drawing.is_complete("Short.")
    assert drawing.chat.called("delete")


async def test_nothing_to_say_is_said():
    drawing = Drawing()
    await Screen(drawing.stage, drawing.lease).settle(Reply(status="done"))
    assert drawing.shown == ["The bot had nothing to say to that."]


async def test_who_lost_the_lease_draws_no_more():
    drawing = Drawing()
    drawing.lease.lost = True
    with pytest.raises(LeaseLost):
        await drawing.settle("Hello")
    assert drawing.chat.calls == []


async def test_a_fault_while_reading_ends_the_drawing():
    drawing = Drawing()

    async def read(_show: object) -> Reply:
        raise Unavailable("no answer")

    with pytest.raises(Unavailable):
        await Screen(drawing.stage, drawing.lease).follow(read)


async def test_a_complete_answer_is_not_drawn_again():
    drawing = Drawing()
    screen = Screen(drawing.stage, drawing.lease)
    await screen.settle(done("Hello"))
    await screen.settle(done("Hello"))
    await screen.settle(done("Hello \n"))  # the platform would trim it
    assert len(drawing.chat.calls) == 1


async def test_an_answer_whose_place_is_taken_is_left_as_it_is():
    drawing = Drawing(lease=FakeLease(heir=True))

    async def read(show: Show) -> Reply:
        show(working("Once upon"))
        await asyncio.sleep(2.0)
        return replace(working("Once upon a time"), status="stopped")

    await drawing.screen.follow(read)
    assert drawing.shown == ["Once upon"]
    drawing.lease.heir = False
    await drawing.screen.follow(read)
    assert drawing.shown == ["Once upon a time\n\n⏹ Stopped."]
