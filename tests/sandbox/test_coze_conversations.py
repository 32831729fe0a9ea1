from collections.abc import AsyncIterator

import pytest

from tests.sandbox.coze_talk import Talk, answer, code, ids, talking


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        yield talk


async def test_a_conversation_can_be_prepared_and_looked_at(talk: Talk) -> None:
    said = {"role": "user", "content": "I like tea", "content_type": "text"}
    body = {"name": "Tea", "bot_id": talk.coze.bot_id, "messages": [said], "meta_data": {"a": "b"}}
    made = (await talk.http.post("/v1/conversation/create", json=body)).json()["data"]
    found = await talk.call("GET", "/v1/conversation/retrieve", conversation_id=made["id"])
    assert found["data"] == made
    assert (made["name"], made["meta_data"]) == ("Tea", {"a": "b"})
    assert "I like tea" in answer(await talk.events("What do I like?", made["id"]))


async def test_a_conversation_needs_no_body(talk: Talk) -> None:
    assert code(await talk.http.post("/v1/conversation/create")) == (200, 0)


@pytest.mark.parametrize("dialect", ["cloud", "studio"])
async def test_a_cleared_conversation_is_forgotten_but_still_listed(dialect: str) -> None:
    async with talking(dialect=dialect) as talk:
        first = await talk.events("My cat is grey")
        conversation, _ = ids(first)
        cleared = await talk.call("POST", f"/v1/conversations/{conversation}/clear")
        assert cleared["data"]["conversation_id"] == conversation
        second = await talk.events("And now?", conversation)
        assert second[0][1]["section_id"] == cleared["data"]["id"]
        assert second[0][1]["section_id"] != first[0][1]["section_id"]
        assert "only just met" in answer(second)
        assert len((await talk.listed(conversation))["data"]) == 4


async def test_a_conversation_lists_questions_and_answers_page_by_page(talk: Talk) -> None:
    first = await talk.events("one")
    conversation, chat = ids(first)
    await talk.events("two", conversation)
    everything = await talk.listed(conversation, order="asc")
    kinds = [(m["role"], m["type"]) for m in everything["data"]]
    assert kinds == [("user", "question"), ("assistant", "answer")] * 2
    newest = await talk.listed(conversation, limit=3)
    assert newest["data"] == everything["data"][:0:-1]
    assert (newest["has_more"], newest["first_id"]) == (True, everything["data"][3]["id"])
    rest = await talk.listed(conversation, limit=3, after_id=newest["last_id"])
    assert (rest["has_more"], rest["data"]) == (False, everything["data"][:1])
    back = await talk.listed(conversation, before_id=rest["first_id"], limit=2)
    assert (back["has_more"], back["data"]) == (True, everything["data"][2:0:-1])
    assert len((await talk.listed(conversation, chat_id=chat))["data"]) == 2


async def test_meta_data_comes_back_where_it_was_given(talk: Talk) -> None:
    said = talk.body()["additional_messages"][0] | {"meta_data": {"from": "slack"}}
    place = ids(await talk.events(meta_data={"turn": "t1"}, additional_messages=[said]))
    assert (await talk.look(*place))["meta_data"] == {"turn": "t1"}
    listed = await talk.listed(place[0], order="asc")
    assert listed["data"][0]["meta_data"] == {"from": "slack"}


async def test_only_the_cloud_knows_whose_token_it_is(talk: Talk) -> None:
    assert (await talk.call("GET", "/v1/users/me"))["data"]["user_name"] == "sandbox"
    async with talking(dialect="studio") as studio:
        assert (await studio.http.get("/v1/users/me")).status_code == 404
