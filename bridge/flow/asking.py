"""A question to a bot: asked once, found again after a crash, remembered for the next."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import TypeAlias

from bridge.core.errors import BridgeError, Gone, StoreUnavailable, Uncertain
from bridge.core.model import (
    Answered,
    Doing,
    Heard,
    Prompt,
    Reply,
    ReplyEvent,
    Run,
    Said,
    Started,
    Thought,
)
from bridge.core.ports import Lease, Memory, Question, Record, Records, Talk
from bridge.core.routing import turn_id
from bridge.core.speech import spoken
from bridge.flow.bot import Bot, variables
from bridge.flow.operator import Operator

log = logging.getLogger(__name__)

LOOKS = 2  # a question may show up late in Coze's list of messages
LOOK_EVERY = 1.5  # seconds
VOICE = "voice:"  # the address of an answer as it is spoken

Prepare: TypeAlias = Callable[[], Awaitable[tuple[Sequence[ReplyEvent], Prompt]]]
"""What is to be asked, and what to tell its user of it first (`flow.preparing`)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn takes place, and who keeps what becomes of it."""

    session: str  # who shares one conversation
    user: str  # Coze user_id
    platform: str
    memory: Memory
    records: Records
    after: tuple[str, ...] = ()  # `Limits.after`


class Asking:
    """`turn.Work`: ask Coze once, whatever happens to this process."""

    def __init__(
        self, lease: Lease, prepare: Prepare, *, bot: Bot, place: Place, operator: Operator
    ) -> None:
        self._lease, self._message, self._prepare = lease, lease.message, prepare
        self._bot, self._place, self._operator = bot, place, operator
        self._talk_of = f"{place.session}@{bot.name}"
        self._run = lease.progress.run
        self._prompt = lease.progress.prompt
        self._talk: Talk | None = None
        self._answers: list[str] = []  # ids of Coze's messages
        self._asked_at = time.time()
        self.turn = turn_id(self._message.id)
        self.words = ""  # the answer, as it is to be spoken

    async def events(self) -> AsyncGenerator[ReplyEvent, None]:
        """See `turn.Work`.

        Coze may have forgotten the conversation, or not have confirmed the question: then
        once more, in a new conversation or with what became of the question.
        """
        for event in await self._prepared():
            yield event
        for last in (False, True):
            try:
                async with aclosing(await self._source()) as events:
                    async for event in events:
                        yield await self._noticed(event)
            except Gone:
                if last or self._run:
                    raise
                await self._place.memory.forget(self._talk_of)
                await self._lease.asking(None, self._asked)  # nothing that could be found
            except Uncertain:
                if last or self._run:
                    raise
            else:
                return

    async def cancel(self) -> None:
        """See `turn.Work`."""
        progress = self._lease.progress
        with suppress(BridgeError):
            if self._run is None and progress.asked and progress.conversation:
                self._run = await self._look_for(progress.conversation)
            if self._run:
                await self._bot.backend.cancel(self._run)

    async def over(self, reply: Reply, error: BridgeError | None) -> Reply:
        """See `turn.Work`."""
        place, to = self._place, self._message.address
        record = Record(
            turn=self.turn,
            message=self._message.id,
            channel=to.channel,
            chat=to.where,
            session=place.session,
            bot=self._bot.name,
            user=place.user,
            asked_at=self._asked_at,
            status=reply.status,
            run=self._run,
            answers=tuple(self._answers),
            suggestions=reply.suggestions,
            usage=reply.usage,
            error=str(error or ""),
        )
        if error:
            await self._operator.hear(error, self._bot.name)
        with suppress(StoreUnavailable):  # the answer matters more
            if self._run is None and self._prompt:  # for /retry
                await place.memory.asked(self._talk_of, self._prompt)
            await place.records.note(record)
        done = reply.status == "done"
        self.words = spoken(reply.text) if done and self._speaks(reply.heard) else ""
        return replace(
            reply,
            turn=self.turn,
            rateable=done and self._bot.rateable and bool(self._run and self._answers),
            after=self._place.after if done and self._run else (),
            enclosure=VOICE if self.words else "",
        )

    def _speaks(self, heard: Heard | None) -> bool:
        """Whether the answer is to be heard."""
        wish = self._bot.voice_replies
        return wish == "always" or (wish == "auto" and heard is not None and heard.spoken)

    @property
    def _asked(self) -> Prompt:
        return self._prompt or Prompt(self._message.text)

    async def _prepared(self) -> Sequence[ReplyEvent]:
        """Make the prompt, unless it was made before a crash."""
        if self._prompt is None:
            events, self._prompt = await self._prepare()
            return events
        spoken_now = any(file.kind == "voice" for file in self._message.files)
        if spoken_now or self._message.command == "ask":
            return (Heard(self._prompt.text, spoken_now),)
        if self._message.command == "about":
            return (Heard(self._message.text),)
        return ()

    async def _noticed(self, event: ReplyEvent) -> ReplyEvent:
        """Keep what matters later of what Coze says."""
        match event:
            case Started(run):
                await self._began(run)
            case Said(answer) | Answered(answer) if answer not in self._answers:
                self._answers.append(answer)
            case Thought() if not self._bot.show_reasoning:
                return Doing("thinking")
        return event

    async def _source(self) -> AsyncGenerator[ReplyEvent, None]:
        progress = self._lease.progress
        if self._run is None and progress.asked and progress.conversation:
            self._run = await self._look_for(progress.conversation)
        if self._run is None:
            return await self._ask()
        await self._began(self._run)
        return self._bot.backend.resume(self._run)

    async def _ask(self) -> AsyncGenerator[ReplyEvent, None]:
        """Ask in the session's conversation, or in a new one; that it is asked is stored first.

        A new conversation is begun before it is asked in, so that it can be searched.
        """
        talk = await self._place.memory.talk(self._talk_of)
        self._talk = talk or Talk(self._place.user, await self._bot.backend.open() or "")
        question = Question(
            job=self._message.id,
            user=self._talk.user,
            conversation=self._talk.conversation or None,
            prompt=self._asked,
            variables=variables(
                self._bot, self._message, user=self._place.user, platform=self._place.platform
            ),
        )
        await self._lease.asking(question.conversation, question.prompt)
        return self._bot.backend.ask(question)

    async def _look_for(self, conversation: str) -> Run | None:
        """The run of this very question, if it reached Coze after all."""
        for look in range(LOOKS):
            if look:
                await asyncio.sleep(LOOK_EVERY)
            if run := await self._bot.backend.find(conversation, self._message.id):
                return run
        return None

    async def _began(self, run: Run) -> None:
        """Store that Coze has the question, and the conversation for the next one."""
        self._run = run
        await self._lease.began(run)
        memory = self._place.memory
        talk = self._talk or await memory.talk(self._talk_of) or Talk(self._place.user, "")
        self._talk = replace(talk, conversation=run.conversation)
        with suppress(StoreUnavailable):  # the answer matters more than to remember it
            await memory.remember(self._talk_of, self._talk, self._asked)
