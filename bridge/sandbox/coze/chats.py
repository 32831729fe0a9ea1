"""The endpoints under /v3/chat."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from bridge.sandbox.coze import bodies
from bridge.sandbox.coze.bodies import CancelBody, ChatBody, EnterMessage, text_of
from bridge.sandbox.coze.calls import Call, Result
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.faults import RunFails
from bridge.sandbox.coze.memory import Chat, Conversation, Memory, Message
from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.run import Run
from bridge.sandbox.coze.script import Answer, Question, Script, deltas


@dataclass(frozen=True)
class Asked:
    """A chat that was accepted; `conversation_id` is the one asked for, if any."""

    body: Mapping[str, Any]
    conversation_id: str | None
    meta: Mapping[str, str]
    chat_id: str
    user_id: str
    text: str


class Chats:
    """Starts, shows and cancels chats of one bot."""

    def __init__(
        self,
        memory: Memory,
        dialect: Cloud,
        *,
        bot_id: str,
        answer: Script,
        pace: float,
        changed: Callable[[], None],
    ) -> None:
        self.asked: list[Asked] = []
        self._memory = memory
        self._dialect = dialect
        self._bot_id = bot_id
        self._answer = answer
        self._pace = pace
        self._changed = changed
        self._runs: dict[str, Run] = {}

    def start(self, call: Call) -> Result:
        """POST /v3/chat."""
        body = bodies.parse(call.body, ChatBody, Why.CHAT_BODY)
        streaming = self._dialect.streams_by_default if body.stream is None else body.stream
        self._dialect.check(body, streaming=streaming)
        if body.bot_id != self._bot_id:
            raise Refused(Why.NO_AGENT, body.bot_id, streaming=streaming)
        wanted = call.query.get("conversation_id") or None
        conversation = self._conversation(wanted)
        question = self._question(body, conversation)
        answer = self._scripted(question, call)
        chat = self._open(body, conversation)
        self.asked.append(
            Asked(
                msgspec.json.decode(call.body),
                wanted,
                chat.meta_data,
                chat.id,
                chat.user_id,
                question.text,
            )
        )
        run = self._run(chat, conversation, answer)
        return run if streaming else self._dialect.chat(chat)

    def retrieve(self, call: Call) -> Result:
        """GET /v3/chat/retrieve."""
        conversation_id, chat_id = call.required("conversation_id", "chat_id")
        return self._dialect.chat(self._chat(conversation_id, chat_id))

    def messages(self, call: Call) -> Result:
        """GET /v3/chat/message/list: complete once the chat is."""
        conversation_id, chat_id = call.required("conversation_id", "chat_id")
        if conversation_id not in self._memory.conversations:
            raise Refused(Why.NO_CONVERSATION)
        chat = self._chat(conversation_id, chat_id)
        return [self._dialect.message(message, chat) for message in self._dialect.listed(chat)]

    def cancel(self, call: Call) -> Result:
        """POST /v3/chat/cancel."""
        body = bodies.parse(call.body, CancelBody)
        chat = self._chat(body.conversation_id, body.chat_id, Why.NO_CHAT_TO_CANCEL)
        if not chat.active:
            raise Refused(Why.NOT_CANCELLABLE)
        self._runs[chat.id].cancel()
        return self._dialect.chat(chat)

    def _chat(self, conversation_id: str, chat_id: str, why: Why = Why.NO_CHAT) -> Chat:
        conversation = self._memory.conversations.get(conversation_id)
        chat = conversation.chats.get(chat_id) if conversation else None
        if chat is None:
            raise Refused(why)
        return chat

    def _conversation(self, wanted: str | None) -> Conversation:
        if wanted is None:
            return self._memory.open(self._bot_id)
        conversation = self._memory.conversations.get(wanted)
        if conversation is None:
            raise Refused(Why.NO_CONVERSATION)
        if self._dialect.one_chat_at_a_time and conversation.busy:
            raise Refused(Why.BUSY)
        return conversation

    def _question(self, body: ChatBody, conversation: Conversation) -> Question:
        user_id = body.user_id if self._dialect.users_are_isolated else None
        context = conversation.context(user_id)
        said = [
            (message.role, text_of(message.content, message.content_type))
            for message in (*context, *(body.additional_messages or ()))
        ]
        return Question(
            text=said[-1][1] if said else "",
            user_id=body.user_id,
            conversation_id=conversation.id,
            history=tuple(said[:-1]),
            custom_variables=body.custom_variables or {},
            turn=len({message.chat_id for message in context if message.chat_id}) + 1,
        )

    def _scripted(self, question: Question, call: Call) -> Answer:
        answer = self._answer(question)
        if isinstance(answer, str):
            answer = Answer((deltas(answer),))
        return replace(answer, fails=call.fault) if isinstance(call.fault, RunFails) else answer

    def _open(self, body: ChatBody, conversation: Conversation) -> Chat:
        saved = self._dialect.always_saves or body.auto_save_history is not False
        chat = Chat(
            self._memory.new_id(),
            conversation.id,
            conversation.section_id,
            self._bot_id,
            body.user_id,
            saved,
            body.meta_data or {},
        )
        if saved:
            chat.inserted = [self._entered(m, chat) for m in body.additional_messages or ()]
            conversation.messages += chat.inserted
            conversation.chats[chat.id] = chat
        return chat

    def _entered(self, message: EnterMessage, chat: Chat) -> Message:
        return Message(
            self._memory.new_id(),
            message.role,
            message.type or "question",
            message.content,
            chat.section_id,
            message.content_type,
            chat.id,
            chat.user_id,
            meta_data=message.meta_data or {},
        )

    def _run(self, chat: Chat, conversation: Conversation, answer: Answer) -> Run:
        run = Run(
            chat,
            conversation,
            answer,
            memory=self._memory,
            dialect=self._dialect,
            pace=self._pace,
            changed=self._changed,
        )
        self._runs[chat.id] = run
        run.start().add_done_callback(lambda _: self._runs.pop(chat.id))
        return run
