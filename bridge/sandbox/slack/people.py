"""What people do in the workspace, as a test or a person at the page lets them."""

from collections.abc import Iterable
from typing import NamedTuple

from bridge.sandbox.slack import forms, gestures, mrkdwn, payloads
from bridge.sandbox.slack.files import Upload
from bridge.sandbox.slack.model import Channel, Content, Json, Shown
from bridge.sandbox.slack.pane import Prompt
from bridge.sandbox.slack.platform import Platform
from bridge.sandbox.slack.pressables import pressables


class Thread(NamedTuple):
    """A thread with the app: its channel and the `ts` of its root."""

    channel: str
    ts: str


class People:
    """The users of one simulated workspace."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._workspace = platform.workspace

    def say(
        self,
        text: str,
        *,
        channel: str = "C0GENERAL",
        user: str = "U0ANN",
        thread_ts: str | None = None,
        subtype: str | None = None,
        files: Iterable[Upload] = (),
    ) -> str:
        """Post as a person, with files or without; returns the ts.

        `<@U0BOT>` in `text` mentions the bot.

        Raises:
            LookupError: no such channel or thread, or the user is not in the channel.
        """
        where = self._channel(channel, user)
        if thread_ts and not where.is_root(thread_ts):
            raise LookupError(f"no thread {thread_ts} in {channel}")
        shown = self._workspace.post(
            where,
            user,
            Content(text=mrkdwn.typed(text)),
            thread_ts=thread_ts,
            subtype=subtype,
            files=tuple(self._workspace.share(upload, user) for upload in files),
        )
        return shown.ts

    def edit(self, ts: str, text: str, *, channel: str = "C0GENERAL") -> None:
        """Edit a message as the person who wrote it.

        Raises:
            LookupError: no such message.
        """
        where = self._workspace.channels[channel]
        self._workspace.edit(where, where.messages[ts], Content(text=mrkdwn.typed(text)))

    def delete(self, ts: str, *, channel: str = "C0GENERAL") -> None:
        """Delete a message as the person who wrote it.

        Raises:
            LookupError: no such message.
        """
        where = self._workspace.channels[channel]
        self._workspace.delete(where, where.messages[ts])

    def delete_file(self, file_id: str) -> None:
        """Delete a file as the person who shared it.

        Raises:
            LookupError: no such file.
        """
        self._workspace.delete_file(self._workspace.files[file_id])

    def stop_stream(self, ts: str, *, channel: str) -> None:
        """Somebody stops a message that is being written.

        Raises:
            LookupError: none is.
        """
        stream = self._workspace.streams.of(channel, ts)
        if stream is None or stream.state != "growing":
            raise LookupError(f"{ts} is not being written")
        stream.state = "stopped"
        self._platform.changes.notify()

    def react(
        self, ts: str, emoji: str, *, channel: str = "C0GENERAL", user: str = "U0ANN"
    ) -> None:
        """Put an emoji, such as "thumbsup", under a message.

        Raises:
            LookupError: no such message for this user.
            ValueError: the same reaction is there already.
        """
        where, shown = self._seen(ts, channel, user)
        if (emoji, user) in shown.people_reacted:
            raise ValueError(f"{user} has reacted with {emoji} already")
        self._workspace.react(where, shown, emoji, user)

    def unreact(
        self, ts: str, emoji: str, *, channel: str = "C0GENERAL", user: str = "U0ANN"
    ) -> None:
        """Take an emoji away again.

        Raises:
            LookupError: no such message or reaction.
        """
        where, shown = self._seen(ts, channel, user)
        if (emoji, user) not in shown.people_reacted:
            raise LookupError(f"{user} has not reacted with {emoji}")
        self._workspace.unreact(where, shown, emoji, user)

    def press(self, ts: str, label: str, *, channel: str, user: str = "U0ANN") -> str:
        """Press the button, or choose the option, that says `label`, or else contains it.

        A question whether they mean it is answered with yes. Returns the envelope's id.

        Raises:
            LookupError: no such message or button for this user.
        """
        where, shown = self._seen(ts, channel, user)
        payload = payloads.block_actions(
            shown,
            where,
            self._workspace.users[user],
            self._platform.identity,
            action=_action(shown, label, user) | {"action_ts": self._workspace.next_ts()},
            response_url=self._platform.response_url(where, user, ts),
            trigger_id=self._platform.triggers.issue(user),
        )
        return self._platform.courier.send("interactive", payload)

    def command(
        self,
        text: str,
        *,
        command: str = "/coze",
        channel: str = "C0GENERAL",
        user: str = "U0ANN",
    ) -> str:
        """Send a slash command; returns the envelope's id. Its answers go to the user alone.

        Raises:
            LookupError: no such channel, or the user is not in it.
        """
        where = self._channel(channel, user)
        payload = payloads.slash_command(
            command,
            text,
            where,
            self._workspace.users[user],
            self._platform.identity,
            response_url=self._platform.response_url(where, user),
            trigger_id=self._platform.triggers.issue(user),
        )
        return self._platform.courier.send("slash_commands", payload)

    def shortcut(
        self,
        ts: str,
        *,
        callback_id: str = "ask_about",
        channel: str = "C0GENERAL",
        user: str = "U0ANN",
    ) -> str:
        """Choose a shortcut of the app for a message, also where the app is not; see `press`.

        Raises:
            LookupError: no such message for this user.
        """
        where, shown = self._seen(ts, channel, user)
        payload = gestures.message_action(
            shown,
            where,
            self._workspace.users[user],
            self._platform.identity,
            callback_id=callback_id,
            response_url=self._platform.response_url(where, user),
            trigger_id=self._platform.triggers.issue(user),
        )
        return self._platform.courier.send("interactive", payload)

    def submit(self, view_id: str, values: forms.Values) -> str:
        """Fill in a modal, by block and action, and send it; returns the envelope's id.

        Raises:
            LookupError: no such view, input or option.
            ValueError: Slack would not let it be sent, as something is missing or too long.
        """
        view = next((view for view in self._workspace.modals.seen if view.id == view_id), None)
        if view is None or not view.body["submit"]:
            raise LookupError(f"nothing to submit at {view_id}")
        view.body["state"] = {"values": forms.filled_in(view, values)}
        trigger = self._platform.triggers.issue(view.user, view.id)
        more = {"trigger_id": trigger, "response_urls": []}
        return self._interact("view_submission", view.user, view.body, more)

    def close(self, view_id: str) -> str | None:
        """Close a modal; returns the envelope's id if the app wants to be told.

        Raises:
            LookupError: no such view.
        """
        view = next((view for view in self._workspace.modals.seen if view.id == view_id), None)
        if view is None:
            raise LookupError(f"{view_id} is not seen")
        everything = view.body["clear_on_close"]
        self._workspace.modals.close(view, everything=everything)
        if not view.body["notify_on_close"]:
            return None
        return self._interact("view_closed", view.user, view.body, {"is_cleared": everything})

    def open_assistant(self, user: str = "U0ANN", *, viewing: str | None = None) -> Thread:
        """Begin a thread in the assistant's pane, while looking at the channel `viewing`."""
        channel, root = self._workspace.open_pane(user, viewing)
        return Thread(channel.id, root.ts)

    def stop_agent(self, thread_ts: str, *, channel: str, user: str = "U0ANN") -> None:
        """Press the Stop button that Slack shows while an agent works in a thread.

        Raises:
            LookupError: no such thread, the user is not in the channel, or the app is no agent.
        """
        where = self._channel(channel, user)
        if not (self._workspace.agent and where.is_root(thread_ts)):
            raise LookupError(f"nothing to stop at {thread_ts}")
        self._workspace.stop(where, thread_ts, user, [])

    def open_home(self, user: str = "U0ANN", *, tab: str = "messages") -> str:
        """Look at the app's home or at the messages with it; returns the channel of these."""
        return self._workspace.open_home(user, tab).id

    def prompts(self, channel: str, thread_ts: str | None = None) -> tuple[Prompt, ...]:
        """The prompts that are offered in a thread, or at the top of direct messages."""
        return self._workspace.pane.prompts(channel, thread_ts)

    def pick(
        self, title: str, *, channel: str, thread_ts: str | None = None, user: str = "U0ANN"
    ) -> str:
        """Press the prompt with that title, which says its message; returns the ts.

        Raises:
            LookupError: no such prompt is offered there.
        """
        for prompt in self.prompts(channel, thread_ts):
            if prompt.title == title:
                return self.say(prompt.message, channel=channel, thread_ts=thread_ts, user=user)
        raise LookupError(f"no prompt {title!r}")

    def _interact(self, kind: str, user: str, view: Json, more: Json) -> str:
        who, app = self._workspace.users[user], self._platform.identity
        payload = payloads.view_interaction(kind, dict(view), who, app, **more)
        return self._platform.courier.send("interactive", payload)

    def _channel(self, channel: str, user: str) -> Channel:
        where = self._workspace.channels[channel]
        if user not in where.members:
            raise LookupError(f"{user} is not in {channel}")
        return where

    def _seen(self, ts: str, channel: str, user: str) -> tuple[Channel, Shown]:
        """The message, which this user sees."""
        where = self._channel(channel, user)
        shown = where.messages[ts]
        if shown.visible_to not in {None, user}:
            raise LookupError(f"{user} does not see {ts}")
        return where, shown


def _action(shown: Shown, label: str, user: str) -> Json:
    found = [each for each in pressables(shown.blocks) if each.users is None or user in each.users]
    for matches in (label.__eq__, lambda text: label in text):
        for pressable in found:
            if matches(pressable.button.label):
                return pressable.action
    raise LookupError(f"no button {label!r} on {shown.ts}")
