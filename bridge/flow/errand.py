"""A workflow that a user runs by a command: its inputs, its questions, its output."""

import json
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

from bridge.core.errors import BridgeError, NothingToAsk, Rejected, Retryable, StoreUnavailable
from bridge.core.inputs import FILES, BadInput, converted, missing, typed, unquoted
from bridge.core.model import Asked, Prompt, Reply, ReplyEvent, Started
from bridge.core.parts import given
from bridge.core.ports import Lease, Parameter, Record, Waiting, Workflow
from bridge.core.reply import fold
from bridge.core.routing import turn_id
from bridge.core.texts import say
from bridge.flow.asking import Place
from bridge.flow.operator import Operator
from bridge.flow.preparing import Preparing


class BrokenOffError(Rejected):
    """The bridge was interrupted while a workflow ran that cannot be found again."""

    say = "error.broken_off"


@dataclass(frozen=True, slots=True)
class Command:
    """A workflow, by the command that runs it."""

    name: str
    workflow: Workflow
    main: str  # the input that takes text without a key
    bot: str


class Errand:
    """`turn.Work`: run a workflow once, or go on with one that waits for its user."""

    def __init__(
        self,
        lease: Lease,
        command: Command,
        *,
        place: Place,
        talk: str,
        preparing: Preparing,
        operator: Operator,
        waiting: Waiting | None = None,
        again: Prompt | None = None,
    ) -> None:
        self._lease, self._message, self._command = lease, lease.message, command
        self._place, self._talk, self._waiting = place, talk, waiting
        self._preparing, self._operator = preparing, operator
        self._language = lease.message.user.language
        self._asked_at = time.time()
        self._prompt = again or self._given()
        self.turn = turn_id(self._message.id)

    async def events(self) -> AsyncGenerator[ReplyEvent, None]:
        """See `turn.Work`. A run that Coze did not name cannot be looked for, nor run twice."""
        progress, workflow = self._lease.progress, self._command.workflow
        waiting = self._waiting
        if waiting and waiting.turn == self.turn:  # it has come to its question before a crash
            yield Asked(waiting.question, waiting.options, waiting.resume)
            return
        if progress.run:
            source = workflow.pick_up(progress.run)
        elif progress.asked:
            raise BrokenOffError("the bridge was interrupted while the workflow ran")
        else:
            begun = await self._begin()
            if isinstance(begun, Asked):
                yield begun
                return
            source = begun
        reply = Reply()
        async with aclosing(source) as events:
            async for event in events:
                reply = fold(reply, event)
                await self._noticed(event, reply.text)
                yield event

    async def cancel(self) -> None:
        """See `turn.Work`. Coze offers no way to end a workflow: its stream is left."""
        with suppress(StoreUnavailable):
            await self._place.memory.wait_for(self._place.session, None)

    async def over(self, reply: Reply, error: BridgeError | None) -> Reply:
        """See `turn.Work`."""
        record = Record(
            turn=self.turn,
            message=self._message.id,
            channel=self._message.address.channel,
            chat=self._message.address.where,
            session=self._place.session,
            bot=self._command.bot,
            user=self._place.user,
            asked_at=self._asked_at,
            status=reply.status,
            run=self._lease.progress.run,
            usage=reply.usage,
            error=str(error or ""),
            workflow=self._command.name,
        )
        if error:
            await self._operator.hear(error, self._command.bot)
        with suppress(StoreUnavailable):  # the output matters more
            if reply.status != "waiting":
                kept = self._waiting if self._open(reply, error) else None
                await self._place.memory.wait_for(self._place.session, kept)
            untold = reply.status in ("failed", "stopped") and not self._lease.progress.asked
            if untold:  # for /retry
                await self._place.memory.asked(self._talk, self._prompt)
            await self._place.records.note(record)
        ran = reply.status == "done" and self._lease.progress.asked
        again = tuple(name for name in self._place.after if name == "retry" and ran)
        return replace(reply, turn=self.turn, after=again)

    def _open(self, reply: Reply, error: BridgeError | None) -> bool:
        """Whether a question that was to be answered still is: it did not reach Coze."""
        progress = self._lease.progress
        if reply.status == "stopped" or progress.run:
            return False
        return not progress.asked or isinstance(error, Retryable)

    def _given(self) -> Prompt:
        """What the message gives to the workflow: all of it, or one more input."""
        waiting, text = self._waiting, given(self._message)
        inputs = {**waiting.inputs} if waiting else {}
        if waiting and text:
            inputs[waiting.missing] = unquoted(text)
        return Prompt(text, workflow=self._command.name, inputs=tuple(inputs.items()))

    async def _noticed(self, event: ReplyEvent, said: str) -> None:
        match event:
            case Started(run):
                await self._lease.began(run)
            case Asked(question, options, resume):
                words = "\n\n".join(filter(None, (said, question)))  # it may be said already
                await self._wait(Waiting(self._command.name, options, resume, question=words))

    async def _wait(self, what: Waiting) -> None:
        waiting = replace(what, turn=self.turn)
        await self._place.memory.wait_for(self._place.session, waiting)

    async def _begin(self) -> AsyncGenerator[ReplyEvent, None] | Asked:
        """Run it or go on with it; or ask for what it still needs."""
        waiting = self._waiting
        if waiting and waiting.resume:
            answer = self._answer(waiting)
            await self._lease.asking(None, Prompt(answer, workflow=self._command.name))
            return self._command.workflow.resume(waiting.resume, answer)
        parameters = await self._command.workflow.parameters()
        values = await self._values(parameters)
        if needed := missing(values, parameters):
            return await self._ask_for(needed, values, "input.needed")
        try:
            inputs = converted(values, parameters)
        except BadInput as bad:
            return await self._ask_for(bad.parameter, values, bad.expected, bad.found)
        prompt = replace(self._prompt, inputs=tuple(values.items()))
        with suppress(StoreUnavailable):  # to run it matters more than to run it again
            await self._place.memory.asked(self._talk, prompt)
        await self._lease.asking(None, prompt)
        return self._command.workflow.run(self._place.user, inputs)

    def _answer(self, waiting: Waiting) -> str:
        """What the user answers: an option by its button, or words."""
        if self._message.command != "answer":
            return self._message.text
        number = self._message.text.rpartition(":")[2]
        if not number.isdigit() or int(number) >= len(waiting.options):
            raise NothingToAsk("ask.late")
        return waiting.options[int(number)]

    async def _values(self, parameters: Sequence[Parameter]) -> dict[str, str]:
        """The inputs as typed, with files that were sent along at Coze."""
        prompt, waiting = self._prompt, self._waiting
        values = dict(prompt.inputs) or typed(prompt.text, parameters, self._command.main)
        places = [p.name for p in parameters if p.type in FILES and not values.get(p.name)]
        if waiting and self._message.files:
            places = [waiting.missing]
        for name, file in zip(places, self._message.files, strict=False):
            uploaded = await self._preparing.upload(file)
            values[name] = json.dumps({"file_id": uploaded.id})
        return values

    async def _ask_for(
        self, parameter: Parameter, values: Mapping[str, str], why: str, found: str = ""
    ) -> Asked:
        """Ask the user for one input, and keep the others."""
        kept = {name: value for name, value in values.items() if name != parameter.name}
        name, about = parameter.name, parameter.description or parameter.name
        question = say(why, self._language, name=name, about=about, found=found)
        await self._wait(Waiting(self._command.name, inputs=kept, missing=name, question=question))
        return Asked(question)
