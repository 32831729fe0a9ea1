"""Drawing when calls are refused, lost, or made void by somebody else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.errors import (
    BridgeError,
    Ended,
    Full,
    Gone,
    Halted,
    LeaseLost,
    Moved,
    RateLimited,
    Rejected,
    Unavailable,
    Uncertain,
)
from bridge.core.growing import certain
from bridge.core.model import Shown
from bridge.core.ports import Drafts, Progress, Streams
from tests.flow.clock import run
from tests.flow.drawing import Drawing, growing
from tests.flow.fake_store import FakeLease
from tests.flow.fakes import FakeChat, message

STREAMS = Streams(certain, str, most=10_000, life=20.0, every=0.5)
TEXT = "The quick brown fox jumps over the lazy dog."


def shows(*shown: Shown, posting: bool = False) -> FakeLease:
    return FakeLease(progress=Progress(shown=shown, posting=posting))


@pytest.mark.parametrize("call", ["post", "edit"])
async def test_an_answer_goes_on_where_its_chat_has_moved(call: str):
    drawing = Drawing()
    drawing.chat.faults.add(call, Moved("upgraded", chat="-1001"))
    await drawing.follow(*growing(TEXT, every=0.5))
    assert drawing.chat.text.endswith(TEXT)  # begun again there, where nothing was said yet
    assert drawing.chat.addressed[-1] == "-1001"
    assert len(set(drawing.chat.addressed)) == 2
    assert len(drawing.chat.called("post")) == 2


async def test_markdown_that_is_refused_goes_out_plain():
    drawing = Drawing()
    drawing.chat.faults.add("post", Rejected("can't parse entities"))
    await drawing.settle("*Hello")
    assert drawing.is_complete("*Hello")
    assert [c.piece and c.piece.plain for c in drawing.chat.called("post")] == [False, True]


async def test_an_answer_that_was_refused_as_markdown_stays_plain():
    drawing = Drawing()
    drawing.chat.faults.add("edit", Rejected("can't parse entities"))
    await drawing.follow(*growing(TEXT, every=0.5))
    assert all(c.piece and c.piece.plain for c in drawing.chat.called("edit")[1:])
    assert drawing.is_complete(TEXT)


async def test_what_is_refused_plain_as_well_is_refused_for_good():
    drawing = Drawing()
    drawing.chat.faults.add("post", Rejected("no"), Rejected("no"))
    with pytest.raises(Rejected):
        await drawing.settle("Hello")
    assert len(drawing.chat.calls) == 2


async def test_a_chat_that_is_gone_is_gone_for_good():
    drawing = Drawing()
    drawing.chat.faults.add("post", Gone("bot was blocked"))
    with pytest.raises(Gone):
        await drawing.settle("Hello")


async def test_a_message_that_somebody_deleted_is_posted_again():
    drawing = Drawing()
    await drawing.settle("Hello")
    drawing.chat.messages.clear()
    again = Drawing(drawing.chat, lease=drawing.lease)
    await again.settle("Hello there")
    assert again.is_complete("Hello there")


async def test_of_several_messages_the_one_that_was_deleted_is_made_up_for():
    drawing = Drawing(FakeChat(most=20))
    await drawing.settle(TEXT)
    drawing.chat.messages.pop("m1")
    again = Drawing(drawing.chat, lease=drawing.lease)
    await again.settle(TEXT)
    assert again.is_complete(TEXT)


async def test_a_post_whose_fate_is_unknown_is_looked_for_before_it_is_repeated():
    drawing = Drawing()
    drawing.chat.faults.add("post", Uncertain("timeout"), happened=True)
    await drawing.settle("Hello")
    assert [call.kind for call in drawing.chat.calls] == ["post", "find", "edit"]
    assert drawing.is_complete("Hello")


async def test_a_post_that_did_not_arrive_is_repeated():
    drawing = Drawing()
    drawing.chat.faults.add("post", Uncertain("timeout"), happened=False)
    await drawing.settle("Hello")
    assert [call.kind for call in drawing.chat.calls] == ["post", "find", "post"]
    assert drawing.is_complete("Hello")


async def test_a_post_that_certainly_failed_is_repeated_without_a_look():
    drawing = Drawing()
    drawing.chat.faults.add("post", Unavailable("refused"))
    await drawing.settle("Hello")
    assert [call.kind for call in drawing.chat.calls] == ["post", "post"]


async def test_a_look_that_fails_is_repeated_before_anything_is_posted():
    drawing = Drawing()
    drawing.chat.faults.add("post", Uncertain("timeout"), happened=True)
    drawing.chat.faults.add("find", Unavailable("502"), Uncertain("timeout"))
    await drawing.settle("Hello")
    assert [call.kind for call in drawing.chat.calls][:4] == ["post", "find", "find", "find"]
    assert drawing.is_complete("Hello")


async def test_a_successor_looks_for_the_message_that_may_have_been_posted():
    drawing = Drawing()
    await drawing.settle("Hello")
    after = Drawing(drawing.chat, lease=shows(posting=True))
    await after.settle("Hello there")
    assert len(drawing.chat.called("post")) == 1
    assert after.is_complete("Hello there")


async def test_a_successor_goes_on_with_the_messages_that_are_shown():
    drawing = Drawing(FakeChat(most=20))
    await drawing.settle(TEXT)
    after = Drawing(drawing.chat, lease=shows(*drawing.lease.progress.shown))
    await after.settle(TEXT + " The end.")
    assert len(drawing.chat.called("post")) == len(drawing.chat.messages)
    assert after.is_complete(TEXT + " The end.")


@pytest.mark.parametrize("wanted", ["Hello there", "Hello"])
async def test_who_lost_the_lease_edits_and_deletes_nothing(wanted: str):
    drawing = Drawing()
    await drawing.settle("Hello")
    after = Drawing(drawing.chat, lease=shows(Shown("m0"), Shown("m1")))
    after.lease.lost = True
    with pytest.raises(LeaseLost):
        await after.settle(wanted)
    assert len(drawing.chat.calls) == 1


async def test_a_growing_answer_takes_no_message_back_before_it_is_complete():
    drawing = Drawing(FakeChat(most=20))
    await drawing.settle(TEXT)
    after = Drawing(drawing.chat, lease=shows(*drawing.lease.progress.shown))
    await after.follow(*growing(TEXT, every=3.0))
    assert after.is_complete(TEXT)
    assert not drawing.chat.called("delete")


async def test_each_message_of_an_answer_has_a_mark_of_its_own():
    drawing = Drawing(FakeChat(most=20), lease=FakeLease(message("job")))
    await drawing.settle(TEXT)
    marks = list(drawing.chat.marks.values())
    assert marks == [f"job:{number}" for number in range(len(marks))]
    assert len(marks) > 1


async def test_that_a_message_may_be_posted_is_stored_before_it_is():
    drawing = Drawing()
    stored = []
    post = drawing.chat.post

    async def posting(*args, **kwargs):
        stored.append(drawing.lease.progress.posting)
        return await post(*args, **kwargs)

    drawing.chat.post = posting  # type: ignore[method-assign]
    await drawing.settle("Hello")
    assert stored == [True]


def lost(kind: type[BridgeError]) -> BridgeError:
    return RateLimited("slow", retry_after=3.0) if kind is RateLimited else kind("fault")


faults = st.lists(
    st.tuples(
        st.sampled_from(["post", "edit", "delete", "find", "draft", "begin", "append", "end"]),
        st.sampled_from([RateLimited, Unavailable, Uncertain, None]),
        st.booleans(),
    )
    | st.tuples(
        st.sampled_from(["begin", "append", "end"]),
        st.sampled_from([Full, Ended, Halted, Rejected]),
        st.just(False),
    ),
    max_size=12,
)
texts = st.text(alphabet="ab c。\n扣𝄞", min_size=1, max_size=150)


@settings(max_examples=80, deadline=None)
@given(
    text=texts.map("x".__add__),
    faults=faults,
    every=st.sampled_from([0.01, 0.4, 3.0]),
    step=st.integers(1, 40),
    most=st.sampled_from([8, 30, 1000]),
    native=st.sampled_from([{}, {"drafts": Drafts(every=0.5, life=30.0)}, {"streams": STREAMS}]),
)
def test_any_stream_with_any_faults_ends_complete_in_order_without_loss_or_repeat(
    *, text, faults, every, step, most, native
):
    async def story() -> Drawing:
        drawing = Drawing(FakeChat(most=most, **native))
        for kind, error, happened in faults:
            happened_too = happened and error is Uncertain
            drawing.chat.faults.add(kind, error and lost(error), happened=happened_too)
        await drawing.follow(*growing(text, every=every, step=step))
        return drawing

    drawing = run(story())
    assert drawing.chat.complaints == []
    assert not drawing.chat.growing
    assert _seen("".join(drawing.shown)) == _seen(text)
    assert not any(piece.buttons for piece in drawing.chat.messages.values())
    assert drawing.lease.progress == Progress(shown=tuple(map(Shown, drawing.chat.messages)))


def _seen(text: str) -> str:
    """What can be seen of a text: messages of white space alone are not sent."""
    return "".join(text.split())
