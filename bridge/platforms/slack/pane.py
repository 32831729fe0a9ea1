"""What Slack shows around a thread: that the bot is at work, what may be asked, a title."""

import logging
from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core.errors import Fatal, RateLimited, Rejected
from bridge.core.model import Address
from bridge.platforms.slack.api import translated
from bridge.platforms.slack.markup import label

log = logging.getLogger(__name__)

STATUS_EVERY = 90.0  # seconds; Slack clears a status after 120

_PROMPTS = 4
_WORKING = "is thinking…"
_NO_AGENT = ("not_authorized", "unknown_method", "feature_not_enabled")


class Pane:
    """The surroundings of threads; what a chat does not take it is not offered again."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._without_status: set[str] = set()  # chats
        self._without_prompts: set[str] = set()
        self._without_titles: set[str] = set()
        self._agent = True  # until Slack says otherwise

    async def status(self, to: Address, *, on: bool) -> None:
        """Say that the bot is at work, or no longer. It ends with the first post into the thread.

        Raises:
            Fatal: this chat takes none.
        """
        if to.thread is None or to.chat in self._without_status:
            return
        try:
            with translated():
                await self._client.assistant_threads_setStatus(
                    channel_id=to.chat, thread_ts=to.thread, status=_WORKING if on else ""
                )
        except RateLimited:  # no reason to keep back what is said there; the client knows it
            return
        except Fatal:
            self._without_status.add(to.chat)
            raise

    async def prompts(self, to: Address, questions: Sequence[str]) -> bool:
        """See `ports.Adapter`. The place is the bot's pane, which is a direct message.

        Apps with the newer agent_view have them above all threads; in one they would be lost.
        """
        if not is_direct(to) or to.only_for or to.chat in self._without_prompts:
            return False
        try:
            with translated("assistant:write"):
                await self._client.assistant_threads_setSuggestedPrompts(
                    channel_id=to.chat,
                    thread_ts=to.thread,
                    prompts=[{"title": label(q), "message": q} for q in questions[:_PROMPTS]],
                )
        except Fatal:
            self._without_prompts.add(to.chat)
            return False
        return True

    async def entitle(self, to: Address, title: str) -> None:
        """See `ports.Adapter`. What was no agent, or has no session there, has the older pane."""
        if to.thread is None or to.chat in self._without_titles or await self._renamed(to, title):
            return
        try:
            with translated("assistant:write"):
                await self._client.assistant_threads_setTitle(
                    channel_id=to.chat, thread_ts=to.thread, title=title
                )
        except Fatal as error:
            self._without_titles.add(to.chat)
            log.info("threads have no titles", extra={"chat": to.chat, "error": str(error)})

    async def _renamed(self, to: Address, title: str) -> bool:
        """Whether the thread is a session of an agent, which has this title now."""
        if not self._agent:
            return False
        try:
            with translated():
                await self._client.agents_sessions_rename(
                    channel_id=to.chat, thread_ts=to.thread, title=title
                )
        except Rejected as refused:
            self._agent = not any(code in str(refused) for code in _NO_AGENT)
            return False
        except Fatal:
            return False
        return True


def is_direct(to: Address) -> bool:
    """Whether nobody but the bot and one user is in a chat."""
    return to.chat.startswith("D")
