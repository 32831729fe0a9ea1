"""The endpoints under /v3/chat."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from bridge.sandbox.coze import bodies
from bridge.sandbox.coze.bodies import CancelBody, ChatBody, EnterMessage, OutputsBody
from bridge.sandbox.coze.calls import Call, Result
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.faults import Fault, RunFails
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.memory import Chat, Conversation, Memory, Message
from bridge.sandbox.coze.questions import Reader
from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.run import Run
from bridge.sandbox.coze.script import (
    Answer,
    Attached,
    Command,
    Noise,
    Require,
    Script,
    deltas,
)


@dataclass(frozen=True)
class Asked:
    """A chat that was accepted; `conversation_id` is the one asked for, if any."""

    body: Mapping[str, Any]
    conversation_id: str | None
    meta: Mapping[str, str]
    chat_id: str
    user_id: str
    text: str
    files: tuple[Attached, ...] = ()
    command: Command | None = None


class Chats:
    """Starts, shows, continues and cancels chats of one bot."""

    def __init__(
        self,
        memory: Memory,
        dialect: Cloud,
        reader: Reader,
        *,
        bot_id: str,
        answer: Script,
        pace: float,
        changed: Callable[[], None],
    ) -> None:
        self.asked: list[Asked] = []
        self._memory = memory
        self._dialect = dialect
        self._reader = reader
        self._bot_id = bot_id
        self._answer = answer
        self._pace = pace
        self._changed = changed
        self._runs: dict[str, Run] = {}
        self._unsaved: set[str] = set()

    @property
    def routes(self) -> Table:
        """Where one chats; Coze Studio has no way to submit outputs."""
        lookups = self._dialect.lookup_methods
        table: Table = [
            ("/v3/chat", ["POST"], self.start),
            ("/v3/chat/retrieve", lookups, self.retrieve),
            ("/v3/chat/message/list", lookups, self.messages),
            ("/v3/chat/cancel", ["POST"], self.cancel),
        ]
        if self._dialect.tells_of_waiting:
            table.append(("/v3/chat/submit_tool_outputs", ["POST"], self.submit))
        return table

    def start(self, call: Call) -> Result:
        """POST /v3/chat."""
        body = bodies.parse(call.body, ChatBody, Why.CHAT_BODY)
        streaming = self._dialect.streams_by_default if body.stream is None else body.stream
        self._dialect.check(body, streaming=streaming)
        if body.bot_id != self._bot_id:
            raise Refused(Why.NO_AGENT, body.bot_id, streaming=streaming)
        messages = self._reader.entered(body)
        wanted = call.query.get("conversation_id") or None
        conversation = self.conversation(wanted)
        try:
            question = self._reader.question(body, messages, conversation)
        except Refused as refused:
            raise Refused(refused.why, refused.detail, streaming=streaming) from refused
        answer = _played(self._answer(question), call.fault)
        chat = self._open(body, conversation, messages)
        chat.spoken_to = any(file.type == "audio" for file in question.files)
        self.asked.append(
            Asked(
                msgspec.json.decode(call.body),
                wanted,
                chat.meta_data,
                chat.id,
                chat.user_id,
                question.text,
                question.files,
                question.command,
            )
        )
        run = self._run(chat, conversation, answer)
        self.keep(run, run.start())
        return run if streaming else self._dialect.chat(chat)

    def submit(self, call: Call) -> Result:
        """POST /v3/chat/submit_tool_outputs: the outputs of all calls that a chat waits for."""
        conversation_id, chat_id = call.required("conversation_id", "chat_id")
        body = bodies.parse(call.body, OutputsBody)
        if chat_id in self._unsaved:
            raise Refused(Why.UNSAVED_OUTPUTS)
        chat = self._chat(conversation_id, chat_id)
        require = _answered(chat, body)
        conversation = self.conversation(conversation_id)
        outputs = {output.tool_call_id: output.output for output in body.tool_outputs}
        answer = _played(require.then(outputs), call.fault)
        told = tuple(Noise("tool_response", output) for output in outputs.values())
        chat.status, chat.pending = "in_progress", None
        run = self._run(chat, conversation, replace(answer, noise=(*told, *answer.noise)))
        self.keep(run, run.go_on())
        return run if body.stream else self._dialect.chat(chat)

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

    def conversation(self, wanted: str | None) -> Conversation:
        """The one that was asked for, if nothing runs in it, or a new one.

        Raises:
            Refused: there is none, or it is busy.
        """
        if wanted is None:
            return self._memory.open(self._bot_id)
        conversation = self._memory.conversations.get(wanted)
        if conversation is None:
            raise Refused(Why.NO_CONVERSATION)
        if self._dialect.one_chat_at_a_time and conversation.busy:
            raise Refused(Why.BUSY)
        return conversation

    def _open(
        self, body: ChatBody, conversation: Conversation, messages: list[EnterMessage]
    ) -> Chat:
        saved = self._dialect.always_saves or body.auto_save_history is not False
        chat = Chat(
            self._memory.new_id(),
            conversation.id,
            conversation.section_id,
            self._bot_id,
            body.user_id,
            saved,
            body.meta_data or {},
            shows_cards=bool(body.enable_card),
        )
        if saved:
            chat.inserted = [self._entered(message, chat) for message in messages]
            conversation.messages += chat.inserted
            conversation.chats[chat.id] = chat
        else:
            self._unsaved.add(chat.id)
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
        return Run(
            chat,
            conversation,
            answer,
            memory=self._memory,
            dialect=self._dialect,
            pace=self._pace,
            changed=self._changed,
        )

    def keep(self, run: Run, task: asyncio.Task[None]) -> None:
        """Let a run be cancelled as long as it goes on."""
        self._runs[run.chat.id] = run
        task.add_done_callback(lambda _: self._runs.pop(run.chat.id))


def _played(answer: Answer | str, fault: Fault | None) -> Answer:
    """What the script says, as it will be streamed."""
    if isinstance(answer, str):
        answer = Answer((deltas(answer),))
    return replace(answer, fails=fault) if isinstance(fault, RunFails) else answer


def _answered(chat: Chat, body: OutputsBody) -> Require:
    """What the chat waits for, if these are the outputs.

    Raises:
        Refused: it does not wait, or not for these.
    """
    given = sorted(output.tool_call_id for output in body.tool_outputs)
    if chat.pending is None or given != sorted(call.id for call in chat.pending.calls):
        raise Refused(Why.PARAMETER)
    return chat.pending
