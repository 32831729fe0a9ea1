"""The process dies at each step of a turn; the next one goes on as if nothing had happened."""

import itertools
from typing import Any

import pytest

from bridge.core.errors import LeaseLost, StoreUnavailable
from bridge.core.growing import certain
from bridge.core.model import Run, Shown
from bridge.core.ports import Drafts, Progress, Streams
from tests.flow.asking import Chat
from tests.flow.clock import run
from tests.flow.fake_coze import FakeCoze
from tests.flow.fakes import Crash, FakeChat, Fate

WORDS = ("The quick ", "brown fox ", "jumps over ", "the lazy dog.")


KINDS: dict[str, dict[str, Any]] = {
    "edits": {},
    "drafts": {"drafts": Drafts(every=0.5, life=30.0)},
    "streams": {"streams": Streams(certain, str, most=10_000, life=60.0, every=0.5)},
}


def new_asking(kind: str = "edits") -> Chat:
    asking = Chat(FakeCoze(*WORDS, pace=2.0))
    asking.chat = FakeChat(**KINDS[kind])
    asking.coze.conversations.add("c0")
    return asking


async def lives(*fates: Fate, kind: str = "edits") -> tuple[Chat, int]:
    """Let processes die as told, then one that lives; returns how many died."""
    asking, deaths = new_asking(kind), 0
    for fate in fates:
        asking.live(fate)
        try:
            await asking.again()
        except Crash:
            deaths += 1
        else:
            break
    if deaths == len(fates):
        asking.live(Fate())
        await asking.again()
    return asking, deaths


def check(asking: Chat) -> None:
    assert asking.said == "".join(WORDS)
    assert len(asking.coze.asked) == 1, "asked twice"
    assert len(asking.chat.messages) == 1, "posted twice"
    assert asking.chat.complaints == []
    (piece,) = asking.chat.messages.values()
    assert [button.label for button in piece.buttons] == ["👍", "👎"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_turn_survives_a_crash_at_each_of_its_steps(after: bool, kind: str):
    for at in itertools.count():
        asking, deaths = run(lives(Fate(at, after), kind=kind))
        check(asking)
        if not deaths:
            break
    assert at > 12, "there are more steps than that"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_turn_survives_a_second_crash_while_it_is_taken_up_again(after: bool):
    for first in (2, 4, 7, 10):
        for second in itertools.count():
            asking, deaths = run(lives(Fate(first, after), Fate(second, after)))
            check(asking)
            if deaths < 2:
                break


async def test_a_run_that_coze_took_is_resumed_and_never_asked_again():
    asking = new_asking()
    asking.lease.progress = Progress(asked=True, conversation="c0", run=Run("r7", "c0"))
    reply = await asking.again()
    assert reply.text == asking.said == "".join(WORDS)
    assert asking.coze.sent == 0
    assert asking.coze.resumed == [Run("r7", "c0")]


@pytest.mark.parametrize("at", [6, 8, 10])
def test_a_conversation_that_coze_began_is_gone_on_with_after_a_crash(at: int):
    async def story() -> Chat:
        asking = Chat(FakeCoze(*WORDS, pace=2.0, opens=False))
        asking.live(Fate(at))
        with pytest.raises(Crash):
            await asking.again()
        assert asking.coze.sent == 1
        asking.live(Fate())
        await asking.again()
        return asking

    check(run(story()))


async def test_the_conversation_of_a_resumed_run_is_remembered():
    asking = new_asking()
    asking.lease.progress = Progress(asked=True, conversation="c0", run=Run("r7", "c0"))
    await asking.again()
    assert [talk.conversation for talk in asking.memory.talks.values()] == ["c0"]


async def test_what_was_posted_is_gone_on_with():
    asking = new_asking()
    await asking.again()
    asking.lease.progress = Progress(
        asked=True, conversation="c0", run=Run("r1", "c0"), shown=(Shown("m0"),)
    )
    await asking.again()
    assert [call.kind for call in asking.chat.calls].count("post") == 1
    assert not asking.chat.called("delete")


@pytest.mark.parametrize("error", [LeaseLost("lane"), StoreUnavailable("away")])
async def test_without_the_lease_or_the_store_nothing_is_told_and_another_goes_on(
    error: Exception,
):
    asking = new_asking()
    asking.coze.faults.add("said", None, error)
    with pytest.raises(type(error)):
        await asking.again()
    assert "⚠️" not in asking.said
    await asking.again()
    check(asking)


async def test_who_lost_the_lease_asks_nothing():
    asking = new_asking()
    asking.lease.lost = True
    with pytest.raises(LeaseLost):
        await asking.again()
    assert asking.coze.sent == 0
    assert asking.chat.calls == []
