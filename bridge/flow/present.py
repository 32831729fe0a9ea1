"""Show a growing reply on a chat platform: the one loop that paces, splits and edits."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import TypeAlias

from bridge.core.errors import (
    ChatClosed,
    Denied,
    Gone,
    Moved,
    RateLimited,
    Rejected,
    Retryable,
    TooLarge,
    Uncertain,
)
from bridge.core.layout import Delete, Edit, Op, Post, layout, next_op
from bridge.core.links import linked
from bridge.core.model import Piece, Reply, Shown
from bridge.core.pacing import Pacer
from bridge.core.ports import Adapter, Call, Lease
from bridge.flow.attachments import Attachments, Fetch
from bridge.flow.latest import Latest
from bridge.flow.throttle import Rank, Throttle

log = logging.getLogger(__name__)

SETTLE_WITHIN = 120.0  # seconds for the final draw, pauses included; then the inbox retries
BACKOFF = (0.5, 8.0)  # seconds before a failed final call is repeated: first, longest

Show: TypeAlias = Callable[[Reply], None]
Read: TypeAlias = Callable[[Show], Coroutine[object, object, Reply]]
"""Calls its argument with each snapshot, as often as it likes, and returns the last one."""

_KIND: dict[type[Op], Call] = {Post: "post", Edit: "edit", Delete: "delete"}


class _FileRefusedError(Exception):
    """The platform does not take a file; its link is shown instead."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One channel to draw on."""

    adapter: Adapter
    throttle: Throttle
    stream: bool = True  # False: only the complete reply is shown


