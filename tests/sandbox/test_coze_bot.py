from typing import Any

import pytest

from bridge.sandbox.coze import Component, Shortcut, Variable, WorkflowInfo
from tests.sandbox.coze_talk import Talk, code, talking

PATHS = ("/v1/bots/{}?is_published=true", "/v1/bot/get_online_info?bot_id={}")
NEWS = Shortcut(
    "7457010833525570002",
    "News",
    "/news",
    query_template="News of {{when}}",
    components=(Component("when", "Of which day", "select", options=("today", "yesterday")),),
    tool=("getNews", "plugin"),
    agent_id="7457051342671440001",
)


async def told(talk: Talk, path: str = PATHS[0]) -> dict[str, Any]:
    response = await talk.http.get(path.format(talk.coze.bot_id))
    assert code(response) == (200, 0)
    return dict(response.json()["data"])


@pytest.mark.parametrize("dialect", ["cloud", "studio"])
@pytest.mark.parametrize("path", PATHS)
async def test_the_bot_introduces_itself(dialect: str, path: str) -> None:
    async with talking(dialect=dialect) as talk:
        bot = talk.coze.bot
        found = await told(talk, path)
        assert (found["name"], found["description"]) == (bot.name, bot.description)
        assert found["icon_url"] == bot.icon_url
        assert found["onboarding_info"]["prologue"] == bot.prologue
        assert "{{user_name}}" in bot.prologue
        assert found["onboarding_info"]["suggested_questions"] == list(bot.suggested_questions)
        (shortcut,) = found["shortcut_commands"]
        assert (shortcut["name"], shortcut["command"]) == ("Summary", "/sc_demo")


async def test_the_newer_endpoint_may_spell_the_opening_with_capitals() -> None:
    async with talking() as talk:
        talk.coze.bot.spelling = "upper"
        newer, older = [(await told(talk, path))["onboarding_info"] for path in PATHS]
        assert newer["Prologue"] == older["prologue"] == talk.coze.bot.prologue
        assert newer["SuggestedQuestions"] == older["suggested_questions"]
        assert "prologue" not in newer


async def test_what_the_bot_was_given_is_shown() -> None:
    async with talking() as talk:
        bot = talk.coze.bot
        bot.shortcuts = (NEWS,)
        bot.variables = (Variable("name", "friend"), Variable("sys_uuid", channel="system"))
        bot.workflows = (WorkflowInfo("7460491086110370001", "summarise"),)
        bot.reply_mode = "disable"
        found = await told(talk)
        (shortcut,) = found["shortcut_commands"]
        assert (shortcut["agent_id"], found["bot_mode"]) == (NEWS.agent_id, 1)
        assert shortcut["tool"] == {"name": "getNews", "type": "plugin"}
        (component,) = shortcut["components"]
        assert component["options"] == ["today", "yesterday"]
        assert "default_value" not in component
        assert [variable["keyword"] for variable in found["variables"]] == ["name"]
        assert [each["name"] for each in found["workflow_info_list"]] == ["summarise"]
        assert found["suggest_reply_info"]["reply_mode"] == "disable"
        assert found["version"] == bot.version


async def test_a_bot_of_coze_studio_leaves_much_empty() -> None:
    async with talking(dialect="studio") as talk:
        talk.coze.bot.shortcuts = ()
        talk.coze.bot.spelling = "upper"
        talk.coze.bot.workflows = (WorkflowInfo("7460491086110370001", "summarise"),)
        found = await told(talk)
        assert found["onboarding_info"]["prologue"] == talk.coze.bot.prologue
        assert (found["shortcut_commands"], found["variables"]) == (None, None)
        assert found["create_time"] == 0
        assert found["workflow_info_list"][0]["workflow_name"] == "summarise"


async def test_a_shortcut_of_coze_studio_names_the_bot_as_its_agent() -> None:
    async with talking(dialect="studio") as talk:
        (shortcut,) = (await told(talk))["shortcut_commands"]
        assert shortcut["agent_id"] == talk.coze.bot_id


async def test_only_this_bot_is_known_published_or_not() -> None:
    async with talking() as talk:
        path = f"/v1/bots/{talk.coze.bot_id}"
        assert code(await talk.http.get(path, params={"is_published": "false"})) == (200, 0)
        assert code(await talk.http.get(path, params={"is_published": "1"})) == (200, 4000)
        for path in PATHS:
            assert code(await talk.http.get(path.format("73"))) == (200, 4200)
        assert code(await talk.http.get("/v1/bot/get_online_info")) == (200, 4000)
