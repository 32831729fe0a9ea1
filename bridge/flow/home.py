"""The page that a user sees beside the chats: who the bot is, what it can do, what was used."""

import logging

from bridge.core.errors import BridgeError
from bridge.core.model import Button, Message
from bridge.core.ports import Adapter, Page, Records
from bridge.core.texts import say
from bridge.flow.bot import Bot

log = logging.getLogger(__name__)

EVERY = 3  # seconds in which one user's page is made once


async def welcome(
    message: Message, bot: Bot, adapter: Adapter, records: Records, about: tuple[str, ...]
) -> None:
    """Show the page, with `about` below the bot's name. It may fail: it is looked at again.

    Raises:
        StoreUnavailable: it is not known when it was made last.
    """
    if not await records.first(f"home:{adapter.channel}:{message.user.id}", EVERY):
        return
    fresh = Button(say("home.new", message.user.language), "new")
    try:
        await adapter.publish(message.address, Page(await _name(bot), about, (fresh,)))
    except BridgeError as error:
        log.warning("no page", extra={"channel": adapter.channel, "error": str(error)})


async def _name(bot: Bot) -> str:
    """What Coze calls a bot, or the configuration."""
    try:
        return (await bot.services.about()).name or bot.name
    except BridgeError:
        return bot.name
