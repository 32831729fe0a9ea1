"""From the events of a workflow to what it says: as documented, as recorded, and odd ones."""

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.model import Answered, Asked, Doing, Finished, ReplyEvent, Said, Usage
from bridge.coze.errors import CozeError
from bridge.coze.outputs import Output, asked, readable
from tests.coze.rig import decoded

RIDDLE = "为什么小明要带一把尺子去看电影因为他听说电影很长，怕坐不下！"
WEATHER = "请问你想查看哪个城市、哪一天的天气呢"
EVENT_ID = "7404830425073352713/2769808280134765896"
WRAPPED = '{"content_type":1,"data":"来找姐姐","original_result":null,"type_for_model":2}'


def understood(events: Iterable[tuple[str, Any]]) -> list[ReplyEvent]:
    output = Output()
    raw = ((name, json.dumps(data).encode()) for name, data in events)
    return [event for name, data in raw for event in output.understand(name, data)]


def said(content: str, *, last: bool = True, **more: Any) -> tuple[str, dict[str, object]]:
    return "Message", {"content": content, "node_is_finish": last, "node_title": "", **more}


def test_the_recorded_stream_is_what_was_said_a_failure_and_a_question(fixtures: Path) -> None:
    """Three streams are in this file, one behind the other."""
    body = (fixtures / "workflow_run_stream_resp.txt").read_bytes()
    events, _ = decoded([body])
    output, heard = Output(), list[ReplyEvent]()
    for name, data in events:
        if name == "Error":
            with pytest.raises(CozeError, match="Coze 4000: Request parameter error"):
                list(output.understand(name, data))
            output = Output()
        else:
            heard += output.understand(name, data)
    assert "".join(event.delta for event in heard if isinstance(event, Said)) == "msg" + RIDDLE
    # The end node puts a question mark where the others had none, so it is told again.
    again, question = (event.text for event in heard if isinstance(event, Answered))
    assert "尺子" in again
    assert question == WEATHER
    (waits,) = (event for event in heard if isinstance(event, Asked))
    assert json.loads(waits.resume) == {"event_id": EVENT_ID, "type": 2, "inputs": []}
    assert {event.name for event in heard if isinstance(event, Doing)} == {"Message"}
    assert isinstance(heard[-1], Finished)


def test_the_documented_end_node_repeats_what_was_said_and_is_not_told() -> None:
    pieces = [said(piece, last=False, node_title="Message") for piece in ("msg", RIDDLE[:9])]
    end = said(json.dumps({"output": f"msg{RIDDLE}"}), token=0, cost="0.00")
    events = understood([*pieces, said(RIDDLE[9:], node_title="Message"), end, ("Done", {})])
    assert not any(isinstance(event, Answered) for event in events)
    assert events[-1] == Finished()


@pytest.mark.parametrize(
    ("counted", "usage"),
    [
        ({"usage": {"input_count": 50, "token_count": 150, "output_count": 100}}, (150, 50, 100)),
        ({"token": 386, "cost": "0"}, (386, 0, 0)),  # of old, and in Coze Studio
        ({"token": 0, "cost": "0.00"}, None),
        ({}, None),
    ],
)
def test_tokens_are_counted_in_either_shape(
    counted: dict[str, Any], usage: tuple[int, int, int] | None
) -> None:
    events = understood([said("Hi", **counted), ("Done", {"debug_url": "https://www.coze.cn/"})])
    assert events == [Answered("node-0", "Hi"), Finished(Usage(*usage) if usage else None)]


OPTIONS = {"options": [{"name": "A"}, {"name": "B"}], "question": "Which?"}


@pytest.mark.parametrize(
    ("data", "question"),
    [
        (OPTIONS, ("Which?", ("A", "B"))),
        ({"content_type": "option", "content": json.dumps(OPTIONS)}, ("Which?", ("A", "B"))),
        ({"content_type": "text", "content": "Which?"}, ("Which?", ())),
        ({"messages": [{"type": "question", "content": OPTIONS}]}, ("Which?", ("A", "B"))),
        ({"messages": [{"type": "question", "content": "Which?"}]}, ("Which?", ())),
        (
            {
                "messages": [
                    {"type": "question", "content": "Where?"},
                    {"type": "answer", "content": "Somewhere"},
                    {"type": "question", "content": "Which?"},
                ]
            },
            ("Which?", ()),
        ),
        ({"Title": "Which?", "Options": [{"name": "A"}]}, ("Which?", ("A",))),
        (
            {"question": "Which?", "options": ["A", "", {"text": "B"}]},
            ("Which?", ("A", "B")),
        ),
        ({"question": "Which?"}, None),
        ({"output": "Which?"}, None),
        ({"messages": []}, None),
        ([OPTIONS], None),
        ("Which?", None),
    ],
)
def test_a_question_is_found_wherever_it_stands(
    data: object, question: tuple[str, tuple[str, ...]] | None
) -> None:
    assert asked(json.dumps(data)) == question


def test_what_looks_like_a_question_but_is_followed_by_more_is_an_output() -> None:
    shown = json.dumps(OPTIONS)
    events = understood([said(shown), said("Hi"), ("Done", {})])
    first, second, _ = events
    assert isinstance(first, Answered)
    assert "Which?" in first.text
    assert second == Answered("node-1", "Hi")


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ('{"output":"Hello"}', "Hello"),
        ('{"Output":"{\\"output\\":\\"Hello\\"}","输出":"on its way"}', "Hello"),
        (json.dumps({"Output": WRAPPED}), "来找姐姐"),
        (WRAPPED, "来找姐姐"),
        ('{"a":"one","b":"two"}', "**a**: one\n\n**b**: two"),
        ('{"output":["one","two"]}', "- one\n- two"),
        ('{"output":7}', "7"),
        ('{"output":null}', "null"),
        ('{"output":[]}', "[]"),
        ('{"output":{"a":1}}', '```json\n{\n  "a": 1\n}\n```'),
        ('["one","two"]', "- one\n- two"),
        ("{}", ""),
        ("plain words", "plain words"),
        ("{not json", "{not json"),
        ("[citation needed]", "[citation needed]"),
        ("7", "7"),
        ("", ""),
    ],
)
def test_an_output_is_made_readable(output: str, text: str) -> None:
    assert readable(output) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | inner.map(json.dumps)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("content", "node_title", "node_is_finish", "usage", "token", "options"),
                    *("question", "messages", "interrupt_data", "data", "type", "event_id"),
                    *("required_parameters", "error_code", "error_message", "Output", "name"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)
NAMES = st.sampled_from(["Message", "Interrupt", "Done", "Error", "PING", "error", "", "mystery"])


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(NAMES, JSON), max_size=6))
def test_no_stream_is_too_odd(events: list[tuple[str, Any]]) -> None:
    with suppress(CozeError):
        understood(events)


@settings(deadline=None, max_examples=200)
@given(JSON)
def test_no_output_is_too_odd(data: object) -> None:
    assert isinstance(readable(json.dumps(data)), str)
    assert isinstance(readable(json.dumps(data), but="said"), str)


@pytest.mark.parametrize("deep", ["[" * 50_000, '{"content":' * 50_000, '{"Output":"' * 50_000])
def test_no_output_is_too_deep(deep: str) -> None:
    assert readable(deep) == deep
    assert asked(deep) is None
