"""The bodies that clients send, and the limits within which the platforms take them."""

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bridge.sandbox.coze import objects
from bridge.sandbox.coze.refusals import Refused, Why

MetaData = dict[str, str]
_VARIABLE = re.compile("[A-Za-z_]+")
T = TypeVar("T")


class EnterMessage(Struct):
    """A message that the caller brings."""

    role: str
    content: str
    content_type: str
    type: str | None = None
    meta_data: MetaData | None = None


class ShortcutCommand(Struct):
    """A command of the bot; each parameter is an object_string."""

    command_id: str
    parameters: dict[str, str] | None = None


class ChatBody(Struct):
    """POST /v3/chat."""

    bot_id: str
    user_id: str
    additional_messages: list[EnterMessage] | None = None
    stream: bool | None = None
    auto_save_history: bool | None = None
    custom_variables: dict[str, str] | None = None
    parameters: dict[str, Any] | None = None
    meta_data: MetaData | None = None
    extra_params: dict[str, str] | None = None
    shortcut_command: ShortcutCommand | None = None
    enable_card: bool | None = None
    publish_status: Literal["published_online", "unpublished_draft"] | None = None
    bot_version: str | None = None
    connector_id: str | None = None


class CancelBody(Struct):
    """POST /v3/chat/cancel."""

    conversation_id: str
    chat_id: str


class ToolOutput(Struct):
    """What one of the calls gave."""

    tool_call_id: str
    output: str


class OutputsBody(Struct):
    """POST /v3/chat/submit_tool_outputs."""

    tool_outputs: list[ToolOutput]
    stream: bool | None = None


class NewConversationBody(Struct):
    """POST /v1/conversation/create."""

    bot_id: str | None = None
    name: str | None = None
    messages: list[EnterMessage] | None = None
    meta_data: MetaData | None = None
    connector_id: str | None = None


class NameBody(Struct):
    """PUT /v1/conversations/{conversation_id}."""

    name: str


class NewMessageBody(Struct):
    """POST /v1/conversation/message/create."""

    role: Literal["user", "assistant"]
    content: str
    content_type: Literal["text", "object_string"]
    meta_data: MetaData | None = None


class ChangedMessageBody(Struct):
    """POST /v1/conversation/message/modify."""

    content: str | None = None
    content_type: Literal["text", "object_string"] | None = None
    meta_data: MetaData | None = None


class ListBody(Struct):
    """POST /v1/conversation/message/list."""

    order: Literal["asc", "desc"] | None = None
    chat_id: str | None = None
    before_id: str | None = None
    after_id: str | None = None
    limit: int | None = None


def parse(body: bytes, kind: type[T], why: Why = Why.PARAMETER) -> T:
    """Read a body; an empty one is an empty object.

    Raises:
        Refused: it is no JSON, or a field is missing or has the wrong JSON type.
    """
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except msgspec.MsgspecError as error:
        raise Refused(why, str(error)) from error


def check_cloud(body: ChatBody) -> None:
    """Hold the cloud's limits.

    Raises:
        Refused: one of them is not kept.
    """
    messages = body.additional_messages or []
    saved = body.auto_save_history is not False
    if len(messages) > 100:
        raise Refused(Why.TOO_MANY_MESSAGES)
    for limited in (body.meta_data, *(message.meta_data for message in messages)):
        check_meta_data(limited)
    check_messages(messages, tool_results=not saved)
    named = all(_VARIABLE.fullmatch(name) for name in body.custom_variables or ())
    placed = set(body.extra_params or ()) <= {"latitude", "longitude"}
    drafted = body.bot_version and body.publish_status == "unpublished_draft"
    if drafted or not named or not placed:
        raise Refused(Why.PARAMETER)
    if not (body.stream or saved):
        raise Refused(Why.UNSAVED_POLLING)


def check_studio(body: ChatBody, *, streaming: bool) -> None:
    """Hold the few limits of Coze Studio, which it looks at when the run is set up.

    Raises:
        Refused: one of them is not kept.
    """
    for message in body.additional_messages or []:
        if message.role not in {"user", "assistant"}:
            detail = "additional message role only support user and assistant"
            raise Refused(Why.NOT_RUNNABLE, detail, streaming=streaming)
        if message.type not in {None, "question", "answer"}:
            detail = "additional message type only support question and answer now"
            raise Refused(Why.NOT_RUNNABLE, detail, streaming=streaming)
        if (message.type, message.content_type) == ("answer", "object_string"):
            detail = " answer messages only support text content"
            raise Refused(Why.NOT_RUNNABLE, detail, streaming=streaming)


def cloud_enters(messages: list[EnterMessage]) -> list[EnterMessage]:
    """All that was brought."""
    return messages


def studio_enters(messages: list[EnterMessage]) -> list[EnterMessage]:
    """Without what Coze Studio leaves out: empty texts, and what it cannot read."""
    entered = []
    for message in messages:
        if message.content_type != "object_string":
            entered += [message] if message.content else []
        elif objects.studio_reads(message.content):
            entered.append(replace(message, content=objects.for_studio(message.content)))
    return entered


def check_meta_data(meta_data: Mapping[str, str] | None) -> None:
    """At most 16 pairs; keys of 1 to 64 characters, values of 1 to 512.

    Raises:
        Refused: there are more, or longer ones.
    """
    pairs = meta_data or {}
    fits = all(1 <= len(key) <= 64 and 1 <= len(value) <= 512 for key, value in pairs.items())
    if len(pairs) > 16 or not fits:
        raise Refused(Why.META_DATA)


def check_messages(messages: list[EnterMessage], *, tool_results: bool = False) -> None:
    """Roles, types and contents as the cloud takes them.

    Raises:
        Refused: one of the messages is not so.
    """
    types = {None, "", "question", "answer"}
    types |= {"function_call", "tool_output", "tool_response"} if tool_results else set()
    wrong = {("user", "answer"), ("assistant", "question")}
    for at, message in enumerate(messages):
        known = message.role in {"user", "assistant"} and message.type in types
        if not known or (message.role, message.type) in wrong:
            raise Refused(Why.PARAMETER)
        if message.content_type == "object_string":
            beside = (*messages[max(0, at - 1) : at], *messages[at + 1 : at + 2])
            texts = any(other.content_type == "text" for other in beside)
            objects.check(message.content, text_beside=texts)
        elif message.content_type != "text":
            raise Refused(Why.PARAMETER)
