"""Reactions of people, and what the bot gets to know of them."""

from collections.abc import AsyncIterator

import pytest
import telegram as ptb

from bridge.sandbox.telegram import TelegramSimulator
from tests.sandbox.telegram_client import BotClient, client_of, ptb_of

GROUP = -1001
WITH_REACTIONS = ["message", "message_reaction"]


@pytest.fixture
def telegram() -> TelegramSimulator:
    simulator = TelegramSimulator(limits=None)
    simulator.say("Hello", name="Bo")
    simulator.say("/hello", chat=GROUP, user=9, name="Cy")
    return simulator


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


async def test_reactions_come_only_to_a_bot_that_asks_for_them(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    assert telegram.react(1, "👍") == 0
    await bot("getUpdates", allowed_updates=WITH_REACTIONS)
    assert telegram.react(1, "🔥") > 0
    await bot("getUpdates")  # what is not said stays as it is
    assert telegram.react(1, "👀") > 0
    await bot("getUpdates", allowed_updates=[])
    assert telegram.react(1, "🎉") == 0
    assert telegram.messages(501)[0].reactions == {501: "🎉"}


async def test_python_telegram_bot_sees_a_reaction_change_and_go(
    telegram: TelegramSimulator,
) -> None:
    async with ptb_of(telegram) as bot:
        before = await bot.get_updates(allowed_updates=WITH_REACTIONS)
        telegram.react(1, "👍")
        telegram.react(1, "👎")
        telegram.react(1, "")
        assert telegram.react(1, "") == 0
        updates = await bot.get_updates(offset=before[-1].update_id + 1)
        changes = [update.message_reaction for update in updates if update.message_reaction]
    assert [
        ([r.emoji for r in change.old_reaction], [r.emoji for r in change.new_reaction])  # type: ignore[attr-defined]
        for change in changes
    ] == [([], ["👍"]), (["👍"], ["👎"]), (["👎"], [])]
    first = changes[0]
    assert first.user
    assert (first.message_id, first.chat.id, first.user.first_name) == (1, 501, "Bo")
    assert isinstance(first.new_reaction[0], ptb.ReactionTypeEmoji)
    assert telegram.messages(501)[0].reactions == {}


async def test_in_a_group_only_an_administrator_sees_reactions(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    await bot("getUpdates", allowed_updates=WITH_REACTIONS)
    assert telegram.react(1, "👍", chat=GROUP, user=9) == 0
    telegram.promote(GROUP)
    assert telegram.react(1, "👎", chat=GROUP, user=9) > 0
    assert telegram.react(1, "👍", chat=GROUP, user=8) > 0
    reaction = (await bot("getUpdates", offset=-1))[0]["message_reaction"]
    assert (reaction["user"]["id"], reaction["chat"]["id"]) == (8, GROUP)
    assert telegram.messages(GROUP)[0].reactions == {9: "👎", 8: "👍"}


async def test_the_bots_own_reaction_is_no_update(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    await bot("getUpdates", allowed_updates=WITH_REACTIONS)
    await bot.updates()
    reaction = [{"type": "emoji", "emoji": "👀"}]
    await bot("setMessageReaction", chat_id=501, message_id=1, reaction=reaction)
    assert await bot.updates() == []
    shown = telegram.messages(501)[0]
    assert (shown.reaction, shown.reactions) == ("👀", {})


def test_a_reaction_that_nobody_can_give_is_an_error(telegram: TelegramSimulator) -> None:
    with pytest.raises(ValueError, match="react"):
        telegram.react(1, "🪑")
    with pytest.raises(LookupError):
        telegram.react(9, "👍")
    with pytest.raises(LookupError):
        telegram.react(1, "👍", chat=7)
    with pytest.raises(LookupError):
        telegram.promote(7)
