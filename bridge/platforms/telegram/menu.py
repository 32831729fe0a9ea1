"""The commands that chats offer, as far as Telegram takes them."""

import asyncio
import re
from collections.abc import Mapping
from typing import TypeAlias

from telegram import BotCommandScope
from telegram.constants import BotCommandLimit, BotCommandScopeType
from telegram.ext import ExtBot

from bridge.core.commands import Menu

_NAME = re.compile(rf"[a-z0-9_]{{1,{BotCommandLimit.MAX_COMMAND}}}")
_LANGUAGES = {"": "en", "zh": "zh"}  # language_code -> ours; all others see the first

Place: TypeAlias = tuple[str, str]
"""A kind of chats, and the language_code of who reads."""
Commands: TypeAlias = list[tuple[str, str]]


def offered(menu: Menu, language: str, *, private: bool = True) -> Commands:
    """Each command with what it does; what has an impossible name can only be typed."""
    fitting = [
        (name, (does.strip() or name)[: BotCommandLimit.MAX_DESCRIPTION].strip())
        for name, does in menu.entries(language, private=private)
        if _NAME.fullmatch(name)
    ]
    return fitting[: BotCommandLimit.MAX_COMMAND_NUMBER]


def menus(menu: Menu) -> Mapping[Place, Commands]:
    """What each kind of chats offers.

    Telegram shows the closest menu: one for administrators, set by whoever had the bot
    before, would hide that of groups. One for all chats would show nowhere but in channels.
    """
    kinds = BotCommandScopeType
    ours = {
        (kind.value, code): offered(menu, language, private=kind is kinds.ALL_PRIVATE_CHATS)
        for kind in (kinds.ALL_PRIVATE_CHATS, kinds.ALL_GROUP_CHATS)
        for code, language in _LANGUAGES.items()
    }
    others = (kinds.ALL_CHAT_ADMINISTRATORS, kinds.DEFAULT)
    return ours | {(kind.value, code): [] for kind in others for code in _LANGUAGES}


class Board:
    """Where the menus of one bot hang. Telegram keeps them: only what differs is changed."""

    def __init__(self, bot: ExtBot[None]) -> None:
        self._bot = bot
        self._there: dict[Place, Commands] = {}  # as far as we know
        self._changing = asyncio.Lock()

    async def show(self, menu: Menu) -> None:
        """Have the chats offer these commands, and no others. Raises TelegramError."""
        async with self._changing:
            for place, commands in menus(menu).items():
                if await self._look(place) != commands:
                    await self._change(place, commands)
                    self._there[place] = commands

    async def _look(self, place: Place) -> Commands:
        if place not in self._there:
            kind, language = place
            found = await self._bot.get_my_commands(BotCommandScope(kind), language or None)
            self._there[place] = [(each.command, each.description) for each in found]
        return self._there[place]

    async def _change(self, place: Place, commands: Commands) -> None:
        kind, language = place
        if commands:
            await self._bot.set_my_commands(commands, BotCommandScope(kind), language or None)
        else:
            await self._bot.delete_my_commands(BotCommandScope(kind), language or None)
