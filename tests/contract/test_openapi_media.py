"""What the simulator says of files, sound, feedback, variables and the bot, against the
description of Coze's API.

The description has no place for some of what the documentation beside it tells: giving feedback,
setting variables, OAuth, and the account.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.sandbox.coze import Exchange, Shortcut, Variable, WorkflowInfo
from tests.contract.description import Description
from tests.sandbox.coze_talk import Talk, talking

FILES = {"file": ("cat.ogg", b"OggS")}
VOICE = "7426720361733046281"


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        yield talk


async def told(talk: Talk, method: str, path: str, **request: Any) -> tuple[Exchange, Any]:
    """A request as the simulator saw it, and its answer."""
    response = await talk.http.request(method, path, **request)
    return talk.coze.requests[-1], response.json()


async def answered(talk: Talk) -> tuple[str, str]:
    """A conversation and an answer in it."""
    events = await talk.events()
    answer = next(data for _, data in events if data and data.get("type") == "answer")
    return answer["conversation_id"], answer["id"]


async def test_a_file_is_in_the_description(official: Description, talk: Talk) -> None:
    made, uploaded = await told(talk, "POST", "/v1/files/upload", files=FILES)
    # Of an upload the description gives the schema of something else by mistake.
    problems = official.response(made, uploaded)
    assert [each for each in problems if not each.startswith("response.data.")] == []
    schema = {"$ref": "#/components/schemas/File"}
    assert list(official.against(schema, uploaded["data"], "data")) == []
    query = {"file_id": uploaded["data"]["id"]}
    made, found = await told(talk, "GET", "/v1/files/retrieve", params=query)
    assert list(official.request(made)) == []
    assert list(official.response(made, found)) == []
    assert found["data"] == uploaded["data"]


async def test_what_was_heard_is_in_the_description(official: Description, talk: Talk) -> None:
    made, heard = await told(talk, "POST", "/v1/audio/transcriptions", files=FILES)
    assert list(official.response(made, heard)) == []
    assert heard["data"]["text"]


async def test_voices_are_in_the_description(official: Description, talk: Talk) -> None:
    query: dict[str, str | int | bool] = {
        "page_num": 1,
        "page_size": 100,
        "filter_system_voice": False,
        "voice_state": "all",
    }
    response = await talk.http.get("/v1/audio/voices", params=query)
    assert len(response.json()["data"]["voice_list"]) == 4
    assert list(official.response(talk.coze.requests[-1], response.json())) == []


async def test_what_is_to_be_spoken_is_in_the_description(
    official: Description, talk: Talk
) -> None:
    fields = {"response_format": "ogg_opus", "speed": 1.5, "sample_rate": 16000}
    said = {"input": "Hello", "voice_id": VOICE, "loudness_rate": 10, "emotion_scale": 3}
    response = await talk.http.post("/v1/audio/speech", json=said | fields)
    assert response.headers["content-type"] == "audio/ogg"
    assert list(official.request(talk.coze.requests[-1])) == []


async def test_feedback_is_in_the_description(official: Description, talk: Talk) -> None:
    conversation, answer = await answered(talk)
    path = f"/v1/conversations/{conversation}/messages/{answer}/feedback"
    _, given = await told(talk, "POST", path, json={"feedback_type": "like"})
    made, taken_back = await told(talk, "DELETE", path)
    assert list(official.request(made)) == []
    for each in (given, taken_back):
        assert each["code"] == 0
        assert list(official.response(made, each)) == []


async def test_variables_are_in_the_description(official: Description, talk: Talk) -> None:
    talk.coze.bot.variables = (Variable("name", "friend"), Variable("age"))
    place = {"bot_id": talk.coze.bot_id, "connector_uid": "ada", "connector_id": "1024"}
    body = place | {"data": [{"keyword": "age", "value": "18"}]}
    _, put = await told(talk, "PUT", "/v1/variables", json=body)
    made, found = await told(talk, "GET", "/v1/variables", params=place)
    assert list(official.request(made)) == []
    for each in (put, found):
        assert list(official.response(made, each)) == []
    assert len(found["data"]["items"]) == 2


@pytest.mark.parametrize("path", ["/v1/bots/{}", "/v1/bot/get_online_info"])
async def test_the_bot_is_in_the_description(official: Description, talk: Talk, path: str) -> None:
    bot = talk.coze.bot
    demo = bot.shortcuts[0]
    news = Shortcut("7", "News", "/news", tool=("getNews", "plugin"), agent_id="8")
    bot.shortcuts = (demo, news)
    bot.variables = (Variable("name", "friend"),)
    bot.workflows = (WorkflowInfo("9", "summarise"),)
    query = {"is_published": "true"} if "{}" in path else {"bot_id": talk.coze.bot_id}
    made, found = await told(talk, "GET", path.format(talk.coze.bot_id), params=query)
    assert list(official.request(made)) == []
    assert list(official.response(made, found)) == []
    assert len(found["data"]["shortcut_commands"]) == 2


async def test_refusals_are_in_the_description(official: Description, talk: Talk) -> None:
    conversation, answer = await answered(talk)
    feedback = f"/v1/conversations/{conversation}/messages/{answer}/feedback"
    for method, path in (
        ("GET", "/v1/files/retrieve"),
        ("POST", "/v1/audio/transcriptions"),
        ("GET", "/v1/audio/voices?page_size=0"),
        ("DELETE", feedback.replace(answer, "7")),
        ("GET", "/v1/variables"),
        ("GET", "/v1/bots/7"),
    ):
        made, refused = await told(talk, method, path)
        assert refused["code"] >= 4000
        assert list(official.response(made, refused)) == []
