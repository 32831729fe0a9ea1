"""The state of the workspace: who is in which channel, and what was said there."""

import time
import uuid
from collections.abc import Callable
from dataclasses import replace

from bridge.sandbox.changes import Changes
from bridge.sandbox.slack import payloads
from bridge.sandbox.slack.files import SharedFile, Upload
from bridge.sandbox.slack.homes import Homes
from bridge.sandbox.slack.modals import Modals
from bridge.sandbox.slack.model import Channel, Content, Identity, Json, Shown, SlackError, User
from bridge.sandbox.slack.pane import Pane
from bridge.sandbox.slack.streaming import Streaming
from bridge.sandbox.slack.triggers import Triggers

APP_THREAD = "assistant_app_thread"  # subtype of the message at the root of a pane's thread


class Workspace:
    """Users, channels, messages and files; what changes is passed to `emit` as an event.

    `emit` gets the event and its channel, only for channels that the bot is in. `scopes` are the
    app's; `tickets` are files to come, by their upload URL's key, and have a digest once they
    came.
    """

    def __init__(
        self,
        app: Identity,
        changes: Changes,
        emit: Callable[[Json, Channel], None],
        *,
        scopes: set[str],
        triggers: Triggers,
    ) -> None:
        self.app = app
        self.scopes = scopes
        self.pane = Pane(changes.notify)
        self.streams = Streaming()
        self.homes = Homes(app, changes.notify)
        self.modals = Modals(app, triggers, changes.notify)
        self.files: dict[str, SharedFile] = {}
        self.tickets: dict[str, SharedFile] = {}
        self.users = {app.bot_user: User(app.bot_user, "coze", is_bot=True)}
        self.channels: dict[str, Channel] = {}
        self.agent = True  # the app is declared as one
        self._changes = changes
        self._emit = emit
        self._last = 0

    def next_ts(self) -> str:
        """A timestamp later than all before: seconds, a dot, six digits."""
        seconds, rest = divmod(self._next(), 1_000_000)
        return f"{seconds}.{rest:06d}"

    def _next(self) -> int:
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return self._last

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
        files: tuple[SharedFile, ...] = (),
    ) -> Shown:
        """Show a new message; an ephemeral one makes no event."""
        own, who = user == self.app.bot_user, self.users.get(user) or User(user, user)
        shown = Shown(
            channel=channel.id,
            ts=self.next_ts(),
            user=user,
            bot_id=self.app.bot_id if own else who.bot_id,
            app_id=who.app_id,
            app_name=who.name if who.bot_id else "",
            team=who.team,
            client_msg_id=None if own or who.bot_id else str(uuid.uuid4()),
            thread_ts=thread_ts,
            subtype=subtype,
            visible_to=visible_to,
            files=files,
            **vars(content),
        )
        channel.store(shown)
        if not shown.ephemeral:
            self.pane.said(channel.id, shown.root if own else thread_ts, by_app=own)
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

    def grow(self, channel: Channel, old: Shown, content: Content) -> Shown:
        """Say more in a message that is being written, of which no event tells."""
        new = replace(old, **vars(content))
        channel.store(new)
        self._announce(channel)
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

    def react(self, channel: Channel, shown: Shown, name: str, user: str) -> None:
        """Add a reaction that `user` does not have there yet."""
        if user == self.app.bot_user:
            new = replace(shown, reactions=(*shown.reactions, name))
        else:
            new = replace(shown, people_reacted=(*shown.people_reacted, (name, user)))
        channel.store(new)
        self._announce_reaction("reaction_added", channel, shown, name, user)

    def unreact(self, channel: Channel, shown: Shown, name: str, user: str) -> None:
        """Take a reaction of `user` away."""
        if user == self.app.bot_user:
            new = replace(shown, reactions=tuple(n for n in shown.reactions if n != name))
        else:
            left = tuple(each for each in shown.people_reacted if each != (name, user))
            new = replace(shown, people_reacted=left)
        channel.store(new)
        self._announce_reaction("reaction_removed", channel, shown, name, user)

    def share(self, upload: Upload, user: str) -> SharedFile:
        """Take in a file that a person is about to post."""
        file = SharedFile(
            id=self.next_file_id(), user=user, created=int(time.time()), upload=upload
        )
        self.files[file.id] = file
        return file

    def next_file_id(self) -> str:
        """An id that no file has had."""
        return f"F{self._next():010d}"

    def shares(self, file_id: str) -> list[tuple[Channel, Shown]]:
        """The messages with that file."""
        return [
            (channel, shown)
            for channel in self.channels.values()
            for shown in channel.messages.values()
            if any(file.id == file_id for file in shown.files)
        ]

    def visible(self, file: SharedFile) -> bool:
        """Whether the bot may see that file: its own, or one in a channel that it is in."""
        bot = self.app.bot_user
        return file.user == bot or any(bot in c.members for c, _ in self.shares(file.id))

    def delete_file(self, file: SharedFile) -> None:
        """Delete a file; where it was shared a tombstone is left."""
        self.files[file.id] = gone = replace(file, deleted=True)
        for channel, shown in self.shares(file.id):
            left = tuple(gone if each.id == file.id else each for each in shown.files)
            channel.store(replace(shown, files=left))
            if "files:read" in self.scopes:
                self._announce(channel, payloads.file_deleted(file.id, self.next_ts()))
        self._changes.notify()

    def open_pane(self, user: str, viewing: str | None) -> tuple[Channel, Shown]:
        """Begin a thread in the assistant's pane, of a user who looks at channel `viewing`."""
        channel, _ = self.direct(user)
        root = Shown(
            channel=channel.id,
            ts=self.next_ts(),
            user=self.app.bot_user,
            subtype=APP_THREAD,
            text="New Assistant Thread",
        )
        channel.store(root)
        self._announce(channel, payloads.pane_opened(root, user, viewing, self.app))
        return channel, root

    def open_home(self, user: str, tab: str) -> Channel:
        """Let `user` look at the app's home, or at their messages with it."""
        channel, _ = self.direct(user)
        self._announce(channel, payloads.home_opened(channel, user, tab, self.next_ts()))
        return channel

    def stop(self, channel: Channel, root: str, user: str, streaming: list[str]) -> None:
        """Let `user` press the Stop button that Slack shows beside an agent's status."""
        event = payloads.session_stopped(channel, root, user, streaming, self.next_ts())
        self._announce(channel, event)

    def _announce_reaction(
        self, kind: str, channel: Channel, shown: Shown, name: str, user: str
    ) -> None:
        body = payloads.reaction(kind, shown, name, user, self.next_ts())
        self._announce(channel, *([body] if "reactions:read" in self.scopes else []))

    def _announce(self, channel: Channel, *events: Json) -> None:
        if self.app.bot_user in channel.members:
            for event in events:
                self._emit(event, channel)
        self._changes.notify()
