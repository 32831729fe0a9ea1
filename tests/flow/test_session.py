"""Commands about a session: a new one, another bot, what is remembered, what was said."""

import tempfile
from pathlib import Path

import pytest

from bridge.core.errors import BridgeError, Denied, Gone, Rejected, TooLarge, Unavailable
from bridge.core.ports import Line, Waiting
from bridge.core.texts import say
from bridge.flow import session as session_module
from tests.flow.fakes import message
from tests.flow.office import ANN, BEN, SESSION, Office


@pytest.fixture(autouse=True)
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where exported files are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left(disk: Path) -> list[str]:
    return [path.name for path in disk.iterdir()]


async def commanded(office: Office, command: str, text: str = "") -> str:
    await office.turn("9", text, command)
    return office.last


async def test_after_new_nothing_is_remembered_and_nothing_is_waited_for():
    office = Office()
    office.talks("c1")
    office.memory.waits[SESSION] = Waiting("summary")
    assert await commanded(office, "new") == say("new", "en")
    assert (office.memory.talks, office.memory.waits) == ({}, {})


async def test_new_forgets_the_conversation_with_the_bot_that_answers_only():
    office = Office()
    office.memory.bots[SESSION] = "other"
    office.talks("c1")
    await commanded(office, "new")
    assert list(office.memory.talks) == [f"{SESSION}@bot"]


@pytest.mark.parametrize("typed", ["", "  "])
async def test_who_answers_is_told_with_a_button_for_each_bot(typed: str):
    office = Office()
    assert await commanded(office, "bot", typed) == say("bot.list", "en", name="bot")
    assert office.buttons() == ["bot:bot", "bot:other"]


async def test_another_bot_answers_in_a_conversation_of_its_own():
    office = Office()
    await office.turn("1")
    assert await commanded(office, "bot", " other ") == say("bot.chosen", "en", name="other")
    await office.turn("2")
    assert office.last == "I am the other."
    assert sorted(office.memory.talks) == [f"{SESSION}@bot", f"{SESSION}@other"]
    assert await commanded(office, "bot") == say("bot.list", "en", name="other")


async def test_what_is_chosen_takes_the_place_of_the_list():
    office = Office()
    await commanded(office, "bot")
    await office.turn("10", "other", "bot", on="m0")
    assert office.texts == [say("bot.chosen", "en", name="other")]
    assert office.buttons() == []


async def test_to_choose_another_bot_ends_the_waiting_of_a_workflow():
    office = Office()
    office.memory.waits[SESSION] = Waiting("summary")
    await commanded(office, "bot", "other")
    assert office.memory.waits == {}


async def test_a_bot_that_there_is_not_is_told_with_those_that_there_are():
    office = Office()
    assert await commanded(office, "bot", "nobody") == say("bot.unknown", "en", name="nobody")
    assert office.buttons() == ["bot:bot", "bot:other"]
    assert office.memory.bots == {}


async def test_a_bot_that_is_no_longer_configured_answers_no_more():
    office = Office()
    office.memory.bots[SESSION] = "gone"
    await office.turn("1")
    assert office.last == "Hello."


def knows(office: Office, user: str = ANN, **known: str) -> None:
    office.services.remembered[user] = dict(known)


async def test_what_the_bot_remembers_is_listed():
    office = Office(user_variables="read")
    knows(office, shoe="44", city="Rome")
    lines = "- city = Rome\n- shoe = 44"
    assert await commanded(office, "vars") == say("vars.list", "en", lines=lines)


async def test_there_may_be_nothing_that_it_remembers():
    assert await commanded(Office(user_variables="read"), "vars") == say("vars.none", "en")


async def test_what_it_remembers_is_of_the_user_under_whom_coze_knows_the_conversation():
    office = Office(user_variables="write")
    office.talks("c1", user=BEN)
    knows(office, BEN, city="Rome")
    knows(office, ANN, city="Paris")
    assert "Rome" in await commanded(office, "vars")
    await commanded(office, "vars", "city=Oslo")
    assert office.services.remembered == {BEN: {"city": "Oslo"}, ANN: {"city": "Paris"}}


