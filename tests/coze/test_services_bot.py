"""What Coze tells of a bot, and keeps for it: itself, feedback, variables, history, runs."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from io import BytesIO
from typing import Literal

import pytest

from bridge.core.errors import Fatal, Gone, Retryable
from bridge.core.model import Prompt, Run
from bridge.core.ports import About, Line, Shortcut
from bridge.coze import services as module
from bridge.coze.errors import CozeError
from bridge.coze.services import CozeServices
from bridge.sandbox.coze import Component, Feedback, HttpError, JsonError, RunFails, Variable
from bridge.sandbox.coze import Shortcut as Simulated
from bridge.sandbox.coze.memory import Message
from tests.coze.rig import (
    CHAT,
    DIALECTS,
    HISTORY,
    MESSAGES,
    RETRIEVE,
    Rig,
    answering,
    question,
    rigged,
    told,
)

BOT, VARIABLES = "/v1/bots/{bot_id}", "/v1/variables"
FEEDBACK = "/v1/conversations/{conversation_id}/messages/{message_id}/feedback"


@pytest.fixture(params=DIALECTS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with rigged(dialect=request.param) as rig:
        yield rig


@pytest.fixture
async def cloud() -> AsyncIterator[Rig]:
    async with rigged() as rig:
        yield rig


def services(rig: Rig) -> CozeServices:
    return CozeServices(rig.client, rig.coze.bot_id)


@pytest.mark.parametrize("spelling", ["lower", "upper"])
async def test_a_bot_tells_of_itself_in_both_spellings(
    rig: Rig, spelling: Literal["lower", "upper"]
) -> None:
    bot = rig.coze.bot
    bot.spelling, bot.name, bot.prologue = spelling, "Ada", "Hello, {{user_name}}!"
    bot.suggested_questions = ("One?", "Two?")
    about = await services(rig).about()
    assert (about.name, about.prologue) == ("Ada", "Hello, {{user_name}}!")
    assert about.questions == ("One?", "Two?")
    (asked,) = (made for made in rig.coze.requests if "/v1/bots/" in made.path)
    assert asked.query == {"is_published": "true"}


async def test_a_shortcut_is_a_command_with_inputs(rig: Rig) -> None:
    parts = (
        Component("city"),
        Component("size", type="select", options=("small", "large")),
        Component("photo", type="file"),
        Component("secret", is_hide=True),
    )
    rig.coze.bot.shortcuts = (
        Simulated("1", "Weather", "/Weather", "Tells it", components=parts),
        Simulated("2", "News", "/news"),
        Simulated("3", "Nameless", ""),
    )
    assert (await services(rig).about()).shortcuts == (
        Shortcut("1", "weather", "Tells it", ("city", "size"), ("photo",)),
        Shortcut("2", "news", "News"),
    )


async def test_a_bot_without_anything_to_tell_is_known_by_its_name(rig: Rig) -> None:
    bot = rig.coze.bot
    bot.name, bot.prologue, bot.suggested_questions, bot.shortcuts = "Ada", "", (), ()
    assert await services(rig).about() == About("Ada")


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"name": None, "onboarding_info": None, "shortcut_commands": None},
        {"onboarding_info": "Hello", "shortcut_commands": {}},
        {"onboarding_info": {"prologue": None, "suggested_questions": "One?"}},
        {"shortcut_commands": [{}, {"id": "1"}, {"command": "/x"}, {"id": None, "command": None}]},
        {"shortcut_commands": [None, "oops", 7]},
    ],
    ids=str,
)
async def test_what_a_bot_tells_may_be_of_any_shape(cloud: Rig, data: object) -> None:
    cloud.coze.fail(BOT, answering(data))
    assert await services(cloud).about() == About()


async def test_the_parts_of_a_shortcut_may_be_of_any_shape(cloud: Rig) -> None:
    parts = [None, "oops", {"name": "city", "type": None}]
    shortcut = {"id": 1, "command": "/x", "components": parts}
    cloud.coze.fail(BOT, answering({"shortcut_commands": [shortcut]}))
    assert (await services(cloud).about()).shortcuts == (Shortcut("1", "x", "x", ("city",)),)


async def test_a_bot_is_asked_about_itself_once_in_a_while(
    cloud: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = services(cloud)
    before = await bot.about()
    cloud.coze.bot.name = "Somebody else"
    assert await bot.about() == before
    assert len(cloud.coze.requests) == 1
    monkeypatch.setattr(module, "FRESH", -1.0)
    assert (await bot.about()).name == "Somebody else"
    assert len(cloud.coze.requests) == 2


async def test_that_coze_did_not_tell_is_not_remembered(cloud: Rig) -> None:
    bot = services(cloud)
    cloud.coze.fail(BOT, JsonError(4200, "no such bot"))
    with pytest.raises(CozeError):
        await bot.about()
    assert (await bot.about()).name == cloud.coze.bot.name


@pytest.mark.parametrize(("good", "kind"), [(True, "like"), (False, "unlike")])
async def test_an_answer_is_rated_and_the_last_word_counts(
    cloud: Rig, good: bool, kind: Literal["like", "unlike"]
) -> None:
    reply = await told(cloud.backend().ask(question()))
    assert reply.run
    bot, answer = services(cloud), reply.answers[1].id
    reasons = ["x" * 31, *map(str, range(12))]
    await bot.rate(reply.run, answer, good=not good)
    await bot.rate(reply.run, answer, good=good, reasons=reasons)
    place = (reply.run.conversation, answer)
    shortened = ("x" * 30, *map(str, range(9)))
    assert cloud.coze.feedback == {place: Feedback(kind, shortened)}


async def test_a_rating_without_reasons_names_none(cloud: Rig) -> None:
    reply = await told(cloud.backend().ask(question()))
    assert reply.run
    cloud.coze.fail(FEEDBACK, HttpError(502), times=2)
    await services(cloud).rate(reply.run, reply.answers[0].id, good=True)
    assert cloud.coze.requests[-1].body == {"feedback_type": "like"}
    assert len(cloud.coze.feedback) == 1


async def test_what_cannot_be_rated_is_told(rig: Rig) -> None:
    run = await rig.had()
    with pytest.raises(Fatal):
        await services(rig).rate(run, "7300000000000000009", good=True)


async def test_what_a_bot_remembers_of_a_user_can_be_seen_and_changed(cloud: Rig) -> None:
    cloud.coze.bot.variables = (Variable("name", "friend"), Variable("city"))
    bot = services(cloud)
    assert await bot.variables("ada") == {"name": "friend", "city": ""}
    await bot.set_variable("ada", "city", "巴黎")
    await bot.set_variable("ada", "city", "巴黎")  # which changes nothing
    assert await bot.variables("ada") == {"name": "friend", "city": "巴黎"}
    assert await bot.variables("bob") == {"name": "friend", "city": ""}
    with pytest.raises(Fatal):
        await bot.set_variable("ada", "unheard-of", "1")


@pytest.mark.parametrize(
    ("data", "known"),
    [
        (None, {}),
        ({"items": None}, {}),
        ({"items": [None, "oops", {}, {"keyword": ""}, {"keyword": "a"}]}, {"a": ""}),
        (
            {"items": [{"keyword": "a", "value": None}, {"keyword": 1, "value": 7}]},
            {"a": "", "1": "7"},
        ),
    ],
)
async def test_variables_may_be_of_any_shape(
    cloud: Rig, data: object, known: dict[str, str]
) -> None:
    cloud.coze.fail(VARIABLES, answering(data))
    assert await services(cloud).variables("ada") == known


def remembering(rig: Rig, count: int) -> str:
    """A conversation of so many messages."""
    memory = rig.coze._memory
    conversation = memory.open(rig.coze.bot_id)
    for number in range(count):
        role = "assistant" if number % 2 else "user"
        section, text = conversation.section_id, f"number {number}"
        made = Message(memory.new_id(), role, "", text, section, created_at=1_700_000_000 + number)
        conversation.messages.append(made)
    return conversation.id


async def lines(rig: Rig, conversation: str) -> list[Line]:
    async with aclosing(services(rig).history(conversation)) as told:
        return [line async for line in told]


@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (1, 1), (49, 1), (50, 1), (51, 2), (100, 2), (101, 3), (250, 5)]
)
async def test_history_is_told_over_all_its_pages_oldest_first(
    rig: Rig, count: int, pages: int
) -> None:
    told = await lines(rig, remembering(rig, count))
    assert [line.text for line in told] == [f"number {number}" for number in range(count)]
    assert [line.at for line in told] == [1_700_000_000.0 + number for number in range(count)]
    assert {line.role for line in told[::2]} <= {"user"}
    assert {line.role for line in told[1::2]} <= {"assistant"}
    assert len(rig.made(HISTORY)) == pages


async def test_history_ends_though_coze_says_that_there_is_more(cloud: Rig) -> None:
    page = [{"id": "7", "role": "user", "content": "Hi", "created_at": "1718592898"}]
    for last in ("7", "7", "", None, "0"):
        cloud.coze.fail(HISTORY, answering(page, has_more=True, last_id=last))
    assert await lines(cloud, "8") == [Line("user", "Hi", 1718592898.0)] * 2
    assert await lines(cloud, "8") == [Line("user", "Hi", 1718592898.0)]
    assert await lines(cloud, "8") == [Line("user", "Hi", 1718592898.0)]


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ({}, Line("assistant", "", 0)),
        ({"role": None, "content": None, "created_at": None}, Line("assistant", "", 0)),
        ({"role": "user", "content": 7, "created_at": "long ago"}, Line("user", "7", 0)),
    ],
    ids=str,
)
async def test_a_message_may_be_of_any_shape(
    cloud: Rig, message: dict[str, object], line: Line
) -> None:
    cloud.coze.fail(HISTORY, answering([message]))
    assert await lines(cloud, "8") == [line]


async def test_a_question_with_files_is_told_by_its_words(rig: Rig) -> None:
    photo = await services(rig).upload(BytesIO(b"x"), "a.png", "image")
    asked = replace(question(), prompt=Prompt("what is this?", (photo,)))
    run = (await told(rig.backend().ask(asked))).run
    assert run
    first, *_ = await lines(rig, run.conversation)
    assert first.text.startswith("what is this?")
    assert photo.id not in first.text


async def test_history_of_what_is_gone_is_told_as_such(rig: Rig) -> None:
    conversation = remembering(rig, 1)
    rig.coze.forget(conversation)
    with pytest.raises(Gone):
        await lines(rig, conversation)


async def test_a_run_is_reported_to_the_operator(rig: Rig) -> None:
    report = list(await services(rig).report(await rig.had()))
    assert report[0] == "status: completed"
    assert "tokens: 42" in report
    assert [line for line in report if line.startswith("answer ") and ": Hello" in line]
    assert [line for line in report if line.startswith("follow_up ")]


async def test_a_run_that_failed_is_reported_with_its_reason(cloud: Rig) -> None:
    cloud.coze.fail(CHAT, RunFails(4028, "used up"))
    begun = await cloud.client.call(
        "POST", CHAT, json={"bot_id": cloud.coze.bot_id, "user_id": "ada"}
    )
    await cloud.ended()
    run = Run(begun["data"]["id"], begun["data"]["conversation_id"])
    assert "last error: 4028 used up" in await services(cloud).report(run)


async def test_a_report_says_what_it_could_not_find_out(cloud: Rig) -> None:
    run = await cloud.had()
    cloud.coze.fail(MESSAGES, JsonError(4101, "no permission"))
    report = await services(cloud).report(run)
    assert report[0] == "status: completed"
    assert "no permission" in report[-1]
    cloud.coze.fail(RETRIEVE, JsonError(4001, "Invalid chat"))
    with pytest.raises((Fatal, Retryable)):
        await services(cloud).report(run)


async def test_a_report_takes_a_line_for_each_message_and_not_more(cloud: Rig) -> None:
    run = await cloud.had()
    listed = [{"type": "answer", "id": "7", "content": "one\ntwo " + "x" * 500}, {"id": "8"}]
    cloud.coze.fail(MESSAGES, answering(listed))
    *_, first, second = await services(cloud).report(run)
    assert first == "answer 7: one two " + "x" * 192
    assert second == "None 8: "
