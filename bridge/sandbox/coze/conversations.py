"""The endpoints for conversations, and what can be asked of the bot and the account."""

from dataclasses import dataclass
from typing import Any

from bridge.sandbox.coze import bodies
from bridge.sandbox.coze.bodies import ListBody, NewConversationBody
from bridge.sandbox.coze.calls import Call, Page, Result
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.memory import Conversation, Memory, Message
from bridge.sandbox.coze.refusals import Refused, Why


@dataclass
class Bot:
    """How the bot presents itself; `capitalised` spells its opening as some endpoints do."""

    name: str = "Sandbox"
    description: str = "A simulated bot that remembers what you said."
    prologue: str = "Hello! I am a simulated bot. 你好！"
    suggested_questions: tuple[str, ...] = ("What can you do?", "Tell me something long")
    capitalised: bool = False

    def onboarding(self) -> dict[str, Any]:
        """The onboarding_info object."""
        if self.capitalised:
            return {
                "Prologue": self.prologue,
                "SuggestedQuestions": self.suggested_questions,
                "OnboardingMode": 2,
            }
        return {"prologue": self.prologue, "suggested_questions": self.suggested_questions}


class Conversations:
    """Creates, shows, clears and lists conversations; presents the bot."""

    def __init__(self, memory: Memory, dialect: Cloud, bot_id: str, bot: Bot) -> None:
        self._memory = memory
        self._dialect = dialect
        self._bot_id = bot_id
        self._bot = bot

    def create(self, call: Call) -> Result:
        """POST /v1/conversation/create."""
        body = bodies.parse(call.body, NewConversationBody)
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
        return self._dialect.conversation(self._find(conversation_id))

    def clear(self, call: Call) -> Result:
        """POST /v1/conversations/{conversation_id}/clear: the bot forgets, the list does not."""
        conversation = self._find(call.path["conversation_id"])
        conversation.section_id = self._memory.new_id()
        return {"id": conversation.section_id, "conversation_id": conversation.id}

    def messages(self, call: Call) -> Result:
        """POST /v1/conversation/message/list."""
        (conversation_id,) = call.required("conversation_id")
        conversation = self._find(conversation_id)
        body = bodies.parse(call.body, ListBody)
        limit = 50 if body.limit is None else body.limit
        if not 1 <= limit <= 50:
            raise Refused(Why.PARAMETER, "limit")
        found = [m for m in conversation.messages if body.chat_id in {None, "", m.chat_id}]
        if body.order != "asc":
            found.reverse()
        shown, more = _window(found, body, limit)
        return Page(
            [self._dialect.listed_message(message, conversation) for message in shown],
            {
                "has_more": more,
                "first_id": shown[0].id if shown else "0",
                "last_id": shown[-1].id if shown else "0",
            },
        )

    def bot_by_path(self, call: Call) -> Result:
        """GET /v1/bots/{bot_id}."""
        return self._presented(call.path["bot_id"])

    def bot_by_query(self, call: Call) -> Result:
        """GET /v1/bot/get_online_info, the older one."""
        return self._presented(*call.required("bot_id"))

    def me(self, call: Call) -> Result:  # noqa: ARG002
        """GET /v1/users/me."""
        return {
            "user_id": "2478774393250011",
            "user_name": "sandbox",
            "nick_name": "Sandbox",
            "avatar_url": "https://example.com/avatar.png",
        }

    def _find(self, conversation_id: str) -> Conversation:
        conversation = self._memory.conversations.get(conversation_id)
        if conversation is None:
            raise Refused(Why.NO_CONVERSATION)
        return conversation

    def _presented(self, bot_id: str) -> dict[str, Any]:
        if bot_id != self._bot_id:
            raise Refused(Why.NO_BOT, bot_id)
        return {
            "bot_id": bot_id,
            "name": self._bot.name,
            "description": self._bot.description,
            "icon_url": "https://example.com/icon.png",
            "create_time": 1715689059,
            "update_time": 1716388526,
            "version": "1716388526000",
            "prompt_info": {"prompt": ""},
            "onboarding_info": self._bot.onboarding(),
            "bot_mode": 0,
            "plugin_info_list": [],
            "workflow_info_list": [],
            "shortcut_commands": [],
        }


def _window(found: list[Message], body: ListBody, limit: int) -> tuple[list[Message], bool]:
    """The messages after one, before one, or the first; and whether there are more that way."""
    places = {message.id: at for at, message in enumerate(found)}
    if body.before_id in places:
        found = found[: places[body.before_id]]
        return found[-limit:], len(found) > limit
    if body.after_id in places:
        found = found[places[body.after_id] + 1 :]
    return found[:limit], len(found) > limit
