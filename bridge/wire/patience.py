"""What is done until it succeeds, however long a platform is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bridge.core.errors import Denied, Fatal, RateLimited, Retryable

log = logging.getLogger(__name__)

T = TypeVar("T")

_AGAIN, _LONGEST = 1.0, 30.0  # seconds before another try: first (then doubled), last


class Patience:
    """Does things again and again; `trouble` says why the last of them did not succeed."""

    def __init__(self, channel: str) -> None:
        self.trouble = "not connected yet"
        self._channel = channel

    async def insist(self, step: Callable[[], Awaitable[T]]) -> T:
        """Do a step, again and again while the platform is away.

        Raises:
            Denied: the platform refuses it for good.
        """
        pause = _AGAIN
        while True:
            asked = 0.0
            try:
                return await step()
            except Fatal as error:
                self.trouble = str(error)
                raise Denied(self.trouble) from error
            except Retryable as error:
                self.tell(str(error))
                asked = error.retry_after if isinstance(error, RateLimited) else 0.0
            except Exception as error:
                log.exception("a fault in the bridge", extra={"channel": self._channel})
                self.trouble = f"a fault in the bridge: {error!r}"
            await asyncio.sleep(max(pause, asked))
            pause = min(2 * pause, _LONGEST)

    def tell(self, trouble: str) -> None:
        """Keep what is wrong, if anything is, and log it when it is news."""
        if trouble and trouble != self.trouble:
            log.warning("%s; trying again", trouble, extra={"channel": self._channel})
        self.trouble = trouble
