"""At the door: what the bridge says to whom it does not let in, and how they get in."""

import logging
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from bridge.core.errors import Fatal
from bridge.core.model import Message
from bridge.core.ports import Applicant, Lease, Pairing, Records
from bridge.core.routing import LETTERS, person
from bridge.core.texts import say
from bridge.flow.commands import spoken
from bridge.flow.operator import Operator
from bridge.flow.present import Screen, Stage

log = logging.getLogger(__name__)

GATE = frozenset({"stranger", "pairing", "unlisted", "external"})
"""What `flow.intake` makes of messages that it does not let in."""

AGAIN: Mapping[str, int] = {
    "stranger": 86_400,
    "external": 86_400,
    "pairing": 600,
    "unlisted": 60,
}
"""Seconds for which a stranger is not told again, nor a group."""

LONG = 8  # letters of a code: 20 ** 8 of them, and nobody can try one but the operator


@dataclass(frozen=True, slots=True)
class Gate:
    """Obeys the commands of GATE."""

    pairing: Pairing
    records: Records
    operator: Operator

    async def obey(self, lease: Lease, stage: Stage) -> None:
        """Say what there is to be said, and do it."""
        message, screen = lease.message, Screen(stage, lease)
        if lease.attempt > 1 or not await self._told(message):
            with suppress(Fatal):  # it may not even speak there
                await screen.settle(spoken(await self._words(message)))
        if message.command == "unlisted":
            chat = message.address.chat
            log.warning("leaving a chat that `allow.chats` does not list", extra={"chat": chat})
            await stage.adapter.leave(message.address)

    async def _words(self, message: Message) -> str:
        """What there is to say."""
        language = message.user.language
        if message.command == "unlisted":
            return say("unlisted", language, chat=message.address.chat)
        if message.command == "external":
            return say("external", language)
        text = await self._code(message) if message.command == "pairing" else ""
        return text or say("stranger", language, id=message.user.id)

    async def _told(self, message: Message) -> bool:
        """Whether this was said not long ago."""
        to, kind = message.address, message.command
        who = to.chat if kind == "unlisted" else person(message)
        return not await self.records.first(f"{kind}:{to.channel}:{who}", AGAIN[kind])

    async def _code(self, message: Message) -> str:
        """What to do to be let in; nothing while too many others are waiting."""
        to, user = message.address, message.user
        who = Applicant(to.channel, user.id, to.chat, user.name, user.language)
        made = "".join(secrets.choice(LETTERS) for _ in range(LONG)).upper()
        code = await self.pairing.apply(who, made)
        if code is None:
            return ""
        if code == made:
            asks = f"{user.name} ({user.id}) asks to be let in"
            await self.operator.tell_of(f"{to.channel}: {asks}: coze-bridge pair {code}")
        return say("pairing", user.language, code=code)
