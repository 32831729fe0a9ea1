"""What a card says to those who cannot see cards."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.core.model import Answered
from bridge.coze.cards import card
from bridge.sandbox.coze import Answer, Ask, Card, End, Steps, WorkflowCall
from tests.coze.flows import DIALECTS, Dialect, flowing
from tests.coze.rig import folded, heard, question, rigged, told

CITIES = [{"name": "Beijing"}, {"name": "Paris"}]
FIELDS = [
    {"type": "string", "name": "city", "required": True},
    {"type": "integer", "name": "days"},
]


def nested(**fields: Any) -> str:
    """JSON in which objects are text, as in cards of the cloud."""
    inner = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in fields.items()}
    return json.dumps(inner, ensure_ascii=False)


def layout(shown: dict[str, Any]) -> str:
    """The card of a workflow in Coze Studio: its template with what is to be shown in it."""
    button = {"type": "Button", "props": {"content": "Button", "message": {"value": "{{value}}"}}}
    field = {"type": "Input", "props": {"placeholder": "Please enter content."}}
    variables = {"5fJt3qKpSz": {"id": "5fJt3qKpSz", "name": "list", "defaultValue": shown}}
    data = {"elements": {"a": button, "b": field}, "rootID": "root", "variables": variables}
    return json.dumps(data)


def of_workflow(shown: Any, **info: object) -> str:
    return json.dumps(
        {
            "card_type": 3,
            "content_type": 50,
            "response_type": "card",
            "template_id": 7383997384420262000,
            "template_url": "",
            "data": layout(shown),
            "x_properties": {"workflow_card_info": json.dumps(info)},
        }
    )


QUESTION = of_workflow(
    {"description": "Which city?", "list": [{"key": "Beijing"}, {"key": "Paris"}]},
    card_type="QUESTION",
    question_card_data={"Title": "Which city?", "Options": CITIES},
)
FORM = of_workflow(FIELDS, card_type="INPUT", input_card_data=FIELDS)
BARE = json.dumps({"type": "question", "content": {"options": CITIES, "question": "Which city?"}})
PHOTO = "https://example.com/cat.png"


@pytest.mark.parametrize("content", [QUESTION, BARE])
def test_a_question_is_told_once_with_its_options(content: str) -> None:
    lines = card(content).splitlines()
    assert lines[0] == "Which city?"
    assert ["Beijing" in lines[1], "Paris" in lines[2]] == [True, True]
    assert len(lines) == 3


def test_a_form_is_told_by_the_names_of_its_fields() -> None:
    lines = card(FORM).splitlines()
    assert ["city" in lines[0], "days" in lines[1]] == [True, True]
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (nested(response_for_model="It is clear.", data={"content": "☀"}), "It is clear."),
        (nested(card_type=3, data={"title": "Weather", "text": "Clear"}), "Weather\nClear"),
        (
            json.dumps({"Title": "Weather", "items": [{"text": "1"}, {"text": "2"}]}),
            "Weather\n1\n2",
        ),
        (json.dumps({"title": "Cat", "image_url": PHOTO}), f"Cat\n\n![]({PHOTO})"),
        (json.dumps({"cover": PHOTO}), f"![]({PHOTO})"),
        (json.dumps({"pictures": [PHOTO, PHOTO]}), f"![]({PHOTO})"),
        (
            json.dumps({"response_for_model": f"See {PHOTO}", "image": PHOTO}),
            f"See {PHOTO}\n\n![]({PHOTO})",
        ),
        (json.dumps({"template_url": "https://example.com/card.json", "id": "secret"}), ""),
        (json.dumps({"link": "https://example.com/"}), ""),
        (json.dumps({"title": "  "}), ""),
        ("{{card_json}}", ""),
        ("plain words", ""),
        ("", ""),
        ("null", ""),
        ("[]", ""),
        ('{"title":', ""),
    ],
)
def test_a_card_is_told_by_what_it_says_and_shows(content: str, text: str) -> None:
    assert card(content) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("title", "text", "Title", "image", "data", "content", "type", "options"),
                    *("response_for_model", "x_properties", "workflow_card_info", "Options"),
                    *("question_card_data", "input_card_data", "question", "name", "messages"),
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
        | inner.map(json.dumps)  # data within data
        | st.sampled_from(["question", "text", PHOTO, "http://", "{", "[1"])
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=300)
@given(JSON)
@example({"x_properties": {"workflow_card_info": '{"question_card_data":[]}'}})
@example({"type": "question", "content": {"options": {"a": 1}, "question": 7}})
def test_no_card_is_too_odd(data: object) -> None:
    assert isinstance(card(json.dumps(data)), str)


@settings(deadline=None, max_examples=200)
@given(st.text(st.sampled_from('{}[]":,\\ntu0a'), max_size=30))
def test_no_text_is_too_odd(text: str) -> None:
    assert isinstance(card(text), str)


@pytest.mark.parametrize(
    "make",
    [
        lambda: "[" * 50_000,
        lambda: '{"title":' * 50_000,
        lambda: "[" * 500 + '"deep"' + "]" * 500,
        lambda: '{"title":"' + "x" * 1_000_000 + '"}',
    ],
)
def test_no_card_is_too_deep_or_too_long(make: Callable[[], str]) -> None:
    assert isinstance(card(make()), str)


def test_cards_within_cards_are_read_so_deep_and_no_deeper() -> None:
    content = json.dumps({"title": "inmost"})
    for _ in range(3):
        content = json.dumps({"data": content})
    assert card(content) == "inmost"
    for _ in range(12):
        content = json.dumps([[content]])
    assert card(content) == ""


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_bot_that_asks_by_a_card_is_understood(dialect: Dialect, stream: bool) -> None:
    asks = Answer(cards=(Card("Which size?", ("small", "large")),))
    async with rigged(dialect=dialect, answer=lambda _: asks) as rig:
        reply = await told(rig.backend(stream=stream).ask(question()))
    lines = reply.text.splitlines()
    assert lines[0] == "Which size?"
    assert ["small" in lines[1], "large" in lines[2]] == [True, True]


@pytest.mark.parametrize("stream", [True, False])
async def test_a_card_of_a_plugin_stands_beside_the_words(stream: bool) -> None:
    says = Answer((("It is ", "clear."),), cards=(Card("Weather"),))
    async with rigged(answer=lambda _: says) as rig:
        events = await heard(rig.backend(stream=stream).ask(question()))
    assert [event.text for event in events if isinstance(event, Answered)] == [
        *("Weather", "It is clear.")
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_chatflow_that_asks_is_understood(dialect: Dialect) -> None:
    def script(call: WorkflowCall) -> Steps:
        city = yield Ask("Which city?", ("Beijing", "Paris"))
        yield End(f"To {city}")

    async with flowing(script, dialect=dialect) as flow:
        backend = flow.chatflow()
        conversation = await backend.open()
        first = folded(await heard(backend.ask(question("Hi", conversation))))
        lines = first.text.splitlines()
        assert lines[0] == "Which city?"
        assert ["Beijing" in lines[1], "Paris" in lines[2]] == [True, True]
        assert first.status == "done"
        second = folded(await heard(backend.ask(question("Paris", conversation, "job-2"))))
        assert second.text == "To Paris"
