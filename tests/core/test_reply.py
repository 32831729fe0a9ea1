from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.model import (
    Answer,
    Answered,
    Asked,
    Doing,
    Finished,
    Heard,
    Noted,
    Reply,
    ReplyEvent,
    Run,
    Said,
    Started,
    Suggested,
    Thought,
    Usage,
)
from bridge.core.reply import fold

names = st.sampled_from(["a", "b", "c"])
words = st.text(max_size=4)
events = st.one_of(
    st.builds(Said, names, words),
    st.builds(Answered, names, words),
    st.builds(Suggested, words),
    st.builds(Started, st.builds(Run, words, words)),
    st.builds(Heard, words, st.booleans()),
    st.builds(Noted, words),
    st.builds(Thought, words),
    st.builds(Doing, st.sampled_from(["thinking", "tool", "step"]), words),
)


def folded(*events: ReplyEvent) -> Reply:
    return reduce(fold, events, Reply())


def test_a_reply_begins_with_nothing():
    assert Reply().text == ""
    assert Reply().status == "working"


def test_deltas_add_up_to_their_answer():
    assert folded(Said("a", "Hel"), Said("a", "lo")).answers == (Answer("a", "Hello"),)


def test_deltas_of_several_answers_may_mix():
    reply = folded(Said("a", "1"), Said("b", "2"), Said("a", "3"))
    assert reply.answers == (Answer("a", "13"), Answer("b", "2"))
    assert reply.text == "13\n\n2"


def test_the_whole_answer_overrules_its_deltas():
    reply = folded(Said("a", "Hell"), Said("b", "x"), Answered("a", "Hello"))
    assert reply.answers == (Answer("a", "Hello"), Answer("b", "x"))


def test_an_answer_may_come_whole():
    assert folded(Answered("a", "Hello")).answers == (Answer("a", "Hello"),)


def test_the_rest_is_kept_beside_the_answers():
    run, usage = Run("r", "c"), Usage(3, 1, 2)
    reply = folded(Started(run), Said("a", "x"), Suggested("?"), Suggested("!"), Finished(usage))
    assert reply == Reply("done", (Answer("a", "x"),), ("?", "!"), run, usage)


def test_a_question_is_suggested_once() -> None:
    assert folded(Suggested("?"), Suggested("!"), Suggested("?")).suggestions == ("?", "!")


def test_what_there_is_to_say_of_a_question_stays_when_it_is_answered() -> None:
    reply = folded(Heard("Hi", spoken=True), Noted("No."), Noted("No."), Said("a", "x"))
    assert (reply.heard, reply.notes) == (Heard("Hi", spoken=True), ("No.", "No."))


def test_thoughts_add_up_and_stay_beside_the_answer() -> None:
    assert folded(Thought("a"), Thought("b"), Said("a", "x"), Thought("c")).thought == "abc"


def test_what_the_bot_is_at_is_told_until_it_says_something_or_ends() -> None:
    tool, step = Doing("tool", "search"), Doing("step", "2")
    assert folded(tool, step).doing == step
    assert folded(tool, Thought("a")).doing == tool
    ends: list[ReplyEvent] = [Said("a", "x"), Answered("a", "x"), Asked("?"), Finished()]
    for event in ends:
        assert folded(tool, event).doing is None


def test_a_question_of_a_workflow_ends_the_reply_for_now() -> None:
    asked = Asked("Which?", ("a", "b"), resume="r", usage=Usage(3, 1, 2))
    reply = folded(Said("a", "x"), Doing("step"), asked)
    assert (reply.status, reply.asked, reply.usage) == ("waiting", asked, Usage(3, 1, 2))
    assert reply.text == "x"


def test_a_trouble_and_a_status_survive_what_comes_later():
    before = Reply(status="stopped", trouble="No.", usage=Usage(1, 1, 0))
    after = fold(fold(before, Said("a", "x")), Said("a", "y"))
    assert after == Reply("stopped", (Answer("a", "xy"),), usage=Usage(1, 1, 0), trouble="No.")


@given(st.lists(events, max_size=20))
def test_a_snapshot_never_changes_once_it_is_made(story: list[ReplyEvent]):
    snapshots, looks = [Reply()], [repr(Reply())]
    for event in story:
        snapshots.append(fold(snapshots[-1], event))
        looks.append(repr(snapshots[-1]))
    assert list(map(repr, snapshots)) == looks


@given(st.lists(events, max_size=20))
def test_any_story_folds_to_what_a_dictionary_would_hold(story: list[ReplyEvent]):
    texts: dict[str, str] = {}
    for event in story:
        if isinstance(event, Said):
            texts[event.answer] = texts.get(event.answer, "") + event.delta
        if isinstance(event, Answered):
            texts[event.answer] = event.text
    assert [(answer.id, answer.text) for answer in folded(*story).answers] == list(texts.items())


def test_the_end_leaves_the_answer_as_it_is():
    assert folded(Said("a", "x"), Finished()) == Reply("done", (Answer("a", "x"),))
