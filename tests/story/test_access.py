"""Who may talk to the bot in Telegram, and how somebody is let in."""

import asyncio
import re
from pathlib import Path

from msgspec.structs import replace

from bridge.cli import main
from bridge.config.schema import Allow, Operator, Telegram
from tests.world import ANN, World

TEAM, BEN, BOSS = -1001, 502, 777


async def start(world: World, **settings: object) -> None:
    """Start the bridge with other settings of its Telegram channel."""
    assert world.config
    telegram = world.config.channels["telegram"]
    assert isinstance(telegram, Telegram)
    operator = Operator(channel="telegram", chat=str(BOSS))
    await world.start(channels={"telegram": replace(telegram, **settings)}, operator=operator)


async def told(world: World, words: str, chat: int = ANN) -> str:
    """The first message of the bot with these words, once it is there."""
    said = await world.telegram.changes.until(
        lambda: [m.text for m in world.telegram.messages(chat) if m.from_bot and words in m.text]
    )
    return said[0]


async def pair(world: World, *args: str) -> int:
    """`coze-bridge pair`, in another process or as good as that."""
    assert world.config
    file = Path(world.state_dir) / "pair.yaml"
    telegram = {"platform": "telegram", "bot": "assistant", "token": "100:sandbox-token"}
    file.write_text(
        f"bots: {{assistant: {{bot_id: '1'}}}}\n"
        f"store: {{state_dir: {world.state_dir}}}\n"
        f"channels: {{telegram: {telegram | {'api_base': world.urls[0], 'access': 'pairing'}}}}\n"
    )
    return await asyncio.to_thread(main, ["pair", *args, "-c", str(file)])


async def test_a_stranger_is_told_their_number_and_nobody_in_a_group_is(tmp_path):
    async with World(tmp_path) as world:
        await start(world, access="allowlist", allow=Allow(users=[str(BEN)], chats=[str(TEAM)]))
        world.telegram.say("hello")
        assert "do not talk to everybody" in await told(world, str(ANN))
        world.telegram.say("hello?")
        world.telegram.say("hello", chat=BEN)
        await world.telegram_answer(1, BEN)
        world.telegram.say("@coze_sandbox_bot hello", chat=TEAM)
        await world.telegram_answer(1, TEAM)
        assert [m.from_bot for m in world.telegram.messages(ANN)] == [False, True, False]
        assert len(world.coze.asked) == 2


async def test_a_stranger_is_let_in_by_their_code(tmp_path, capsys):
    async with World(tmp_path) as world:
        await start(world, access="pairing")
        world.telegram.say("Here I am", chat=BOSS)  # else the bot may not write there
        await told(world, "code", BOSS)
        world.telegram.say("hello")
        code = (re.search(r"pair ([A-Z]{8})", await told(world, "code")) or ("", ""))[1]
        assert f"Ann (501) asks to be let in: coze-bridge pair {code}" in await told(
            world, code, BOSS
        )
        assert await pair(world, "BCDFGHJK") == 1
        assert await pair(world, f"{code[:4].lower()}-{code[4:]}") == 0
        await told(world, "let in")
        assert await pair(world, code) == 1  # it is good once
        assert "no code" in capsys.readouterr().err
        await world.stop()
        await world.start()
        world.telegram.say("hello again")
        await told(world, "hello again")
        world.telegram.say("@coze_sandbox_bot hello", chat=TEAM)
        await told(world, "leaving", TEAM)
        assert await pair(world, "--list") == 0
        assert capsys.readouterr().out == "501  telegram  Ann\n"
        assert await pair(world, "--remove", "501") == 0
        assert await pair(world, "--remove", "501") == 1


async def test_a_link_chooses_a_bot_which_greets(tmp_path):
    async with World(tmp_path) as world:
        await world.start(
            bots={**world.bot(), "other": world.bot(user_variables="read")["assistant"]}
        )
        world.telegram.say("/start other")
        await world.telegram_answer(1)
        world.telegram.say("/start nobody")
        await world.telegram_answer(2)
        world.telegram.say("/bot")
        assert "other answers here" in await world.telegram_answer(3)
        world.telegram.say("/start@coze_sandbox_bot other", chat=TEAM)
        await world.telegram_answer(1, TEAM)
        world.telegram.say("/bot", chat=TEAM)
        assert "other answers here" in await world.telegram_answer(2, TEAM)
