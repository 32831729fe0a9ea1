"""The endpoint for chatflows."""

from collections.abc import Callable

import msgspec

from bridge.sandbox.coze import bodies
from bridge.sandbox.coze.bodies import check_meta_data
from bridge.sandbox.coze.calls import Call, Result
from bridge.sandbox.coze.chats import Chats
from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.faults import HttpError, JsonError, RunFails
from bridge.sandbox.coze.gateway import Table
from bridge.sandbox.coze.memory import Chat, Conversation, Memory, Message
from bridge.sandbox.coze.objects import text_of
from bridge.sandbox.coze.refusals import Refused, Why
from bridge.sandbox.coze.workflow_bodies import FlowBody, FlowMessage, read
from bridge.sandbox.coze.workflow_chat_run import FlowRun
from bridge.sandbox.coze.workflow_chat_wire import CloudFlow, StudioFlow
from bridge.sandbox.coze.workflow_run import Execution
from bridge.sandbox.coze.workflows import ACCOUNT, Workflows

_NAME = "CONVERSATION_NAME"
_DEFAULT = "Default"
_TYPES = {None, "", "question", "answer", "function_call", "tool_response"}
_LATE = {Why.FLOW_PARAMETERS, Why.FLOW_PARAMETER_MISSING, Why.NO_CONVERSATION_NAME}


