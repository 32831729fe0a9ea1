"""Who is no full member of the workspace, and which channels other companies are in."""

import asyncio
import logging
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.errors import BridgeError, Retryable, Unavailable
from bridge.core.model import Message
from bridge.core.ports import Accept
from bridge.platforms.slack.api import translated
from bridge.platforms.slack.people import People

log = logging.getLogger(__name__)

_FRESH = 3600.0  # seconds for which an answer is taken to hold
_REFUSED = 60.0  # seconds before Slack is asked again that refused to tell
_PATIENCE = 2.0  # seconds that a message waits
_MOST = 10_000  # channels to remember


class Outside:
    """Finds out what a delivery does not tell, where it matters.

    Who may be from outside is: while Slack is away nobody is let in, and the delivery comes
    again; what Slack refuses to tell, for want of a scope, is taken for the worst.
    """

    def __init__(self, client: AsyncWebClient, people: People) -> None:
        self._client, self._people = client, people
        self._known: dict[str, tuple[bool, float]] = {}  # shared, until when; by channel
        self._refusals: set[str] = set()  # that the operator was told of

    def told(self, accept: Accept) -> Accept:
        """`accept`, with messages that tell whether somebody from outside speaks or listens."""

        async def complete(message: Message) -> str | None:
            # Also of who goes on in a thread: there nobody needs to speak to the bot.
            user = await self._people.introduced(message.user)
            if doubt := self._people.doubt(user.id):
                self._close(doubt)
                user = replace(user, guest=True)
            external = message.external
            if message.command and not (external or message.private):  # events tell it
                external = await self.shared(message.address.chat)
            return await accept(replace(message, user=user, external=external))

        return complete

    async def shared(self, chat: str) -> bool:
        """Whether a channel is one of Slack Connect, or may be.

        Raises:
            Unavailable: Slack is away.
        """
        now = asyncio.get_running_loop().time()
        shared, until = self._known.pop(chat, (True, 0.0))
        if until < now:
            shared, until = await self._ask(chat)
        self._known[chat] = shared, until
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        return shared

    async def _ask(self, chat: str) -> tuple[bool, float]:
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(_PATIENCE):
                with translated("channels:read"):
                    told = await self._client.conversations_info(channel=chat)
        except TimeoutError as late:
            raise Unavailable("Slack: conversations.info takes long") from late
        except BridgeError as error:
            self._close(error)
            return True, now + _REFUSED
        channel = told.get("channel") or {}
        shared = channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")
        return bool(shared), now + _FRESH

    def _close(self, error: BridgeError) -> None:
        """Let nobody in, for good or until Slack is back.

        Raises:
            Unavailable: until Slack is back.
        """
        if isinstance(error, Retryable):
            raise Unavailable(str(error)) from error
        if str(error) not in self._refusals:
            self._refusals.add(str(error))
            log.warning("who may be from outside is not let in: %s", error)