async def test_what_it_remembers_can_be_changed():
    office = Office(user_variables="write")
    knows(office, city="Rome", shoe="44")
    said = await commanded(office, "vars", 'city="New York" shoe=43')
    assert said == say("vars.set", "en", names="city, shoe")
    assert office.services.remembered[ANN] == {"city": "New York", "shoe": "43"}


async def test_what_it_does_not_know_cannot_be_set_and_then_nothing_is():
    office = Office(user_variables="write")
    knows(office, city="Rome")
    said = await commanded(office, "vars", "city=Paris hat=red")
    assert said == say("vars.unknown", "en", name="hat")
    assert office.services.remembered[ANN] == {"city": "Rome"}


@pytest.mark.parametrize(
    ("allowed", "typed", "told"),
    [
        ("off", "", "vars.off"),
        ("off", "city=Oslo", "vars.off"),
        ("read", "city=Oslo", "vars.read_only"),
    ],
)
async def test_the_operator_decides_who_sees_and_who_changes(allowed: str, typed: str, told: str):
    office = Office(user_variables=allowed)
    knows(office, city="Rome")
    assert await commanded(office, "vars", typed) == say(told, "en")
    assert office.services.remembered[ANN] == {"city": "Rome"}


@pytest.mark.parametrize("error", [Unavailable("502"), Denied("4101")])
async def test_what_coze_does_not_tell_is_said(error: BridgeError):
    office = Office(user_variables="read")
    office.services.faults.add("variables", error)
    assert await commanded(office, "vars") == "⚠️ " + say(type(error).say, "en")
    assert office.coze.sent == 0


def said_before(office: Office) -> None:
    office.talks("c1")
    office.services.lines = [
        Line("user", "why?", 1_767_225_600.0),
        Line("assistant", "Because.", 0.0),
    ]


async def test_a_conversation_is_exported_as_a_file(disk: Path):
    office = Office()
    said_before(office)
    assert await commanded(office, "export") == ""
    assert office.texts[0] == say("export", "en")
    (content,) = office.chat.files.values()
    assert content.decode().splitlines() == [
        "# bot",
        "",
        "## Ann · 2026-01-01 00:00 UTC",
        "",
        "why?",
        "",
        "## bot",
        "",
        "Because.",
    ]
    assert left(disk) == []


async def test_there_may_be_nothing_to_export():
    office = Office()
    assert await commanded(office, "export") == say("export.nothing", "en")
    assert office.chat.files == {}


@pytest.mark.parametrize("error", [Unavailable("502"), Gone("4200"), Denied("4101")])
async def test_a_conversation_that_cannot_be_read_is_told(disk: Path, error: BridgeError):
    office = Office()
    said_before(office)
    office.services.faults.add("history", error)
    assert await commanded(office, "export") == "⚠️ " + say(type(error).say, "en")
    assert left(disk) == []


@pytest.mark.parametrize("error", [Rejected("no"), TooLarge("50 MB")])
async def test_nothing_is_left_of_a_file_that_the_platform_does_not_take(
    disk: Path, error: BridgeError
):
    office = Office()
    said_before(office)
    office.chat.faults.add("post", None, error)
    await commanded(office, "export")
    assert office.chat.files == {}
    assert left(disk) == []


@pytest.mark.timeout(20)
async def test_an_export_that_was_shown_before_a_crash_is_not_sent_again(disk: Path):
    office = Office()
    said_before(office)
    await commanded(office, "export")
    await office.again()
    assert len(office.chat.called("post")) == 2
    assert len(office.texts) == 2
    assert left(disk) == []


async def test_commands_of_the_session_ask_no_bot_and_keep_no_record():
    office = Office(user_variables="write")
    for command in session_module.SESSION:
        await commanded(office, command)
    assert office.coze.sent == 0
    assert office.records.turns == {}


async def test_a_conversation_is_exported_under_the_title_of_its_chat():
    office = Office()
    said_before(office)
    given = message("9", "", "export", chat_title="Team")
    office.arrives(given)
    await office.again()
    (content,) = office.chat.files.values()
    assert content.decode().startswith("# Team\n")
