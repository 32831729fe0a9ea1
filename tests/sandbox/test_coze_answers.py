"""What an answer holds besides its text: reasoning, cards, and what the friendly bot shows."""

import csv
import json
import re

import httpx
import pytest

from bridge.sandbox.coze import Answer, Card, Question, Tool, friendly
from tests.sandbox.coze_talk import Event, Talk, answer, ids, names, talking

THOUGHT = Answer((("It is ", "four."), ("Or five.",)), reasoning=("Two and two", " …"))
APART = Answer((("Four.",),), reasoning=("Two and two",), apart=True)
SIZES = Answer(cards=(Card("Which size?", ("small", "large")),))


def shown(events: list[Event], event: str) -> list[tuple[str, str, str | None]]:
    """Id, content and reasoning of what is said in the answers."""
    return [
        (data["id"], data["content"], data.get("reasoning_content"))
        for name, data in events
        if name == f"conversation.message.{event}" and data["type"] == "answer"
    ]


async def thoughts(talk: Talk, conversation: str, chat: str) -> list[str | None]:
    """The reasoning of the answers, in the lists of the chat and of the conversation."""
    query = {"conversation_id": conversation, "chat_id": chat}
    found = await talk.call("GET", "/v3/chat/message/list", **query)
    listed = (await talk.listed(conversation))["data"]
    messages = [*(found.get("data") or found["Messages"]), *reversed(listed)]
    return [m.get("reasoning_content") for m in messages if m["type"] == "answer"]


async def test_the_reasoning_is_part_of_the_first_answer() -> None:
    async with talking(answer=lambda _: THOUGHT) as talk:
        events = await talk.events()
        assert await thoughts(talk, *ids(events)) == ["Two and two …", None] * 2
    deltas = shown(events, "delta")
    first, second = deltas[0][0], deltas[-1][0]
    assert deltas[:2] == [(first, "", "Two and two"), (first, "", " …")]
    assert shown(events, "completed") == [
        (first, "It is four.", "Two and two …"),
        (second, "Or five.", None),
    ]


async def test_the_reasoning_can_be_a_message_of_its_own() -> None:
    async with talking(answer=lambda _: APART) as talk:
        events = await talk.events()
        conversation, chat = ids(events)
        assert await thoughts(talk, conversation, chat) == ["Two and two", None, None]
        assert "Four." in await talk_history(talk, conversation)
    (thinking, _, _), (said, _, _) = shown(events, "delta")
    assert thinking != said
    assert shown(events, "completed") == [(thinking, "", "Two and two"), (said, "Four.", None)]


async def talk_history(talk: Talk, conversation: str) -> list[str]:
    listed = await talk.listed(conversation)
    return [message["content"] for message in listed["data"]]


@pytest.mark.parametrize(("script", "messages"), [(THOUGHT, 2), (APART, 2)])
async def test_studio_tells_the_reasoning_afterwards(script: Answer, messages: int) -> None:
    async with talking(dialect="studio", answer=lambda _: script) as talk:
        events = await talk.events()
        found = await thoughts(talk, *ids(events))
    assert len({each for each, _, _ in shown(events, "delta")}) == messages
    assert {reasoning for _, _, reasoning in shown(events, "completed")} == {""}
    assert found[0] == "".join(script.reasoning)
    assert found[0] in found[1:]


async def test_a_plugin_sends_a_card() -> None:
    async with talking(answer=lambda _: Answer((("There.",),), cards=(Card("Rain"),))) as talk:
        events = await talk.events()
    assert names(events)[2] == "message.completed"
    card = events[2][1]
    assert (card["type"], card["content_type"]) == ("answer", "card")
    content = json.loads(card["content"])
    assert (content["card_type"], content["response_type"]) == (3, "card")
    assert answer(events).endswith("\nThere.")


async def test_a_question_is_a_card_only_for_who_wants_cards() -> None:
    async with talking(answer=lambda _: SIZES) as talk:
        plain = await talk.events()
        drawn = await talk.events(enable_card=True)
    assert answer(plain) == "Which size?\nsmall\nlarge"
    assert [data["content_type"] for name, data in plain if name.endswith("delta")] == ["text"]
    content = json.loads(answer(drawn))
    info = json.loads(content["x_properties"]["workflow_card_info"])
    assert info["card_type"] == "QUESTION"
    assert info["question_card_data"]["Options"] == [{"name": "small"}, {"name": "large"}]


async def test_studio_streams_its_cards_unasked() -> None:
    async with talking(dialect="studio", answer=lambda _: SIZES) as talk:
        events = await talk.events()
    delta = next(data for name, data in events if name.endswith("delta"))
    assert delta["content_type"] == "card"
    assert json.loads(delta["content"])["content"]["question"] == "Which size?"
    assert answer(events) == delta["content"]


async def test_the_friendly_bot_shows_a_picture() -> None:
    async with talking() as talk, httpx.AsyncClient() as stranger:
        said = answer(await talk.events("Show me an image"))
        (url,) = re.findall(r"!\[A sunset\]\((http.+?)\)", said)
        picture = await stranger.get(url)
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.content.endswith(b"IEND\xae\x42\x60\x82")


async def test_the_friendly_bot_links_to_files() -> None:
    async with talking() as talk, httpx.AsyncClient() as stranger:
        said = answer(await talk.events("I want a file"))
        letter, table = [await stranger.get(url) for url in re.findall(r"\]\((.+?)\)", said)]
    assert letter.headers["content-type"] == "application/pdf"
    start = int(letter.content.split()[-2])
    assert letter.content[start:].startswith(b"xref\n0 5\n")
    assert next(csv.reader(table.text.splitlines())) == ["day", "degrees"]


def test_a_word_shows_a_tool_or_the_thoughts_of_the_friendly_bot() -> None:
    tool, think = (friendly(Question(f"Please {w}", "ada", "1")) for w in ("tool", "think"))
    assert [type(each) for each in tool.tools] == [Tool]
    assert tool.tools[0].seconds >= 1
    assert "".join(think.reasoning)


@pytest.mark.parametrize("word", ["long", "slow", "error", "image", "file", "tool", "think"])
def test_the_friendly_bot_says_what_it_can_do(word: str) -> None:
    greeting = "".join(friendly(Question("Hi", "ada", "1")).answers[0])
    assert f"“{word}”" in greeting
