"""A self-hosted Coze Studio, and all that tells it apart from the cloud on the wire."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from bridge.sandbox.coze import paging
from bridge.sandbox.coze.bodies import ChatBody, check_studio, studio_enters
from bridge.sandbox.coze.contents import StudioContents
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.faults import HttpError, JsonError, RunFails
from bridge.sandbox.coze.memory import Chat, Conversation, Message
from bridge.sandbox.coze.objects import words_of
from bridge.sandbox.coze.refusals import Refused, studio_refusal
from bridge.sandbox.coze.script import Require


class Studio(Cloud):
    """A self-hosted Coze Studio."""

    lookup_methods: ClassVar = ["GET"]
    stream_headers: ClassVar[Mapping[str, str]] = {
        "X-Accel-Buffering": "no",
        "Cache-Control": "no-cache",
    }
    cancelled: ClassVar = "cancelled"
    waiting: ClassVar = "required_action"
    tells_of_waiting: ClassVar = False
    contents: ClassVar = StudioContents()
    enters: ClassVar = staticmethod(studio_enters)
    window: ClassVar = staticmethod(paging.studio_window)
    page: ClassVar = staticmethod(paging.studio_page)
    shortcuts_ask: ClassVar = False
    edits_messages: ClassVar = False
    streams_cards: ClassVar = True
    completes_thoughts: ClassVar = False
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
        body = {} if data is None or data == [] else {key: data}
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
        several = message.content_type == "object_string"
        return super().message(message, chat) | {
            "content": words_of(message.content, message.content_type),
            "content_type": "mix" if several else message.content_type,
            "created_at": message.created_at,
            "reasoning_content": message.reasoning,
        }

    def completed(self, message: Message, chat: Chat) -> dict[str, Any]:
        """The Message object when the message is complete, in which its reasoning is missing."""
        return self.message(replace(message, reasoning=""), chat)

    def waits_for(self, require: Require) -> bool:
        """Whether a chat stops for this; a question to the user ends it."""
        return any(call.type == "function" for call in require.calls)

    def listed_message(self, message: Message, conversation: Conversation) -> dict[str, Any]:
        """The Message object of a conversation's list."""
        return super().listed_message(message, conversation) | {
            "updated_at": message.updated_at,
            "reasoning_content": message.reasoning,
        }

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
