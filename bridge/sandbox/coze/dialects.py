"""Coze's cloud on the wire, from which that of Coze Studio differs here and there."""

import secrets
import time
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from bridge.sandbox.coze import paging
from bridge.sandbox.coze.bodies import ChatBody, check_cloud, cloud_enters
from bridge.sandbox.coze.contents import CloudContents
from bridge.sandbox.coze.faults import HttpError, JsonError, RunFails
from bridge.sandbox.coze.memory import Chat, Conversation, Message
from bridge.sandbox.coze.refusals import Refused, cloud_refusal
from bridge.sandbox.coze.script import Require

_ACCOUNT = "2478774393250011"


class Cloud:
    """api.coze.cn and api.coze.com."""

    lookup_methods: ClassVar = ["GET", "POST"]  # the SDKs do not agree on one
    stream_headers: ClassVar[Mapping[str, str]] = {}
    cancelled: ClassVar = "canceled"
    waiting: ClassVar = "requires_action"
    tells_of_waiting: ClassVar = True  # in the stream
    contents: ClassVar = CloudContents()
    enters: ClassVar = staticmethod(cloud_enters)
    window: ClassVar = staticmethod(paging.cloud_window)
    page: ClassVar = staticmethod(paging.cloud_page)
    shortcuts_ask: ClassVar = True  # they make the question
    edits_messages: ClassVar = True
    streams_cards: ClassVar = False  # a card is complete at once
    completes_thoughts: ClassVar = True  # those that are a message of their own
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
        silent = data is None or (data == [] and path == "/v3/chat/message/list")
        key = "message" if path == "/v1/conversation/message/modify" else "data"
        body = {} if silent else {key: data}
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
        required = {"required_action": chat.pending.action()} if chat.pending else {}
        return shown | {
            "last_error": {"code": chat.error[0], "msg": chat.error[1]},
            "status": chat.status,
            "usage": chat.usage,
            **required,
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

    def completed(self, message: Message, chat: Chat) -> dict[str, Any]:
        """The Message object when the message is complete."""
        return self.message(message, chat)

    def waits_for(self, require: Require) -> bool:  # noqa: ARG002
        """Whether a chat stops for this, or ends."""
        return True

    def listed_message(self, message: Message, conversation: Conversation) -> dict[str, Any]:
        """The Message object of a conversation's list; one of its times is a string."""
        reasoning = {"reasoning_content": message.reasoning} if message.reasoning else {}
        return reasoning | {
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
            "updated_at": str(message.updated_at),
        }

    def conversation(self, conversation: Conversation) -> dict[str, Any]:
        """The Conversation object."""
        return {
            "id": conversation.id,
            "name": conversation.name,
            "meta_data": conversation.meta_data,
            "created_at": conversation.created_at,
            "updated_at": conversation.updated_at,
            "creator_id": _ACCOUNT,
            "connector_id": conversation.connector_id,
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
