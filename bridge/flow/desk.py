"""Has the jobs of both inboxes done: turns by Coze, commands by the bridge itself."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace

from bridge.core.commands import Menu
from bridge.core.errors import BridgeError, Rejected, StoreUnavailable
from bridge.core.model import Media, Message, Prompt, Reply, Shown
from bridge.core.ports import Groups, Inbox, Lease, Memory, Records
from bridge.core.routing import Policy, Route, route, turn_id
from bridge.core.texts import say, trouble
from bridge.flow.allowance import Allowance
from bridge.flow.asking import VOICE, Asking
from bridge.flow.attachments import Fetch
from bridge.flow.bot import Bot
from bridge.flow.commands import Controls, spoken
from bridge.flow.gate import GATE, Gate
from bridge.flow.leaving import leaving
from bridge.flow.marks import Marks
from bridge.flow.news import news
from bridge.flow.offers import leads_nowhere, offer, withdraw
from bridge.flow.present import Screen, Stage
from bridge.flow.session import EXPORT, SESSION, SessionCommands, removed
from bridge.flow.titles import entitle
from bridge.flow.turn import Turn
from bridge.flow.typing import typing
from bridge.flow.worker import Job
from bridge.flow.works import Works

log = logging.getLogger(__name__)

IN_PLACE = frozenset({"why", "bot"})
"""Commands whose buttons stand below a message that asks only for them."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Knows the channels and the bots, and brings them together."""

    policies: Mapping[str, Policy]  # by channel
    stages: Mapping[str, Stage]  # by channel
    bots: Mapping[str, Bot]
    memory: Memory
    records: Records
    turns: Inbox
    allowance: Allowance
    groups: Groups
    gate: Gate
    works: Works
    fetch: Fetch | None = None  # of what answers link to
    menu: Callable[[str], Menu] = lambda _: Menu()  # of what can be typed to a bot
    marks: Marks = field(default_factory=Marks)
    background: set[asyncio.Task[None]] = field(default_factory=set)

    async def on_control(self, job: Job) -> None:
        """Obey a command that overtakes."""
        lease = job.lease
        if lease.message.command in GATE:
            await self.gate.obey(lease, self.stages[lease.message.address.channel])
            return
        to = await self._route(lease.message)
        async with self._leaving(lease):
            await self._obey(lease, to)

    async def _obey(self, lease: Lease, to: Route) -> None:
        message = lease.message
        stage = self.stages[message.address.channel]
        if message.command == "start" and message.text in self.bots:  # by a link
            await self.memory.choose(to.session, message.text)
            await self.memory.wait_for(to.session, None)
            to = replace(to, bot=message.text)
        kept = (self.turns, self.memory, self.records, self.allowance)
        controls = Controls(stage.adapter, *kept, self.menu(to.bot))
        reply = await controls.obey(message, lease.lane, self.bots[to.bot])
        if reply:
            screen = _screen(stage, lease, self.fetch)
            await screen.settle(reply)
            if reply.turn:
                await self._withdraw(to.session, stage, reply.turn)
                await offer(reply, screen, screen.to, to.session, self.records)

    async def on_turn(self, job: Job) -> None:
        """Answer a message."""
        message = job.lease.message
        to = await self._route(message)
        bot = self.bots[to.bot]
        self.marks.put_first(message)
        try:
            async with self._leaving(job.lease):
                reply = await self._answer(job, to, bot)
        except BridgeError:
            raise
        except Exception:
            log.exception("a fault in the bridge", extra={"turn": message.id})
            reply = await self._apologise(job.lease, to, bot)
        self.marks.take(message)
        if reply:
            log.info("answered", extra={"turn": message.id, "bot": to.bot, "status": reply.status})

    async def _apologise(self, lease: Lease, to: Route, bot: Bot) -> Reply:
        """Tell of a fault of ours; what was asked can be asked again."""
        message, told = lease.message, say(BridgeError.say, lease.message.user.language)
        if message.text and not (message.command or lease.progress.asked):
            await self.memory.asked(f"{to.session}@{bot.name}", Prompt(message.text))
        reply = Reply(status="failed", trouble=told, turn=turn_id(message.id))
        screen = Screen(self.stages[message.address.channel], lease)
        await screen.settle(reply)
        await offer(reply, screen, screen.to, to.session, self.records)
        return reply

    def _leaving(self, lease: Lease) -> AbstractAsyncContextManager[None]:
        return leaving(lease.lane, lease.message.address, self.turns, self.groups)

    async def _route(self, message: Message) -> Route:
        """Where a message goes: to the bot that was chosen, unless its command says otherwise."""
        policy = self.policies[message.address.channel]
        to = route(message, policy)
        if message.command and any(r.command == message.command for r in policy.rules):
            return to
        chosen = await self.memory.bot(to.session)
        return replace(to, bot=chosen) if chosen and chosen in self.bots else to

    async def _answer(self, job: Job, to: Route, bot: Bot) -> Reply | None:
        lease, message = job.lease, job.lease.message
        stage, turn = self.stages[message.address.channel], turn_id(message.id)
        if await leads_nowhere(message, to.session, self.records, turn):
            return await self._settle(stage, lease, spoken(say("late", message.user.language)))
        if message.command in SESSION:
            if message.command == "new" or (message.command == "bot" and message.text):
                await self._withdraw(to.session, stage, turn)  # it is about another conversation
            return await self._serve(lease, to, bot)
        progress = lease.progress
        if progress.stop and not (progress.asked or progress.shown):
            # Dropped while it waited. The answer to /stop has told so, unless it was alone there,
            # waiting for more of itself.
            dropped = spoken(say("stopped", message.user.language))
            return await self._settle(stage, lease, dropped) if message.group else None
        if refused := await self.allowance.refusal(lease, to.user):
            return await self._settle(stage, lease, spoken(refused))
        await self._withdraw(to.session, stage, turn, progress.shown)
        return await self._turn(job, to, bot)

    async def _withdraw(
        self, session: str, stage: Stage, turn: str, shown: Sequence[Shown] = ()
    ) -> None:
        """Have the buttons of the last answer taken away by a turn, unless it is drawn over."""
        with contextlib.suppress(StoreUnavailable):
            made = await self.records.offer(session)
            if made and made.id in [each.id for each in shown]:
                await self.records.offered(session, None)
            elif made and made.id and made.taken_by in ("", turn):
                taken = replace(made, taken_by=turn)
                await self.records.offered(session, taken)
                self._aside(withdraw(taken, session, stage, self.records))

    def _aside(self, work: Coroutine[object, object, None]) -> None:
        """Do something that nobody waits for."""
        task = asyncio.create_task(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    async def _turn(self, job: Job, to: Route, bot: Bot) -> Reply:
        """A question, or a workflow."""
        lease, message = job.lease, job.lease.message
        stage, language = self.stages[message.address.channel], message.user.language
        work = await self.works.work(lease, to, bot)

        async def fetch(url: str) -> Media:
            if url == VOICE and isinstance(work, Asking):
                return await bot.services.speak(work.words, language)
            return await self._fetched(url)

        speaks = bot.voice_replies != "off"
        screen = Screen(stage, lease, fetch if self.fetch or speaks else None)
        turn = Turn(
            work,
            screen,
            language=language,
            timeout=bot.turn_timeout,
            stopped=lease.progress.stop,
            news=news(lease, self.records),
        )
        job.on_stop(turn.stop)
        async with typing(stage, message.address, screen):
            reply = await turn.run()
        with contextlib.suppress(StoreUnavailable):  # there will be other messages
            if screen.to.chat != message.address.chat:
                await self.groups.move(message.address, screen.to.chat)
        await offer(reply, screen, screen.to, to.session, self.records)
        self._aside(entitle(message, stage.adapter))
        return reply

    async def _serve(self, lease: Lease, to: Route, bot: Bot) -> Reply:
        """Obey a command about the session."""
        message, session = lease.message, SessionCommands(self.memory, self.bots)
        stage, media = self.stages[message.address.channel], None
        try:
            reply = await session.obey(message, to.session, bot, to.user)
            if reply.enclosure == EXPORT:
                media = await session.export(message, to.session, bot)
        except BridgeError as error:
            log.warning(
                "a command failed", extra={"command": message.command, "error": str(error)}
            )
            told = trouble(error, message.user.language)
            reply = Reply(status="failed", trouble=told)

        async def fetch(url: str) -> Media:
            if media and url == EXPORT:
                return media
            raise Rejected(f"nothing is behind {url}")

        try:
            await _screen(stage, lease, fetch).settle(reply)
        finally:
            removed(media)  # where it was not needed
        return reply

    async def _fetched(self, url: str) -> Media:
        if self.fetch is None:
            raise Rejected(f"nothing is behind {url}")
        return await self.fetch(url)

    async def _settle(self, stage: Stage, lease: Lease, reply: Reply) -> Reply:
        await Screen(stage, lease).settle(reply)
        return reply


def _screen(stage: Stage, lease: Lease, fetch: Fetch | None = None) -> Screen:
    """Where a command is answered: in place of the buttons that were pressed, or below."""
    screen, message = Screen(stage, lease, fetch), lease.message
    if message.on and message.command in IN_PLACE and not screen.shown:
        screen.shown.append(Shown(message.on))
    return screen
