"""The page of a bot, beside its chats."""

import pytest

from bridge.core.errors import RateLimited, Rejected, Unavailable
from bridge.core.model import Button
from bridge.core.ports import About, Spent
from bridge.core.routing import coze_user
from tests.flow.clock import run
from tests.flow.office import Office


def test_it_tells_who_the_bot_is_what_it_can_do_and_what_was_used():
    async def story() -> None:
        made = Office()
        made.services.bot = About(name="Mia")
        made.records.days = {f"user:{coze_user('telegram', '501')}": [Spent(2, 3000)]}
        await made.control("1", "", "home")
        [(_, page)] = made.chat.pages
        helped, used = page.parts
        assert page.title == "Mia"
        assert "/new – Start a new conversation" in helped
        assert "Today: 2 answers, 3,000 tokens." in used
        assert page.buttons == (Button("✨ New conversation", "new"),)
        assert made.texts == []  # nothing is said in the chat

    run(story())


def test_who_looks_again_at_once_sees_what_is_there():
    async def story() -> None:
        made = Office()
        await made.control("1", "", "home")
        await made.control("2", "", "home")
        await made.control("3", "", "home", user="502")
        assert len(made.chat.pages) == 2

    run(story())


@pytest.mark.parametrize(
    "error", [Rejected("not_enabled"), Unavailable("away"), RateLimited("slow", retry_after=9)]
)
def test_a_page_that_cannot_be_shown_troubles_nobody(error: Exception):
    async def story() -> None:
        made = Office()
        made.chat.faults.add("publish", error)
        await made.control("1", "", "home")
        assert made.texts == []

    run(story())
