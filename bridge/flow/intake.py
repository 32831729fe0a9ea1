"""What happens before a platform is told that a message has arrived: it is stored."""

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from bridge.core.errors import LaneFull, StoreUnavailable
from bridge.core.model import Address, Message
from bridge.core.ports import HEAD, Groups, Inbox, Memory, Pairing, Records, Remark
from bridge.core.routing import Policy, coze_user, home, person, place, route, shared, standing
from bridge.core.texts import say
from bridge.flow.commands import CONTROLS
from bridge.flow.marks import Marks
from bridge.flow.offers import surely_late
from bridge.flow.session import SESSION

QUIET = (CONTROLS | SESSION) - {"export"}
"""Commands whose answer concerns nobody but who gave them; a file is always for all."""

OWN = frozenset({"stop", "retry", "new", "answer", "why"})
"""Buttons of a turn that are for whoever asked, unless the conversation is everybody's."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Intake:
    """Puts messages into the inbox that they belong to. `accept` is a `ports.Accept`."""

    policies: Mapping[str, Policy]  # by channel
    turns: Inbox  # in order within a conversation
    controls: Inbox  # overtake the turns
    memory: Memory
    records: Records
    groups: Groups
    pairing: Pairing
    marks: Marks = field(default_factory=Marks)

    async def accept(self, message: Message) -> str | None:
        """Store a message that is meant for the bot; return once it is durable.

        Of a button that leads nowhere any more, return why.

        Raises:
            StoreUnavailable: it is not; the platform must deliver it again.
        """
        policy = self.policies[message.address.channel]
        part = message.group or message.joins  # perhaps of what was said to the bot
        if not (message.addressed or part or policy.context or policy.group_session == "thread"):
            return None  # said to others, of whom the bot is to know nothing
        if message.edits and (message.command in CONTROLS or not message.addressed):
            return None
        if not message.private:
            message = replace(message, home=await self.groups.home(message.address))
        if message.command == "moved":
            await self.groups.move(message.address, message.text)
        elif message.command == "left":
            await self.groups.end(message.address)
        elif not message.addressed and not await self._follows(message, policy):
            if not (part and await self.turns.add(route(message, policy).session, message)):
                await self._overhear(message, policy)
        elif await self._enters(message, policy) and message.command != "added":
            if refusal := await self._refusal(message, policy):
                return refusal
            return await self._take(await self._placed(message, policy), policy)
        return None

    async def _take(self, message: Message, policy: Policy) -> str | None:
        """Put a message into its inbox, or return why not."""
        enters = message.addressed and not await self._inside(message, policy)
        # By itself, or as one of its thread.
        message = replace(message, addressed=True, enters=enters)
        lane = route(message, policy).session
        if message.command in CONTROLS:
            await self._control(lane, message)
            return None
        if await surely_late(message, lane, self.records):
            return say("late", message.user.language)
        if message.command == "new" and not message.edits:
            await self.turns.stop(lane, HEAD)
        try:
            if await self.turns.add(lane, message):
                self.marks.put(message)
        except LaneFull as full:
            # Not to confirm it would hold up everybody else's messages behind it.
            await self._control(lane, replace(message, command=full.say, text=""))
        if message.address.thread:  # only now: what comes again still `enters`
            await self.memory.join(message.address, message.user.id)
        return None

    async def _inside(self, message: Message, policy: Policy) -> bool:
        """Whether there is no thread to enter, or the bot takes part in it already."""
        if policy.group_session != "thread" or message.address.thread is None:
            return True
        return await self.memory.takes_part(message.address)

    async def _follows(self, message: Message, policy: Policy) -> bool:
        """Whether the bot takes part in a thread where it need not be spoken to."""
        if policy.group_session != "thread" or not await self.memory.takes_part(message.address):
            return False
        return not await self.memory.muted(message.address)

    async def _overhear(self, message: Message, policy: Policy) -> None:
        """Keep what was said beside the bot, if it is to know of it."""
        if policy.context and message.text and standing(message, policy) == "welcome":
            remark = Remark(message.id, message.user.name, message.text, time.time())
            await self.groups.overhear(place(message), remark, policy.context)

    async def _enters(self, message: Message, policy: Policy) -> bool:
        """Whether somebody may talk to the bot; whoever may not is told so, in private."""
        found, to = standing(message, policy), message.address
        if found == "stranger" and message.private and policy.pairing:
            found = "welcome" if await self.pairing.paired(to.channel, message.user.id) else found
        if found == "welcome":
            return True
        log.info("not on the list", extra={"channel": to.channel})
        said = "pairing" if found == "stranger" and policy.pairing else found
        whispers = policy.whispers and not message.private and message.addressed
        if whispers or (not message.on and (message.private or found == "unlisted")):
            turned = replace(message, command=said, text="", files=())
            if whispers:  # not in its thread: where nobody has answered yet, it is not shown
                to = Address(to.channel, to.chat, only_for=message.user.id, team=to.team)
                turned = replace(turned, address=to, on="")
            await self._control(route(message, policy).session, turned)
        return False

    async def _refusal(self, message: Message, policy: Policy) -> str:
        """What to tell somebody who presses a button that another has asked for."""
        if not message.on or message.command not in OWN or message.private:
            return ""
        if shared(message, policy):
            return ""
        owner = None
        with suppress(StoreUnavailable):  # then it is not stored either
            owner = await self._owner(message, policy)
        # Of one who asked in the name of the whole chat it is not known who that was.
        theirs = (person(message), message.address.chat, home(message))
        if owner is None or owner in [coze_user(policy.platform, each) for each in theirs]:
            return ""
        return say("not_yours", message.user.language)

    async def _owner(self, message: Message, policy: Policy) -> str | None:
        """The Coze user who asked for what a button is about, as far as it is known."""
        if message.command == "stop":
            asked = await self.turns.message(message.text)
            return coze_user(policy.platform, person(asked)) if asked else None
        turn = message.text.partition(":")[0]
        record = await self.records.record(turn) if turn else None
        return record.user if record else None

    async def _control(self, lane: str, message: Message) -> None:
        """Store a command that overtakes; of a flood of them, those that there is room for."""
        try:
            # Its words need not be kept, and what is edited waits elsewhere.
            await self.controls.add(lane, replace(message, posted="", edits=False))
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
