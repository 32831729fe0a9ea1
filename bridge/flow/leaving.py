"""What becomes of a chat where nobody can be answered any more."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from bridge.core.errors import ChatClosed, ChatGone, StoreUnavailable
from bridge.core.model import Address
from bridge.core.ports import ALL, Groups, Inbox


@asynccontextmanager
async def leaving(
    lane: str, to: Address, turns: Inbox, groups: Groups
) -> AsyncGenerator[None, None]:
    """Where a chat turns out to be closed, drop what waits; end its sessions if it is gone.

    Who has blocked the bot may come back: then all goes on as before.
    """
    try:
        yield
    except ChatClosed as closed:
        with suppress(StoreUnavailable):
            await turns.stop(lane, ALL)
            if isinstance(closed, ChatGone):
                await groups.end(to)
        raise
