"""When the next intermediate edit may leave: arithmetic only, no clock and no socket."""

import math
from dataclasses import dataclass

SLOWEST = 10.0  # seconds; an answer that grows slower than that seems dead
STRIKES = 3  # refusals after which intermediate edits are not worth their risk


@dataclass(slots=True)
class Pacer:
    """Spaces the edits of one reply and backs off when the platform says so."""

    every: float  # seconds between two edits
    slower: float = 0.0  # ... and so many more for each thousand characters of the text
    strikes: int = 0
    drawn_at: float = -math.inf
    shut_until: float = -math.inf

    @property
    def given_up(self) -> bool:
        """Whether only the final text should still be sent."""
        return self.strikes >= STRIKES

    def wait(self, now: float, length: int = 0) -> float:
        """Seconds until a text of this length may be drawn; 0.0 if it may be now.

        Who reads a long text needs its end less often than who waits for the first words.
        """
        free_at = self.drawn_at + self.every + self.slower * length / 1000
        return max(0.0, free_at - now, self.shut_until - now)

    def sent(self, now: float) -> None:
        """Something was drawn at `now`."""
        self.drawn_at = now

    def limited(self, now: float, retry_after: float) -> None:
        """The platform refused an edit and named a pause in seconds."""
        self.strikes += 1
        self.every = min(self.every * 2, max(self.every, SLOWEST))
        self.shut_until = max(self.shut_until, now + retry_after)
