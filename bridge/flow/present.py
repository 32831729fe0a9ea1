"""Show a growing reply on a chat platform: the one loop that paces, splits and edits."""

import asyncio
import logging
import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import TypeAlias

from bridge.core.errors import (
    BridgeError,
    Ended,
    Fatal,
    Full,
    Halted,
    RateLimited,
    Retryable,
    Uncertain,
)
from bridge.core.growing import settled
from bridge.core.layout import Delete, Edit, Post, layout, next_op
from bridge.core.links import linked
from bridge.core.model import Address, Piece, Reply, Shown
from bridge.core.pacing import Pacer
from bridge.core.ports import Adapter, Lease
from bridge.flow.attachments import Attachments, Fetch
from bridge.flow.canvas import Append, Begin, Canvas, Draft, End, Step, Streamed
from bridge.flow.drafting import Drafting, is_status
from bridge.flow.latest import Latest, before
from bridge.flow.streaming import Streaming
from bridge.flow.throttle import Rank, Throttle

log = logging.getLogger(__name__)

SETTLE_WITHIN = 120.0  # seconds for the final draw once a call has failed; then the inbox retries
BACKOFF = (0.5, 8.0)  # seconds before a failed final call is repeated: first, longest
STATUS_AFTER = 1.0  # seconds; words that come sooner need no message before them

Show: TypeAlias = Callable[[Reply], None]
Read: TypeAlias = Callable[[Show], Coroutine[object, object, Reply]]
"""Calls its argument with each snapshot, as often as it likes, and returns the last one."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One channel to draw on."""

    adapter: Adapter
    throttle: Throttle
    stream: bool = True  # False: only the complete reply is shown
    refused: Callable[[], None] = lambda: None  # counts texts that go out plain


