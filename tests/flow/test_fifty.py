"""Many answers at once, in chats that share one budget of edits as those of Slack do."""

import asyncio
import itertools
import statistics

import pytest

from bridge.core.model import Address
from bridge.core.ports import Budget, Call
from bridge.flow.present import SETTLE_WITHIN, Stage
from bridge.flow.throttle import Throttle
from tests.flow.clock import now
from tests.flow.drawing import Drawing, growing
from tests.flow.fake_store import FakeLimiter
from tests.flow.fakes import FakeChat

EDITS = Budget("edits", 1.5, 8)  # 48 in any minute
TEXT = "word " * 100


class Channel(FakeChat):
    def budgets(self, call: Call, to: Address) -> tuple[Budget, ...]:
        return (EDITS,) if call == "edit" else ()


def crowd(answers: int) -> list[Drawing]:
    """So many answers of one workspace."""
    throttle = Throttle(FakeLimiter())
    drawings = [Drawing(Channel(most=1000, edit_every=1.2)) for _ in range(answers)]
    for drawing in drawings:
        drawing.stage = Stage(drawing.chat, throttle)
    return drawings


async def follow(drawings: list[Drawing]) -> None:
    """All answers grow side by side for 300 seconds, and end in the same moment."""
    said = growing(TEXT, every=3.0, step=5)
    await asyncio.gather(*(drawing.follow(*said) for drawing in drawings))


def edits(drawings: list[Drawing]) -> list[float]:
    return sorted(call.at for drawing in drawings for call in drawing.chat.called("edit"))


async def test_fifty_answers_share_the_edits_of_a_minute_and_all_end_complete():
    drawings = crowd(50)
    await follow(drawings)
    assert all(drawing.is_complete(TEXT) for drawing in drawings)
    times = edits(drawings)
    assert max(sum(at <= each < at + 60 for each in times) for at in times) <= 48
    assert now() < 300 + SETTLE_WITHIN


@pytest.mark.parametrize(("answers", "seconds"), [(1, 3.0), (10, 15.0), (50, 75.0)])
async def test_an_answer_is_drawn_the_more_rarely_the_more_there_are(answers: int, seconds: float):
    drawings = crowd(answers)
    await follow(drawings)
    growth = [[c.at for c in d.chat.called("edit") if c.at < 300] for d in drawings]
    gaps = [b - a for times in growth for a, b in itertools.pairwise(times)]
    assert statistics.median(gaps) == pytest.approx(seconds, rel=0.1)
    assert max(map(len, growth)) - min(map(len, growth)) <= 1


async def test_all_finals_come_before_another_edit_of_what_still_grows():
    drawings = crowd(50)
    ended, growing_on = drawings[:30], drawings[30:]
    said = growing(TEXT, every=3.0, step=5)
    await asyncio.gather(
        *(drawing.follow(*said[:20]) for drawing in ended),
        *(drawing.follow(*said) for drawing in growing_on),
    )
    finals = sorted(drawing.times[-1] for drawing in ended)
    between = [at for at in edits(growing_on) if finals[0] < at < finals[-1]]
    assert between == []
    assert finals[-1] <= 60.5 + 30 * EDITS.every
    assert all(drawing.is_complete(TEXT) for drawing in growing_on)
