"""What people change of what they have written, and texts that their clients cut."""

from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from bridge.core.model import Message, Shown
from bridge.store.inbox import RedisInbox
from tests.store.lanes import TURNS, claimed, fall_due, inbox, message, one, part


def text(id_: str, said: str = "hello", **more: Any) -> Message:
    """What was posted as a message of that number."""
    return replace(message(id_, said), **{"posted": id_, **more})


def edit(id_: str, of: str, said: str) -> Message:
    return text(id_, said, posted=of, edits=True)


async def answered(box: RedisInbox) -> Message:
    """What was asked next."""
    lease = await one(box)
    await lease.finish()
    return lease.message


async def test_the_newest_message_is_asked_anew_when_it_is_edited(redis: Redis):
    box = inbox(redis)
    await box.add("lane", text("1"))
    await answered(box)
    for stored in (True, False):  # delivered again
        assert await box.add("lane", edit("2", "1", "hi")) is stored
    asked = await answered(box)
    assert (asked.id, asked.text) == ("2", "hi")
    assert await claimed(box) == []


async def test_only_the_newest_message_is_asked_anew(redis: Redis):
    box = inbox(redis)
    for id_ in "12":
        await box.add("lane", text(id_))
        await answered(box)
    assert not await box.add("lane", edit("3", "1", "hi"))
    assert not await box.add("lane", edit("4", "9", "hi"))
    assert not await box.add("other", edit("5", "2", "hi"))
    assert not await box.add("lane", edit("6", "2", "hello"))  # which it said before
    assert await box.add("lane", edit("7", "2", "hi"))


@pytest.mark.parametrize(("then", "newest"), [("retry", True), ("ask", False), ("new", False)])
async def test_a_button_is_newer_than_a_message_unless_it_asks_that_once_more(
    redis: Redis, then: str, *, newest: bool
):
    box = inbox(redis)
    await box.add("lane", text("1"))
    await answered(box)
    await box.add("lane", replace(message("2", ""), command=then))
    await answered(box)
    assert await box.add("lane", edit("3", "1", "hi")) is newest


async def test_a_message_that_waits_is_changed_where_it_is(redis: Redis):
    box = inbox(redis)
    for id_ in "123":
        await box.add("lane", text(id_))
    first = await one(box)
    for id_, of in (("4", "2"), ("5", "3")):
        assert not await box.add("lane", edit(id_, of, f"hi {of}"))  # no job of its own
        assert not await box.add("lane", edit(id_, of, f"hi {of}"))
    assert not await box.add("lane", edit("6", "1", "too late: others wait"))
    await first.finish()
    said = [await answered(box), await answered(box)]
    assert [(each.id, each.text) for each in said] == [("2", "hi 2"), ("3", "hi 3")]
    assert await redis.get(f"{TURNS}pending") == "0"
    assert await box.add("lane", edit("7", "3", "hi again"))


async def test_an_edit_takes_the_place_of_the_job_at_work_and_what_it_shows(redis: Redis):
    box = inbox(redis)
    await box.add("lane", text("1"))
    lease = await one(box)
    await lease.shows([Shown("m1")])
    assert not await lease.superseded()
    assert await box.add("lane", edit("2", "1", "hi"))
    assert await lease.superseded()
    assert await box.renew([lease]) == ["1"]
    assert await box.stop("lane", "1") == 1  # the button that is still shown
    await lease.finish()
    heir = await one(box)
    assert (heir.message.id, heir.progress.shown) == ("2", (Shown("m1"),))
    assert heir.progress.stop


async def test_a_job_that_was_put_off_gives_its_place_at_once(redis: Redis):
    box = inbox(redis)
    await box.add("lane", text("1"))
    await (await one(box)).retry_later(300.0)
    assert await box.add("lane", edit("2", "1", "hi"))
    lease = await one(box)
    assert (lease.message.id, lease.progress.stop) == ("1", True)


async def test_a_job_that_is_given_up_leaves_nothing_to_its_heir(redis: Redis):
    box = inbox(redis)
    await box.add("lane", text("1"))
    lease = await one(box)
    await lease.shows([Shown("m1")])
    await box.add("lane", edit("2", "1", "hi"))
    await lease.give_up("why")
    assert (await one(box)).progress.shown == ()


async def test_an_album_is_asked_anew_as_a_whole(redis: Redis):
    box = inbox(redis)
    for id_, caption in (("1", ""), ("2", "wich?")):
        await box.add("lane", replace(part(id_, caption), posted=id_))
    await fall_due(redis, "lane")
    await answered(box)
    changed = replace(part("2", "which?"), id="3", posted="2", edits=True, group="")
    assert await box.add("lane", changed)
    whole = await answered(box)
    assert (whole.id, whole.text) == ("3", "which?")
    assert [file.name for file in whole.files] == ["1.png", "2.png"]


LONG: dict[str, Any] = {"group": "paste", "joins": "paste"}
SHORT: dict[str, Any] = {"joins": "paste"}


async def test_a_text_that_was_cut_is_one_job_and_due_with_its_last_part(redis: Redis):
    box = inbox(redis)
    await box.add("lane", text("1", "cut in a wo", cut=True, **LONG))
    assert await claimed(box) == []
    await box.add("lane", text("2", "rd, then behind a line", sent=1, **LONG))
    await box.add("lane", text("3", "and its end", sent=3, **SHORT))
    await box.add("lane", text("4", "another", sent=3, **SHORT))
    whole = await answered(box)
    assert whole.text == "cut in a word, then behind a line\nand its end"
    assert (await answered(box)).text == "another"


@pytest.mark.parametrize(
    "other", [SHORT | {"sent": 3}, {"joins": "else"}, {}, {"group": "else", "joins": "else"}]
)
async def test_what_is_later_or_of_somebody_else_does_not_join(
    redis: Redis, other: dict[str, Any]
):
    box = inbox(redis)
    await box.add("lane", text("1", **LONG))
    await box.add("lane", text("2", **other))
    await fall_due(redis, "lane")
    assert (await answered(box)).text == "hello"


async def test_a_text_that_is_to_be_dropped_takes_nothing_with_it(redis: Redis):
    box = inbox(redis)
    await box.add("lane", text("1", **LONG))
    await box.stop("lane", "1")
    await box.add("lane", text("2", "go on", **SHORT))
    await fall_due(redis, "lane")
    await answered(box)
    assert (await answered(box)).text == "go on"


async def test_a_short_text_is_due_at_once_and_asked_anew_with_what_follows(redis: Redis):
    box = inbox(redis)
    await box.add("lane", text("1", "true?", **SHORT))
    lease = await one(box)
    await box.add("lane", text("2", "so they say", **LONG))
    assert await box.renew([lease]) == ["1"]
    await box.add("lane", text("3", "and so", **LONG))
    await lease.finish()
    assert (await answered(box)).text == "true?\nso they say\nand so"
    assert await claimed(box) == []


async def test_what_is_for_nobody_here_is_stored_only_as_a_part(redis: Redis):
    box = inbox(redis)
    silent = [replace(part(id_), addressed=False) for id_ in "13"]
    assert not await box.add("lane", silent[0])
    await box.add("lane", part("2", "which?"))
    await box.add("lane", silent[1])
    await fall_due(redis, "lane")
    assert [file.name for file in (await answered(box)).files] == ["2.png", "3.png"]
