from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import Feedback, JsonError, NoResponse
from tests.sandbox.coze_talk import Talk, code, ids, talking

PATH = "/v1/conversations/{conversation_id}/messages/{message_id}/feedback"


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        yield talk


def path(place: tuple[str, str]) -> str:
    return PATH.format(conversation_id=place[0], message_id=place[1])


async def give(talk: Talk, place: tuple[str, str], **body: Any) -> httpx.Response:
    return await talk.http.post(path(place), json={"feedback_type": "like"} | body)


async def chat(talk: Talk, **fields: Any) -> tuple[str, dict[str, str]]:
    """A conversation, and the ids of its messages by their types."""
    events = await talk.events(**fields)
    conversation, _ = ids(events)
    said = {data["type"]: data["id"] for name, data in events if name.endswith("e.completed")}
    listed = await talk.listed(conversation)
    return conversation, said | {m["type"]: m["id"] for m in listed.get("data", [])}


async def test_the_last_feedback_on_an_answer_counts(talk: Talk) -> None:
    conversation, said = await chat(talk)
    place = conversation, said["answer"]
    told = (await give(talk, place)).json()
    assert told.keys() == {"code", "msg", "detail"}
    assert talk.coze.feedback == {place: Feedback("like")}
    await give(talk, place, feedback_type="unlike", reason_types=["逻辑矛盾"], comment="No!")
    assert talk.coze.feedback == {place: Feedback("unlike", ("逻辑矛盾",), "No!")}


async def test_each_answer_has_its_own_feedback(talk: Talk) -> None:
    first, second = [await chat(talk) for _ in range(2)]
    for conversation, said in (first, second):
        await give(talk, (conversation, said["answer"]))
    assert len(talk.coze.feedback) == 2


async def test_feedback_is_taken_back(talk: Talk) -> None:
    conversation, said = await chat(talk)
    place = conversation, said["answer"]
    await give(talk, place)
    for _ in range(2):
        assert code(await talk.http.delete(path(place))) == (200, 0)
    assert talk.coze.feedback == {}


@pytest.mark.parametrize("kind", ["question", "follow_up", "verbose"])
async def test_only_answers_have_feedback(talk: Talk, kind: str) -> None:
    conversation, said = await chat(talk)
    assert code(await give(talk, (conversation, said[kind]))) == (200, 4000)


async def test_an_answer_that_no_chat_brought_has_no_feedback(talk: Talk) -> None:
    said = {"role": "assistant", "type": "answer", "content": "Hi", "content_type": "text"}
    body = {"messages": [said]}
    made = (await talk.http.post("/v1/conversation/create", json=body)).json()["data"]["id"]
    (message,) = (await talk.listed(made))["data"]
    assert code(await give(talk, (made, message["id"]))) == (200, 4000)


async def test_feedback_on_what_is_unknown_is_refused(talk: Talk) -> None:
    conversation, said = await chat(talk)
    other, _ = await chat(talk)
    for place, refusal in (
        (("7", said["answer"]), 4002),
        ((conversation, "7"), 4200),
        ((other, said["answer"]), 4200),
    ):
        assert code(await give(talk, place)) == (200, refusal)
        assert code(await talk.http.delete(path(place))) == (200, refusal)


async def test_an_answer_that_was_not_saved_is_unknown(talk: Talk) -> None:
    conversation, said = await chat(talk, auto_save_history=False)
    assert code(await give(talk, (conversation, said["answer"]))) == (200, 4200)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"feedback_type": "love"}, 4000),
        ({"feedback_type": None}, 4000),
        ({"reason_types": ["wrong"] * 10, "comment": "x" * 250}, 0),
        ({"reason_types": ["误" * 30]}, 0),
        ({"reason_types": ["wrong"] * 11}, 4000),
        ({"reason_types": ["误" * 31]}, 4000),
        ({"reason_types": "wrong"}, 4000),
        ({"comment": "误" * 251}, 4000),
    ],
)
async def test_the_limits_of_feedback_hold(talk: Talk, body: dict[str, Any], refusal: int) -> None:
    conversation, said = await chat(talk)
    assert code(await give(talk, (conversation, said["answer"]), **body)) == (200, refusal)
    assert bool(talk.coze.feedback) == (refusal == 0)


async def test_feedback_can_fail(talk: Talk) -> None:
    conversation, said = await chat(talk)
    place = conversation, said["answer"]
    talk.coze.fail(PATH, JsonError(4009, "busy"))
    assert code(await give(talk, place)) == (200, 4009)
    talk.coze.fail(path(place), NoResponse())
    with pytest.raises(httpx.TransportError):
        await give(talk, place)
    assert place in talk.coze.feedback


async def test_coze_studio_wants_no_feedback() -> None:
    async with talking(dialect="studio") as talk:
        conversation, said = await chat(talk)
        assert (await give(talk, (conversation, said["answer"]))).status_code == 404
