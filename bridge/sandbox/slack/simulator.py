"""The simulated Slack as a test or a person holds it: its people, and what goes wrong."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from bridge.sandbox.changes import Changes
from bridge.sandbox.slack import gestures
from bridge.sandbox.slack.delivery import Ack, Delivery, Envelope, schedule
from bridge.sandbox.slack.faults import Fault
from bridge.sandbox.slack.limits import SlackLimits
from bridge.sandbox.slack.modals import View
from bridge.sandbox.slack.model import Channel, Identity, Shown, User
from bridge.sandbox.slack.people import People
from bridge.sandbox.slack.platform import Platform
from bridge.sandbox.slack.server import Call

KINDS = {"C": "channel", "G": "group", "D": "im"}


class SlackSimulator(People):
    """One workspace with one app in it: serve `app`, and give clients `{url}/api/`.

    There are the channel C0GENERAL with Ann (U0ANN), Ben (U0BEN) and the bot, and Ann's direct
    messages with the bot, D0ANN. Events go out over Socket Mode, or, when `events_url` is set,
    now or later, as signed POSTs to it. `redeliver_after` are the seconds that an attempt may
    stay unacknowledged before the next; the first also limits interactive payloads and commands,
    which are sent once. A trigger id opens a modal within `trigger_lasts` seconds. Use it inside
    a running event loop. `limits` None turns limits off. With `org_wide`
    the app is installed in the whole organisation `enterprise`.
    """

    def __init__(
        self,
        *,
        bot_token: str = "xoxb-sandbox",  # noqa: S107 -- opens nothing
        app_token: str = "xapp-sandbox",  # noqa: S107
        signing_secret: str = "sandbox-secret",  # noqa: S107
        team: str = "T0SANDBOX",
        bot_user: str = "U0BOT",
        bot_id: str = "B0BOT",
        enterprise: str = "",
        org_wide: bool = False,
        limits: SlackLimits | None = SlackLimits(),  # noqa: B008 -- frozen
        redeliver_after: tuple[float, ...] = schedule(),
        events_url: str | None = None,
        trigger_lasts: float = 3.0,
    ) -> None:
        identity = Identity(
            bot_token=bot_token,
            app_token=app_token,
            signing_secret=signing_secret,
            team=team,
            bot_user=bot_user,
            bot_id=bot_id,
            enterprise=enterprise,
            org_wide=org_wide,
        )
        super().__init__(Platform(identity, limits, redeliver_after, events_url, trigger_lasts))
        self._hub = self._platform.hub
        self.app = self._platform.app()
        for user, name in (("U0ANN", "Ann"), ("U0BEN", "Ben")):
            self.user(user, name)
        self.channel()
        self.channel("D0ANN", "D0ANN", members=("U0ANN", bot_user))

    @property
    def platform(self) -> Platform:
        """Its parts, for an app that is in several workspaces."""
        return self._platform

    @property
    def changes(self) -> Changes:
        """Rings when a message, a status, a call, a delivery or an acknowledgement is new."""
        return self._platform.changes

    @property
    def events_url(self) -> str | None:
        """Where events are posted; None sends them over Socket Mode."""
        return self._platform.http.url

    @events_url.setter
    def events_url(self, url: str | None) -> None:
        self._platform.http.url = url

    async def subscribe(self, url: str) -> None:
        """Post events to `url` from here on, if it returns a challenge first.

        Raises:
            LookupError: it does not.
        """
        await self._platform.http.verify(url)

    @property
    def calls(self) -> list[Call]:
        """Every Web API call, oldest first."""
        return self._platform.server.calls

    @property
    def refused(self) -> Counter[str]:
        """How many calls of each method were refused because there had been too many."""
        return Counter(call.method for call in self.calls if call.error == "ratelimited")

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt that left for the app, oldest first."""
        return self._platform.courier.deliveries

    @property
    def acked(self) -> list[Ack]:
        """Every acknowledgement as it came, repeated ones included."""
        return self._platform.courier.acked

    @property
    def lost(self) -> list[Envelope]:
        """What was given up unacknowledged."""
        return self._platform.lost

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return len(self._hub.connections)

    @property
    def scopes(self) -> set[str]:
        """What the app may do, at first all that the simulator knows; to be changed at will."""
        return self._workspace.scopes

    @property
    def agent(self) -> bool:
        """Whether the app is declared as an agent, which has sessions."""
        return self._workspace.agent

    @agent.setter
    def agent(self, declared: bool) -> None:
        self._workspace.agent = declared

    def home(self, user: str = "U0ANN") -> str:
        """What a user reads in the app's home; empty when nothing was published for them."""
        return self._workspace.homes.words(user)

    def press_at_home(self, label: str, user: str = "U0ANN") -> str:
        """Press the button that contains `label` in the app's home; returns the envelope's id.

        Raises:
            LookupError: no such button.
        """
        view, action = self._workspace.homes.pressed(user, label)
        payload = gestures.press_at_home(
            view,
            self._workspace.users[user],
            self._platform.identity,
            action=action | {"action_ts": self._workspace.next_ts()},
            trigger_id=self._platform.triggers.issue(user),
        )
        return self._platform.courier.send("interactive", payload)

    @property
    def views(self) -> list[View]:
        """The modals that are seen now."""
        return self._workspace.modals.seen

    def user(
        self,
        id: str,  # noqa: A002 -- Slack's word
        name: str,
        *,
        locale: str = "en-US",
        tz: str = "Etc/UTC",
        tz_offset: int = 0,
        team: str = "",
        guest: Literal["", "multi", "single"] = "",
    ) -> User:
        """Add a person, but to no channel, or change them; `team` is another workspace."""
        user = User(id, name, locale=locale, tz=tz, tz_offset=tz_offset, team=team, guest=guest)
        self._workspace.users[id] = user
        return user

    def robot(self, id: str, name: str) -> User:  # noqa: A002 -- Slack's word
        """Add the bot of another app, but to no channel; it speaks by `say`."""
        user = User(id, name, is_bot=True, bot_id=f"B{id[1:]}", app_id=f"A{id[1:]}")
        self._workspace.users[id] = user
        return user

    def channel(
        self,
        id: str = "C0GENERAL",  # noqa: A002 -- Slack's word
        name: str = "general",
        *,
        members: Iterable[str] | None = None,
        shared: bool = False,
    ) -> Channel:
        """Add a channel; C, G or D before its id make it public, private or direct.

        Without `members` Ann, Ben and the bot are in it. `shared` makes it a Slack Connect one.
        """
        everyone = ("U0ANN", "U0BEN", self._platform.identity.bot_user)
        people = set(everyone if members is None else members)
        channel = Channel(id, name, people, KINDS[id[0]], shared)
        self._workspace.channels[id] = channel
        return channel

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Shown]:
        """What is shown in a channel, or in one thread with its root, oldest first.

        Ephemeral messages are among them, deleted ones are not.
        """
        where = self._workspace.channels[channel]
        found = where.thread(thread_ts) if thread_ts else where.messages.values()
        return [shown for shown in found if not shown.deleted]

    def streaming(self, channel: str, ts: str) -> bool:
        """Whether a message is being written."""
        return self._workspace.streams.growing(channel, ts)

    def end_streams(self) -> None:
        """Let the five minutes of all streams be over."""
        self._workspace.streams.expire()

    def status(self, channel: str, thread_ts: str) -> str:
        """The app's status in a thread, or an empty string."""
        return self._workspace.pane.status(channel, thread_ts)

    def loading(self, channel: str, thread_ts: str) -> tuple[str, ...]:
        """The messages that take turns beside the status."""
        return self._workspace.pane.loading(channel, thread_ts)

    def title(self, channel: str, thread_ts: str) -> str:
        """The title that the app gave a thread, or an empty string."""
        return self._workspace.pane.titles.get((channel, thread_ts), "")

    def fail(
        self,
        method: str,
        *,
        error: str = "internal_error",
        status: int = 200,
        retry_after: int | None = None,
        times: int = 1,
        after_doing: bool = False,
        drop: bool = False,
        after: int = 0,
    ) -> None:
        """Let the next `times` calls of `method` fail with `error`, or hang up with `drop`.

        The file host fails as `files-pri`, for downloads, and `upload`, with a status over 399.
        `after_doing` lets the call take effect first; `retry_after`, in seconds, is a header.
        `after` so many calls go well first, counted from the fault before.
        """
        fault = Fault(
            error=error,
            status=status,
            retry_after=retry_after,
            times=times,
            after_doing=after_doing,
            drop=drop,
            after=after,
        )
        self._platform.server.faults.add(method, fault)

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every open socket to reconnect; each is closed ten seconds later."""
        self._hub.disconnect(reason)

    def sever(self) -> None:
        """Close every open socket without a word."""
        self._hub.sever()

    def refuse_next_ticket(self, n: int = 1) -> None:
        """Reject the next `n` handshakes, though their URLs are fresh; the URLs are then spent."""
        self._hub.refuse(n)

    @property
    def refused_tickets(self) -> list[str]:
        """The ticket of each handshake that was refused, oldest first."""
        return self._hub.refused

    def mute(self, n: int = 1) -> None:
        """Lose what goes to the `n` oldest sockets, which stay open; it is sent again later."""
        self._hub.mute(n)

    def deafen(self) -> None:
        """Deliver nothing to the sockets that are open now; a new socket hears."""
        self._hub.set_deaf(deaf=True)

    def hear(self) -> None:
        """End `deafen`: what found no ear is sent at once, as a retry."""
        self._hub.set_deaf(deaf=False)
