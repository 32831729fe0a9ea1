"""The endpoints for conversations, and what can be asked of the account."""

import time

from bridge.sandbox.coze import bodies
from bridge.sandbox.coze.bodies import NameBody, NewConversationBody
from bridge.sandbox.coze.calls import Call, Result
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.memory import Memory, Message
from bridge.sandbox.coze.refusals import Refused, Why


class Conversations:
    """Creates, shows, lists, renames, clears and deletes conversations."""

    def __init__(self, memory: Memory, dialect: Cloud, bot_id: str) -> None:
        self._memory = memory
        self._dialect = dialect
        self._bot_id = bot_id

    @property
    def routes(self) -> Table:
        """Where conversations are."""
        path = "/v1/conversations/{conversation_id}"
        return [
            ("/v1/conversation/create", ["POST"], self.create),
            ("/v1/conversation/retrieve", ["GET"], self.retrieve),
            ("/v1/conversations", ["GET"], self.list),
            (path, ["PUT"], self.rename),
            (path, ["DELETE"], self.delete),
            (f"{path}/clear", ["POST"], self.clear),
        ]

    def create(self, call: Call) -> Result:
        """POST /v1/conversation/create."""
        body = bodies.parse(call.body, NewConversationBody)
        if not self._dialect.edits_messages:  # nor does it know of those in the body
            body.name = body.messages = None
        messages = body.messages or []
        if len(body.name or "") > 100:
            raise Refused(Why.PARAMETER)
        if len(messages) > 16:
            raise Refused(Why.TOO_MANY_MESSAGES)
        for limited in (body.meta_data, *(message.meta_data for message in messages)):
            bodies.check_meta_data(limited)
        bodies.check_messages(messages)
        if body.bot_id not in {None, "", self._bot_id}:
            raise Refused(Why.WRONG_BOT)
        conversation = self._memory.open(body.bot_id or "", body.name or "")
        conversation.meta_data = body.meta_data or {}
        conversation.connector_id = body.connector_id or "1024"
        conversation.messages = [
            Message(
                self._memory.new_id(),
                message.role,
                message.type or "question",
                message.content,
                conversation.section_id,
                message.content_type,
                meta_data=message.meta_data or {},
            )
            for message in messages
        ]
        return self._dialect.conversation(conversation)

    def retrieve(self, call: Call) -> Result:
        """GET /v1/conversation/retrieve."""
        (conversation_id,) = call.required("conversation_id")
        return self._dialect.conversation(self._memory.find(conversation_id))

    def clear(self, call: Call) -> Result:
        """POST /v1/conversations/{conversation_id}/clear: the bot forgets, the list does not."""
        conversation = self._memory.find(call.path["conversation_id"])
        conversation.section_id = self._memory.new_id()
        conversation.updated_at = int(time.time())
        return {"id": conversation.section_id, "conversation_id": conversation.id}

    def list(self, call: Call) -> Result:
        """GET /v1/conversations: those that were made for the bot."""
        (bot_id,) = call.required("bot_id")
        number, size = self._dialect.page(call.query)
        connector = call.query.get("connector_id") or "1024"
        found = [
            conversation
            for conversation in self._memory.conversations.values()
            if (conversation.bot_id, conversation.connector_id) == (bot_id, connector)
        ]
        if call.query.get("sort_order", "").upper() != "ASC":
            found.reverse()
        rest = found[(number - 1) * size :]
        shown = [self._dialect.conversation(conversation) for conversation in rest[:size]]
        return {"has_more": len(rest) > size, "conversations": shown}

    def rename(self, call: Call) -> Result:
        """PUT /v1/conversations/{conversation_id}."""
        conversation = self._memory.find(call.path["conversation_id"])
        body = bodies.parse(call.body, NameBody)
        if len(body.name) > 100:
            raise Refused(Why.PARAMETER)
        conversation.name, conversation.updated_at = body.name, int(time.time())
        return self._dialect.conversation(conversation)

    def delete(self, call: Call) -> Result:
        """DELETE /v1/conversations/{conversation_id}: for good."""
        conversation = self._memory.find(call.path["conversation_id"])
        del self._memory.conversations[conversation.id]
        return None

    def me(self, call: Call) -> Result:  # noqa: ARG002
        """GET /v1/users/me."""
        return {
            "user_id": "2478774393250011",
            "user_name": "sandbox",
            "nick_name": "Sandbox",
            "avatar_url": "https://example.com/avatar.png",
        }
