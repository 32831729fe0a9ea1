"""Keeps a trouble that everybody in a group has from being told to each of them."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

from bridge.core.errors import StoreUnavailable
from bridge.core.ports import Lease, Records

QUIET_FOR = 60  # seconds for which a group is not told the same again

News: TypeAlias = Callable[[str], Awaitable[bool]]
"""Whether a sentence of core.texts is news to its readers: it was not told just now."""


def news(lease: Lease, records: Records) -> News | None:
    """What is news in the chat of a job; None where all is.

    Of a job that is worked on again it is not known whether its trouble was seen.
    """
    message, to = lease.message, lease.message.address
    if message.private or lease.attempt > 1 or lease.progress.asked:
        return None

    async def is_news(sentence: str) -> bool:
        with suppress(StoreUnavailable):
            what = f"told:{to.channel}:{to.where}:{to.thread or ''}:{sentence}"
            return await records.first(what, QUIET_FOR)
        return True

    return is_news
