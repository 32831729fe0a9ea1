"""How a growing reply looks before there is a message: a preview, or nothing for a while."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.core.layout import Op, next_op
from bridge.core.model import Piece, Reply, Shown
from bridge.core.ports import Drafts
from bridge.flow.canvas import Draft, Step


def is_status(reply: Reply) -> bool:
    """Whether there is nothing to show yet but what the bot is at."""
    return not (reply.answers or reply.thought or reply.heard or reply.notes)


@dataclass(slots=True)
class Drafting:
    """The preview of the message that a reply is at; those before it are complete."""

    limits: Drafts
    shown: Piece | None = None
    drawn_at: float = 0.0

    def next(self, shown: Sequence[Shown], pieces: Sequence[Piece], reply: Reply) -> Step | None:
        """The next call on the way to what is wanted; None when there."""
        if not pieces or pieces[-1].media or len(shown) >= len(pieces):
            return next_op(shown, pieces)
        complete: Op | None = next_op(shown, pieces[:-1])
        if complete:
            return complete
        thinking = is_status(reply) and reply.doing and reply.doing.what == "thinking"
        wanted = Piece("") if thinking else replace(pieces[-1], buttons=())
        return Draft(wanted)

    def stands(self, step: Step, now: float) -> float:
        """For how many seconds this very preview needs no call."""
        if not isinstance(step, Draft) or step.piece != self.shown:
            return 0.0
        return max(0.0, self.drawn_at + self.limits.life * 2 / 3 - now)

    def done(self, step: Step, now: float) -> None:
        """A call was made; a message puts an end to the preview."""
        self.shown, self.drawn_at = (step.piece, now) if isinstance(step, Draft) else (None, now)
