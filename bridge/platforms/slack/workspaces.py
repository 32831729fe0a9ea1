"""The workspaces that one app is installed in: an adapter for each, made when it is needed."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from bridge.core.commands import Menu
from bridge.core.errors import BridgeError, Denied, StoreUnavailable
from bridge.core.ports import Installation, Installations
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.api import Revoked
from bridge.platforms.slack.grants import Grants

log = logging.getLogger(__name__)

_FRESH = 5.0  # seconds for which the store need not be asked whether the app is still installed
_OFF = 3600.0  # seconds for which a token that Slack refuses is not tried again
_EARLY = 7200.0  # seconds before it ends at which a token is replaced


@dataclass(slots=True)
class _Known:
    adapter: SlackAdapter
    installation: Installation
    until: float  # on the clock of the loop
    off: float = 0.0  # likewise: until then it is not let in


class Workspaces:
    """Knows the token of each workspace without asking Slack, and the store but now and then."""

    def __init__(
        self, installations: Installations, grants: Grants, make: Callable[[str], SlackAdapter]
    ) -> None:
        self._installations, self._grants, self._make = installations, grants, make
        self._known: dict[str, _Known] = {}
        self._left: list[SlackAdapter] = []  # somebody may still be speaking through them
        self._unsaved: dict[str, tuple[Installation, Installation]] = {}
        self._bots: tuple[float, Mapping[str, str]] = (0.0, {})  # until when; by user id
        self.menu: Menu | None = None

    async def at(self, id_: str) -> SlackAdapter | None:
        """The adapter of a workspace, or organisation; None if the app is not installed there.

        Raises:
            StoreUnavailable: that cannot be found out.
            Denied: the store's encryption key is another.
        """
        known = self._known.get(id_)
        if known and known.until > _now():
            return known.adapter
        found = await self._installed(id_) if id_ else None
        known = self._known.get(id_)
        if found is None:
            self.forget(id_)
            return None
        if known is None:
            known = self._known[id_] = _Known(self._make(id_), found, 0.0)
            if self.menu:
                await known.adapter.show_menu(self.menu)
        if known.installation.token != found.token:
            known.off = 0.0
        known.installation, known.until = found, _now() + _FRESH
        known.adapter.belongs(found.bot, found.token)
        return known.adapter

    def known(self, id_: str) -> SlackAdapter | None:
        """The adapter of a workspace, if there is one already."""
        known = self._known.get(id_)
        return known.adapter if known else None

    def off(self, id_: str) -> bool:
        """Whether Slack lets us into a workspace no more."""
        known = self._known.get(id_)
        return bool(known and known.off > _now())

    def refused(self, id_: str, error: Revoked) -> None:
        """Stay out of a workspace whose token Slack refuses. The others go on."""
        known = self._known.get(id_)
        if known is None or known.off > _now():
            return
        known.off = _now() + _OFF
        log.error(
            "off in %s (%s): %s; install the app there again",
            known.installation.name,
            id_,
            str(error).rpartition(":")[0] or error,
        )

    async def erase(self, id_: str, at: float) -> None:
        """Forget a workspace that the app left at `at` (Unix time), unless it has come back."""
        with suppress(Denied):  # of one that cannot be read it is not known when it began
            found = await self._installations.get(id_)
            if found and at < int(found.at):  # events tell whole seconds
                return
        await self._installations.erase(id_)
        self.forget(id_)
        log.info("uninstalled from %s: what was kept of it is erased", id_)

    def forget(self, id_: str) -> None:
        """Ask the store of a workspace before it is used again."""
        if known := self._known.pop(id_, None):
            self._left.append(known.adapter)
        self._bots = (0.0, {})

    async def bots(self) -> Mapping[str, str]:
        """The workspace of each bot, by the bot's user id. Raises like `at`."""
        until, bots = self._bots
        if until < _now():
            bots = {each.bot: each.id for each in await self._installations.everyone()}
            self._bots = _now() + _FRESH, bots
        return bots

    async def show_menu(self, menu: Menu) -> None:
        """Tell every adapter, also those to come, what can be typed."""
        self.menu = menu
        for known in self._known.values():
            await known.adapter.show_menu(menu)

    async def aclose(self) -> None:
        """Close all connections."""
        adapters = [*(known.adapter for known in self._known.values()), *self._left]
        await asyncio.gather(*(each.aclose() for each in adapters))

    async def _installed(self, id_: str) -> Installation | None:
        """What is stored of a workspace, with a token that is good for a while."""
        if id_ in self._unsaved:
            await self._installations.swap(*self._unsaved[id_])
            del self._unsaved[id_]
        found = await self._installations.get(id_)
        if found is None or not found.expires or found.expires - time.time() > _EARLY:
            return found
        if not await self._installations.alone(id_):
            return found
        try:
            new = await self._grants.renewed(found)
        except BridgeError as error:
            log.warning("the token of %s is not renewed: %s", id_, error)
            return found
        return await self._saved(found, new)

    async def _saved(self, old: Installation, new: Installation) -> Installation | None:
        """Store a new token. It cannot be had twice, and so it is not lost with the store."""
        try:
            if await self._installations.swap(old, new):
                return new
            return await self._installations.get(old.id)
        except StoreUnavailable:
            self._unsaved[old.id] = old, new
            return new


def _now() -> float:
    return asyncio.get_running_loop().time()
