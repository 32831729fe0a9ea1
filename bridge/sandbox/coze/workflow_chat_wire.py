"""Chatflows on the wire: the chats of /v3/chat in the dress of a workflow."""

import time
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.faults import RunFails
from bridge.sandbox.coze.memory import Chat, Message
from bridge.sandbox.coze.script import Card, Require
from bridge.sandbox.coze.studio import Studio
from bridge.sandbox.coze.workflow_run import WorkflowRun
from bridge.sandbox.coze.workflow_script import Ask
from bridge.sandbox.coze.workflow_studio import StudioWire
from bridge.sandbox.coze.workflow_wire import CloudWire, as_json, form


class CloudFlow(Cloud):
    """The cloud's stream of one chat of a chatflow."""

    stream_headers: ClassVar = CloudWire.stream_headers
    speaks_variables: ClassVar = False  # at the end
    marks: ClassVar = True  # the end of the answers, and an interrupt

    def __init__(self, run: WorkflowRun, wire: CloudWire) -> None:
        self._run = run
        self._wire = wire

    def event(self, name: str, value: object) -> bytes:
        """One server-sent event, without a number."""
        return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(value))

    def chat(self, chat: Chat) -> dict[str, Any]:
        """The Chat object, which has no bot."""
        shown = super().chat(chat)
        del shown["bot_id"]
        return shown

    def created(self, chat: Chat) -> dict[str, Any]:
        """The Chat object of the first event."""
        return self.chat(chat)

    def message(self, message: Message, chat: Chat) -> dict[str, Any]:
        """The Message object, which has no bot."""
        shown = super().message(message, chat)
        del shown["bot_id"]
        return shown

    def completed(self, message: Message, chat: Chat) -> dict[str, Any]:
        """The Message object when the message is complete."""
        now = int(time.time())
        times = {"created_at": now, **({"updated_at": now} if message.type == "verbose" else {})}
        return self.message(message, chat) | times

    def done(self) -> bytes:
        """The last event."""
        return self.event("done", {"debug_url": self._wire.debug_url(self._run)})

    def asked(self, ask: Ask) -> tuple[str, str]:
        """Content and content type of a question; of a form, its fields."""
        if ask.parameters:
            return as_json(form(ask)), "text"
        return self.contents.card(Card(ask.question, ask.options), enabled=False)


class StudioFlow(Studio):
    """Coze Studio's stream of one chat of a chatflow, after its chatflow.go."""

    stream_headers: ClassVar[Mapping[str, str]] = StudioWire.stream_headers
    waiting: ClassVar = "requires_action"
    tells_of_waiting: ClassVar = True
    speaks_variables: ClassVar = True
    marks: ClassVar = False

    def __init__(self, run: WorkflowRun, wire: CloudWire) -> None:
        self._run = run
        self._wire = wire
        self._number = 0

    def event(self, name: str, value: object) -> bytes:
        """One server-sent event; they are numbered from 1."""
        self._number += 1
        data = msgspec.json.encode(value)
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (self._number, name.encode(), data)

    def chat(self, chat: Chat) -> dict[str, Any]:
        """The Chat object; only when it is completed it has a bot."""
        completed = chat.status == "completed"
        return {
            "id": chat.id,
            "conversation_id": chat.conversation_id,
            **({"bot_id": chat.bot_id} if completed else {}),
            "status": chat.status,
            **({"usage": chat.usage} if completed else {}),
            "execute_id": self._run.execute_id,
            "section_id": chat.section_id,
        }

    def message(self, message: Message, chat: Chat) -> dict[str, Any]:
        """The Message object."""
        return {
            "id": message.id,
            "chat_id": chat.id,
            "conversation_id": chat.conversation_id,
            "bot_id": chat.bot_id,
            "role": message.role,
            "type": message.type,
            "content": message.content,
            "content_type": message.content_type,
            "section_id": message.section_id,
        }

    def waits_for(self, require: Require) -> bool:  # noqa: ARG002
        """Whether a chat stops for this."""
        return True

    def failure(self, chat: Chat, fails: RunFails) -> bytes:  # noqa: ARG002
        """The last event of a run that failed; its code is a string."""
        url = self._wire.debug_url(self._run)
        told = {"code": str(fails.code), "msg": fails.msg, "debug_url": url}
        return self._wire.exception(fails) or self.event("error", told)

    def done(self) -> bytes:
        """The last event."""
        return self.event("done", {"debug_url": self._wire.debug_url(self._run)})

    def asked(self, ask: Ask) -> tuple[str, str]:
        """Content and content type of a question: options and forms are cards.

        The card's own layout, in `data`, is cut short here.
        """
        if ask.parameters:
            info: dict[str, Any] = {"card_type": "INPUT", "input_card_data": form(ask)}
        elif ask.options:
            options = [{"name": option} for option in ask.options]
            asked = {"Title": ask.question, "Options": options}
            info = {"card_type": "QUESTION", "question_card_data": asked}
        else:
            return ask.question, "text"
        card = {
            "card_type": 3,
            "content_type": 50,
            "response_type": "card",
            "template_id": 7383997384420262000,
            "template_url": "",
            "data": as_json({"elements": {}, "rootID": "root", "variables": {}}),
            "x_properties": {"workflow_card_info": as_json(info)},
        }
        return as_json(card), "card"
