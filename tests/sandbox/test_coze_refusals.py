from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.coze_talk import Talk, answer, code, ids, parsed, talking

TEXT = {"role": "user", "content": "Hi", "content_type": "text"}
IMAGE = '[{"type":"image","file_url":"https://example.com/cat.png"}]'


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        yield talk


@pytest.fixture
async def studio() -> AsyncIterator[Talk]:
    async with talking(dialect="studio") as talk:
        yield talk


def messages(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"additional_messages": [TEXT | change for change in changes]}


def mixed(content: str) -> dict[str, Any]:
    return {"content_type": "object_string", "content": content}


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"bot_id": 7300000000000000001}, 4000),
        ({"user_id": 1}, 4000),
        ({"user_id": None}, 4000),
        ({"stream": "true"}, 4000),
        ({"custom_variables": {"n": 1}}, 4000),
        ({"parameters": "{}"}, 4000),
        ({"meta_data": {str(n): "x" for n in range(17)}}, 4003),
        ({"meta_data": {"k" * 65: "x"}}, 4003),
        ({"meta_data": {"": "x"}}, 4003),
        ({"meta_data": {"k": "x" * 513}}, 4003),
        (messages({"meta_data": {"k": ""}}), 4003),
        (messages(*[{}] * 101), 4004),
        (messages({"role": "system"}), 4000),
        (messages({"type": "follow_up"}), 4000),
        (messages({"type": "tool_output"}), 4000),
        (messages({"content_type": "card"}), 4000),
        (messages({"content": None}), 4000),
        (messages(mixed("no JSON")), 4000),
        (messages(mixed('[{"type":"text","text":"alone"}]')), 4000),
        (messages(mixed('[{"type":"image"}]')), 4000),
        (messages(mixed(IMAGE)), 4000),
        ({"bot_version": "1", "publish_status": "unpublished_draft"}, 4000),
        ({"stream": False, "auto_save_history": False}, 4007),
        ({"bot_id": "7300000000000000002"}, 4200),
    ],
)
async def test_the_cloud_refuses_a_chat(talk: Talk, fields: dict[str, Any], refusal: int) -> None:
    response = await talk.chat(**fields)
    assert code(response) == (200, refusal)
    assert response.headers["content-type"].startswith("application/json")
    assert response.json()["detail"]["logid"] == response.headers["x-tt-logid"]
    assert response.json()["msg"]
    assert not talk.coze.asked


@pytest.mark.parametrize(
    "fields",
    [
        messages(*[{}] * 100),
        messages({"role": "assistant", "type": "answer"}, {"meta_data": {"k": "x" * 512}}),
        messages({}, mixed(IMAGE)),
        messages(mixed('[{"type":"text","text":"See"},' + IMAGE[1:])),
        messages({"type": "tool_output"}) | {"auto_save_history": False},
        {"meta_data": {f"{n:064}": "x" for n in range(16)}},
        {"some_field_of_the_future": 1, "meta_data": None},
    ],
)
async def test_the_cloud_takes_what_is_within_its_limits(
    talk: Talk, fields: dict[str, Any]
) -> None:
    assert answer(await talk.events(**fields))


async def test_a_body_that_is_no_json_is_refused_in_cozes_words(talk: Talk) -> None:
    response = await talk.http.post("/v3/chat", content=b"{")
    assert response.json()["code"] == 4000
    assert "not a valid json or chat request" in response.json()["msg"]


@pytest.mark.parametrize(
    ("dialect", "refusal"), [("cloud", (401, 4100)), ("studio", (200, 700012006))]
)
@pytest.mark.parametrize("header", ["", "Bearer pat_other", "pat_sandbox", "Basic pat_sandbox"])
async def test_a_token_that_is_not_the_bots_opens_nothing(
    dialect: str, refusal: tuple[int, int], header: str
) -> None:
    async with talking(dialect=dialect) as talk:
        talk.http.headers["Authorization"] = header
        assert code(await talk.chat()) == refusal
        assert code(await talk.http.get("/v1/bot/get_online_info")) == refusal
        assert not talk.coze.asked
        assert (talk.coze.requests[0].status, talk.coze.requests[0].code) == refusal


