"""From the bytes of a stream to what Coze says. No I/O: feed bytes, take events."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

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
from bridge.coze.cards import card
from bridge.coze.errors import CozeError, coze_error, unanswerable

Event = tuple[str, bytes]  # name, data

_BOM = b"\xef\xbb\xbf"


class StreamDecoder:
    """Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

    Lines end with CR, LF or both, and nothing else: Coze sends U+2028 inside of JSON.
    """

    def __init__(self) -> None:
        self._rest, self._begun = b"", False
        self._name, self._data = "", list[bytes]()
        self._stray = b""

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete."""
        text = self._rest + chunk
        if not self._begun:
            if _BOM.startswith(text):  # perhaps the half of one
                self._rest = text
                return []
            text, self._begun = text.removeprefix(_BOM), True
        if b"\r" in text:
            # A CR at the very end may be half of a CRLF: leave it for the next chunk.
            held = b"\r" if text.endswith(b"\r") else b""
            text = text.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n") + held
        *lines, self._rest = text.split(b"\n")
        return [event for line in lines if (event := self._line(line))]

    def end(self) -> tuple[list[Event], bytes]:
        """What is left when the stream ends: its last event, and what was no event at all."""
        left = self._rest or self._data or self._name
        events = self.feed(b"\n\n") if left and self._rest != _BOM else []
        return events, self._stray

    def _line(self, line: bytes) -> Event | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        if value.startswith(b" "):
            value = value[1:]
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value.decode(errors="replace")
        elif field not in (b"", b"id", b"retry"):
            self._stray = line
        return None

    def _dispatch(self) -> Event | None:
        name, data = self._name, b"\n".join(self._data)
        self._name, self._data = "", []
        return (name, data) if name or data else None


class _Message(msgspec.Struct):
    """The part of a message that matters here; Coze is free with types, so nothing is assumed."""

    id: Any = ""
    type: Any = "answer"
    content: Any = None
    content_type: Any = "text"
    reasoning_content: Any = None


class _Chat(msgspec.Struct):
    id: Any = ""
    conversation_id: Any = ""
    status: Any = ""
    usage: Any = None
    last_error: Any = None
    required_action: Any = None
    code: Any = 0
    msg: Any = ""


_decode_message = msgspec.json.Decoder(_Message).decode
_decode_chat = msgspec.json.Decoder(_Chat).decode


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that the bot wants called."""

    id: str
    name: str
    arguments: str  # JSON


@dataclass(frozen=True, slots=True)
class Required:
    """The run waits for the outputs of these; none: for the user's next message."""

    calls: tuple[ToolCall, ...]


OVER = frozenset({"done", "conversation.stream.done"})
"""Events after which Coze says no more, in the cloud and in Coze Studio."""


def understand(name: str, data: bytes, *, log_id: str = "") -> ReplyEvent | Required | None:
    """What one event means; None when it means nothing to a user.

    The results of tools, knowledge and verbose messages are not part of the answer.

    Raises:
        CozeError: the run failed, or was cancelled by somebody else.
    """
    try:
        match name.removeprefix("conversation."):
            case "message.delta":
                return delta(_decode_message(data))
            case "message.completed":
                return whole(_decode_message(data))
            case "chat.created" | "chat.in_progress":
                return started(_decode_chat(data))
            case "chat.completed":
                return Finished(usage(_decode_chat(data).usage))
            case "chat.failed" | "error":
                raise failure(_decode_chat(data), log_id)
            case "chat.requires_action" | "chat.required_action":
                return required(_decode_chat(data))
            case "chat.canceled" | "chat.cancelled":
                raise unanswerable("the run was cancelled", "error.broken_off")
    except msgspec.DecodeError:
        if name in ("error", "conversation.chat.failed"):
            raise coze_error(0, data.decode(errors="replace")[:200], log_id=log_id) from None
    return None


def delta(message: _Message) -> Said | Thought | None:
    """More of an answer, or of the reasoning that leads to it."""
    if message.type != "answer" or message.content_type == "card":
        return None
    if isinstance(message.content, str) and message.content:
        return Said(str(message.id), message.content)
    return thought(message)


def thought(message: _Message) -> Thought | None:
    """The reasoning in a message."""
    told = message.reasoning_content
    return Thought(told) if isinstance(told, str) and told else None


def whole(message: _Message) -> Answered | Suggested | Doing | None:
    """A whole message of the bot: an answer, a question it suggests, or a tool it uses."""
    if not isinstance(message.content, str):
        return None
    match message.type:
        case "answer" if message.content_type == "card":
            text = card(message.content)
            return Answered(str(message.id), text) if text else None
        case "answer":  # one without words is a place for reasoning
            return Answered(str(message.id), message.content) if message.content else None
        case "follow_up":
            return Suggested(message.content)
        case "function_call":
            name = _tool(message.content)
            return Doing("tool", name) if name else Doing("thinking")
        case _:
            return None


def _tool(content: str) -> str:
    """The name of the tool in a function call."""
    try:
        told = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return ""
    if not isinstance(told, dict):
        return ""
    function = told.get("function")  # in Coze Studio
    told = function if isinstance(function, dict) else told
    names = (told.get(key) for key in ("plugin_name", "api_name", "name"))
    return next((str(name) for name in names if name), "")


def required(chat: _Chat) -> Required:
    """What a run waits for. A question of the bot's (reply_message) needs no output of ours."""
    action = chat.required_action if isinstance(chat.required_action, dict) else {}
    submit = action.get("submit_tool_outputs")
    listed = submit.get("tool_calls") if isinstance(submit, dict) else None
    calls = []
    for call in listed if isinstance(listed, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict) and call.get("type", "function") == "function":
            name, arguments = function.get("name"), function.get("arguments")
            calls.append(ToolCall(str(call.get("id")), str(name), str(arguments or "{}")))
    return Required(tuple(calls))


def started(chat: _Chat) -> Started | None:
    """The run that Coze began."""
    if not chat.id or not chat.conversation_id:
        return None
    return Started(Run(str(chat.id), str(chat.conversation_id)))


def usage(counted: object) -> Usage | None:
    """The tokens of one run."""
    if not isinstance(counted, dict) or not counted.get("token_count"):
        return None
    keys = ("token_count", "input_count", "output_count")
    try:
        total, asked, said = (int(counted.get(key) or 0) for key in keys)
    except (TypeError, ValueError):
        return None
    return Usage(total, asked, said)


def failure(chat: _Chat, log_id: str = "") -> CozeError:
    """Why a run failed; it is told as `last_error`, or as bare `code` and `msg`."""
    told = chat.last_error if isinstance(chat.last_error, dict) else {}
    code, message = told.get("code") or chat.code, told.get("msg") or chat.msg
    return coze_error(code or 5000, str(message or "the run failed"), log_id=log_id)


def messages(listed: object) -> Iterator[Answered | Suggested | Thought]:
    """What a list of messages says to a user, in the order of their ids, which grow.

    Coze lists in no order, and may leave an empty list out.
    """
    items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    items.sort(key=lambda item: (len(str(item.get("id"))), str(item.get("id"))))
    first = True
    for item in items:
        message = msgspec.convert(item, _Message)
        if message.type == "answer" and (reasoning := thought(message)):
            yield replace(reasoning, whole=first)  # a broken stream may have told some of it
            first = False
        said = whole(message)
        if said and not isinstance(said, Doing):
            yield said


def chat_of(data: object) -> _Chat:
    """A chat object of a JSON answer."""
    return msgspec.convert(data if isinstance(data, dict) else {}, _Chat)
