from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import Answer, Noise, Tool
from tests.sandbox.coze_talk import Talk, answer, code, ids, talking

MESSAGE = "/v1/conversation/message"
TEXT = {"role": "user", "content": "I like tea", "content_type": "text"}
EDITS = (("POST", "create"), ("GET", "retrieve"), ("POST", "modify"), ("POST", "delete"))


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        yield talk


@pytest.fixture
async def studio() -> AsyncIterator[Talk]:
    async with talking(dialect="studio") as talk:
        yield talk


async def call(
    talk: Talk, path: str, conversation: str, message: str = "", **body: Any
) -> httpx.Response:
    query = {"conversation_id": conversation} | ({"message_id": message} if message else {})
    if path == "retrieve":
        return await talk.http.get(f"{MESSAGE}/{path}", params=query)
    return await talk.http.post(f"{MESSAGE}/{path}", params=query, json=body)


async def prepared(talk: Talk, **fields: Any) -> str:
    body = {"bot_id": talk.coze.bot_id} | fields
    made = await talk.http.post("/v1/conversation/create", json=body)
    return str(made.json()["data"]["id"])


async def test_a_message_is_created_as_context(talk: Talk) -> None:
    conversation = await prepared(talk)
    made = (await call(talk, "create", conversation, **TEXT, meta_data={"from": "ada"})).json()
    assert made["data"]["meta_data"] == {"from": "ada"}
    assert (made["data"]["bot_id"], made["data"]["chat_id"], made["data"]["type"]) == ("", "", "")
    found = (await call(talk, "retrieve", conversation, made["data"]["id"])).json()
    assert found["data"] == made["data"]
    assert "I like tea" in answer(await talk.events("What do I like?", conversation))
    await talk.call("POST", f"/v1/conversations/{conversation}/clear")
    await call(talk, "create", conversation, **TEXT | {"content": "I like coffee"})
    said = answer(await talk.events("What do I like?", conversation))
    assert "“I like coffee”" in said
    assert "“I like tea”" not in said


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, 4000),
        (TEXT | {"role": "system"}, 4000),
        (TEXT | {"content_type": "card"}, 4000),
        (TEXT | {"content": 7}, 4000),
        (TEXT | {"content": "tea", "content_type": "object_string"}, 4000),
        (TEXT | {"meta_data": {"k": ""}}, 4003),
    ],
)
async def test_a_message_keeps_to_the_limits(
    talk: Talk, body: dict[str, Any], refusal: int
) -> None:
    conversation = await prepared(talk)
    assert code(await call(talk, "create", conversation, **body)) == (200, refusal)
    assert (await talk.listed(conversation))["data"] == []


async def test_a_message_is_changed_in_part(talk: Talk) -> None:
    conversation = await prepared(talk)
    made = (await call(talk, "create", conversation, **TEXT, meta_data={"a": "b"})).json()["data"]
    text = {"content": "I like coffee", "content_type": "text"}
    changed = (await call(talk, "modify", conversation, made["id"], **text)).json()
    assert "data" not in changed
    assert changed["message"] | {"updated_at": ""} == made | text | {"updated_at": ""}
    tagged = await call(talk, "modify", conversation, made["id"], meta_data={"c": "d"})
    assert tagged.json()["message"]["meta_data"] == {"c": "d"}
    assert tagged.json()["message"]["content"] == "I like coffee"
    assert (await talk.listed(conversation))["data"] == [tagged.json()["message"]]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, 4000),
        ({"content": "", "content_type": "text"}, 4000),
        ({"content": "tea"}, 4000),
        ({"content": "tea", "content_type": "object_string"}, 4000),
        ({"meta_data": {"": "x"}}, 4003),
    ],
)
async def test_a_change_keeps_to_the_limits(
    talk: Talk, body: dict[str, Any], refusal: int
) -> None:
    conversation = await prepared(talk, messages=[TEXT])
    message = (await talk.listed(conversation))["data"][0]
    changed = await call(talk, "modify", conversation, message["id"], **body)
    assert code(changed) == (200, refusal)
    assert (await talk.listed(conversation))["data"] == [message]


async def test_a_deleted_answer_takes_along_what_led_to_it() -> None:
    script = Answer((("One",), ("Two",)), noise=(Noise("knowledge", "all"),), tools=(Tool("a-b"),))
    async with talking(answer=lambda _: script) as talk:
        conversation, chat = ids(await talk.events("Count"))
        two, one, question = (await talk.listed(conversation))["data"]
        deleted = (await call(talk, "delete", conversation, two["id"])).json()["data"]
        assert deleted == two
        assert await talk.said_in(conversation, chat) == [("answer", "One")]
        assert (await talk.listed(conversation))["data"] == [one, question]
        await call(talk, "delete", conversation, question["id"])
        assert (await talk.listed(conversation))["data"] == [one]
        await call(talk, "delete", conversation, one["id"])
        assert await talk.said_in(conversation, chat) == []


async def test_only_questions_and_answers_can_be_named() -> None:
    script = Answer((("One",),), noise=(Noise("knowledge", "all"),))
    async with talking(answer=lambda _: script) as talk:
        conversation, chat = ids(await talk.events())
        found = await talk.call(
            "GET", "/v3/chat/message/list", conversation_id=conversation, chat_id=chat
        )
        verbose = next(m["id"] for m in found["data"] if m["type"] == "verbose")
        for path in ("retrieve", "modify", "delete"):
            for message in (verbose, "1"):
                refused = await call(talk, path, conversation, message, meta_data={"a": "b"})
                assert code(refused) == (200, 4200)
                assert message in refused.json()["msg"]


