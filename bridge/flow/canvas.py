"""The messages of one reply in one chat: one call at a time, noted once it had its effect."""

import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from bridge.core.errors import (
    ChatClosed,
    Denied,
    Gone,
    Moved,
    RateLimited,
    Rejected,
    TooLarge,
    Uncertain,
)
from bridge.core.layout import Delete, Edit, Op, Post
from bridge.core.model import Piece, Shown
from bridge.core.ports import Adapter, Call, Lease
from bridge.flow.attachments import Attachments
from bridge.flow.throttle import Rank, Throttle

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """Show a preview of a message that is still being written."""

    piece: Piece


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin a message that grows; `text` is as it is sent, `said` in Markdown."""

    text: str
    said: str


@dataclass(frozen=True, slots=True)
class Append:
    """Add to the message at index `at`, which then says `said`."""

    at: int
    text: str
    said: str


@dataclass(frozen=True, slots=True)
class End:
    """Add the last of a message, which then looks like `piece`; None: nobody knows how."""

    at: int
    text: str = ""
    piece: Piece | None = None


Streamed: TypeAlias = Begin | Append | End
Step: TypeAlias = Op | Draft | Streamed

_KIND: dict[type[Step], Call] = {
    Post: "post",
    Edit: "edit",
    Delete: "delete",
    Draft: "draft",
    Begin: "begin",
    Append: "append",
    End: "end",
}


class _FileRefusedError(Exception):
    """The platform does not take a file; its link is shown instead."""


class Canvas:
    """What stands in the chat, as far as it is confirmed."""

    def __init__(
        self,
        adapter: Adapter,
        throttle: Throttle,
        lease: Lease,
        files: Attachments,
        refused: Callable[[], None],
    ) -> None:
        self._adapter, self._throttle, self._lease = adapter, throttle, lease
        self._refused = refused  # counts
        self._files, self.to = files, lease.message.address
        self.shown = list(lease.progress.shown)
        self.plain = False  # the platform refused this text as Markdown
        self._maybe_posted = lease.progress.posting

    async def admit(self, step: Step, rank: Rank, *, longest: float = math.inf) -> None:
        """Wait until it may be done; see `Throttle.admit`."""
        budgets = self._adapter.budgets(_KIND[type(step)], self.to)
        await self._throttle.admit(budgets, rank, longest=longest)

    async def do(self, step: Step) -> None:
        """Make one call to the platform and note its effect."""
        self._lease.check()
        try:
            await self._call(step)
        except RateLimited as limit:
            budget = self._adapter.budgets(_KIND[type(step)], self.to)[0]
            await self._throttle.close(budget, limit.retry_after)
            raise
        except Moved as moved:
            log.info("a chat has moved, and its answer with it", extra={"to": moved.chat})
            self.to = replace(self.to, chat=moved.chat, reply_to=None)
            self.shown.clear()  # nobody can edit there what was said here
        except _FileRefusedError:
            return
        except Rejected as error:
            if self.plain or not isinstance(step, Post | Edit):
                raise
            log.warning("refused as Markdown, sent plain", extra={"error": str(error)})
            self._refused()
            self.plain = True

    async def _call(self, step: Step) -> None:
        match step:
            case Post(piece):
                await self._post(piece)
            case Edit(at, piece):
                await self._edit(at, piece)
            case Delete(at):
                await self._adapter.delete(self.to, self.shown[at].id)
                await self._forget(at)
            case Draft(piece):
                await self._adapter.draft(self.to, piece, turn=self._lease.message.id)
            case Begin(text, _):
                await self._begin(text)
            case Append(at, text, _):
                await self._adapter.append(self.to, self.shown[at].id, text)
            case End(at, text, piece):
                await self._end(at, text, piece)

    async def _post(self, piece: Piece) -> None:
        """Post once: a message whose fate is unknown is looked for before it is posted again."""
        mark = f"{self._lease.message.id}:{len(self.shown)}"
        found = await self._adapter.find(self.to, mark=mark) if self._maybe_posted else None
        id_ = found or await self._once(lambda: self._send(piece, mark))
        self._maybe_posted = False
        shown = Shown(id_, None if found else piece, piece.media)
        self.shown.append(shown)
        await self._save()

    async def _once(self, post: Callable[[], Awaitable[str]]) -> str:
        """Make a call that posts, and remember until it is answered that it may have."""
        await self._lease.posting()
        self._maybe_posted = True
        try:
            return await post()
        except Uncertain:
            raise
        except Exception:
            self._maybe_posted = False
            raise

    async def _send(self, piece: Piece, mark: str) -> str:
        """Post a piece, with its file if it has one; a file that is refused stays a link."""
        to = self.to if not self.shown else replace(self.to, reply_to=None)
        if not piece.media:
            return await self._adapter.post(to, piece, mark=mark)
        try:
            media = self._files.media(piece.media)
            if piece.text == media.name:  # it is shown anyway
                piece = replace(piece, text="")
            return await self._adapter.post(to, piece, mark=mark, media=media)
        except (Rejected, TooLarge, Denied) as error:
            log.warning("a file is not taken", extra={"error": str(error)})
            self._files.refuse(piece.media)
            raise _FileRefusedError(str(error)) from error

    async def _begin(self, text: str) -> None:
        """Like `_post`; one whose fate is unknown is not begun again, but posted."""
        message = self._lease.message
        asker = replace(message.user, team=message.user.team or message.team)
        id_ = await self._once(lambda: self._adapter.begin(self.to, text, asker=asker))
        self._maybe_posted = False
        self.shown.append(Shown(id_))
        await self._save()

    async def _end(self, at: int, text: str, piece: Piece | None) -> None:
        id_ = self.shown[at].id
        await self._adapter.end(self.to, id_, text, piece.buttons if piece else ())
        self.shown[at] = Shown(id_, piece)

    async def _edit(self, at: int, piece: Piece) -> None:
        id_ = self.shown[at].id
        try:
            await self._adapter.edit(self.to, id_, piece)
        except ChatClosed:
            raise
        except Gone:  # somebody deleted it; what it said moves on to the next message
            await self._forget(at)
        else:
            self.shown[at] = Shown(id_, piece)

    async def superseded(self) -> bool:
        """Whether another message's answer takes the place of this one."""
        return await self._lease.superseded()

    async def _forget(self, at: int) -> None:
        self.shown.pop(at)
        await self._save()

    async def _save(self) -> None:
        await self._lease.shows(self.shown)
