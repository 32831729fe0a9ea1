"""A chat that a workflow answers: what its nodes say become messages."""

from collections.abc import Callable
from dataclasses import replace

from bridge.sandbox.coze.faults import RunFails
from bridge.sandbox.coze.memory import Chat, Conversation, Memory, Message
from bridge.sandbox.coze.run import Run
from bridge.sandbox.coze.script import Answer, Require, ToolCall
from bridge.sandbox.coze.workflow_chat_wire import CloudFlow, StudioFlow
from bridge.sandbox.coze.workflow_run import Execution, Interrupt, Listener, Packet


class FlowRun(Run, Listener):
    """Lets `execution` go on in `chat`, until it ends or asks; `fails` is scripted by a test."""

    def __init__(
        self,
        chat: Chat,
        conversation: Conversation,
        execution: Execution,
        *,
        memory: Memory,
        dialect: CloudFlow | StudioFlow,
        fails: RunFails | None,
        changed: Callable[[], None],
    ) -> None:
        super().__init__(
            chat,
            conversation,
            Answer(),
            memory=memory,
            dialect=dialect,
            pace=0,
            changed=changed,
        )
        self._flow = dialect
        self._execution = execution
        self._fails = fails
        self._saying: Message | None = None

    async def _speak(self) -> None:
        run = self._execution.run
        await self._execution.go_on(self, self._fails)
        usage = run.usage["input_count"], run.usage["output_count"]
        self._answer = replace(self._answer, usage=usage)
        if run.status == "failed":
            failed = self._fails or RunFails(str(run.error[0]), run.error[1], shape="bare")
            self._answer = replace(self._answer, fails=failed)
            await self._before_the_end()  # which fails
        if run.interrupt:
            self._ask(run.interrupt)
        elif self._flow.marks:
            self._say("verbose", self._flow.contents.finish())

    def said(self, packet: Packet) -> None:
        """A node says something: a message, unless it is only what a program would read."""
        if packet.variables and not self._flow.speaks_variables:
            return
        if packet.number == 0 or self._saying is None:
            self._saying = self._message("answer", "")
        self._saying.content += packet.content
        self._emit_delta(self._saying, content=packet.content)
        if packet.last:
            self._store(self._saying)

    def _ask(self, interrupt: Interrupt) -> None:
        content, kind = self._flow.asked(interrupt.ask)
        message = self._message("answer", content, kind)
        if kind == "text":
            self._emit_delta(message, content=content)
        self._store(message)
        call = ToolCall(interrupt.event_id.partition("/")[2], type="reply_message")
        require = Require((call,))
        if self._flow.marks:
            self._interrupt(require)
        self._answer = replace(self._answer, require=require)
