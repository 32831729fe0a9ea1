"""Who is no full member of the workspace, and which channels other companies are in."""

import asyncio
import logging
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.errors import BridgeError
from bridge.core.model import Message
from bridge.core.ports import Accept
from bridge.platforms.slack.api import translated
from bridge.platforms.slack.people import People

log = logging.getLogger(__name__)

_FRESH = 3600.0  # seconds for which an answer is taken to hold
_REFUSED = 60.0  # seconds before Slack is asked again after it told nothing
_PATIENCE = 2.0  # seconds that a message waits
_MOST = 10_000  # channels to remember


class Outside:
    """Finds out what a delivery does not tell, where it matters."""

    def __init__(self, client: AsyncWebClient, people: People) -> None:
        self._client, self._people = client, people
        self._known: dict[str, tuple[bool, float]] = {}  # shared, until when; by channel

    def told(self, accept: Accept) -> Accept:
        """`accept`, with messages that tell whether somebody from outside speaks or listens."""

        async def complete(message: Message) -> str | None:
            # Also of who goes on in a thread: there nobody needs to speak to the bot.
            user = await self._people.introduced(message.user)
            external = message.external
            if message.command and not (external or message.private):  # events tell it
                external = await self.shared(message.address.chat)
            return await accept(replace(message, user=user, external=external))

        return complete

    async def shared(self, chat: str) -> bool:
        """Whether a channel is one of Slack Connect, as far as Slack tells."""
        now = asyncio.get_running_loop().time()
        shared, until = self._known.pop(chat, (False, 0.0))
        if until < now:
            told = await self._ask(chat)
            until = now + (_REFUSED if told is None else _FRESH)
            shared = shared if told is None else told
        self._known[chat] = shared, until
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        return shared

    async def _ask(self, chat: str) -> bool | None:
        try:
            async with asyncio.timeout(_PATIENCE):
                with translated("channels:read"):
                    told = await self._client.conversations_info(channel=chat)
        except (BridgeError, TimeoutError) as error:
            log.info("a channel is not told", extra={"error": str(error)})
            return None
        channel = told.get("channel") or {}
        return bool(channel.get("is_ext_shared") or channel.get("is_pending_ext_shared"))
