"""What a question leaves behind, what is told of it, and how its answer is spoken."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest

from bridge.core.errors import BridgeError, Rejected, StoreUnavailable, Unavailable
from bridge.core.model import FileRef, Prompt, Run, Usage
from bridge.core.ports import About, Progress, Shortcut, Talk
from bridge.core.routing import Policy, Rule, turn_id
from bridge.core.texts import say
from bridge.flow.asking import VOICE
from tests.flow.fake_coze import FakeCoze
from tests.flow.fakes import Crash, Fate, message
from tests.flow.office import ANN, SESSION, Office

SPOKEN = FileRef("v", "voice", "voice.ogg")
TURN = turn_id("1")


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where spoken answers are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left(disk: Path) -> list[str]:
    return [path.name for path in disk.iterdir()]


def office_that_hears(**settings: Any) -> Office:
    office = Office(coze=FakeCoze("It is **sunny**."), **settings)
    office.chat.uploads["v"] = b"ogg"
    office.services.words = "What is the weather?"
    return office


async def test_a_turn_is_kept_with_all_that_the_operator_may_ask_about():
    coze = FakeCoze("Hello.")
    coze.usage, coze.suggests = Usage(60, 50, 10), ("And why?",)
    office = Office(coze=coze)
    await office.turn("1")
    kept = office.records.turns[TURN]
    assert (kept.turn, kept.message, kept.channel, kept.chat) == (TURN, "1", "telegram", "7")
    assert (kept.session, kept.bot, kept.user, kept.status) == (SESSION, "bot", ANN, "done")
    assert (kept.run, kept.answers) == (Run("r1", "c1"), ("a1",))
    assert (kept.suggestions, kept.usage, kept.error) == (("And why?",), Usage(60, 50, 10), "")


async def test_why_a_turn_failed_is_kept_under_the_id_that_its_user_sees():
    office = Office()
    office.coze.faults.add("said", Unavailable("cut, log id 7"))
    await office.turn("1")
    assert f"(ref {TURN})" in office.last
    kept = office.records.turns[TURN]
    assert (kept.status, kept.error, kept.run) == ("failed", "cut, log id 7", Run("r1", "c1"))


async def test_what_could_not_be_asked_can_be_asked_again_with_its_files():
    office = Office()
    office.chat.uploads["f"] = b"png"
    office.coze.faults.add("ask", Unavailable("502"))
    await office.turn("1", "look", files=(FileRef("f", "image", "cat.png"),))
    assert office.buttons() == [f"retry:{turn_id('1')}"]
    await office.turn("2", "", "retry")
    (asked,) = office.coze.asked
    assert (asked.prompt.text, [file.name for file in asked.prompt.files]) == ("look", ["cat.png"])
    assert len(office.services.uploads) == 1


async def test_files_that_are_at_coze_are_not_sent_again_after_a_crash():
    office = Office()
    office.chat.uploads["f"] = b"png"
    office.arrives(message("1", "look", files=(FileRef("f", "image", "cat.png"),)))
    office.coze.fate = Fate(1)  # it dies as it asks
    with pytest.raises(Crash):
        await office.again()
    office.coze.fate = Fate()
    await office.again()
    assert len(office.services.uploads) == 1
    assert [q.prompt.text for q in office.coze.asked] == ["look"]


async def test_what_is_wrong_with_a_question_is_told_above_its_answer():
    office = Office()
    await office.turn("1", "look", files=(FileRef("gone", "image", "cat.png"),))
    assert office.last == f"📎 {say('file.gone', 'en', name='cat.png')}\n\nHello."


async def test_what_was_heard_is_told_above_the_answer_also_after_a_crash():
    office = office_that_hears()
    office.arrives(message("1", "", files=(SPOKEN,)))
    office.live(Fate(6))
    with pytest.raises(Crash):
        await office.again()
    office.live(Fate())
    await office.again()
    assert office.texts == ["> 🎤 What is the weather?\n\nIt is **sunny**."]
    assert len(office.coze.asked) == 1


async def test_reasoning_is_shown_where_the_operator_wants_it():
    coze = FakeCoze("So it is.", pace=5.0)
    coze.thinks = "Let me see."
    office = Office(coze=coze, show_reasoning=True)
    await office.turn("1")
    aside, answer = office.chat.messages.values()
    assert (aside.text, aside.aside) == ("Let me see.", True)
    assert (answer.text, answer.aside) == ("So it is.", False)


async def test_else_only_that_the_bot_is_thinking_is_shown_until_it_speaks():
    coze = FakeCoze("So it is.", pace=5.0)
    coze.thinks = "Let me see."
    office = Office(coze=coze)
    await office.turn("1")
    drawn = [call.piece.text for call in office.chat.calls if call.piece]
    assert drawn[0] == say("doing.thinking", "en")
    assert not any("Let me see" in text for text in drawn)
    assert office.texts == ["So it is."]


@pytest.mark.parametrize(
    ("wish", "speaks", "heard"),
    [
        ("off", True, False),
        ("off", False, False),
        ("auto", True, True),
        ("auto", False, False),
        ("always", True, True),
        ("always", False, True),
    ],
)
async def test_who_is_spoken_to_is_as_the_operator_wishes(
    disk: Path, wish: str, speaks: bool, heard: bool
):
    office = office_that_hears(voice_replies=wish)
    await office.turn("1", "" if speaks else "hello", files=(SPOKEN,) if speaks else ())
    assert office.services.spoken == ([("It is sunny.", "en")] if heard else [])
    assert [piece.media for piece in office.chat.messages.values()][1:] == [VOICE] * heard
    assert left(disk) == []


async def test_an_answer_that_cannot_be_spoken_can_be_read(disk: Path):
    office = office_that_hears(voice_replies="always")
    office.services.faults.add("speak", Rejected("no voice"))
    await office.turn("1")
    assert office.texts == ["It is **sunny**."]
    assert left(disk) == []


@pytest.mark.parametrize("answer", ["```\ncode\n```", "![](https://x/cat.png)"])
async def test_what_has_no_words_is_not_spoken(answer: str):
    office = Office(coze=FakeCoze(answer), voice_replies="always")
    await office.turn("1")
    assert office.services.spoken == []


@pytest.mark.parametrize("end", ["failed", "stopped"])
async def test_only_a_complete_answer_is_spoken(end: str):
    office = Office(coze=FakeCoze(*"abcdef", pace=10.0), voice_replies="always")
    if end == "failed":
        office.coze.faults.add("said", None, Unavailable("cut"))
    office.arrives(message("1"))
    office.lease.progress = Progress(stop=end == "stopped", asked=end == "stopped")
    await office.again()
    assert office.services.spoken == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.timeout(20)
async def test_a_spoken_answer_survives_a_crash_wherever_it_comes(disk: Path, after: bool):
    for at in range(40):
        office = office_that_hears(voice_replies="always")
        office.arrives(message("1"))
        deaths = 0
        for fate in (Fate(at, after), Fate()):
            office.live(fate)
            try:
                await office.again()
            except Crash:
                deaths += 1
            else:
                break
        pieces = list(office.chat.messages.values())
        assert [piece.media or piece.text for piece in pieces] == ["It is **sunny**.", VOICE]
        assert len(office.coze.asked) == 1
        assert left(disk) == []
        if not deaths:
            return
    pytest.fail("so many steps there are not")


async def test_a_full_store_still_tells_its_user():
    office = Office()
    office.records.full = office.memory.full = True
    office.coze.faults.add("said", Unavailable("cut"))
    await office.turn("1")
    assert say("error.unavailable", "en") in office.last


async def test_a_full_store_still_tells_its_operator(caplog: pytest.LogCaptureFixture):
    office = Office()
    office.records.full = True
    error = BridgeError("no more")
    error.alert = "Coze 4028"
    office.coze.faults.add("ask", error)
    await office.turn("1")
    assert "needs the operator: no more" in caplog.messages


@pytest.mark.parametrize("command", ["translate", "poem"])
async def test_a_command_of_a_route_or_a_shortcut_reaches_its_bot(command: str):
    policy = Policy("telegram", "bot", rules=(Rule("other", command="translate"),))
    office = Office(policy=policy)
    office.services.bot = About(shortcuts=(Shortcut("id-1", "poem", "A poem", ("about",)),))
    await office.turn("1", "rivers", command)
    (asked,) = (office.other if command == "translate" else office.coze).asked
    shortcut = Prompt("rivers", shortcut="id-1", inputs=(("about", "rivers"),))
    assert asked.prompt == (Prompt("rivers") if command == "translate" else shortcut)


async def test_the_command_of_a_route_wins_over_the_bot_that_was_chosen():
    policy = Policy("telegram", "bot", rules=(Rule("bot", command="translate"),))
    office = Office(policy=policy)
    office.memory.bots[SESSION] = "other"
    await office.turn("1", "bonjour", "translate")
    assert [q.prompt.text for q in office.coze.asked] == ["bonjour"]
    await office.turn("2", "hello")
    assert [q.prompt.text for q in office.other.asked] == ["hello"]


@pytest.mark.parametrize(("text", "said"), [("rivers", "/gone rivers"), ("", "/gone")])
async def test_a_command_that_nobody_knows_is_something_said(text: str, said: str):
    office = Office()
    await office.turn("1", text, "gone")
    assert [q.prompt.text for q in office.coze.asked] == [said]


async def test_while_coze_does_not_tell_its_shortcuts_a_command_is_something_said():
    office = Office()
    office.services.faults.add("about", Unavailable("502"))
    await office.turn("1", "rivers", "poem")
    assert [q.prompt.text for q in office.coze.asked] == ["/poem rivers"]


async def test_a_turn_that_cannot_be_stored_is_left_to_the_inbox():
    office = Office()

    async def away(_session: str) -> Talk | None:
        raise StoreUnavailable("away")

    office.memory.talk = away  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreUnavailable):
        await office.turn("1")
    assert office.coze.sent == 0


async def test_a_reply_that_is_stopped_has_no_thumbs_but_can_be_asked_again():
    office = Office(coze=FakeCoze(*"abc", pace=10.0))
    office.arrives(message("1"))
    office.lease.progress = Progress(asked=True, conversation="c1", stop=True)
    await asyncio.sleep(0)
    await office.again()
    assert office.buttons() == [f"retry:{turn_id('1')}"]


async def test_what_the_operator_must_settle_is_heard_of_a_question():
    office = Office()
    error = BridgeError("no more")
    error.alert = "Coze 4028"
    office.coze.faults.add("ask", error)
    await office.turn("1")
    assert office.told == ["⚠️ bot: no more"]
