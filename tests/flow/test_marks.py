"""The mark on a message that is being answered."""

import asyncio
from dataclasses import replace

from bridge.core.errors import Rejected
from bridge.core.model import Address, Message
from bridge.flow.marks import Marks
from tests.flow.fakes import message


class Reacting:
    """`ports.Reacts`, of which each call takes a while; the first is the slowest."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.marked: list[tuple[str, bool]] = []
        self.pause, self.refuses = 5.0, refuses

    async def react(self, to: Address, id_: str, *, on: bool) -> None:
        pause, self.pause = self.pause, 1.0
        await asyncio.sleep(pause)
        self.marked.append((id_, on))
        if self.refuses:
            raise Rejected("REACTION_INVALID")


def said(command: str = "", posted: str = "70", group: str = "") -> Message:
    return replace(message("1", "why?", command), posted=posted, group=group)


async def marked(*steps: tuple[str, Message], refuses: bool = False) -> list[tuple[str, bool]]:
    """The marks that are put and taken when all of this happens at once."""
    chat = Reacting(refuses=refuses)
    marks = Marks({"telegram": chat})
    for step, given in steps:
        getattr(marks, step)(given)
    while marks.at_work:
        await asyncio.wait(marks.at_work.values())
    return chat.marked


async def test_a_mark_is_put_and_taken_in_this_order_however_long_it_takes():
    assert await marked(("put", said()), ("take", said())) == [("70", True), ("70", False)]


async def test_a_refusal_is_nobodys_concern():
    refused = await marked(("put", said()), ("take", said()), refuses=True)
    assert len(refused) == 2


async def test_of_an_album_the_first_part_is_marked_once_it_is_whole():
    parts = [said(posted=id_, group="album") for id_ in ("70", "71")]
    steps = [("put", part) for part in parts] + [("put_first", parts[0]), ("take", parts[0])]
    assert await marked(*steps) == [("70", True), ("70", False)]
    assert await marked(("put_first", said())) == []


async def test_a_press_and_a_command_that_is_obeyed_at_once_have_no_mark():
    assert await marked(("put", said("retry", posted="")), ("put", said("new"))) == []


async def test_where_no_mark_is_configured_there_is_none():
    marks = Marks()
    marks.put(said())
    assert marks.at_work == {}
