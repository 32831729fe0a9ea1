"""The mark on a message that is being answered; in nobody's way, and it may fail."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.core.errors import BridgeError
from bridge.core.model import Message
from bridge.core.ports import Reacts
from bridge.flow.session import SESSION

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Marks:
    """Puts marks on messages, and takes them off, in that order."""

    by: Mapping[str, Reacts] = field(default_factory=dict)  # by channel
    at_work: dict[str, asyncio.Task[None]] = field(default_factory=dict)  # by message

    def put(self, message: Message) -> None:
        """Show that a message is stored. Of a group only the first part can be marked: later."""
        if not message.group:
            self._begin(message, on=True)

    def put_first(self, message: Message) -> None:
        """Show that the parts of a group are worked on."""
        if message.group:
            self._begin(message, on=True)

    def take(self, message: Message) -> None:
        """Show that a message is answered."""
        self._begin(message, on=False)

    def _begin(self, message: Message, *, on: bool) -> None:
        channel, id_ = self.by.get(message.address.channel), message.posted
        if channel is None or not id_ or message.command in SESSION:
            return
        before = self.at_work.get(message.id)
        task = asyncio.create_task(self._react(channel, message, before, on=on))
        self.at_work[message.id] = task
        task.add_done_callback(lambda _: self._done(message.id, task))

    def _done(self, id_: str, task: asyncio.Task[None]) -> None:
        if self.at_work.get(id_) is task:
            del self.at_work[id_]

    async def _react(
        self, channel: Reacts, message: Message, before: asyncio.Task[None] | None, *, on: bool
    ) -> None:
        if before:
            await asyncio.wait([before])
        try:
            await channel.react(message.address, message.posted, on=on)
        except BridgeError as error:
            log.debug("no reaction", extra={"turn": message.id, "error": str(error)})