class Screen:
    """What one reply looks like in one chat, and how to bring it up to date."""

    def __init__(self, stage: Stage, lease: Lease, fetch: Fetch | None = None) -> None:
        self._stage, self._message = stage, lease.message
        self._limits = stage.adapter.limits(lease.message.address)
        drafts, streams = self._limits.drafts, self._limits.streams
        shown, new = lease.progress.shown, not (lease.progress.shown or lease.progress.posting)
        self._drafting = Drafting(drafts) if drafts else None
        self._cuts: list[str] = []  # what the streamed messages say that ended half full
        # A reply of which something is there already goes on with edits.
        self._streaming = Streaming(streams, self._cuts) if streams and new else None
        ahead = self._streaming or self._drafting
        every = ahead.limits.every if ahead else self._limits.edit_every
        self._pacer = Pacer(every, 0.0 if self._streaming else self._limits.slower)
        self._files = Attachments(fetch, [each.media for each in shown if each.media])
        self._canvas = Canvas(stage.adapter, stage.throttle, lease, self._files, stage.refused)
        self._latest = Latest()
        self._status_at: float | None = None  # when a mere status may be posted
        self._worded = False  # more than a status is on the screen
        self._edited = False  # ... and it is not as it was posted
        self._failing = False  # the last intermediate call failed

    @property
    def to(self) -> Address:
        """Where it is, once it has moved."""
        return self._canvas.to

    @property
    def shown(self) -> list[Shown]:
        """The messages that stand in the chat."""
        return self._canvas.shown

    @property
    def begun(self) -> bool:
        """Whether there is something to read, if only a preview."""
        return bool(self.shown or (self._drafting and self._drafting.shown))

    async def follow(self, read: Read) -> Reply:
        """Show snapshots as they come, newest only; return the last, fully shown."""
        reading = asyncio.create_task(read(self._latest.put))
        try:
            if self._stage.stream:
                await self._stream(reading)
            final = await reading
            if final.status != "stopped" or not await self._canvas.superseded():
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
        """Make it stand in the chat. To wait for a turn may take any time, trouble may not."""
        deadline, pause = math.inf, BACKOFF[0]
        while op := self._next(reply):
            try:
                await self._canvas.admit(op, Rank.FINAL, longest=SETTLE_WITHIN)
                await self._do(op)
            except RateLimited as limit:
                deadline = min(deadline, _now() + SETTLE_WITHIN)
                if _now() + limit.retry_after > deadline:
                    raise
            except Retryable:
                deadline = min(deadline, _now() + SETTLE_WITHIN)
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
        words = asyncio.ensure_future(self._latest.words())
        try:
            while await before(reading, self._latest.changed()):
                self._want(self._latest.reply)
                while not (reading.done() or self._pacer.given_up):
                    step = self._next_growing(self._latest.reply)
                    if step is None:
                        break
                    overtaken = None if words.done() else words  # ... by the first words
                    if await before(reading, self._turn_of(step), overtaken):
                        await self._try(type(step))
        finally:
            words.cancel()
            self._latest.be_quiet()

    async def _turn_of(self, step: Step) -> None:
        """Wait until an intermediate call may be made."""
        words = bool(self._latest.reply.answers) and not (self._worded or self._edited)
        # Words take the place of a status at once.
        first = words or isinstance(step, Post | Begin | End)
        if not first or self._failing or isinstance(step, Draft):
            length = len(step.piece.text) if isinstance(step, Post | Edit | Draft) else 0
            await asyncio.sleep(self._pacer.wait(_now(), length))
        if not isinstance(step, Begin):
            await self._canvas.admit(step, Rank.FIRST if first else Rank.EDIT)

    async def _try(self, admitted: type[Step]) -> None:
        """Draw what is newest by now; if that fails, a later snapshot overtakes it."""
        reply = self._latest.reply
        step = self._next_growing(reply)
        if not isinstance(step, admitted):  # another kind of call has to wait for its own turn
            return
        try:
            if isinstance(step, Begin):  # there are few: a message that is edited need not wait
                await self._canvas.admit(step, Rank.FIRST, longest=0.0)
            await self._do(step)
        except RateLimited as limit:
            if isinstance(step, Begin):
                self._go_on_with_edits(limit)
                return
            self._pacer.limited(_now(), limit.retry_after)
            self._failing = True
        except Retryable as error:
            log.warning("an intermediate edit failed", extra={"error": str(error)})
            self._pacer.sent(_now())
            self._failing = True
        except Fatal as error:
            if not isinstance(step, Draft):
                raise
            self._go_on_with_edits(error)
        else:
            self._failing = False
            self._worded = self._worded or bool(reply.answers)
            self._edited = self._edited or isinstance(step, Edit)

    def _go_on_with_edits(self, why: object) -> None:
        """From here on what grows is a message that is edited."""
        log.warning("goes on with edits", extra={"error": str(why)})
        self._drafting = self._streaming = None
        self._pacer.every = max(self._pacer.every, self._limits.edit_every)
        self._pacer.slower = self._limits.slower

    def _pieces(self, reply: Reply, growth: Callable[[str], str] = settled) -> tuple[Piece, ...]:
        pieces = layout(
            reply,
            self._limits.size,
            turn=self._message.id,
            language=self._message.user.language,
            fetched=self._files.fetched,
            growth=growth,
            cuts=self._cuts,
        )
        if self._canvas.plain:
            pieces = tuple(replace(piece, plain=True) for piece in pieces)
        return pieces

    def _next(self, reply: Reply) -> Step | None:
        pieces = self._pieces(reply)
        end = self._streaming.last(self.shown, pieces) if self._streaming else None
        return end or next_op(self.shown, pieces)

    def _next_growing(self, reply: Reply) -> Step | None:
        """Like `_next`, but what is on the screen may yet be needed, and some things can wait."""
        if streaming := self._streaming:
            step = streaming.next(self.shown, lambda: self._certain(streaming, reply), _now())
            later = 0.0 if step else streaming.left(_now())
            if streaming.lost or self._canvas.plain:
                self._go_on_with_edits("the text begins otherwise now")
                return self._next_growing(reply)
        elif self._drafting:
            step = self._drafting.next(self.shown, self._pieces(reply), reply)
            later = self._drafting.stands(step, _now()) if step else 0.0
        else:
            step = self._next(reply)
            later = self._status_in(reply) if isinstance(step, Post) else 0.0
        if later > 0.0:
            self._latest.nudge_in(later)
            return None
        return None if isinstance(step, Delete) else step

    def _certain(self, streaming: Streaming, reply: Reply) -> list[Piece]:
        """What can be said for good, without what is there for the moment."""
        pieces = self._pieces(replace(reply, doing=None), streaming.limits.certain)
        return [replace(piece, buttons=()) for piece in pieces]

    def _status_in(self, reply: Reply) -> float:
        """Seconds for which a mere status is not worth a message: words may come first."""
        if self.shown or not is_status(reply):
            return 0.0
        if self._status_at is None:
            self._status_at = _now() + STATUS_AFTER
        return max(0.0, self._status_at - _now())

    async def _do(self, step: Step) -> None:
        begun = _now()
        try:
            await self._canvas.do(step)
        except (Fatal, Uncertain) as error:
            if not self._streaming or not isinstance(step, Streamed):
                raise
            self._settle_for_less(step, self._streaming, error)
        else:
            if self._streaming:
                self._streaming.done(step, self.shown, begun)
        self._pacer.sent(_now())
        if self._drafting:
            self._drafting.done(step, _now())

    def _settle_for_less(self, step: Step, streaming: Streaming, error: BridgeError) -> None:
        """A call of a stream failed for good: another message goes on, or edits do."""
        match step, error:
            case Append(), Full():
                streaming.cut()
            case (Append() | End(), Ended()) if not isinstance(error, Halted):
                streaming.ended(step)
            case _:
                self._go_on_with_edits(error)


def _now() -> float:
    return asyncio.get_running_loop().time()
