"""Keeps the menus of the channels as the bots have their shortcuts at Coze."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bridge.core.commands import Entry, Menu, reserved
from bridge.core.errors import BridgeError
from bridge.core.ports import Adapter, Shortcut
from bridge.flow.bot import Bot

log = logging.getLogger(__name__)

EVERY, SOON = 600.0, 30.0  # seconds between two looks: when all went well, and else


@dataclass(frozen=True, slots=True)
class Menus:
    """The commands of the configuration, and who shows them."""

    base: Menu
    adapters: Sequence[Adapter]
    bots: Sequence[Bot]
    known: dict[str, Sequence[Shortcut]] = field(default_factory=dict)  # by bot, as last told

    async def keep(self) -> None:
        """Look at Coze again and again, until cancelled."""
        while True:
            well = await self._look()
            await asyncio.sleep(EVERY if well else SOON)

    def of(self, bot: str) -> Menu:
        """What can be typed where this bot answers: shortcuts of others would lead nowhere."""
        return self._with(self.known.get(bot, ()))

    def _with(self, shortcuts: Iterable[Shortcut]) -> Menu:
        """Our commands, and shortcuts whose names are nobody's yet."""
        extra = {entry.name: entry for entry in self.base.extra}
        for each in shortcuts:
            if not reserved(each.name):
                extra.setdefault(each.name, Entry(each.name, each.description))
        return replace(self.base, extra=tuple(extra.values()))

    async def _look(self) -> bool:
        """Bring the menus up to date; returns whether everybody answered."""
        menu, well = await self._now()
        for adapter in self.adapters:
            try:
                await adapter.show_menu(menu)
            except BridgeError as error:
                well = False
                extra = {"channel": adapter.channel, "error": str(error)}
                log.info("the menu is not shown yet", extra=extra)
        return well

    async def _now(self) -> tuple[Menu, bool]:
        """Our commands, and the shortcuts of the bots that have them."""
        well = True
        for bot in self.bots:
            try:
                self.known[bot.name] = (await bot.services.about()).shortcuts
            except BridgeError as error:
                well = False
                log.info("no shortcuts", extra={"bot": bot.name, "error": str(error)})
        known = (each for bot in self.bots for each in self.known.get(bot.name, ()))
        return self._with(known), well
