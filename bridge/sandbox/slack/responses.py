"""`response_url`: how an app answers a button or a slash command without a token."""

import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from bridge.sandbox.slack import blocks
from bridge.sandbox.slack.channels import Workspace
from bridge.sandbox.slack.model import Channel, Content, Json, Shown, SlackError

MAX_USES = 5
LIFE = 30 * 60.0  # seconds


@dataclass(eq=False)
class Occasion:
    """What a user did that may be answered; `source` is the message with the button."""

    channel: Channel
    user: str
    source: str | None
    born: float
    uses: int = 0


class Responses:
    """The response URLs that were handed out, by the last part of their path."""

    def __init__(self, workspace: Workspace, *, now: Callable[[], float] = time.monotonic) -> None:
        self._workspace = workspace
        self._now = now
        self._occasions: dict[str, Occasion] = {}
        self._serial = itertools.count(1)

    def open(self, channel: Channel, user: str, source: str | None = None) -> str:
        """A new key for an answer to `user`."""
        key = f"{next(self._serial)}-{secrets.token_urlsafe(12)}"
        self._occasions[key] = Occasion(channel, user, source, self._now())
        return key

    def answer(self, key: str, body: Json) -> None:
        """Do what the app posted to the URL.

        Raises:
            SlackError: used_url, expired_url, no_text, thread_not_found or invalid_blocks.
        """
        occasion = self._occasions.get(key)
        if occasion is None or occasion.uses == MAX_USES:
            raise SlackError("used_url", status=404)
        if self._now() - occasion.born > LIFE:
            raise SlackError("expired_url", status=404)
        self.show(occasion, body)
        occasion.uses += 1

    def acknowledged(self, key: str, body: Json) -> None:
        """Show what came with the acknowledgement of a slash command; it is no use of the URL."""
        if body.get("text") or body.get("blocks"):
            self.show(self._occasions[key], body)

    def show(self, occasion: Occasion, body: Json) -> None:
        """Post, replace or delete, as `body` asks; new messages are ephemeral by default."""
        channel, source = occasion.channel, self._source(occasion)
        if body.get("delete_original") and source:
            self._workspace.delete(channel, source)
            return
        content = _content(body)
        if body.get("replace_original") and source:
            self._workspace.edit(channel, source, content)
            return
        thread_ts = body.get("thread_ts") or None
        if thread_ts and not channel.is_root(thread_ts):
            raise SlackError("thread_not_found", status=400)
        self._workspace.post(
            channel,
            self._workspace.app.bot_user,
            content,
            thread_ts=thread_ts,
            visible_to=None if body.get("response_type") == "in_channel" else occasion.user,
        )

    def _source(self, occasion: Occasion) -> Shown | None:
        return occasion.channel.messages.get(occasion.source or "")


def _content(body: Json) -> Content:
    # Only mrkdwn is accepted here: markdown_text counts as nothing.
    text = str(body.get("text") or "")
    if not text.strip() and not body.get("blocks"):
        raise SlackError("no_text", status=400)
    return Content(text=text, blocks=blocks.checked(body.get("blocks") or []))