@pytest.mark.parametrize(("dialect", "gone"), [("cloud", 4002), ("studio", 103000002)])
async def test_a_conversation_that_is_gone_is_gone_everywhere(dialect: str, gone: int) -> None:
    async with talking(dialect=dialect) as talk:
        conversation, chat = ids(await talk.events())
        talk.coze.forget(conversation)
        query = {"conversation_id": conversation, "chat_id": chat}
        for response in (
            await talk.chat("Still there?", conversation),
            await talk.http.get("/v1/conversation/retrieve", params=query),
            await talk.http.get("/v3/chat/message/list", params=query),
            await talk.http.post("/v1/conversation/message/list", params=query),
            await talk.http.post(f"/v1/conversations/{conversation}/clear"),
        ):
            assert code(response) == (200, gone)


async def test_a_chat_that_is_not_there_cannot_be_looked_at(talk: Talk, studio: Talk) -> None:
    for one in (talk, studio):
        conversation, _ = ids(await one.events())
        query = {"conversation_id": conversation, "chat_id": "7300000000000000009"}
        looked = await one.http.get("/v3/chat/retrieve", params=query)
        cancelled = await one.http.post("/v3/chat/cancel", json=query)
        if one is talk:
            assert code(looked) == code(cancelled) == (200, 4001)
        else:
            assert (looked.status_code, looked.text) == (500, "record not found")
            assert code(cancelled) == (400, 400)


@pytest.mark.parametrize(
    ("path", "body", "refusal"),
    [
        ("/v1/conversation/create", {"name": "n" * 101}, 4000),
        ("/v1/conversation/create", {"messages": [TEXT] * 17}, 4004),
        ("/v1/conversation/create", {"meta_data": {"": ""}}, 4003),
        ("/v1/conversation/create", {"bot_id": "1"}, 5000),
        ("/v1/conversation/message/list", {}, 4000),
        ("/v3/chat/cancel", {"chat_id": "1"}, 4000),
    ],
)
async def test_other_bodies_have_limits_too(
    talk: Talk, path: str, body: dict[str, Any], refusal: int
) -> None:
    assert code(await talk.http.post(path, json=body)) == (200, refusal)


@pytest.mark.parametrize("limit", [0, 51])
async def test_a_page_holds_one_to_fifty_messages(talk: Talk, limit: int) -> None:
    conversation, _ = ids(await talk.events())
    assert (await talk.listed(conversation, limit=limit))["code"] == 4000


async def test_a_lookup_names_its_chat(talk: Talk) -> None:
    assert code(await talk.http.get("/v3/chat/retrieve")) == (200, 4000)


async def test_other_bots_are_unknown(talk: Talk, studio: Talk) -> None:
    assert code(await talk.http.get("/v1/bots/1")) == (200, 4200)
    assert code(await studio.http.get("/v1/bots/1")) == (200, 100000003)


@pytest.mark.parametrize("fields", [{"bot_id": 1}, {"user_id": None}, {"parameters": "{}"}])
async def test_studio_takes_no_wrong_json_types(studio: Talk, fields: dict[str, Any]) -> None:
    assert code(await studio.chat(**fields)) == (400, 400)


@pytest.mark.parametrize(
    "fields", [{"bot_id": "1"}, messages({"role": "system"}), messages({"type": "verbose"})]
)
async def test_studio_finds_some_mistakes_when_it_already_streams(
    studio: Talk, fields: dict[str, Any]
) -> None:
    ((name, error),) = parsed((await studio.chat(**fields)).content)
    assert (name, error["code"]) == ("error", 103100001)
    assert code(await studio.chat(stream=False, **fields)) == (400, 400)


async def test_there_is_nothing_elsewhere(talk: Talk) -> None:
    response = await talk.http.post("/v3/chats")
    assert (response.status_code, response.text) == (404, "404 page not found")
    assert talk.coze.requests[0].path == "/v3/chats"
