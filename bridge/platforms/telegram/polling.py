"""Messages in by long polling, which confirms an update only once it is stored."""

import asyncio
from functools import partial

from telegram.error import NetworkError

from bridge.core.ports import Accept
from bridge.platforms.telegram.api import POLL
from bridge.platforms.telegram.updates import WANTED, Updates

_PROBE = 5  # seconds that a poll is held open while it is not known whether all is well again
_SILENCE = 120.0  # seconds after which a poll that has not come back never will


class Polling:
    """Fetches the updates of one bot."""

    def __init__(self, updates: Updates) -> None:
        self._updates = updates
        self._offset = 0  # of the first update that is not stored

    async def run(self, accept: Accept) -> None:
        """Pass on updates until cancelled.

        What is stored but not confirmed in the end comes again, and is known.

        Raises:
            Denied: the token is wrong.
        """
        updates = self._updates
        try:
            await updates.meet()
            # While there is a webhook, ours of another day or not, all polls are refused.
            await updates.insist(partial(updates.bot.delete_webhook, drop_pending_updates=False))
            updates.ready()
            while True:
                await updates.insist(partial(self._round, accept))
        except asyncio.CancelledError:
            updates.patience.trouble = "stopped"
            raise

    async def _round(self, accept: Accept) -> None:
        """Fetch what there is and store it; the next poll confirms it to Telegram.

        Raises:
            TelegramError: the poll failed, or it did not come back and is given up with its
                connection.
            NotStored: what is not stored comes again.
        """
        updates = self._updates
        held = min(POLL, _PROBE) if updates.patience.trouble else POLL
        try:
            async with asyncio.timeout(_SILENCE):
                for update in await updates.bot.get_updates(
                    offset=self._offset, timeout=held, allowed_updates=WANTED
                ):
                    await updates.take(update, accept)
                    self._offset = update.update_id + 1
        except TimeoutError as silence:
            why = f"no poll has come back for {_SILENCE:g} seconds"
            raise NetworkError(why) from silence
        updates.patience.tell("")
