from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import HttpError, Variable
from tests.sandbox.coze_talk import Talk, code, talking

PATH, APP = "/v1/variables", "7448857477636685850"


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        talk.coze.bot.variables = (
            Variable("name", "friend"),
            Variable("age"),
            Variable("secret", "x", enable=False),
            Variable("sys_uuid", channel="system"),
        )
        talk.coze.variables.apps[APP] = (Variable("theme", "dark"),)
        yield talk


async def read(talk: Talk, user: str = "ada", **query: str) -> dict[str, str]:
    query = query if "app_id" in query else {"bot_id": talk.coze.bot_id} | query
    found = await talk.call("GET", PATH, connector_uid=user, **query)
    return {item["keyword"]: item["value"] for item in found["data"]["items"]}


async def put(talk: Talk, *items: tuple[str, Any], **fields: Any) -> httpx.Response:
    data = [{"keyword": keyword, "value": value} for keyword, value in items]
    body = {"bot_id": talk.coze.bot_id, "connector_uid": "ada", "data": data} | fields
    return await talk.http.put(PATH, json=body)


async def test_variables_have_defaults_until_they_are_set(talk: Talk) -> None:
    assert await read(talk) == {"name": "friend", "age": ""}
    response = await put(talk, ("name", "小王"), ("age", "18"))
    assert response.json().keys() == {"code", "msg", "detail"}
    assert await read(talk) == {"name": "小王", "age": "18"}


async def test_the_times_of_a_variable_tell_whether_it_was_set(talk: Talk) -> None:
    await put(talk, ("age", "18"))
    query = {"bot_id": talk.coze.bot_id, "connector_uid": "ada"}
    items = (await talk.call("GET", PATH, **query))["data"]["items"]
    times = {item["keyword"]: (item["create_time"], item["update_time"]) for item in items}
    assert times["name"] == (0, 0)
    created, updated = times["age"]
    assert 1_700_000_000 < created <= updated


async def test_only_those_asked_for_are_shown(talk: Talk) -> None:
    assert await read(talk, keywords="age,unknown") == {"age": ""}
    assert await read(talk, keywords="unknown") == {}
    assert await read(talk, keywords="") == {"name": "friend", "age": ""}


async def test_variables_belong_to_one_user_in_one_channel(talk: Talk) -> None:
    await put(talk, ("name", "Ada"))
    await put(talk, ("name", "Bob"), connector_uid="bob")
    await put(talk, ("name", "Eve"), connector_id="999")
    assert (await read(talk))["name"] == "Ada"
    assert (await read(talk, connector_id="1024"))["name"] == "Ada"
    assert (await read(talk, "bob"))["name"] == "Bob"
    assert (await read(talk, connector_id="999"))["name"] == "Eve"


async def test_an_app_has_variables_of_its_own(talk: Talk) -> None:
    assert code(await put(talk, ("theme", "light"), bot_id=None, app_id=APP)) == (200, 0)
    assert await read(talk, app_id=APP) == {"theme": "light"}
    assert await read(talk) == {"name": "friend", "age": ""}


@pytest.mark.parametrize(
    ("items", "fields", "refusal"),
    [
        ([("unknown", "x")], {}, 4000),
        ([("secret", "x")], {}, 4000),
        ([("sys_uuid", "x")], {}, 4000),
        ([("name", 1)], {}, 4000),
        ([("age", "1"), ("sys_uuid", "x")], {}, 4000),
        ([], {}, 4000),
        ([("age", "1")], {"connector_uid": None}, 4000),
        ([("age", "1")], {"connector_uid": ""}, 4000),
        ([("age", "1")], {"connector_id": "7"}, 4000),
        ([("age", "1")], {"bot_id": None}, 4000),
        ([("age", "1")], {"bot_id": "7"}, 4200),
        ([("theme", "1")], {"bot_id": None, "app_id": "7"}, 4200),
    ],
)
async def test_what_cannot_be_set_is_refused(
    talk: Talk, items: list[tuple[str, Any]], fields: dict[str, Any], refusal: int
) -> None:
    assert code(await put(talk, *items, **fields)) == (200, refusal)
    assert not talk.coze.variables.values


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ({"bot_id": "7300000000000000001"}, 4000),
        ({"connector_uid": "ada"}, 4000),
        ({"connector_uid": "ada", "bot_id": "7"}, 4200),
        ({"connector_uid": "ada", "app_id": "7"}, 4200),
        ({"connector_uid": "ada", "app_id": APP, "connector_id": "7"}, 4000),
    ],
)
async def test_what_cannot_be_read_is_refused(
    talk: Talk, query: dict[str, str], refusal: int
) -> None:
    assert code(await talk.http.get(PATH, params=query)) == (200, refusal)


async def test_variables_can_fail(talk: Talk) -> None:
    talk.coze.fail(PATH, HttpError(502))
    assert (await put(talk, ("age", "1"))).status_code == 502
    assert not talk.coze.variables.values


async def test_coze_studio_has_no_variables() -> None:
    async with talking(dialect="studio") as talk:
        assert (await talk.http.get(PATH)).status_code == 404
