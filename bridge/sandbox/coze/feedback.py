"""The endpoint where a reader says what an answer was worth."""

from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from bridge.sandbox.coze import bodies
from bridge.sandbox.coze.calls import Call, Result
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.memory import Memory, Message
from bridge.sandbox.coze.refusals import Refused, Why


class FeedbackBody(Struct):
    """POST /v1/conversations/{conversation_id}/messages/{message_id}/feedback."""

    feedback_type: Literal["like", "unlike"]
    reason_types: list[str] | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Feedback:
    """What was said of an answer."""

    type: Literal["like", "unlike"]
    reasons: tuple[str, ...] = ()
    comment: str = ""


class Feedbacks:
    """Keeps the last feedback on each answer, by conversation and message."""

    def __init__(self, memory: Memory) -> None:
        self.given: dict[tuple[str, str], Feedback] = {}
        self._memory = memory

    @property
    def routes(self) -> Table:
        """Where feedback is given and taken back."""
        path = "/v1/conversations/{conversation_id}/messages/{message_id}/feedback"
        return [(path, ["POST"], self.give), (path, ["DELETE"], self.take_back)]

    def give(self, call: Call) -> Result:
        """POST: the last one counts."""
        body = bodies.parse(call.body, FeedbackBody)
        reasons, comment = tuple(body.reason_types or ()), body.comment or ""
        if len(reasons) > 10 or any(len(reason) > 30 for reason in reasons) or len(comment) > 250:
            raise Refused(Why.PARAMETER)
        self.given[self._place(call)] = Feedback(body.feedback_type, reasons, comment)
        return None

    def take_back(self, call: Call) -> Result:
        """DELETE."""
        self.given.pop(self._place(call), None)
        return None

    def _place(self, call: Call) -> tuple[str, str]:
        """The conversation and the answer, which a chat must have brought, as text."""
        conversation_id, message_id = call.path["conversation_id"], call.path["message_id"]
        message = self._find(conversation_id, message_id)
        if message.type != "answer" or not message.chat_id or message.content_type != "text":
            raise Refused(Why.PARAMETER)
        return conversation_id, message_id

    def _find(self, conversation_id: str, message_id: str) -> Message:
        conversation = self._memory.find(conversation_id)
        said = [message for chat in conversation.chats.values() for message in chat.messages]
        for message in (*conversation.messages, *said):
            if message.id == message_id:
                return message
        raise Refused(Why.NO_RESOURCE, f"message_id={message_id}")
