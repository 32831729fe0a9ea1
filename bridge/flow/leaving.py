"""What becomes of a session where nobody can be answered any more."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

from bridge.core.errors import ChatClosed, ChatGone, StoreUnavailable
from bridge.core.ports import ALL, Inbox, Memory, Records


@asynccontextmanager
async def leaving(
    lane: str,
    session: str,
    talks: Sequence[str],
    *,
    turns: Inbox,
    memory: Memory,
    records: Records,
) -> AsyncGenerator[None, None]:
    """Where a chat turns out to be closed, drop what waits; forget the session if it is gone.

    Who has blocked the bot may come back: then all goes on as before.
    """
    try:
        yield
    except ChatClosed as closed:
        with suppress(StoreUnavailable):
            await turns.stop(lane, ALL)
            if isinstance(closed, ChatGone):
                await memory.end(session, talks)
                await records.offered(session, None)
        raise
