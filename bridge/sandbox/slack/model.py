"""The nouns of the simulated workspace: who the app is, people, channels, messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from bridge.sandbox.slack import mrkdwn
from bridge.sandbox.slack.files import SharedFile
from bridge.sandbox.slack.pressables import Button, pressables

Json = dict[str, Any]


class SlackError(Exception):
    """A refusal in Slack's own words.

    `error` is the code of the answer; `details` go into `response_metadata.messages`;
    `retry_after` is in seconds; `more` are further fields of the answer.
    """

    def __init__(
        self,
        error: str,
        *details: str,
        status: int = 200,
        retry_after: int | None = None,
        **more: str,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.details = details
        self.status = status
        self.retry_after = retry_after
        self.more = more


@dataclass
class Site:
    """Where the simulator is, which it learns from whoever reaches it; ends with a slash."""

    url: str = "http://127.0.0.1/"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The app under test, as the workspace knows it."""

    bot_token: str
    app_token: str
    signing_secret: str
    team: str
    bot_user: str
    bot_id: str
    enterprise: str = ""  # the organisation that the workspace is a part of
    org_wide: bool = False  # the app is installed in the whole of it
    app_id: str = "A0SANDBOX"
    verification_token: str = "sandbox-verification"  # noqa: S105 -- legacy, and public here
    site: Site = field(default_factory=Site)


@dataclass(frozen=True)
class User:
    """Somebody who can be seen in the workspace; `tz_offset` is in seconds east of UTC.

    `team` is the workspace of who is not of this one. The bot of another app has the ids
    `bot_id` and `app_id`, and is mentioned like a person.
    """

    id: str
    name: str
    is_bot: bool = False
    locale: str = "en-US"
    tz: str = "Etc/UTC"
    tz_offset: int = 0
    team: str = ""
    guest: Literal["", "multi", "single"] = ""  # let into several channels, or into one
    bot_id: str | None = None
    app_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a message says; `markdown` tells that `text` came as `markdown_text`."""

    text: str = ""
    blocks: tuple[Json, ...] = ()
    markdown: bool = False
    metadata: Json | None = None


@dataclass(frozen=True, kw_only=True)
class Shown(Content):
    """A message as people see it: a snapshot, which later edits do not change.

    `thread_ts` is None at the top level; `visible_to` names the one user who sees an ephemeral
    message; `edits` counts the updates; `reactions` are the bot's, and `people_reacted` holds
    emoji and user of all others.
    """

    channel: str
    ts: str
    user: str
    bot_id: str | None = None
    app_id: str = ""  # of another app than ours
    app_name: str = ""  # likewise
    team: str = ""  # of who wrote it, if it is another workspace
    thread_ts: str | None = None
    subtype: str | None = None
    client_msg_id: str | None = None
    visible_to: str | None = None
    edits: int = 0
    edited_ts: str | None = None
    reactions: tuple[str, ...] = ()
    people_reacted: tuple[tuple[str, str], ...] = ()
    files: tuple[SharedFile, ...] = ()
    deleted: bool = False

    @property
    def root(self) -> str:
        """The `ts` of the thread that this message belongs to or would start."""
        return self.thread_ts or self.ts

    @property
    def ephemeral(self) -> bool:
        """Whether only `visible_to` sees it."""
        return self.visible_to is not None

    def plain(self) -> str:
        """What a user reads: the blocks' words, or the text without blocks; entities decoded."""
        if not any(_words(self.blocks)):
            return mrkdwn.plain(self.text)
        return "\n".join(
            mrkdwn.decoded(words.text) if words.literal else mrkdwn.plain(words.text)
            for words in _words(self.blocks)
        )

    @property
    def pings(self) -> list[str]:
        """Live tokens, such as `<!channel>` and `<@U0ANN>`, which notify someone."""
        texts = [words.text for words in _words(self.blocks) if not words.literal]
        return [token for text in (self.text, *texts) for token in mrkdwn.live(text)]

    @property
    def buttons(self) -> list[Button]:
        """All that can be pressed in the message, in order."""
        return [pressable.button for pressable in pressables(self.blocks)]


class _Words(NamedTuple):
    text: str
    literal: bool  # plain_text: neither links nor tokens


def _words(blocks: tuple[Json, ...]) -> Iterator[_Words]:
    for block in blocks:
        if block["type"] == "markdown":
            yield _Words(block["text"], literal=False)
        elif block["type"] in {"plan", "task_card"}:
            parts = [block, *block.get("tasks", [])]
            yield from (_Words(part["title"], literal=True) for part in parts)
        elif block["type"] in {"section", "header", "context"}:
            parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
            for part in parts:
                if part and "text" in part:
                    yield _Words(part["text"], literal=part["type"] == "plain_text")


@dataclass
class Channel:
    """A conversation: `kind` is channel, group, im or mpim."""

    id: str
    name: str
    members: set[str]
    kind: str = "channel"
    shared: bool = False
    messages: dict[str, Shown] = field(default_factory=dict)
    replies: dict[str, list[str]] = field(default_factory=dict)

    def store(self, shown: Shown) -> None:
        """Keep `shown`, new or changed."""
        new = shown.ts not in self.messages
        self.messages[shown.ts] = shown
        if new and shown.thread_ts is not None:
            self.replies.setdefault(shown.thread_ts, []).append(shown.ts)

    def remove(self, shown: Shown) -> None:
        """Forget `shown`."""
        del self.messages[shown.ts]
        if shown.thread_ts is not None:
            self.replies[shown.thread_ts].remove(shown.ts)

    def thread(self, root: str) -> list[Shown]:
        """The thread's root and its replies, oldest first; empty when there is no such root."""
        if root not in self.messages:
            return []
        return [self.messages[ts] for ts in (root, *self.replies.get(root, ()))]

    def is_root(self, ts: str) -> bool:
        """Whether a thread can be at `ts`: a message that is neither a reply nor ephemeral."""
        shown = self.messages.get(ts)
        return shown is not None and shown.thread_ts is None and not shown.ephemeral

    def lasting(self, root: str) -> list[Shown]:
        """The replies in a thread that are not ephemeral, oldest first."""
        return [shown for shown in self.thread(root)[1:] if not shown.ephemeral]
