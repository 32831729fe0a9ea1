"""The commands that a chat offers, as far as Telegram takes them. Pure."""

import re

from telegram.constants import BotCommandLimit

from bridge.core.commands import Menu

_NAME = re.compile(rf"[a-z0-9_]{{1,{BotCommandLimit.MAX_COMMAND}}}")


def offered(menu: Menu, language: str) -> list[tuple[str, str]]:
    """Each command with what it does; what has an impossible name can only be typed."""
    fitting = [
        (name, (does.strip() or name)[: BotCommandLimit.MAX_DESCRIPTION])
        for name, does in menu.entries(language)
        if _NAME.fullmatch(name)
    ]
    return fitting[: BotCommandLimit.MAX_COMMAND_NUMBER]
