"""A chat platform, as the flow sees it."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal, Protocol, TypeAlias

from bridge.core.commands import Menu
from bridge.core.model import Address, Button, FileRef, Media, Message, Piece, User
from bridge.core.ports.groups import Remark
from bridge.core.splitting import Size

Call: TypeAlias = Literal["post", "edit", "delete", "draft", "begin", "append", "end"]

Accept: TypeAlias = Callable[[Message], Awaitable[str | None]]
"""Takes a message in. Returns once it is durable, and only then may the platform be
told so. Idempotent by `Message.id`. Raises Retryable when it could not be stored.

Of a button that is not for who pressed it, or that leads nowhere any more, it returns
a sentence for their eyes alone."""

_Event: TypeAlias = MutableMapping[str, Any]
Http: TypeAlias = Callable[
    [_Event, Callable[[], Awaitable[_Event]], Callable[[_Event], Awaitable[None]]], Awaitable[None]
]
"""An ASGI application: answers requests that the platform sends to us."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A share of the platform's patience: on average a call `every` so many seconds.

    Any window of W seconds sees at most `burst + W / every` calls.
    """

    key: str
    every: float  # seconds
    burst: int


@dataclass(frozen=True, slots=True)
class Drafts:
    """Previews of what the bot is writing, which are no messages yet."""

    every: float  # seconds between two of them
    life: float  # seconds after which one is gone, unless it is sent again


@dataclass(frozen=True, slots=True)
class Streams:
    """Messages that grow before the eyes of one user: text is added, and nothing taken back."""

    certain: Callable[[str], str]  # as much of a growing Markdown text as can be said for good
    written: Callable[[str], str]  # a Markdown text as it is sent; a fence may be open
    most: int  # bytes of all that is sent
    life: float  # seconds, after which the text goes on in the next one
    every: float  # seconds between two additions


@dataclass(frozen=True, slots=True)
class Limits:
    """What one chat allows; data, so that the flow can pace and split."""

    size: Size
    edit_every: float  # seconds between two edits of one message
    typing_every: float  # seconds for which the platform shows that the bot is at work
    slower: float = 0.0  # seconds more between edits for each thousand characters
    drafts: Drafts | None = None  # None: what grows is a message that is edited
    after: tuple[str, ...] = ()  # commands that have a button below a complete answer
    streams: Streams | None = None  # None: no message grows but by edits


@dataclass(frozen=True, slots=True)
class Page:
    """What a user sees of the bot beside the chats."""

    title: str
    parts: tuple[str, ...]  # as they stand
    buttons: tuple[Button, ...] = ()


class Reacts(Protocol):
    """A bot account that can put a mark on what users said. Raises like `Adapter`."""

    async def react(self, to: Address, id_: str, *, on: bool) -> None:
        """Put the mark on a message, or take it off. Idempotent."""


class Adapter(Protocol):
    """One bot account on one chat platform.

    Every method makes at most one call to the platform and returns when the
    platform has confirmed it. No retries, no splitting, and no pacing of what has
    `budgets`: those live in the flow, once, for all platforms.

    Raises (every method):
        RateLimited: the platform named a pause.
        Unavailable: no connection, or a 5xx.
        Uncertain: no answer came; the call may have had its effect.
        Denied, Rejected, Gone: the platform refused; trying again will not help.
    """

    channel: str  # the key under `channels:`
    platform: str

    def limits(self, to: Address) -> Limits:
        """What the platform allows in this chat. Pure: a table, not a call."""

    def budgets(self, call: Call, to: Address) -> tuple[Budget, ...]:
        """What a call draws on. A 429 closes the first of them. Pure."""

    def commands(self, names: Sequence[str]) -> Mapping[str, str]:
        """How a user of this platform types each of these commands. Pure."""

    async def post(
        self, to: Address, piece: Piece, *, mark: str, media: Media | None = None
    ) -> str:
        """Send a new message, or a file with a caption, and return its id. Not idempotent.

        `mark` is kept with the message where the platform allows, for `find`.

        Raises:
            TooLarge: the platform takes no file of this size.
        """

    async def find(self, to: Address, *, mark: str) -> str | None:
        """The id of the message posted with `mark`; None if there is none, or no telling."""

    async def edit(self, to: Address, id_: str, piece: Piece) -> None:
        """Make a message look like `piece`. Idempotent; "not modified" is success."""

    async def draft(self, to: Address, piece: Piece, *, turn: str) -> None:
        """Show a text as a preview, which the next message in this place puts an end to.

        `turn` is the id of the message that it answers: there is one preview of a turn, and
        it changes. Without a text it says that the bot is thinking. Idempotent.

        Raises:
            Rejected: there are no previews (any more); see `Limits.drafts`.
        """

    async def begin(self, to: Address, text: str, *, asker: User) -> str:
        """Begin a message that grows while `asker` reads it, and return its id. Not idempotent.

        While it grows it cannot be edited, but `edit` ends it first. It has no mark until it
        ends; `find` finds it all the same. The text is as `Streams.written` has it.

        Raises:
            Rejected: there are none (any more); see `Limits.streams`.
        """

    async def append(self, to: Address, id_: str, text: str) -> None:
        """Add text to a message that was begun. Not idempotent.

        Raises:
            Full: it takes no more, and has to be ended.
            Ended, Halted: it has ended already.
        """

    async def end(self, to: Address, id_: str, text: str, buttons: Sequence[Button]) -> None:
        """Add the last of the text, maybe none, and buttons below it. Not idempotent.

        Raises:
            Full: it takes no more; nothing was done.
            Ended: it has ended already, without them.
        """

    async def delete(self, to: Address, id_: str) -> None:
        """Remove a message. Idempotent; an absent message is success."""

    async def typing(self, to: Address) -> None:
        """Show that the bot is at work, for as long as the platform shows it."""

    async def idle(self, to: Address) -> None:
        """Take back what `typing` shows, where it would outlast the work. Idempotent."""

    async def leave(self, to: Address) -> None:
        """Go away from a chat, where a bot can do that. Idempotent."""

    async def download(self, file: FileRef, into: BinaryIO, *, most: int) -> None:
        """Write a user's file into `into`, in parts, at most `most` bytes of it. Idempotent.

        Raises:
            TooLarge: it has more, or is more than a bot may fetch.
            Gone: it has expired, or was deleted.
        """

    async def prompts(self, to: Address, questions: Sequence[str]) -> bool:
        """Offer questions where the platform has a place of its own for them; False if not."""

    async def entitle(self, to: Address, title: str) -> None:
        """Give a thread a title, where threads have titles. Idempotent."""

    async def publish(self, to: Address, page: Page) -> None:
        """Show `to.only_for` the bot's page, where it has one. Idempotent."""

    async def earlier(self, to: Address, *, before: str, most: int) -> Sequence[Remark]:
        """What was said in a thread before a message: its first, and the `most` last, in order.

        Names that cannot be found out are empty. Nothing where bots cannot look back.
        """

    async def show_menu(self, menu: Menu) -> None:
        """From here on these are the commands that can be typed. Idempotent."""

    async def whoami(self) -> str:
        """Who the platform says we are; checks every token. Changes nothing."""

    async def aclose(self) -> None:
        """Close all connections."""

    async def listen(self, accept: Accept) -> None:
        """Pass on every message until cancelled, reconnecting as needed.

        A message is confirmed to the platform when `accept` has returned, never before.
        """

    @property
    def http(self) -> Http | None:
        """What answers at `/<platform>/<channel>` and below; None if the platform never calls.

        While nobody listens it refuses, so that the platform comes again.
        """

    @property
    def trouble(self) -> str:
        """Why messages cannot arrive at the moment; empty when all is well."""