class Chatflows:
    """Lets workflows chat; `chats` shows and cancels what they do, as it does its own."""

    def __init__(
        self,
        memory: Memory,
        dialect: Cloud,
        chats: Chats,
        workflows: Workflows,
        changed: Callable[[], None],
    ) -> None:
        self._changed = changed
        self._memory = memory
        self._dialect = dialect
        self._chats = chats
        self._workflows = workflows
        self._named: dict[tuple[str, str], str] = {}  # of an app, the conversation of that name
        self._last: dict[str, Execution] = {}  # in each conversation

    @property
    def routes(self) -> Table:
        """Where one chats with them."""
        return [("/v1/workflows/chat", ["POST"], self.start)]

    def start(self, call: Call) -> Result:
        """POST /v1/workflows/chat; where a chatflow waits, the message is the answer."""
        body = bodies.parse(call.body, FlowBody)
        messages = self._studios(body) if self._workflows.studio else self._clouds(body)
        self._workflows.check(body, streaming=True)
        try:
            conversation = self._conversation(body)
            execution = self._execution(body, messages, conversation)
        except Refused as refused:
            return self._failed(refused)
        return self._run(call, body, messages, conversation, execution)

    def _clouds(self, body: FlowBody) -> list[FlowMessage]:
        """The messages, if the cloud takes the body."""
        messages = body.additional_messages or []
        if len(messages) > 50:
            raise Refused(Why.TOO_MANY_MESSAGES)
        for message in messages:
            check_meta_data(message.meta_data)
        asked = bool(messages) and messages[-1].role == "user"
        placed = bool(body.bot_id) != bool(body.app_id)
        plain = all(map(_plain, messages))
        if not (asked and placed and plain) or body.parameters is None:
            raise Refused(Why.PARAMETER)
        return messages

    def _studios(self, body: FlowBody) -> list[FlowMessage]:
        """The messages, if Coze Studio takes them; what it says is its own English."""
        messages = body.additional_messages or []
        cause = "" if messages else "additional_messages is requird"
        if messages and messages[-1].role != "user":
            cause = "the role of the last day message must be user"
        for message in messages:
            if message.role not in {"user", "assistant"}:
                cause = f"invalid role type {message.role}"
        if cause:
            raise Refused(Why.FLOW_OPERATION, cause)
        return messages

    def _conversation(self, body: FlowBody) -> Conversation:
        """The one of this id, or, for an app, of this name, or a new one."""
        studio, wanted = self._workflows.studio, body.conversation_id
        if studio and wanted and wanted not in self._memory.conversations:
            raise Refused(Why.FLOW_OPERATION, "record not found")
        if studio and wanted and not body.bot_id and wanted not in self._named.values():
            raise Refused(Why.FLOW_OPERATION, "conversation not found")
        if wanted or (body.bot_id and not studio):
            return self._chats.conversation(wanted)
        name = read(body.parameters).get(_NAME, "" if studio else _DEFAULT)
        if not name:
            raise Refused(Why.FLOW_OPERATION, "conversation name is requried")
        return self._chats.conversation(self._by_name(body.app_id or body.bot_id or "", name))

    def _by_name(self, app_id: str, name: str) -> str:
        if (known := self._named.get((app_id, name))) in self._memory.conversations:
            return str(known)
        held = [each.id for each in self._memory.conversations.values() if each.name == name]
        if not (held or self._workflows.studio or name == _DEFAULT):
            raise Refused(Why.NO_CONVERSATION_NAME)
        found = held[0] if held else self._memory.open(name=name).id
        self._named[app_id, name] = found
        return found

    def _execution(
        self, body: FlowBody, messages: list[FlowMessage], conversation: Conversation
    ) -> Execution:
        """The one that waits in this conversation, or a new one."""
        text = messages[-1].content
        last = self._last.get(conversation.id)
        same = last and (self._workflows.studio or last.run.workflow_id == body.workflow_id)
        if last and same and last.run.interrupt:
            last.resume(text)
            return last
        user_id = _user(body) if self._dialect.users_are_isolated else None
        context = conversation.context(user_id)
        said = [(each.role, text_of(each.content, each.content_type)) for each in context]
        said += [(each.role, each.content) for each in messages[:-1]]
        return self._workflows.begin(
            body, "chat", text=text, conversation_id=conversation.id, history=tuple(said)
        )

    def _run(
        self,
        call: Call,
        body: FlowBody,
        messages: list[FlowMessage],
        conversation: Conversation,
        execution: Execution,
    ) -> FlowRun:
        chat = Chat(
            self._memory.new_id(),
            conversation.id,
            conversation.section_id,
            body.bot_id or body.app_id or "",
            _user(body),
            saved=True,
            meta_data={},
        )
        chat.inserted = [self._entered(message, chat) for message in messages]
        conversation.messages += chat.inserted
        conversation.chats[chat.id] = chat
        execution.run.chat_ids.append(chat.id)
        self._last[conversation.id] = execution
        flow = StudioFlow if self._workflows.studio else CloudFlow
        run = FlowRun(
            chat,
            conversation,
            execution,
            memory=self._memory,
            dialect=flow(execution.run, self._workflows.wire),
            fails=call.fault if isinstance(call.fault, RunFails) else None,
            changed=self._changed,
        )
        self._chats.keep(run, run.start())
        return run

    def _entered(self, message: FlowMessage, chat: Chat) -> Message:
        return Message(
            self._memory.new_id(),
            message.role,
            message.type or "question",
            message.content,
            chat.section_id,
            chat_id=chat.id,
            user_id=chat.user_id,
            meta_data=message.meta_data or {},
        )

    def _failed(self, refused: Refused) -> HttpError:
        """What the cloud finds wrong only when it has begun to stream: so its documentation.

        Raises:
            Refused: it is not of that kind.
        """
        error = self._dialect.refusal(refused)
        if refused.why not in _LATE or self._workflows.studio or not isinstance(error, JsonError):
            raise refused
        told = msgspec.json.encode({"code": str(error.code), "msg": error.msg}).decode()
        event = f"event: conversation.chat.failed\ndata: {told}\n\n"
        return HttpError(200, event, self._workflows.wire.stream_headers["content-type"])


def _plain(message: FlowMessage) -> bool:
    """Whether it is a text from somebody who may say one."""
    text = message.content_type == "text" or not (message.content or message.content_type)
    return text and message.role in {"user", "assistant"} and message.type in _TYPES


def _user(body: FlowBody) -> str:
    return (body.ext or {}).get("user_id", ACCOUNT)
