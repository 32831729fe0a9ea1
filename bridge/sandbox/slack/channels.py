"""The state of the workspace: who is in which channel, and what was said there."""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from bridge.sandbox.changes import Changes
from bridge.sandbox.slack import payloads
from bridge.sandbox.slack.model import Channel, Content, Identity, Json, Shown, SlackError, User

STATUS_LASTS = 120.0  # seconds, unless a post clears it before


class Workspace:
    """Users, channels and messages; whatever changes is passed to `emit` as an event.

    `emit` gets the event and its channel, only for channels that the bot is in.
    """

    def __init__(
        self, app: Identity, changes: Changes, emit: Callable[[Json, Channel], None]
    ) -> None:
        self.app = app
        self.users = {app.bot_user: User(app.bot_user, "coze", is_bot=True)}
        self.channels: dict[str, Channel] = {}
        self._changes = changes
        self._emit = emit
        self._last = 0
        self._statuses: dict[tuple[str, str], tuple[str, float]] = {}

    def next_ts(self) -> str:
        """A timestamp later than all before: seconds, a dot, six digits."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def channel(self, reference: str) -> Channel:
        """The channel with that id.

        Raises:
            SlackError: channel_not_found, also for a private one that the bot is not in.
        """
        channel = self.channels.get(reference)
        hidden = channel and channel.kind != "channel" and self.app.bot_user not in channel.members
        if channel is None or hidden:
            raise SlackError("channel_not_found")
        return channel

    def joined(self, reference: str) -> Channel:
        """The channel with that id, which the bot is in.

        Raises:
            SlackError: channel_not_found or not_in_channel.
        """
        channel = self.channel(reference)
        if self.app.bot_user not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def direct(self, *users: str) -> tuple[Channel, bool]:
        """The bot's direct messages with `users`, and whether they were open already."""
        members = {self.app.bot_user, *users}
        kind = "im" if len(users) == 1 else "mpim"
        for channel in self.channels.values():
            if channel.kind == kind and channel.members == members:
                return channel, True
        name = f"{'D' if kind == 'im' else 'G'}0{len(self.channels):08d}"
        channel = self.channels[name] = Channel(name, name, members, kind)
        return channel, False

    def post(
        self,
        channel: Channel,
        user: str,
        content: Content,
        *,
        thread_ts: str | None = None,
        subtype: str | None = None,
        visible_to: str | None = None,
    ) -> Shown:
        """Show a new message; an ephemeral one makes no event."""
        own = user == self.app.bot_user
        shown = Shown(
            channel=channel.id,
            ts=self.next_ts(),
            user=user,
            bot_id=self.app.bot_id if own else None,
            client_msg_id=None if own else str(uuid.uuid4()),
            thread_ts=thread_ts,
            subtype=subtype,
            visible_to=visible_to,
            **vars(content),
        )
        channel.store(shown)
        if own and not shown.ephemeral:
            self._statuses.pop((channel.id, shown.root), None)
        events = [] if shown.ephemeral else payloads.posted(shown, channel, self.app)
        self._announce(channel, *events)
        return shown

    def edit(self, channel: Channel, old: Shown, content: Content) -> Shown:
        """Change what a message says."""
        ts = self.next_ts()
        new = replace(old, edits=old.edits + 1, edited_ts=ts, **vars(content))
        channel.store(new)
        events = [] if new.ephemeral else [payloads.changed(new, old, channel, self.app, ts=ts)]
        self._announce(channel, *events)
        return new

    def delete(self, channel: Channel, old: Shown) -> None:
        """Take a message away; a root with replies leaves a tombstone, as in Slack."""
        ts = self.next_ts()
        events = [] if old.ephemeral else [payloads.deleted(old, channel, self.app, ts=ts)]
        if channel.lasting(old.ts):
            channel.store(replace(old, deleted=True, text="", blocks=()))
        else:
            channel.remove(old)
        self._announce(channel, *events)

    def react(self, channel: Channel, shown: Shown, name: str) -> None:
        """Add the bot's reaction."""
        channel.store(replace(shown, reactions=(*shown.reactions, name)))
        self._changes.notify()

    def set_status(self, channel: Channel, root: str, status: str) -> None:
        """Show `status` in a thread until a post, an empty status, or two minutes later."""
        self._statuses[channel.id, root] = (status, time.monotonic() + STATUS_LASTS)
        self._changes.notify()

    def status(self, channel: str, root: str) -> str:
        """The status shown in a thread, or an empty string."""
        status, until = self._statuses.get((channel, root), ("", 0.0))
        return status if time.monotonic() < until else ""

    def _announce(self, channel: Channel, *events: Json) -> None:
        if self.app.bot_user in channel.members:
            for event in events:
                self._emit(event, channel)
        self._changes.notify()
