from hypothesis import given
from hypothesis import strategies as st

from bridge.core.pacing import SLOWEST, STRIKES, Pacer


def test_the_first_edit_may_leave_at_once():
    assert Pacer(1.0).wait(0.0) == 0.0


def test_the_next_edit_keeps_its_distance():
    pacer = Pacer(2.0)
    pacer.sent(10.0)
    assert pacer.wait(10.0) == 2.0
    assert pacer.wait(11.5) == 0.5
    assert pacer.wait(12.0) == pacer.wait(99.0) == 0.0


def test_a_named_pause_is_kept():
    pacer = Pacer(1.0)
    pacer.limited(10.0, 30.0)
    assert pacer.wait(10.0) == 30.0
    pacer.sent(11.0)
    assert pacer.wait(11.0) == 29.0


def test_a_shorter_pause_does_not_shorten_a_longer_one():
    pacer = Pacer(1.0)
    pacer.limited(0.0, 30.0)
    pacer.limited(1.0, 2.0)
    assert pacer.wait(1.0) == 29.0


def test_each_strike_doubles_the_distance_up_to_the_slowest():
    pacer, distances = Pacer(1.5), []
    for _ in range(6):
        pacer.limited(0.0, 0.0)
        distances.append(pacer.every)
    assert distances == [3.0, 6.0, SLOWEST, SLOWEST, SLOWEST, SLOWEST]


def test_after_so_many_strikes_only_the_final_text_is_worth_sending():
    pacer = Pacer(1.0)
    for strike in range(STRIKES):
        assert not pacer.given_up, strike
        pacer.limited(0.0, 0.0)
    assert pacer.given_up


@given(st.floats(0.1, 5), st.lists(st.tuples(st.floats(0, 10), st.booleans()), max_size=30))
def test_no_two_edits_are_nearer_than_they_may_be(every: float, story: list[tuple[float, bool]]):
    pacer, now, last = Pacer(every), 0.0, None
    for pause, limited in story:
        now += pause
        if limited:
            pacer.limited(now, pause)
        if pacer.wait(now) == 0.0:
            assert last is None or now - last >= every - 1e-9
            pacer.sent(now)
            last = now


def test_the_longer_the_text_the_rarer_the_edits():
    pacer = Pacer(1.0, slower=0.5)
    pacer.sent(10.0)
    assert [pacer.wait(10.0, length) for length in (0, 2000, 4000)] == [1.0, 2.0, 3.0]
    pacer.limited(10.0, 0.0)
    assert pacer.wait(10.0, 2000) == 3.0


def test_a_pace_that_is_slower_than_the_slowest_stays_as_it_is():
    pacer = Pacer(60.0)
    pacer.limited(0.0, 0.0)
    assert pacer.every == 60.0