class Screen:
    """What one reply looks like in one chat, and how to bring it up to date."""

    def __init__(self, stage: Stage, lease: Lease, fetch: Fetch | None = None) -> None:
        self._stage, self._lease = stage, lease
        self._adapter, self.to = stage.adapter, lease.message.address
        self._limits = self._adapter.limits(self.to)
        self._pacer = Pacer(self._limits.edit_every)
        self.shown = list(lease.progress.shown)
        self._files = Attachments(fetch, [each.media for each in self.shown if each.media])
        self._latest = Latest()
        self._worded = False  # more than a status is on the screen
        self._maybe_posted = lease.progress.posting
        self._failing = False  # the last intermediate call failed
        self._plain = False  # the platform refused this text as Markdown

    async def follow(self, read: Read) -> Reply:
        """Show snapshots as they come, newest only; return the last, fully shown."""
        reading = asyncio.create_task(read(self._latest.put))
        try:
            if self._stage.stream:
                await self._stream(reading)
            final = await reading
            await self._settle(final)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await self._files.close()
        return final

    async def settle(self, reply: Reply) -> None:
        """Show `reply` completely, waiting out any pause that the platform names.

        Raises:
            Retryable: it could not be done in time; what is missing can be drawn later.
            Fatal: the platform refuses for good.
        """
        try:
            await self._settle(reply)
        finally:
            await self._files.close()

    async def _settle(self, reply: Reply) -> None:
        """The text first; what is enclosed may take longer."""
        links = self._want(reply)
        await self._files.decided(links)
        if not any(each.media and each.media == reply.enclosure for each in self.shown):
            await self._draw(replace(reply, enclosure=""))
        if reply.enclosure:
            await self._files.decided([reply.enclosure])
            await self._draw(reply)

    async def _draw(self, reply: Reply) -> None:
        deadline, pause = _now() + SETTLE_WITHIN, BACKOFF[0]
        while op := self._next(reply):
            try:
                await self._admit(op, Rank.FINAL)
                await self._do(op)
            except RateLimited as limit:
                if _now() + limit.retry_after > deadline:
                    raise
            except Retryable:
                if _now() + pause > deadline:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, BACKOFF[1])

    def _want(self, reply: Reply) -> list[str]:
        """Have the files of a reply fetched; returns the links among them."""
        links = [url for answer in reply.answers for url in linked(answer.text)]
        enclosed = [reply.enclosure] if reply.enclosure else []
        self._files.want([*links, *enclosed], self._latest.nudge)
        return links

    async def _stream(self, reading: asyncio.Task[Reply]) -> None:
        """Draw the newest snapshot, again and again, until the last one has been read."""
        while await _before(reading, self._latest.changed()):
            self._want(self._latest.reply)
            while not reading.done() and (op := self._next_growing(self._latest.reply)):
                if self._pacer.given_up or not await _before(reading, self._turn_of(op)):
                    break
                reply = self._latest.reply
                if op := self._next_growing(reply):  # newer by now
                    await self._try(op)
                    self._worded = self._worded or bool(reply.answers)

    async def _turn_of(self, op: Op) -> None:
        """Wait until an intermediate call may be made."""
        words = bool(self._latest.reply.answers) and not self._worded
        first = words or isinstance(op, Post)  # words take the place of a status at once
        if not first or self._failing:
            await asyncio.sleep(self._pacer.wait(_now()))
        await self._admit(op, Rank.FIRST if first else Rank.EDIT)

    async def _try(self, op: Op) -> None:
        """Draw; if that fails, a later snapshot overtakes this one."""
        try:
            await self._do(op)
        except RateLimited as limit:
            self._pacer.limited(_now(), limit.retry_after)
            self._failing = True
        except Retryable as error:
            log.warning("an intermediate edit failed", extra={"error": str(error)})
            self._pacer.sent(_now())
            self._failing = True
        else:
            self._failing = False

    def _next(self, reply: Reply) -> Op | None:
        message = self._lease.message
        pieces = layout(
            reply,
            self._limits.size,
            turn=message.id,
            language=message.user.language,
            fetched=self._files.fetched,
        )
        if self._plain:
            pieces = tuple(replace(piece, plain=True) for piece in pieces)
        return next_op(self.shown, pieces)

    def _next_growing(self, reply: Reply) -> Op | None:
        """Like `_next`, but what is on the screen may yet be needed."""
        op = self._next(reply)
        return None if isinstance(op, Delete) else op

    async def _admit(self, op: Op, rank: Rank) -> None:
        budgets = self._adapter.budgets(_KIND[type(op)], self.to)
        await self._stage.throttle.admit(budgets, rank)

    async def _do(self, op: Op) -> None:
        """Make one call to the platform and note its effect."""
        self._lease.check()
        try:
            match op:
                case Post(piece):
                    await self._post(piece)
                case Edit(at, piece):
                    await self._edit(at, piece)
                case Delete(at):
                    await self._adapter.delete(self.to, self.shown[at].id)
                    await self._forget(at)
        except RateLimited as limit:
            budget = self._adapter.budgets(_KIND[type(op)], self.to)[0]
            await self._stage.throttle.close(budget, limit.retry_after)
            raise
        except Moved as moved:
            log.info("a chat has moved, and its answer with it", extra={"to": moved.chat})
            self.to = replace(self.to, chat=moved.chat, reply_to=None)
            self.shown.clear()  # nobody can edit there what was said here
            return
        except _FileRefusedError:
            return
        except Rejected as error:
            if self._plain or isinstance(op, Delete):
                raise
            log.warning("refused as Markdown, sent plain", extra={"error": str(error)})
            self._plain = True
        self._pacer.sent(_now())

    async def _post(self, piece: Piece) -> None:
        """Post once: a message whose fate is unknown is looked for before it is posted again."""
        mark = f"{self._lease.message.id}:{len(self.shown)}"
        found = await self._adapter.find(self.to, mark=mark) if self._maybe_posted else None
        if found is None:
            await self._lease.posting()
            self._maybe_posted = True
            try:
                id_ = await self._send(piece, mark)
            except Uncertain:
                raise
            except Exception:
                self._maybe_posted = False
                raise
        self._maybe_posted = False
        shown = Shown(found, media=piece.media) if found else Shown(id_, piece, piece.media)
        self.shown.append(shown)
        await self._save()

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

    async def _forget(self, at: int) -> None:
        self.shown.pop(at)
        await self._save()

    async def _save(self) -> None:
        await self._lease.shows(self.shown)


async def _before(reading: asyncio.Task[Reply], step: Awaitable[None]) -> bool:
    """Await `step`, unless the reading ends first: the final text waits for nothing."""
    task = asyncio.ensure_future(step)
    try:
        await asyncio.wait({task, reading}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        return not reading.done()
    finally:
        task.cancel()


def _now() -> float:
    return asyncio.get_running_loop().time()