async def test_messages_belong_to_one_conversation(talk: Talk) -> None:
    conversation = await prepared(talk, messages=[TEXT])
    message = (await talk.listed(conversation))["data"][0]["id"]
    other = await prepared(talk)
    assert code(await call(talk, "retrieve", other, message)) == (200, 4200)
    assert code(await call(talk, "retrieve", "1", message)) == (200, 4002)
    assert code(await call(talk, "create", "1", **TEXT)) == (200, 4002)


async def test_the_list_of_studio_goes_its_own_way(studio: Talk) -> None:
    conversation, _ = ids(await studio.events("one"))
    await studio.events("two", conversation)
    newest = await studio.listed(conversation, order="asc", limit=3)
    assert [m["content"] for m in newest["data"] if m["role"] == "user"] == ["two"]
    assert newest["has_more"]
    older = await studio.listed(conversation, after_id=newest["last_id"])
    assert [m["content"] for m in older["data"]] == ["one"]
    newer = await studio.listed(conversation, before_id=older["first_id"], limit=2)
    assert newer["data"] == newest["data"][:0:-1]
    assert (await studio.listed(conversation, limit=100))["code"] == 0
    query = {"conversation_id": conversation}
    lost = await studio.http.post(f"{MESSAGE}/list", params=query, json={"after_id": "1"})
    assert code(lost) == (500, 500)


async def test_studio_can_only_list_messages(studio: Talk) -> None:
    for method, path in EDITS:
        assert (await studio.http.request(method, f"{MESSAGE}/{path}")).status_code == 404


async def test_studio_knows_no_messages_and_no_name_before_there_is_a_conversation(
    studio: Talk,
) -> None:
    conversation = await prepared(studio, name="Tea", messages=[TEXT])
    assert (await studio.listed(conversation)).get("data") is None
    found = await studio.call("GET", "/v1/conversation/retrieve", conversation_id=conversation)
    assert found["ConversationData"]["name"] == ""


@pytest.mark.parametrize("dialect", ["cloud", "studio"])
async def test_conversations_are_listed_page_by_page(dialect: str) -> None:
    async with talking(dialect=dialect) as talk:
        made = [await prepared(talk) for _ in range(3)]
        made.append(ids(await talk.events())[0])
        await prepared(talk, bot_id=None)
        query = {"bot_id": talk.coze.bot_id}

        async def listed(**more: str) -> tuple[list[str], bool]:
            data = (await talk.call("GET", "/v1/conversations", **query, **more))["data"]
            return [each["id"] for each in data["conversations"]], data["has_more"]

        assert await listed() == (made[::-1], False)
        assert await listed(page_size="3") == (made[:0:-1], True)
        assert await listed(page_size="3", page_num="2") == (made[:1], False)
        assert await listed(page_size="4", sort_order="ASC") == (made, False)
        assert await listed(page_num="9") == ([], False)


async def test_conversations_are_listed_by_their_channel(talk: Talk) -> None:
    sdk = await prepared(talk, connector_id="999")
    await prepared(talk)
    query = {"bot_id": talk.coze.bot_id, "connector_id": "999"}
    found = (await talk.call("GET", "/v1/conversations", **query))["data"]["conversations"]
    assert [(each["id"], each["connector_id"]) for each in found] == [(sdk, "999")]


@pytest.mark.parametrize(
    "query", [{}, {"page_size": "51"}, {"page_size": "0"}, {"page_num": "0"}, {"page_num": "x"}]
)
async def test_a_page_holds_one_to_fifty_conversations(talk: Talk, query: dict[str, str]) -> None:
    bot = {"bot_id": talk.coze.bot_id} if query else {}
    assert code(await talk.http.get("/v1/conversations", params=bot | query)) == (200, 4000)


@pytest.mark.parametrize("dialect", ["cloud", "studio"])
async def test_a_conversation_can_be_renamed(dialect: str) -> None:
    async with talking(dialect=dialect) as talk:
        conversation = await prepared(talk)
        path = f"/v1/conversations/{conversation}"
        renamed = (await talk.http.put(path, json={"name": "Tea"})).json()["data"]
        assert (renamed["id"], renamed["name"]) == (conversation, "Tea")
        assert code(await talk.http.put("/v1/conversations/1", json={"name": "Tea"}))[1] != 0


@pytest.mark.parametrize("body", [{}, {"name": "n" * 101}, {"name": 7}])
async def test_a_name_has_at_most_a_hundred_letters(talk: Talk, body: dict[str, Any]) -> None:
    path = f"/v1/conversations/{await prepared(talk)}"
    assert code(await talk.http.put(path, json=body)) == (200, 4000)


@pytest.mark.parametrize(("dialect", "gone"), [("cloud", 4002), ("studio", 103000002)])
async def test_a_deleted_conversation_is_gone(dialect: str, gone: int) -> None:
    async with talking(dialect=dialect) as talk:
        conversation, _ = ids(await talk.events())
        path = f"/v1/conversations/{conversation}"
        deleted = await talk.http.delete(path)
        assert code(deleted) == (200, 0)
        assert "data" not in deleted.json()
        assert code(await talk.http.delete(path)) == (200, gone)
        assert code(await talk.chat("Still there?", conversation)) == (200, gone)
