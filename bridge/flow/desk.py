"""Has the jobs of both inboxes done: turns by Coze, controls by the bridge itself."""

import asyncio
import contextlib
import logging
import math
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from bridge.core.errors import BridgeError, StoreUnavailable
from bridge.core.model import Reply
from bridge.core.ports import Adapter, Budget, Inbox, Lease, Limiter, Memory
from bridge.core.routing import Policy, Route, route
from bridge.core.texts import say
from bridge.flow.commands import control, spoken
from bridge.flow.present import Screen, Stage
from bridge.flow.turn import Bot, Turn
from bridge.flow.worker import Job

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Knows the channels and the bots, and brings them together."""

    policies: Mapping[str, Policy]  # by channel
    stages: Mapping[str, Stage]  # by channel
    bots: Mapping[str, Bot]
    memory: Memory
    limiter: Limiter
    turns: Inbox
    turns_per_minute: int  # of each user; 0: any number

    async def on_control(self, job: Job) -> None:
        """Obey a command that overtakes."""
        message = job.lease.message
        stage = self.stages[message.address.channel]
        lane = job.lease.lane
        reply = await control(message, lane, adapter=stage.adapter, turns=self.turns)
        if reply:
            await Screen(stage, job.lease).settle(reply)

    async def on_turn(self, job: Job) -> None:
        """Answer a message."""
        lease, message = job.lease, job.lease.message
        to = route(message, self.policies[message.address.channel])
        screen = Screen(self.stages[message.address.channel], lease)
        try:
            reply = await self._answer(job, to, screen)
        except BridgeError:
            raise
        except Exception:
            log.exception("a fault in the bridge", extra={"turn": message.id})
            reply = Reply(status="failed", trouble=say(BridgeError.say, message.user.language))
            await screen.settle(reply)
        if reply:
            log.info("answered", extra={"turn": message.id, "bot": to.bot, "status": reply.status})

    async def _answer(self, job: Job, to: Route, screen: Screen) -> Reply | None:
        lease, message = job.lease, job.lease.message
        language, session = message.user.language, f"{to.session}@{to.bot}"
        if message.command == "new":
            await self.memory.forget(session)
            return await self._say(screen, say("new", language))
        if lease.progress.stop and not lease.progress.asked:
            return None  # dropped while it waited; the answer to /stop has told so
        question = message.text
        if message.command == "retry":
            question = await self.memory.question(session) or ""
            if not question:
                return await self._say(screen, say("retry.nothing", language))
        if seconds := await self._too_many(lease, to.user):
            return await self._say(screen, say("slow_down", language, seconds=seconds))
        turn = Turn(
            lease,
            question,
            session=session,
            user=to.user,
            bot=self.bots[to.bot],
            screen=screen,
            memory=self.memory,
        )
        job.on_stop(turn.stop)
        async with _typing(self.stages[message.address.channel].adapter, lease, screen):
            return await turn.run()

    async def _say(self, screen: Screen, text: str) -> Reply:
        reply = spoken(text)
        await screen.settle(reply)
        return reply

    async def _too_many(self, lease: Lease, user: str) -> int:
        """Seconds until this user may ask again; 0 if now. Asked once for each message."""
        if not self.turns_per_minute or lease.progress.asked or lease.attempt > 1:
            return 0
        most = self.turns_per_minute
        try:
            wait, _ = await self.limiter.take([Budget(f"user:{user}", 60 / most, most)], [0])
        except StoreUnavailable:
            return 0
        return math.ceil(wait)


@contextlib.asynccontextmanager
async def _typing(adapter: Adapter, lease: Lease, screen: Screen) -> AsyncGenerator[None, None]:
    """Show that the bot is at work until there is something to read."""
    to = lease.message.address
    every = adapter.limits(to).typing_every

    async def keep_up() -> None:
        while not screen.shown:
            with contextlib.suppress(BridgeError):  # it is only a courtesy
                await adapter.typing(to)
            await asyncio.sleep(every)

    typing = asyncio.create_task(keep_up())
    try:
        yield
    finally:
        typing.cancel()
        await asyncio.gather(typing, return_exceptions=True)
