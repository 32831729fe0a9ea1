import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.errors import Fatal
from bridge.core.model import (
    Answered,
    Finished,
    ReplyEvent,
    Run,
    Said,
    Started,
    Suggested,
    Usage,
)
from bridge.coze.decode import OVER, chat_of, messages, understand, usage
from bridge.coze.errors import CozeError
from tests.coze.rig import bytewise, decoded, folded

BOM = b"\xef\xbb\xbf"
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8) | (
    st.sampled_from(["\u2028", "a\u0085b", "\ufeff", ": ", "data:", '{"a":1}'])
)
EXTRAS = st.sampled_from([b"", b": ping", b":", b"id: 7", b"id", b"retry: 10"])


@st.composite
def streams(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A stream in any legal dress, and the events that are in it."""
    stream, events = draw(st.sampled_from([b"", BOM])), []
    for name, texts in draw(st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=3)), max_size=5)):
        fields = [("event", name)] * bool(name) + [("data", text) for text in texts]
        lines = []
        for field, value in fields:
            space = " " if value.startswith(" ") else draw(st.sampled_from(["", " "]))
            lines += [draw(EXTRAS), f"{field}:{space}{value}".encode()]
        end = draw(st.sampled_from([b"\n", b"\r", b"\r\n"]))
        stream += b"".join(line + end for line in lines if line) + (end if lines else b"")
        data = "\n".join(texts).encode()
        events += [(name, data)] if name or data else []
    if draw(st.booleans()):
        stream = stream.rstrip(b"\r\n")
    return stream, events


def in_chunks(stream: bytes, sizes: list[int]) -> list[bytes]:
    chunks = []
    for size in sizes:
        chunks.append(stream[:size])
        stream = stream[size:]
    return [*chunks, stream]


SIZES = st.lists(st.integers(0, 9), max_size=40)


@settings(deadline=None, max_examples=150)
@given(streams(), SIZES)
def test_a_stream_means_the_same_however_it_is_chopped(
    made: tuple[bytes, list[tuple[str, bytes]]], sizes: list[int]
) -> None:
    stream, events = made
    assert decoded([stream]) == (events, b"")
    assert decoded(in_chunks(stream, sizes)) == (events, b"")
    assert decoded(bytewise(stream)) == (events, b"")


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from([b"\r", b"\n", b"data", b":", b" ", b"event", b"x"])), SIZES)
def test_rubbish_means_the_same_however_it_is_chopped(
    parts: list[bytes], sizes: list[int]
) -> None:
    stream = b"".join(parts)
    assert decoded(in_chunks(stream, sizes)) == decoded([stream]) == decoded(bytewise(stream))


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"event:a\ndata:1\n\nevent: b\ndata: 2\n\n", [("a", b"1"), ("b", b"2")]),
        (b"event:a\r\ndata:1\r\n\r\n", [("a", b"1")]),
        (b"event:a\rdata:1\r\revent:b\rdata:2\r\r", [("a", b"1"), ("b", b"2")]),
        (b"event:a\ndata:1", [("a", b"1")]),
        (b"event:a\ndata:1\n", [("a", b"1")]),
        (b"event:a\r\ndata:1\r", [("a", b"1")]),
        (b"data:1\ndata:\ndata: 2\n\n", [("", b"1\n\n2")]),
        (b"data:  two\n\n", [("", b" two")]),
        (b"data\n\n", []),
        (b"event:a\ndata:\n\n", [("a", b"")]),
        (b"event:a\n\ndata:1\n\n", [("a", b""), ("", b"1")]),
        (b"event:a\nevent:b\n\n", [("b", b"")]),
        (b": ping\n\n:\n\nid:1\nretry:3\n\n", []),
        (b"id:1\nevent:a\n: ping\ndata:1\nretry:5\n\n", [("a", b"1")]),
        (BOM + b"event:a\ndata:1\n\n", [("a", b"1")]),
        (BOM + b"data:1\n\n", [("", b"1")]),
        (BOM + b": ping\n\nevent:a\ndata:1\n\n", [("a", b"1")]),
        ("data:a\u2028b\u0085c\x0bd\n\n".encode(), [("", "a\u2028b\u0085c\x0bd".encode())]),
        (b"\n\n\n\n", []),
        (b"", []),
    ],
)
def test_a_stream_is_read_by_the_letter_of_its_standard(
    stream: bytes, events: list[tuple[str, bytes]]
) -> None:
    assert decoded([stream]) == decoded(bytewise(stream)) == (events, b"")


def test_a_field_of_another_name_names_no_event() -> None:
    assert decoded([b"prevent:a\ndata:1\n\n"])[0] == [("", b"1")]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n"])
def test_a_bare_json_error_after_the_events_is_kept_apart(end: bytes) -> None:
    stray = b'{"code":4013,"msg":"busy: later","data":null}'
    stream = b"event:a\ndata:1\n\n" + stray + end
    assert decoded([stream]) == decoded(bytewise(stream)) == ([("a", b"1")], stray)


def understood(name: str, data: object) -> ReplyEvent | None:
    return understand(f"conversation.{name}", json.dumps(data).encode())


def failing(name: str, data: bytes | dict[str, Any]) -> CozeError:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(CozeError) as caught:
        understand(name, raw, log_id="log-1")
    return caught.value


def message(kind: object, content: object, **others: object) -> dict[str, object]:
    return {"id": "7", "role": "assistant", "type": kind, "content": content, **others}


RUN = {"id": "1", "conversation_id": "2", "status": "created"}


@pytest.mark.parametrize(
    ("name", "data", "meaning"),
    [
        ("chat.created", RUN, Started(Run("1", "2"))),
        ("chat.in_progress", RUN, Started(Run("1", "2"))),
        ("chat.created", {"id": 1, "conversation_id": 2}, Started(Run("1", "2"))),
        ("chat.created", {"id": None}, None),
        ("message.delta", message("answer", "He"), Said("7", "He")),
        ("message.delta", message("answer", "He") | {"id": 7}, Said("7", "He")),
        ("message.delta", message("answer", ""), None),
        ("message.delta", message("answer", None), None),
        ("message.delta", message("answer", "", reasoning_content="Hm"), None),
        ("message.completed", message("answer", "Hello"), Answered("7", "Hello")),
        ("message.completed", message("answer", "Hi", reasoning_content="m"), Answered("7", "Hi")),
        ("message.completed", message("answer", None), None),
        ("message.completed", message("follow_up", "More?"), Suggested("More?")),
        ("message.completed", message("follow_up", None), None),
        ("chat.completed", {"usage": None}, Finished()),
        ("chat.completed", {"usage": {"token_count": 0}}, Finished()),
        (
            "chat.completed",
            {"usage": {"token_count": 115, "output_count": 24, "input_count": 91}},
            Finished(Usage(115, 91, 24)),
        ),
        ("chat.completed", {"usage": {"token_count": 3}}, Finished(Usage(3, 0, 0))),
        ("audio.delta", message("answer", "UklGRg==", content_type="audio"), None),
        ("chat.of_the_future", {"id": "1"}, None),
        ("stream.done", "", None),
        ("message.delta", [1, 2], None),
        ("message.completed", None, None),
    ],
)
def test_an_event_has_a_meaning(name: str, data: object, meaning: ReplyEvent | None) -> None:
    assert understood(name, data) == meaning


@pytest.mark.parametrize("name", ["message.delta", "message.completed"])
@pytest.mark.parametrize(
    "kind",
    [
        *("function_call", "tool_output", "tool_response", "knowledge", "verbose", "question"),
        *("something_new", None, 7),
    ],
)
def test_what_the_bot_does_backstage_never_leaks(name: str, kind: object) -> None:
    assert understood(name, message(kind, "secret")) is None


@pytest.mark.parametrize("name", ["", "message", "PING", "conversation.", "done", "Message"])
def test_unknown_events_mean_nothing(name: str) -> None:
    assert understand(name, b'{"code":4000,"content":"x","type":"answer"}') is None


@pytest.mark.parametrize("name", ["message.delta", "message.completed", "chat.created"])
@pytest.mark.parametrize("data", [b"", b"[DONE]", b"{", b"\xff"])
def test_what_is_no_json_means_nothing(name: str, data: bytes) -> None:
    assert understand(f"conversation.{name}", data) is None


def test_a_completed_answer_overrules_its_deltas_and_answers_stay_apart() -> None:
    said: list[tuple[str, dict[str, object]]] = [
        ("message.delta", message("answer", "20")),
        ("message.delta", message("answer", "四月")),
        ("message.completed", message("answer", "2024 年 4 月")),
        ("message.delta", message("answer", "And") | {"id": "8"}),
        ("message.completed", message("answer", "And so on") | {"id": "8"}),
    ]
    reply = folded(event for name, data in said if (event := understood(name, data)))
    assert [(answer.id, answer.text) for answer in reply.answers] == [
        ("7", "2024 年 4 月"),
        ("8", "And so on"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "code", "words"),
    [
        ("chat.failed", {"last_error": {"code": 4028, "msg": "oops"}}, 4028, "oops"),
        ("chat.failed", {"last_error": {"code": "4028", "msg": "oops"}}, 4028, "oops"),
        ("chat.failed", {"code": 701231, "msg": "oops"}, 701231, "oops"),
        ("chat.failed", {"code": "720702204", "msg": "会话名不存在"}, 720702204, "会话名不存在"),
        ("chat.failed", {"last_error": None}, 5000, "the run failed"),
        ("chat.failed", {"last_error": {"code": 0, "msg": ""}}, 5000, "the run failed"),
        ("chat.failed", {"last_error": "oops"}, 5000, "the run failed"),
        ("chat.failed", b"oops", 0, "oops"),
        ("error", {"code": 4013, "msg": "oops"}, 4013, "oops"),
        ("error", {"code": "4013", "msg": "oops"}, 4013, "oops"),
        ("error", {"code": "E42", "msg": "oops"}, 0, "oops"),
        ("error", {"code": 4013, "msg": None}, 4013, "the run failed"),
        ("error", {}, 5000, "the run failed"),
        ("error", b"upstream went away", 0, "upstream went away"),
        ("error", b'"oops"', 0, "oops"),
        ("error", b"null", 0, "null"),
        ("error", b"", 0, ""),
        ("error", b"\xff\xfe", 0, "\ufffd\ufffd"),
    ],
)
def test_a_failure_is_told_by_code_words_and_log_id(
    name: str, data: bytes | dict[str, Any], code: int, words: str
) -> None:
    error = failing(name if name == "error" else f"conversation.{name}", data)
    assert (error.code, error.log_id) == (code, "log-1")
    assert words in error.message
    assert words in str(error)
    assert "log-1" in str(error)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("chat.canceled", "error.broken_off"),
        ("chat.cancelled", "error.broken_off"),
        ("chat.requires_action", "error.action"),
        ("chat.required_action", "error.action"),
    ],
)
def test_a_run_may_end_without_an_answer(name: str, sentence: str) -> None:
    error = failing(f"conversation.{name}", RUN)
    assert error.say == sentence
    assert isinstance(error, Fatal)


def test_the_end_of_a_stream_is_known_by_both_of_its_names() -> None:
    assert {"done", "conversation.stream.done"} == OVER


def test_a_list_of_messages_says_what_a_stream_would_have_said() -> None:
    listed = [
        message("verbose", "secret"),
        message("question", "Hi"),
        message("answer", "Hello") | {"id": 7},
        message("answer", None),
        message("follow_up", "More?"),
    ]
    assert list(messages(listed)) == [Answered("7", "Hello"), Suggested("More?")]


@pytest.mark.parametrize("nothing", [None, [], {}, "", "no list"])
def test_a_list_of_messages_may_be_left_out(nothing: object) -> None:
    assert list(messages(nothing)) == []


def test_what_is_no_message_is_left_out_of_a_list() -> None:
    assert list(messages([None, "oops", message("answer", "Hello")])) == [Answered("7", "Hello")]


@pytest.mark.parametrize("counted", [None, [], "115", {}, {"token_count": "many"}])
def test_tokens_that_are_not_counted_are_unknown(counted: object) -> None:
    assert usage(counted) is None


@pytest.mark.parametrize("nothing", [None, [], "", {}])
def test_a_chat_may_be_empty(nothing: object) -> None:
    chat = chat_of(nothing)
    assert (chat.id, chat.conversation_id, chat.status) == ("", "", "")
