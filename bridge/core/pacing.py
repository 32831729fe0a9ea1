"""When the next intermediate edit may leave: arithmetic only, no clock and no socket."""

from dataclasses import dataclass

SLOWEST = 10.0  # seconds; an answer that grows slower than that seems dead
STRIKES = 3  # refusals after which intermediate edits are not worth their risk


@dataclass(slots=True)
class Pacer:
    """Spaces the edits of one reply and backs off when the platform says so."""

    every: float  # seconds between two edits
    free_at: float = 0.0
    strikes: int = 0

    @property
    def given_up(self) -> bool:
        """Whether only the final text should still be sent."""
        return self.strikes >= STRIKES

    def wait(self, now: float) -> float:
        """Seconds until the next edit may leave; 0.0 if it may leave now."""
        return max(0.0, self.free_at - now)

    def sent(self, now: float) -> None:
        """Something was drawn at `now`."""
        self.free_at = max(self.free_at, now + self.every)

    def limited(self, now: float, retry_after: float) -> None:
        """The platform refused an edit and named a pause in seconds."""
        self.strikes += 1
        self.every = min(self.every * 2, SLOWEST)
        self.free_at = max(self.free_at, now + retry_after)
