import json
from typing import Any

import pytest

from bridge.core.errors import Fatal
from bridge.core.model import (
    Answered,
    Doing,
    Finished,
    ReplyEvent,
    Run,
    Said,
    Started,
    Suggested,
    Thought,
    Usage,
)
from bridge.coze.decode import (
    OVER,
    Required,
    ToolCall,
    chat_of,
    messages,
    understand,
    usage,
)
from bridge.coze.errors import CozeError
from tests.coze.rig import folded


def understood(name: str, data: object) -> ReplyEvent | Required | None:
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
        ("message.delta", message("answer", "", reasoning_content="Hm"), Thought("Hm")),
        ("message.delta", message("answer", None, reasoning_content="Hm"), Thought("Hm")),
        ("message.delta", message("answer", "He", reasoning_content=""), Said("7", "He")),
        ("message.delta", message("answer", "", reasoning_content=7), None),
        ("message.delta", message("answer", "{}", content_type="card"), None),
        ("message.completed", message("answer", "Hello"), Answered("7", "Hello")),
        ("message.completed", message("answer", "Hi", reasoning_content="m"), Answered("7", "Hi")),
        ("message.completed", message("answer", None), None),
        ("message.completed", message("answer", "", reasoning_content="Hm"), None),
        ("message.completed", message("answer", "{}", content_type="card"), None),
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
def test_an_event_has_a_meaning(
    name: str, data: object, meaning: ReplyEvent | Required | None
) -> None:
    assert understood(name, data) == meaning


@pytest.mark.parametrize("name", ["message.delta", "message.completed"])
@pytest.mark.parametrize(
    "kind",
    [
        *("tool_output", "tool_response", "knowledge", "verbose", "question"),
        *("something_new", None, 7),
    ],
)
def test_what_the_bot_does_backstage_never_leaks(name: str, kind: object) -> None:
    assert understood(name, message(kind, "secret")) is None


@pytest.mark.parametrize(
    ("content", "tool"),
    [
        ('{"name":"ts-weather-today","plugin_name":"weather","api_name":"today"}', "weather"),
        ('{"name":"ts-weather-today","api_name":"today"}', "today"),
        ('{"name":"today","arguments":{"city":"secret"}}', "today"),
        ('{"id":"1","function":{"name":"today","arguments":"secret"}}', "today"),
        ('{"function":{}}', ""),
        ('{"plugin_name":null,"name":7}', "7"),
        ("secret", ""),
        ('["secret"]', ""),
        ("", ""),
    ],
)
def test_of_a_tool_nothing_but_its_name_is_told(content: str, tool: str) -> None:
    done = understood("message.completed", message("function_call", content))
    assert done == (Doing("tool", tool) if tool else Doing("thinking"))
    assert understood("message.delta", message("function_call", content)) is None


WEATHER = {"name": "get_weather", "arguments": '{"city":"Paris"}'}


@pytest.mark.parametrize("name", ["chat.requires_action", "chat.required_action"])
@pytest.mark.parametrize(
    ("action", "calls"),
    [
        (
            {"tool_calls": [{"id": "1", "type": "function", "function": WEATHER}]},
            [ToolCall("1", "get_weather", '{"city":"Paris"}')],
        ),
        (
            {"tool_calls": [{"id": 1, "function": {"name": "now"}}, {"id": "2"}, None]},
            [ToolCall("1", "now", "{}")],
        ),
        ({"tool_calls": [{"id": "1", "type": "reply_message", "function": None}]}, []),
        ({"tool_calls": [{"id": "1", "type": "reply_message", "function": WEATHER}]}, []),
        ({"tool_calls": []}, []),
        ({"tool_calls": None}, []),
        (None, []),
        ("oops", []),
    ],
)
def test_what_a_run_waits_for_is_the_functions_that_are_to_be_called(
    name: str, action: object, calls: list[ToolCall]
) -> None:
    waiting = {"required_action": {"type": "submit_tool_outputs", "submit_tool_outputs": action}}
    assert understood(name, RUN | waiting) == Required(tuple(calls))


@pytest.mark.parametrize("action", [None, "oops", [], {}])
def test_a_run_may_wait_for_what_it_does_not_tell(action: object) -> None:
    told = understood("chat.requires_action", RUN | {"required_action": action})
    assert told == Required(())


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
    events = [understood(name, data) for name, data in said]
    reply = folded(event for event in events if event and not isinstance(event, Required))
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


@pytest.mark.parametrize("name", ["chat.canceled", "chat.cancelled"])
def test_a_run_may_end_without_an_answer(name: str) -> None:
    error = failing(f"conversation.{name}", RUN)
    assert error.say == "error.broken_off"
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


def test_a_list_of_messages_is_told_in_the_order_of_its_ids_which_grow() -> None:
    listed = [
        message("answer", "two") | {"id": "10"},
        message("answer", "one") | {"id": "9"},
        message("answer", "three") | {"id": "11"},
    ]
    assert [said.text for said in messages(listed) if isinstance(said, Answered)] == [
        *("one", "two", "three")
    ]


def test_reasoning_in_a_list_overrules_what_a_broken_stream_told_of_it() -> None:
    listed = [
        message("answer", "", reasoning_content="Two and two") | {"id": "1"},
        message("answer", "Four", reasoning_content=" make four") | {"id": "2"},
        message("function_call", '{"name":"calculator"}') | {"id": "0"},
    ]
    assert list(messages(listed)) == [
        Thought("Two and two", whole=True),
        Thought(" make four"),
        Answered("2", "Four"),
    ]


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
