"""The two platforms that speak this API, and all that tells them apart on the wire."""

import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import msgspec

from bridge.sandbox.coze.bodies import ChatBody, check_cloud, check_studio
from bridge.sandbox.coze.faults import HttpError, JsonError, RunFails
from bridge.sandbox.coze.memory import Chat, Conversation, Message
from bridge.sandbox.coze.refusals import Refused, cloud_refusal, studio_refusal

_ACCOUNT = "2478774393250011"


class Cloud:
    """api.coze.cn and api.coze.com."""

    lookup_methods: ClassVar = ["GET", "POST"]  # the SDKs do not agree on one
    stream_headers: ClassVar[Mapping[str, str]] = {}
    cancelled: ClassVar = "canceled"
    cancel_ends_stream: ClassVar = False
    one_chat_at_a_time: ClassVar = True
    streams_by_default: ClassVar = False
    users_are_isolated: ClassVar = True
    always_saves: ClassVar = False

    def log_id(self) -> tuple[str, str]:
        """The header, and an id, by which support finds a request."""
        return "X-Tt-Logid", time.strftime("%Y%m%d%H%M%S") + secrets.token_hex(10).upper()

    def refusal(self, refused: Refused) -> JsonError | HttpError:
        """The platform's words for a refusal."""
        return cloud_refusal(refused)

    def error(self, code: int, msg: str, log_id: str) -> dict[str, Any]:
        """The body of a refusal."""
        return {"code": code, "msg": msg, "detail": {"logid": log_id}}

    def envelope(self, path: str, data: object, log_id: str) -> dict[str, Any]:
        """The body of a success at `path`; a chat that said nothing has no `data`."""
        silent = data == [] and path == "/v3/chat/message/list"
        body = {} if silent else {"data": data}
        return {"code": 0, "msg": "", **body, "detail": {"logid": log_id}}

    def check(self, body: ChatBody, *, streaming: bool) -> None:  # noqa: ARG002
        """Hold the limits of a chat's body, or raise `Refused`."""
        check_cloud(body)

    def encode(self, value: object) -> bytes:
        """JSON as this platform writes it: U+2028 and its like stay as they are."""
        return msgspec.json.encode(value)

    def event(self, name: str, value: object) -> bytes:
        """One server-sent event; neither platform puts a space after the colon."""
        return b"event:%s\ndata:%s\n\n" % (name.encode(), self.encode(value))

    def chat(self, chat: Chat) -> dict[str, Any]:
        """The Chat object."""
        shown: dict[str, Any] = {
            "id": chat.id,
            "conversation_id": chat.conversation_id,
            "bot_id": chat.bot_id,
            "created_at": chat.created_at,
        }
        shown |= {"completed_at": chat.completed_at} if chat.completed_at else {}
        shown |= {"failed_at": chat.failed_at} if chat.failed_at else {}
        return shown | {
            "last_error": {"code": chat.error[0], "msg": chat.error[1]},
            "status": chat.status,
            "usage": chat.usage,
            "section_id": chat.section_id,
            **({"meta_data": chat.meta_data} if chat.meta_data else {}),
        }

    def created(self, chat: Chat) -> dict[str, Any]:
        """The Chat object of the first event, which names the messages that were stored."""
        return self.chat(chat) | {
            "inserted_additional_messages": [{"id": message.id} for message in chat.inserted]
        }

    def message(self, message: Message, chat: Chat) -> dict[str, Any]:
        """The Message object of a stream and of a chat's list."""
        reasoning = {"reasoning_content": message.reasoning} if message.reasoning else {}
        return {
            "id": message.id,
            "conversation_id": chat.conversation_id,
            "bot_id": chat.bot_id,
            "role": message.role,
            "type": message.type,
            "content": message.content,
            "content_type": message.content_type,
            "chat_id": chat.id,
            "section_id": message.section_id,
            **reasoning,
        }

    def listed_message(self, message: Message, conversation: Conversation) -> dict[str, Any]:
        """The Message object of a conversation's list; one of its times is a string."""
        return {
            "bot_id": conversation.bot_id if message.chat_id else "",
            "chat_id": message.chat_id,
            "content": message.content,
            "content_type": message.content_type,
            "conversation_id": conversation.id,
            "created_at": message.created_at,
            "id": message.id,
            "meta_data": message.meta_data,
            "role": message.role,
            "section_id": message.section_id,
            "type": message.type,
            "updated_at": str(message.created_at),
        }

    def conversation(self, conversation: Conversation) -> dict[str, Any]:
        """The Conversation object."""
        return {
            "id": conversation.id,
            "name": conversation.name,
            "meta_data": conversation.meta_data,
            "created_at": conversation.created_at,
            "updated_at": conversation.created_at,
            "creator_id": _ACCOUNT,
            "connector_id": "1024",
            "last_section_id": conversation.section_id,
        }

    def listed(self, chat: Chat) -> list[Message]:
        """A chat's messages as its list shows them: all but the question, not in order."""
        return sorted(chat.messages, key=lambda message: message.type != "verbose")

    def failure(self, chat: Chat, fails: RunFails) -> bytes:
        """The last event of a run that failed."""
        if fails.shape == "chat":
            return self.event("conversation.chat.failed", self.chat(chat))
        said = {} if fails.shape == "empty error" else {"code": fails.code, "msg": fails.msg}
        name = "conversation.chat.failed" if fails.shape == "bare" else "error"
        return self.event(name, said)

    def done(self) -> bytes:
        """What follows the completed chat."""
        return b'event:done\ndata:"[DONE]"\n\n'


