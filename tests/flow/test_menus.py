"""The menus of the channels have what the bots have at Coze."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from bridge.core.commands import COMMANDS, Entry, Menu
from bridge.core.errors import Denied, Unavailable
from bridge.core.ports import About, Shortcut
from bridge.flow.bot import Bot
from bridge.flow.menus import EVERY, SOON, Menus
from tests.flow.fake_coze import FakeCoze, FakeServices
from tests.flow.fakes import FakeChat

OURS = Menu((*COMMANDS, "bot"), (Entry("summary", "Sum it up"),))


def shortcut(name: str, about: str = "") -> Shortcut:
    return Shortcut(f"id-{name}", name, about)


class Board:
    """Two chats whose menus are kept, and two bots."""

    def __init__(self) -> None:
        self.chats, self.services = [FakeChat(), FakeChat()], [FakeServices(), FakeServices()]
        bots = [Bot(f"bot{at}", FakeCoze(), each) for at, each in enumerate(self.services)]
        self.menus = Menus(OURS, self.chats, bots)

    def has(self, bot: int, *shortcuts: Shortcut) -> None:
        self.services[bot].bot = About(shortcuts=shortcuts)

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        keeping = asyncio.create_task(self.menus.keep())
        await asyncio.sleep(1)
        yield
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    def extra(self, chat: int = 0) -> list[str]:
        """The commands beside ours in the menu of a chat."""
        assert self.chats[chat].menu.names == OURS.names
        return [entry.name for entry in self.chats[chat].menu.extra]


async def test_the_shortcuts_of_all_bots_are_in_all_menus_behind_the_configured_commands():
    board = Board()
    board.has(0, shortcut("translate", "To English"))
    board.has(1, shortcut("poem"))
    async with board.kept():
        assert board.extra(0) == board.extra(1) == ["summary", "translate", "poem"]
    assert Entry("translate", "To English") in board.chats[0].menu.extra


async def test_a_shortcut_takes_the_place_of_no_other_command():
    board = Board()
    names = ("help", "vars", "ask", "answer", "up", "why", "summary", "poem")
    board.has(0, *(shortcut(name, "of the bot") for name in names))
    board.has(1, shortcut("poem", "of the other"))
    async with board.kept():
        assert board.extra() == ["summary", "poem"]
    assert board.chats[0].menu.extra[0] == Entry("summary", "Sum it up")
    assert board.chats[0].menu.extra[1] == Entry("poem", "of the bot")


async def test_menus_change_as_the_bots_do():
    board = Board()
    async with board.kept():
        assert board.extra() == ["summary"]
        board.has(0, shortcut("poem"))
        await asyncio.sleep(EVERY)
        assert board.extra() == ["summary", "poem"]
        board.has(0)
        await asyncio.sleep(EVERY)
        assert board.extra() == ["summary"]


@pytest.mark.parametrize("error", [Unavailable("502"), Denied("4101")])
async def test_a_bot_that_does_not_tell_is_asked_again_soon_and_the_others_are_shown(
    error: Exception,
):
    board = Board()
    board.has(0, shortcut("poem"))
    board.has(1, shortcut("song"))
    board.services[0].faults.add("about", error)
    async with board.kept():
        assert board.extra() == ["summary", "song"]
        await asyncio.sleep(SOON)
        assert board.extra() == ["summary", "poem", "song"]


async def test_a_command_stays_while_coze_is_away():
    board = Board()
    board.has(0, shortcut("poem"))
    async with board.kept():
        board.services[0].faults.add("about", *[Unavailable("502")] * 3)
        await asyncio.sleep(EVERY)
        assert board.extra() == ["summary", "poem"]


async def test_a_chat_that_does_not_take_its_menu_is_shown_it_soon():
    board = Board()
    board.has(0, shortcut("poem"))
    board.chats[0].faults.add("menu", Unavailable("502"))
    async with board.kept():
        assert board.extra(1) == ["summary", "poem"]
        assert board.chats[0].menu == Menu()
        await asyncio.sleep(SOON)
        assert board.extra(0) == ["summary", "poem"]


async def test_a_bots_own_menu_has_the_shortcuts_of_no_other():
    board = Board()
    board.has(0, shortcut("poem"))
    board.has(1, shortcut("song"))
    async with board.kept():
        assert [entry.name for entry in board.menus.of("bot0").extra] == ["summary", "poem"]
        assert [entry.name for entry in board.menus.of("bot1").extra] == ["summary", "song"]
