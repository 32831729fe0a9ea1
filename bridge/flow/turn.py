"""One turn, from a stored message to its complete answer. Read this file first."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace

from bridge.core.errors import BridgeError, Fatal, Gone, LeaseLost, StoreUnavailable, Uncertain
from bridge.core.model import Reply, ReplyEvent, Run, Started
from bridge.core.ports import Backend, Lease, Memory, Question, Talk
from bridge.core.reply import fold
from bridge.core.texts import say
from bridge.flow.present import Screen, Show

log = logging.getLogger(__name__)

LOOKS = 2  # a question may show up late in Coze's list of messages
LOOK_EVERY = 1.5  # seconds


@dataclass(frozen=True, slots=True)
class Bot:
    """One Coze bot of the configuration."""

    name: str
    backend: Backend
    variables: Mapping[str, str]
    turn_timeout: float = 600.0  # seconds for one whole answer


class Turn:
    """A question on its way: ask Coze once, show what it says, survive a crash anywhere.

    Whatever happens is stored in the lease before it matters, so a turn that is run
    again picks up where it was: it asks no second time and posts no second message.
    """

    def __init__(
        self,
        lease: Lease,
        question: str,
        *,
        session: str,
        user: str,
        bot: Bot,
        screen: Screen,
        memory: Memory,
    ) -> None:
        self._lease, self._message, self._question = lease, lease.message, question
        self._session, self._user = session, user  # user: Coze user_id
        self._bot, self._screen, self._memory = bot, screen, memory
        self._run = lease.progress.run
        self._talk: Talk | None = None
        self._stopped = lease.progress.stop
        self._clock: asyncio.Timeout | None = None

    async def run(self) -> Reply:
        """Answer the question; return the reply as it stands complete on the screen.

        Raises:
            Retryable: it could not be shown, or stored; run it again later.
            Fatal: the platform refuses to show it.
            LeaseLost: another replica goes on with it.
        """
        try:
            return await self._screen.follow(self._read)
        except Fatal:  # nobody can read it any more
            await self._cancel()
            raise

    def stop(self) -> None:
        """End the answer now and keep what was said."""
        self._stopped = True
        if self._clock:
            self._clock.reschedule(asyncio.get_running_loop().time())

    async def _read(self, show: Show) -> Reply:
        """Read the answer to its end, its failure, or the user's Stop."""
        reply = Reply()
        if self._stopped:  # before this process began with it
            await self._cancel()
            return replace(reply, status="stopped")
        try:
            async with asyncio.timeout(self._bot.turn_timeout) as clock:
                self._clock = clock
                async with aclosing(self._events()) as events:
                    async for event in events:
                        reply = fold(reply, event)
                        show(reply)
        except TimeoutError:
            await self._cancel()
            if self._stopped:
                return replace(reply, status="stopped")
            return self._failed(reply, "error.timeout")
        except (LeaseLost, StoreUnavailable):
            raise
        except BridgeError as error:
            extra = {"turn": self._message.id, "error": str(error)}
            log.warning("no answer from Coze", extra=extra)
            if self._run is None:  # for /retry
                with suppress(StoreUnavailable):
                    await self._memory.asked(self._session, self._question)
            return self._failed(reply, error.say)
        finally:
            self._clock = None
        return replace(reply, status="done")

    def _failed(self, reply: Reply, sentence: str) -> Reply:
        return replace(reply, status="failed", trouble=say(sentence, self._message.user.language))

    async def _events(self) -> AsyncGenerator[ReplyEvent, None]:
        """What Coze says, from the run that there is or from a question asked now.

        Coze may have forgotten the conversation, or not have confirmed the question: then
        once more, in a new conversation or with what became of the question.
        """
        for last in (False, True):
            try:
                async with aclosing(await self._source()) as events:
                    async for event in events:
                        if isinstance(event, Started):
                            await self._began(event.run)
                        yield event
            except Gone:
                if last or self._run:
                    raise
                await self._memory.forget(self._session)
                await self._lease.asking(None)  # nothing was asked that could be found
            except Uncertain:
                if last or self._run:
                    raise
            else:
                return

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
        talk = await self._memory.talk(self._session)
        self._talk = talk or Talk(self._user, await self._bot.backend.open() or "")
        question = Question(
            job=self._message.id,
            user=self._talk.user,
            conversation=self._talk.conversation or None,
            text=self._question,
            variables=self._variables(),
        )
        await self._lease.asking(question.conversation)
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
        talk = self._talk or await self._memory.talk(self._session) or Talk(self._user, "")
        talk = replace(talk, conversation=run.conversation)
        with suppress(StoreUnavailable):  # the answer matters more than to remember it
            await self._memory.remember(self._session, talk, self._question)

    async def _cancel(self) -> None:
        """End the run at Coze; what it says from now on would only cost."""
        progress = self._lease.progress
        with suppress(BridgeError):
            if self._run is None and progress.asked and progress.conversation:
                self._run = await self._look_for(progress.conversation)
            if self._run:
                await self._bot.backend.cancel(self._run)

    def _variables(self) -> dict[str, str]:
        message = self._message
        return {
            **self._bot.variables,
            "user_name": message.user.name,
            "user_id": self._user,
            "platform": self._screen.platform,
            "chat_title": message.chat_title,
            "language": message.user.language,
        }
