"""How a growing reply is streamed: text is added to one message, and goes on in the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bridge.core.growing import unended
from bridge.core.layout import Edit, Post, next_op
from bridge.core.model import Piece, Shown
from bridge.core.ports import Streams
from bridge.flow.canvas import Append, Begin, End, Step

Draw = Callable[[], Sequence[Piece]]


@dataclass(slots=True)
class Streaming:
    """The message that a reply is at; those before it are complete, and stay as they are."""

    limits: Streams
    cuts: list[str] = field(default_factory=list)  # what messages say that ended half full
    id: str = ""  # of the message that grows; empty: none does
    said: str = ""  # so much of its text, in Markdown,
    sent: str = ""  # ... as it was sent
    ends_at: float = 0.0
    complete: bool = False  # it takes no more
    lost: bool = False  # what was sent is not how the text begins now

    def next(self, shown: Sequence[Shown], draw: Draw, now: float) -> Step | None:
        """The next call while the reply grows; `draw` lays out what is certain of it."""
        pieces, at = draw(), self._at(shown)
        if at is None:
            return self._another(shown, pieces)
        if not self.complete and (now >= self.ends_at or self._is_too_much(pieces[at:])):
            self.cut()
            pieces = draw()
        op = next_op(shown[:at], pieces[:at])
        if isinstance(op, Edit) or at >= len(pieces):
            return op if isinstance(op, Edit) else None
        if self.complete or at < len(pieces) - 1:
            return self._end(at, pieces[at])
        return self._more(at, pieces[at])

    def last(self, shown: Sequence[Shown], pieces: Sequence[Piece]) -> Step | None:
        """What ends the message that grows, if one does, now that the reply is complete."""
        at = self._at(shown)
        if at is None:
            return None
        return self._end(at, pieces[at]) if at < len(pieces) else End(at)

    def done(self, step: Step, shown: Sequence[Shown], now: float) -> None:
        """A call that began at `now` was made."""
        match step:
            case Begin(text, said):
                self.id, self.said, self.sent = shown[-1].id, said, text
                self.ends_at, self.complete = now + self.limits.life, False
            case Append(_, text, said):
                self.said, self.sent = said, self.sent + text
            case End():
                self.id = ""

    def cut(self) -> None:
        """The message ends with what was sent; the text goes on in the next one."""
        self.cuts.append(self.said)
        self.complete = True

    def ended(self, step: Step) -> None:
        """The platform has ended the message, before `step` added to it.

        It is edited once, if only to be told from one that was never ended.
        """
        if isinstance(step, Append):
            self.cut()
        self.id = ""

    def left(self, now: float) -> float:
        """For how many seconds the message may go on growing; 0 if none does."""
        return max(0.0, self.ends_at - now) if self.id and not self.complete else 0.0

    def _at(self, shown: Sequence[Shown]) -> int | None:
        """Where the message that grows is, if one does and nobody deleted it."""
        ids = [each.id for each in shown]
        return ids.index(self.id) if self.id in ids else None

    def _another(self, shown: Sequence[Shown], pieces: Sequence[Piece]) -> Step | None:
        """No message grows: begin one with the last piece, once those before it are there."""
        at = len(shown)
        op = next_op(shown, pieces[:at])
        if op or len(pieces) <= at:
            return op
        piece = pieces[at]
        text = self._written(piece)
        if at < len(pieces) - 1 or piece.media or piece.aside or self._is_too_much([piece]):
            return Post(piece)
        return Begin(text, piece.text)

    def _more(self, at: int, piece: Piece) -> Step | None:
        text = self._written(piece)
        if not text.startswith(self.sent):
            self.lost = not self.sent.startswith(text)
            return None
        more = text[len(self.sent) :]
        return Append(at, more, piece.text) if more else None

    def _end(self, at: int, piece: Piece) -> Step:
        """The rest of a text that goes on as it was sent; any other is left to an edit."""
        text = self.limits.written(piece.text).rstrip()
        is_text = not (piece.media or piece.aside or piece.plain)
        if is_text and text.startswith(self.sent) and _bytes(text) <= self.limits.most:
            return End(at, text[len(self.sent) :], piece)
        return End(at)

    def _written(self, piece: Piece) -> str:
        return self.limits.written(unended(piece.text)).rstrip()

    def _is_too_much(self, pieces: Sequence[Piece]) -> bool:
        """Whether the last piece, if it is the only one, takes more than a message may."""
        return len(pieces) == 1 and _bytes(self._written(pieces[0])) > self.limits.most


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
