"""The endpoints for the messages of a conversation."""

import time

from bridge.sandbox.coze import bodies, objects
from bridge.sandbox.coze.bodies import ChangedMessageBody, ListBody, NewMessageBody
from bridge.sandbox.coze.calls import Call, Page, Result
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.memory import Conversation, Memory, Message
from bridge.sandbox.coze.objects import Uploads
from bridge.sandbox.coze.refusals import Refused, Why


class Messages:
    """Creates, shows, changes, deletes and lists messages."""

    def __init__(self, memory: Memory, dialect: Cloud, uploads: Uploads) -> None:
        self._memory = memory
        self._dialect = dialect
        self._uploads = uploads

    @property
    def routes(self) -> Table:
        """Where messages are; Coze Studio can do no more than list them."""
        path = "/v1/conversation/message"
        table: Table = [(f"{path}/list", ["POST"], self.list)]
        if self._dialect.edits_messages:
            table += [
                (f"{path}/create", ["POST"], self.create),
                (f"{path}/retrieve", ["GET"], self.retrieve),
                (f"{path}/modify", ["POST"], self.modify),
                (f"{path}/delete", ["POST"], self.delete),
            ]
        return table

    def list(self, call: Call) -> Result:
        """POST /v1/conversation/message/list."""
        (conversation_id,) = call.required("conversation_id")
        conversation = self._memory.find(conversation_id)
        body = bodies.parse(call.body, ListBody)
        found = [m for m in conversation.messages if body.chat_id in {None, "", m.chat_id}]
        shown, more = self._dialect.window(found, body)
        return Page(
            [self._dialect.listed_message(message, conversation) for message in shown],
            {
                "has_more": more,
                "first_id": shown[0].id if shown else "0",
                "last_id": shown[-1].id if shown else "0",
            },
        )

    def create(self, call: Call) -> Result:
        """POST /v1/conversation/message/create: it becomes context, and nobody answers."""
        (conversation_id,) = call.required("conversation_id")
        conversation = self._memory.find(conversation_id)
        body = bodies.parse(call.body, NewMessageBody)
        bodies.check_meta_data(body.meta_data)
        self._check(body.content, body.content_type)
        message = Message(
            self._memory.new_id(),
            body.role,
            "",
            body.content,
            conversation.section_id,
            body.content_type,
            meta_data=body.meta_data or {},
        )
        conversation.messages.append(message)
        return self._dialect.listed_message(message, conversation)

    def retrieve(self, call: Call) -> Result:
        """GET /v1/conversation/message/retrieve."""
        conversation, message = self._found(call)
        return self._dialect.listed_message(message, conversation)

    def modify(self, call: Call) -> Result:
        """POST /v1/conversation/message/modify: what is not given stays as it is."""
        conversation, message = self._found(call)
        body = bodies.parse(call.body, ChangedMessageBody)
        bodies.check_meta_data(body.meta_data)
        if not (body.content or body.meta_data) or (body.content and not body.content_type):
            raise Refused(Why.PARAMETER)
        if body.content and body.content_type:
            self._check(body.content, body.content_type)
            message.content, message.content_type = body.content, body.content_type
        message.meta_data = message.meta_data if body.meta_data is None else body.meta_data
        message.changed_at = int(time.time())
        return self._dialect.listed_message(message, conversation)

    def delete(self, call: Call) -> Result:
        """POST /v1/conversation/message/delete: with an answer goes all that led to it."""
        conversation, message = self._found(call)
        conversation.messages.remove(message)
        if chat := conversation.chats.get(message.chat_id):
            chat.inserted = [each for each in chat.inserted if each is not message]
            if message.type == "answer":
                chat.messages = [
                    each for each in chat.messages if each.type == "answer" and each is not message
                ]
        return self._dialect.listed_message(message, conversation)

    def _found(self, call: Call) -> tuple[Conversation, Message]:
        """A question or an answer; nothing else can be asked for."""
        conversation_id, message_id = call.required("conversation_id", "message_id")
        conversation = self._memory.find(conversation_id)
        for message in conversation.messages:
            if message.id == message_id:
                return conversation, message
        raise Refused(Why.NO_RESOURCE, f"message_id={message_id}")

    def _check(self, content: str, content_type: str) -> None:
        if content_type == "object_string":
            objects.check(content, text_beside=True)
            objects.attached(content, self._uploads)