class Studio(Cloud):
    """A self-hosted Coze Studio."""

    lookup_methods: ClassVar = ["GET"]
    stream_headers: ClassVar[Mapping[str, str]] = {
        "X-Accel-Buffering": "no",
        "Cache-Control": "no-cache",
    }
    cancelled: ClassVar = "cancelled"
    cancel_ends_stream: ClassVar = True
    one_chat_at_a_time: ClassVar = False
    streams_by_default: ClassVar = True
    users_are_isolated: ClassVar = False
    always_saves: ClassVar = True

    # Its answers bear the names of its Go fields where no other name was given.
    _keys: ClassVar = {
        "/v1/conversation/retrieve": "ConversationData",
        "/v3/chat/cancel": "ChatV3ChatDetail",
        "/v3/chat/message/list": "Messages",
    }
    # Go's encoding/json takes care that JSON can stand in a page.
    _escapes: ClassVar = tuple(
        (sign.encode(), b"\\u%04x" % ord(sign)) for sign in "<>&\u2028\u2029"
    )

    def log_id(self) -> tuple[str, str]:
        """The header, and an id, by which a request is found in the server's log."""
        return "X-Log-ID", str(uuid.uuid4())

    def refusal(self, refused: Refused) -> JsonError | HttpError:
        """The platform's words for a refusal."""
        return studio_refusal(refused)

    def error(self, code: int, msg: str, log_id: str) -> dict[str, Any]:  # noqa: ARG002
        """The body of a refusal."""
        return {"code": code, "msg": msg}

    def envelope(self, path: str, data: object, log_id: str) -> dict[str, Any]:  # noqa: ARG002
        """The body of a success at `path`."""
        key = self._keys.get(path, "data")
        body = {} if data == [] else {key: data}
        return body if path == "/v3/chat/cancel" else body | {"code": 0, "msg": ""}

    def check(self, body: ChatBody, *, streaming: bool) -> None:
        """Hold the limits of a chat's body, or raise `Refused`."""
        check_studio(body, streaming=streaming)

    def encode(self, value: object) -> bytes:
        """JSON as Go's encoding/json writes it."""
        encoded = super().encode(value)
        for sign, escape in self._escapes:
            encoded = encoded.replace(sign, escape)
        return encoded

    def chat(self, chat: Chat) -> dict[str, Any]:
        """The Chat object, without an error; times that are not yet are 0."""
        usage = {"usage": chat.usage} if chat.status == "completed" else {}
        return {
            "id": chat.id,
            "conversation_id": chat.conversation_id,
            "bot_id": chat.bot_id,
            "created_at": chat.created_at,
            "completed_at": chat.completed_at,
            "failed_at": chat.failed_at,
            "status": chat.status,
            **usage,
            "section_id": chat.section_id,
        }

    def created(self, chat: Chat) -> dict[str, Any]:
        """The Chat object of the first event."""
        return self.chat(chat)

    def message(self, message: Message, chat: Chat) -> dict[str, Any]:
        """The Message object of a stream and of a chat's list."""
        shown = super().message(message, chat)
        reasoning = shown.pop("reasoning_content", None)
        shown["created_at"] = message.created_at
        return shown | ({"reasoning_content": reasoning} if reasoning else {})

    def listed_message(self, message: Message, conversation: Conversation) -> dict[str, Any]:
        """The Message object of a conversation's list."""
        return super().listed_message(message, conversation) | {"updated_at": message.created_at}

    def conversation(self, conversation: Conversation) -> dict[str, Any]:
        """The Conversation object, in which the creator's name lacks a letter."""
        shown = super().conversation(conversation)
        del shown["updated_at"]
        return shown | {"creator_d": shown.pop("creator_id")}

    def listed(self, chat: Chat) -> list[Message]:
        """A chat's messages as its list shows them: the question too, in order."""
        return [*chat.inserted, *chat.messages]

    def failure(self, chat: Chat, fails: RunFails) -> bytes:
        """The last event of a run that failed: always an error, never a chat."""
        if fails.shape in {"chat", "bare"}:
            fails = replace(fails, shape="error")
        return super().failure(chat, fails)

    def done(self) -> bytes:
        """What follows the completed chat."""
        return b"event:conversation.stream.done\ndata:\n\n"
