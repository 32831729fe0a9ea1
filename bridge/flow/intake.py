"""What happens before a platform is told that a message has arrived: it is stored."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bridge.core.errors import LaneFull
from bridge.core.model import Message
from bridge.core.ports import HEAD, Inbox, Memory, Records
from bridge.core.routing import Policy, may_talk, route
from bridge.core.texts import say
from bridge.flow.commands import CONTROLS
from bridge.flow.marks import Marks
from bridge.flow.offers import surely_late
from bridge.flow.session import SESSION

QUIET = (CONTROLS | SESSION) - {"export"}
"""Commands whose answer concerns nobody but who gave them; a file is always for all."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Intake:
    """Puts messages into the inbox that they belong to. `accept` is a `ports.Accept`."""

    policies: Mapping[str, Policy]  # by channel
    turns: Inbox  # in order within a conversation
    controls: Inbox  # overtake the turns
    memory: Memory
    records: Records
    marks: Marks = field(default_factory=Marks)

    async def accept(self, message: Message) -> str | None:
        """Store a message that is meant for the bot; return once it is durable.

        Of a button that leads nowhere any more, return why.

        Raises:
            StoreUnavailable: it is not; the platform must deliver it again.
        """
        policy = self.policies[message.address.channel]
        if not may_talk(message, policy):
            log.info("not on the list", extra={"channel": message.address.channel})
            return None
        if not message.addressed and not await self.memory.takes_part(message.address):
            return None
        message = await self._placed(message, policy)
        lane = route(message, policy).session
        if message.command in CONTROLS:
            await self._control(lane, message)
            return None
        if await surely_late(message, lane, self.records):
            return say("late", message.user.language)
        if message.command == "new":
            await self.turns.stop(lane, HEAD)
        if message.address.thread:
            await self.memory.join(message.address, message.user.id)
        try:
            if await self.turns.add(lane, message):
                self.marks.put(message)
        except LaneFull as full:
            # Not to confirm it would hold up everybody else's messages behind it.
            await self._control(lane, replace(message, command=full.say, text=""))
        return None

    async def _control(self, lane: str, message: Message) -> None:
        """Store a command that overtakes; of a flood of them, those that there is room for."""
        try:
            await self.controls.add(lane, message)
        except LaneFull:
            log.warning("too many commands, one dropped", extra={"turn": message.id})

    async def _placed(self, message: Message, policy: Policy) -> Message:
        """A command given outside of threads is about the thread where its user spoke last.

        What the bridge says to it is for its user's eyes; what the bot says is for all.
        """
        if message.address.only_for and message.command not in QUIET:
            message = replace(message, address=replace(message.address, only_for=None))
        to = message.address
        if not message.command or to.thread or policy.group_session != "thread":
            return message
        thread = await self.memory.last_thread(to, message.user.id)
        if thread is None:
            return message
        return replace(message, address=replace(to, thread=thread))
