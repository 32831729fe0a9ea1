"""A workflow that a user runs by a command: its inputs, its questions, its output."""

import json
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass

from bridge.core.errors import BridgeError, Rejected, Retryable, StoreUnavailable
from bridge.core.inputs import FILES, BadInput, converted, missing, typed, unquoted
from bridge.core.model import Asked, Message, Prompt, Reply, ReplyEvent, Started
from bridge.core.ports import Lease, Parameter, Record, Waiting, Workflow
from bridge.core.routing import turn_id
from bridge.core.texts import say
from bridge.flow.asking import Place
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
        message: Message,
        command: Command,
        *,
        place: Place,
        preparing: Preparing,
        waiting: Waiting | None = None,
    ) -> None:
        self._lease, self._message, self._command = lease, message, command
        self._place, self._preparing, self._waiting = place, preparing, waiting
        self._language = lease.message.user.language
        self._asked_at = time.time()
        self.turn = turn_id(self._message.id)

    async def events(self) -> AsyncGenerator[ReplyEvent, None]:
        """See `turn.Work`. A run that Coze did not name cannot be looked for, nor run twice."""
        progress, workflow = self._lease.progress, self._command.workflow
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
        async with aclosing(source) as events:
            async for event in events:
                await self._noticed(event)
                yield event

    async def cancel(self) -> None:
        """See `turn.Work`. Coze offers no way to end a workflow: its stream is left."""
        with suppress(StoreUnavailable):
            await self._place.memory.wait_for(self._place.session, None)

    async def over(self, reply: Reply, error: BridgeError | None) -> Reply:
        """See `turn.Work`. A question that did not reach Coze may be answered again."""
        again = isinstance(error, Retryable) and self._waiting and not self._lease.progress.run
        record = Record(
            turn=self.turn,
            message=self._message.id,
            channel=self._message.address.channel,
            chat=self._message.address.chat,
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
        with suppress(StoreUnavailable):
            await self._place.records.note(record)
            if reply.status != "waiting":
                kept = self._waiting if again else None
                await self._place.memory.wait_for(self._place.session, kept)
        return reply

    async def _noticed(self, event: ReplyEvent) -> None:
        match event:
            case Started(run):
                await self._lease.began(run)
            case Asked(_, options, resume):
                await self._wait(Waiting(self._command.name, options, resume))

    async def _wait(self, what: Waiting) -> None:
        await self._place.memory.wait_for(self._place.session, what)

    async def _begin(self) -> AsyncGenerator[ReplyEvent, None] | Asked:
        """Run it or go on with it; or ask for what it still needs."""
        waiting = self._waiting
        if waiting and waiting.resume:
            answer = self._answer(waiting)
            await self._lease.asking(None, Prompt(answer))
            return self._command.workflow.resume(waiting.resume, answer)
        parameters = await self._command.workflow.parameters()
        values = await self._values(waiting, parameters)
        if needed := missing(values, parameters):
            return await self._ask_for(needed, values, "input.needed")
        try:
            inputs = converted(values, parameters)
        except BadInput as bad:
            return await self._ask_for(bad.parameter, values, bad.expected, bad.found)
        prompt = Prompt(self._message.text, workflow=self._command.name)
        await self._place.memory.asked(f"{self._place.session}@{self._command.bot}", prompt)
        await self._lease.asking(None, prompt)
        return self._command.workflow.run(self._place.user, inputs)

    def _answer(self, waiting: Waiting) -> str:
        """What the user answers: an option by its button, or words."""
        if self._message.command != "answer":
            return self._message.text
        number = self._message.text
        if not number.isdigit() or int(number) >= len(waiting.options):
            raise Rejected("no such option")
        return waiting.options[int(number)]

    async def _values(
        self, waiting: Waiting | None, parameters: Sequence[Parameter]
    ) -> dict[str, str]:
        """The inputs as typed, with files that were sent along at Coze."""
        text = self._message.text
        if waiting:
            values = {**waiting.inputs}
            if text:
                values[waiting.missing] = unquoted(text)
        else:
            values = typed(text, parameters, self._command.main)
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
        await self._wait(Waiting(self._command.name, inputs=kept, missing=parameter.name))
        about = parameter.description or parameter.name
        question = say(why, self._language, name=parameter.name, about=about, found=found)
        return Asked(question)
