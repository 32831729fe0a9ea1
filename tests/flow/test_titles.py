"""Conversations in private are called by their first question."""

import pytest

from bridge.core.errors import Denied
from bridge.flow.titles import LONGEST, title
from tests.flow.clock import run
from tests.flow.office import Office


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("why?", "why?"),
        ("why\n is it?", "why is it?"),
        ("wherefore " * 9, "wherefore " * 5 + "wherefore…"),
        ("中" * 99, "中" * (LONGEST - 1) + "…"),
        (" ", ""),
    ],
)
def test_a_title_is_the_first_words(text: str, called: str):
    assert title(text) == called
    assert len(called) <= LONGEST


def test_only_the_first_question_in_private_is_a_title():
    async def story() -> None:
        made = Office()
        await made.turn("1", thread="1.1", enters=True)
        await made.turn("2", "and?", thread="1.1")
        await made.turn("3", thread="1.2", enters=True, private=False)
        assert made.chat.titles == [("1.1", "why?")]
        made.chat.faults.add("entitle", Denied("missing_scope"))
        await made.turn("4", thread="1.3", enters=True)
        assert "Hello." in made.last

    run(story())
