"""From the bytes of a stream to what Coze says. No I/O: feed bytes, take events."""

from collections.abc import Iterator
from typing import Any

import msgspec

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
from bridge.coze.errors import CozeError, coze_error

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


class _Chat(msgspec.Struct):
    id: Any = ""
    conversation_id: Any = ""
    status: Any = ""
    usage: Any = None
    last_error: Any = None
    code: Any = 0
    msg: Any = ""


_decode_message = msgspec.json.Decoder(_Message).decode
_decode_chat = msgspec.json.Decoder(_Chat).decode

OVER = frozenset({"done", "conversation.stream.done"})
"""Events after which Coze says no more, in the cloud and in Coze Studio."""


def understand(name: str, data: bytes, *, log_id: str = "") -> ReplyEvent | None:
    """What one event means; None when it means nothing to a user.

    Reasoning, tool calls, knowledge and verbose messages are not part of the answer.

    Raises:
        CozeError: the run failed, was cancelled by somebody else, or cannot go on.
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
                raise unanswerable("the bot waits for the result of a tool", "error.action")
            case "chat.canceled" | "chat.cancelled":
                raise unanswerable("the run was cancelled", "error.broken_off")
    except msgspec.DecodeError:
        if name in ("error", "conversation.chat.failed"):
            raise coze_error(0, data.decode(errors="replace")[:200], log_id=log_id) from None
    return None


def delta(message: _Message) -> Said | None:
    """More of an answer."""
    if message.type != "answer" or not isinstance(message.content, str) or not message.content:
        return None
    return Said(str(message.id), message.content)


def whole(message: _Message) -> Answered | Suggested | None:
    """A whole message of the bot: an answer in words, or a question it suggests."""
    if not isinstance(message.content, str) or message.content_type == "card":
        return None  # a card is a program's data
    match message.type:
        case "answer":
            return Answered(str(message.id), message.content)
        case "follow_up":
            return Suggested(message.content)
        case _:
            return None


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


def unanswerable(why: str, say: str) -> CozeError:
    """A run that ended without an answer, and not by a code."""
    error = coze_error(0, why)
    error.say = say
    return error


def messages(listed: object) -> Iterator[Answered | Suggested]:
    """What a list of messages says to a user, in the order of their ids, which grow.

    Coze lists in no order, and may leave an empty list out.
    """
    items = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    items.sort(key=lambda item: (len(str(item.get("id"))), str(item.get("id"))))
    for item in items:
        if said := whole(msgspec.convert(item, _Message)):
            yield said


def chat_of(data: object) -> _Chat:
    """A chat object of a JSON answer."""
    return msgspec.convert(data if isinstance(data, dict) else {}, _Chat)
