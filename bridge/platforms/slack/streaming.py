"""Messages that grow before the eyes of who asked: chat.startStream and what follows it."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bridge.core import growing
from bridge.core.blocks import blocks
from bridge.core.errors import Ended, Full, Rejected
from bridge.core.model import Address, Button, User
from bridge.core.ports import Streams
from bridge.core.splitting import Size
from bridge.platforms.slack.api import translated
from bridge.platforms.slack.markdown import fits, safe
from bridge.platforms.slack.markup import actions

# Slack takes 10.6 to 11.3 kB in all, github.com/openclaw/openclaw/issues/143882, and ends a
# stream five minutes after its start, github.com/slackapi/python-slack-sdk/issues/1859.
_MOST, _LIFE = 9_000, 240.0  # bytes, seconds
_EVERY = 0.75  # seconds
_CONFLICT = "streaming_state_conflict"
_NOWHERE = ("unknown_method", "method_deprecated", "feature_not_enabled", "not_allowed")
_NOT_HERE = ("channel_type_not_supported", "messages_tab_disabled")

KIND = "coze_bridge"
"""`event_type` of the metadata by which a message is found again."""


def mark_of(mark: str) -> dict[str, Any]:
    """The metadata of a message; without a mark it tells that it is not half a stream."""
    return {"event_type": KIND, "event_payload": {"mark": mark}}


def certain(text: str) -> str:
    """As much of a growing text as can be sent for good: of a table made over that is no row."""
    said = growing.certain(text)
    found = [*blocks(said)]
    if not found or found[-1].kind != "table":
        return said
    native = fits(said[found[-1].begin :]) and not any(b.kind == "table" for b in found[:-1])
    return said if native else said[: found[-1].begin].rstrip()


def _size(text: str) -> int:
    """Bytes of what is sent for a text, but for tables made over."""
    spaces = 3 * sum(map(text.count, "*~`")) + text.count("]")  # beside the marks of emphasis
    return len(text.encode("utf-8", "surrogatepass")) + 3 * text.count("<") + spaces


SIZE = Size(_MOST, _size)


class StreamCalls:
    """The streams of one workspace; `everywhere`, or only where the bot and a user are alone."""

    def __init__(
        self, client: AsyncWebClient, *, everywhere: bool, every: float | None = None
    ) -> None:
        self._client, self._everywhere = client, everywhere
        self._streams = Streams(certain, safe, _MOST, _LIFE, every or _EVERY)
        self._me = ""  # the bot's user id
        self._refused = False  # by Slack, wherever it is
        self._without: set[str] = set()  # chats that take none

    def of(self, to: Address) -> Streams | None:
        """How messages grow in a place, if they do."""
        fits = to.thread and not to.only_for and (self._everywhere or to.chat.startswith("D"))
        refused = self._refused or to.chat in self._without
        return self._streams if fits and not refused else None

    async def begin(self, to: Address, text: str, *, asker: User) -> str:
        """See `ports.Adapter`. In channels Slack needs to know who reads it as it grows."""
        try:
            with _translated():
                begun = await self._client.chat_startStream(
                    channel=to.chat,
                    thread_ts=to.thread or "",
                    markdown_text=text,
                    recipient_user_id=asker.id,
                    recipient_team_id=asker.team or None,
                )
        except Rejected as refused:
            self._refused = self._refused or any(word in str(refused) for word in _NOWHERE)
            if any(word in str(refused) for word in _NOT_HERE):
                self._without.add(to.chat)
            raise
        return str(begun["ts"])

    async def append(self, to: Address, id_: str, text: str) -> None:
        """See `ports.Adapter`."""
        with _translated():
            await self._client.chat_appendStream(channel=to.chat, ts=id_, markdown_text=text)

    async def end(
        self, to: Address, id_: str, text: str = "", buttons: Sequence[Button] = ()
    ) -> None:
        """See `ports.Adapter`."""
        with _translated():
            await self._client.chat_stopStream(
                channel=to.chat,
                ts=id_,
                markdown_text=text or None,
                blocks=actions(buttons) or None,
                metadata=mark_of(""),
                session_status="active",
            )

    async def ended(self, to: Address, id_: str, error: Rejected) -> None:
        """End a stream that is in the way of a change; raises `error` if that is not why."""
        if _CONFLICT not in str(error):
            raise error
        with contextlib.suppress(Ended):
            await self.end(to, id_)

    async def unfinished(self, messages: Sequence[dict[str, Any]]) -> str | None:
        """Of a thread, oldest first, our last message, if nothing tells that it was ended."""
        with translated():
            self._me = self._me or (await self._client.auth_test())["user_id"]
        for message in reversed(messages[1:]):
            if message.get("user") == self._me and not message.get("files"):
                return None if message.get("metadata") else str(message["ts"])
        return None


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        with translated():
            yield
    except Rejected as refused:
        if "_too_long" in str(refused):
            raise Full(str(refused)) from refused
        raise
