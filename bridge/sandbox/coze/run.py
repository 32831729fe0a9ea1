"""One run of the bot: it streams by the clock, whether or not anyone is listening."""

import asyncio
import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from bridge.sandbox.coze.dialects import Cloud
from bridge.sandbox.coze.events import EventStream
from bridge.sandbox.coze.faults import RunFails
from bridge.sandbox.coze.memory import Chat, Conversation, Memory, Message
from bridge.sandbox.coze.script import Answer, Card, Require, Tool

_DIED = RunFails(msg="event interval error")
_SILENCE = base64.b64encode(bytes(960)).decode()  # 20 ms of 16-bit PCM at 24 kHz


class _Failed(Exception):
    pass


class Run(EventStream):
    """Stores `answer` in `chat` and `conversation` as time goes by; iterates over its events."""

    def __init__(
        self,
        chat: Chat,
        conversation: Conversation,
        answer: Answer,
        *,
        memory: Memory,
        dialect: Cloud,
        pace: float,
        changed: Callable[[], None],
    ) -> None:
        super().__init__()
        self.chat = chat
        self._conversation = conversation
        self._answer = answer
        self._memory = memory
        self._dialect = dialect
        self._pace = pace if answer.pace is None else answer.pace
        self._changed = changed
        self._delta = 0  # number of the next one
        self._due = 0.0  # of the delta before it, on the loop's clock
        self._answered: Message | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        """Announce the chat and let it run; the caller keeps the task."""
        self._emit("conversation.chat.created", self._dialect.created(self.chat))
        return self.go_on()

    def go_on(self) -> asyncio.Task[None]:
        """Let a chat run that was announced before; the caller keeps the task."""
        self._conversation.running = self.chat
        self._task = asyncio.create_task(self._perform())
        return self._task

    @property
    def headers(self) -> Mapping[str, str]:
        """Those of the response."""
        return {**super().headers, **self._dialect.stream_headers}

    def cancel(self) -> None:
        """Mark the chat as cancelled; whether the stream notices depends on the dialect."""
        self.chat.status = self._dialect.cancelled
        if self._dialect.cancel_ends_stream:
            self._emit("conversation.chat.cancelled", self._dialect.chat(self.chat))
            self._end()
        self._changed()

    def die(self) -> None:
        """End as failed at once."""
        self._fail(_DIED)
        self._end()

    async def _perform(self) -> None:
        if self.chat.active:
            self.chat.status = "in_progress"
        self._emit("conversation.chat.in_progress", self._dialect.chat(self.chat))
        self._due = asyncio.get_running_loop().time()
        try:
            await self._speak()
        except _Failed:
            self._fail(self._answer.fails or _DIED)
        else:
            require = self._answer.require
            if require and self._dialect.waits_for(require):
                self._wait(require)
            else:
                self._complete()
        self._end()

    async def _speak(self) -> None:
        contents = self._dialect.contents
        for noise in self._answer.noise:
            self._say(noise.type, noise.content, noise.content_type)
        for tool in self._answer.tools:
            await self._use(tool)
        for card in self._answer.cards:
            self._show(card)
        await self._reply()
        if self._answer.require:
            self._interrupt(self._answer.require)
            return
        self._say("verbose", contents.finish())
        for follow_up in self._answer.follow_ups:
            self._say("follow_up", follow_up)

    async def _use(self, tool: Tool) -> None:
        self._say("function_call", self._dialect.contents.used(tool))
        await asyncio.sleep(tool.seconds)
        if tool.gate:
            await tool.gate.wait()
        self._say("tool_response", tool.output)
        self._due = asyncio.get_running_loop().time()

    def _show(self, card: Card) -> None:
        content, kind = self._dialect.contents.card(card, enabled=self.chat.shows_cards)
        message = self._message("answer", content, kind)
        if kind == "text" or self._dialect.streams_cards:
            self._emit_delta(message, content=content)
        self._store(message)

    async def _reply(self) -> None:
        answers = self._answer.answers or ((),)
        for at, deltas in enumerate(answers):
            message = self._message("answer", "")
            if at == 0 and self._answer.reasoning:
                message = await self._think(message)
            await self._stream(message, deltas, last=at == len(answers) - 1)

    async def _think(self, message: Message) -> Message:
        """Stream the reasoning as part of `message`; returns the one that goes on."""
        for thought in self._answer.reasoning:
            await self._tick()
            self._emit_delta(message, reasoning=thought)
        message.reasoning = "".join(self._answer.reasoning)
        if not self._answer.apart:
            return message
        answer = self._message("answer", "")
        if self._dialect.completes_thoughts:
            self._store(message)
        else:
            answer.reasoning = message.reasoning
        return answer

    async def _stream(self, message: Message, deltas: tuple[str, ...], *, last: bool) -> None:
        for delta in deltas:
            await self._tick()
            self._emit_delta(message, content=delta)
        message.content = "".join(deltas)
        if last:
            await self._before_the_end()
            message.content = self._answer.final or message.content
        if message.content or message.reasoning:
            self._store(message)
            self._answered = message

    async def _tick(self) -> None:
        """Wait until the next delta is due, by a schedule that does not drift."""
        answer, number = self._answer, self._delta
        if answer.fails and number >= answer.fails.after:
            raise _Failed
        now = asyncio.get_running_loop().time
        if answer.gate and number == answer.gate_at and not answer.gate.is_set():
            await answer.gate.wait()
            self._due = now()
        self._due += self._pace + answer.pauses.get(number, 0.0)
        await asyncio.sleep(max(0.0, self._due - now()))
        self._delta += 1

    async def _before_the_end(self) -> None:
        if self._answer.gate and self._answer.gate_at >= self._delta:
            await self._answer.gate.wait()
        if self._answer.fails:
            raise _Failed

    def _message(self, kind: str, content: str, content_type: str = "text") -> Message:
        return Message(
            self._memory.new_id(),
            "assistant",
            kind,
            content,
            self.chat.section_id,
            content_type,
            self.chat.id,
            self.chat.user_id,
        )

    def _say(self, kind: str, content: str, content_type: str = "text") -> None:
        self._store(self._message(kind, content, content_type))

    def _store(self, message: Message) -> None:
        shown = self._dialect.completed(message, self.chat)
        if self.chat.saved and self.chat.active:
            self.chat.messages.append(message)
            if message.type == "answer" and message.content:
                self._conversation.messages.append(message)
        self._emit("conversation.message.completed", shown)

    def _emit_delta(self, message: Message, *, content: str = "", reasoning: str = "") -> None:
        delta = replace(message, content=content, reasoning=reasoning)
        self._emit("conversation.message.delta", self._dialect.message(delta, self.chat))

    def _interrupt(self, require: Require) -> None:
        contents = self._dialect.contents
        for call in require.calls:
            if call.type == "function":
                self._say("function_call", contents.required(call))
        self._say("verbose", contents.interrupt())
        self._say("verbose", contents.finish(contents.after_interrupt))

    def _wait(self, require: Require) -> None:
        """Stop until the outputs of the calls are submitted."""
        self._count()
        chat, waiting = self.chat, self._dialect.waiting
        if chat.active:
            chat.status, chat.pending, chat.completed_at = waiting, require, int(time.time())
        if self._dialect.tells_of_waiting:
            shown = self._dialect.chat(replace(chat, status=waiting, pending=require))
            self._emit("conversation.chat.requires_action", shown)
        self._put(self._dialect.done())

    def _complete(self) -> None:
        self._count()
        if self.chat.active:
            self.chat.completed_at = int(time.time())
            self.chat.status = "completed"
        # A cancelled chat stays so, but its stream has not heard of it.
        shown = self._dialect.chat(self.chat) | {"status": "completed"}
        self._emit("conversation.chat.completed", shown)
        if self.chat.spoken_to and self._answered:
            spoken = replace(self._answered, content=_SILENCE, content_type="audio", reasoning="")
            self._emit("conversation.audio.delta", self._dialect.message(spoken, self.chat))
        self._put(self._dialect.done())

    def _count(self) -> None:
        used = self._answer.tokens(sum(len(m.content) for m in self.chat.inserted))
        before = self.chat.usage
        self.chat.usage = {name: before[name] + count for name, count in used.items()}

    def _fail(self, fails: RunFails) -> None:
        chat, error = self.chat, (int(fails.code), fails.msg)
        failed = replace(chat, status="failed", failed_at=int(time.time()), error=error)
        if chat.active:
            chat.status, chat.failed_at, chat.error = failed.status, failed.failed_at, error
        self._put(self._dialect.failure(failed, fails))

    def _emit(self, event: str, value: object) -> None:
        self._put(self._dialect.event(event, value))

    def _put(self, event: bytes) -> None:
        self._queue.put_nowait(event)
        self._changed()

    def _end(self) -> None:
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()
        self._queue.put_nowait(None)
        self._changed()
