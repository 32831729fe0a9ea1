"""Several bots, variables, budgets, history, shortcuts, and what the operator is told."""

import asyncio

import pytest

from bridge.cli import main
from bridge.config import Bot
from bridge.config.schema import Limits, Operator, Route
from bridge.coze import services
from bridge.sandbox.coze import Answer, JsonError, Variable
from tests.world import ANN, GENERAL, World


def two(world: World) -> dict[str, Bot]:
    return {**world.bot(), "other": Bot(bot_id=world.coze.bot_id, variables={"who": "other"})}


def says_who(question) -> Answer:
    return Answer(((question.custom_variables.get("who", "assistant") + ": " + question.text,),))


async def test_a_session_can_be_given_to_another_bot(tmp_path):
    async with World(tmp_path, answer=says_who) as world:
        await world.start(bots=two(world))
        world.telegram.say("one")
        assert await world.telegram_answer(1) == "assistant: one"
        world.telegram.say("/bot")
        assert "assistant answers here" in await world.telegram_answer(2)
        listed = world.telegram.messages(ANN)[-1]
        world.telegram.press(listed.id, "other", chat=ANN)
        await world.telegram.changes.until(
            lambda: "other answers here" in world.telegram.messages(ANN)[-1].text
        )
        world.telegram.say("two")
        assert await world.telegram_answer(3) == "other: two"
        world.telegram.say("/bot assistant")
        await world.telegram_answer(4)
        world.telegram.say("three")
        assert await world.telegram_answer(5) == "assistant: three"
        one, other, three = (asked.conversation_id for asked in world.coze.asked)
        assert one == three != other


async def test_there_may_be_no_such_bot(tmp_path):
    async with World(tmp_path) as world:
        await world.start(bots=two(world))
        world.telegram.say("/bot nobody")
        assert "no bot called nobody" in await world.telegram_answer()


async def test_a_command_can_belong_to_a_bot(tmp_path):
    async with World(tmp_path, answer=says_who) as world:
        await world.start(bots=two(world), routes=[Route(bot="other", command="translate")])
        world.telegram.say("/translate bonjour")
        assert await world.telegram_answer(1) == "other: bonjour"
        world.telegram.say("hello")
        assert await world.telegram_answer(2) == "assistant: hello"
        world.telegram.say("/translate")
        assert "behind the command" in await world.telegram_answer(3)


async def test_variables_tell_the_bot_who_speaks_and_may_be_templates(tmp_path):
    async with World(tmp_path) as world:
        greeting = {"greeting": "Dear {{user_name}} on {{ platform }}, {{nobody}}"}
        await world.start(bots=world.bot(variables=greeting))
        world.telegram.say("hello")
        await world.telegram_answer()
        [asked] = world.coze.asked
        assert asked.body["custom_variables"] == {
            "greeting": "Dear Ann on telegram, {{nobody}}",
            "user_name": "Ann",
            "user_id": asked.user_id,
            "platform": "telegram",
            "language": "en",
        }


async def test_users_may_see_and_set_what_the_bot_remembers_of_them(tmp_path):
    async with World(tmp_path) as world:
        world.coze.bot.variables = (Variable("city", default_value="Rome"),)
        await world.start(bots=world.bot(user_variables="write"))
        world.telegram.say("/vars")
        assert "city = Rome" in await world.telegram_answer(1)
        world.telegram.say('/vars city="New York"')
        assert "Remembered: city" in await world.telegram_answer(2)
        world.telegram.say("/vars")
        assert "city = New York" in await world.telegram_answer(3)
        world.telegram.say("/vars shoe=44")
        assert "no variable called shoe" in await world.telegram_answer(4)


async def test_the_operator_decides_whether_users_may_change_variables(tmp_path):
    async with World(tmp_path) as world:
        world.coze.bot.variables = (Variable("city", default_value="Rome"),)
        await world.start(bots=world.bot(user_variables="read"))
        world.telegram.say("/vars city=Paris")
        assert "not be changed" in await world.telegram_answer(1)
        world.telegram.say("/vars")
        assert "city = Rome" in await world.telegram_answer(2)


async def test_tokens_are_counted_and_can_be_asked_for(tmp_path):
    says = Answer((("Hello.",),), usage=(70, 30))
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start()
        for turn in (1, 2):
            world.telegram.say("hello")
            await world.telegram_answer(turn)
        world.telegram.say("/usage")
        text = await world.telegram_answer(3)
        assert "Today: 2 answers, 200 tokens." in text
        world.slack.command("usage")
        [seen] = await world.slack.changes.until(
            lambda: [m for m in world.slack.messages(GENERAL) if m.visible_to == "U0ANN"]
        )
        assert "Today: 0 answers" in seen.plain()


async def test_who_has_used_up_the_day_is_told_when_it_opens_again(tmp_path):
    says = Answer((("Hello.",),), usage=(70, 30))
    async with World(tmp_path, answer=lambda _: says) as world:
        limits = Limits(turns_per_user_per_minute=0, tokens_per_user_per_day=150)
        await world.start(limits=limits)
        for turn in (1, 2):
            world.telegram.say("hello")
            assert await world.telegram_answer(turn) == "Hello."
        world.telegram.say("hello")
        assert "midnight UTC" in await world.telegram_answer(3)
        assert len(world.coze.asked) == 2
        world.telegram.say("/usage")
        assert "Of 150 tokens a day, 0 are left" in await world.telegram_answer(4)


@pytest.mark.parametrize("code", [4008, 4011, 4027, 4028])
async def test_the_operator_hears_once_that_the_account_is_empty(tmp_path, caplog, code):
    async with World(tmp_path) as world:
        await world.start()
        world.coze.fail("/v3/chat", JsonError(code, "no more"), times=9)
        for turn in (1, 2, 3):
            world.telegram.say("hello")
            assert "allowance" in await world.telegram_answer(turn)
    told = [r.getMessage() for r in caplog.records if "needs the operator" in r.getMessage()]
    assert len(told) == 1
    assert f"Coze {code}" in told[0]


async def test_the_operator_can_be_told_in_a_chat(tmp_path):
    async with World(tmp_path) as world:
        await world.start(operator=Operator(channel="slack", chat=GENERAL))
        world.coze.fail("/v3/chat", JsonError(4028, "no more"), times=2)
        for turn in (1, 2):
            world.telegram.say("hello")
            await world.telegram_answer(turn)
        said = [m.plain() for m in world.slack.messages(GENERAL) if m.bot_id]
        assert len(said) == 1
        assert "4028" in said[0]


async def test_the_conversation_comes_as_a_file_with_all_of_its_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(services, "PAGE", 3)
    async with World(tmp_path, answer=lambda q: f"Echo of {q.text}") as world:
        await world.start()
        for turn in range(1, 5):
            world.telegram.say(f"question {turn}")
            await world.telegram_answer(turn)
        world.telegram.say("/export")
        sent = await world.telegram.changes.until(
            lambda: [m for m in world.telegram.messages(ANN) if m.media]
        )
        media = sent[0].media
        assert media
        assert media.data
        assert media.name.endswith(".md")
        text = media.data.decode()
        places = [text.index(f"question {turn}\n") for turn in range(1, 5)]
        assert places == sorted(places)
        assert text.count("Echo of") == 4


async def test_there_may_be_nothing_to_export(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.say("/export")
        assert "no conversation to export" in await world.telegram_answer()


async def test_an_error_shows_an_id_by_which_the_operator_finds_the_turn(
    tmp_path, monkeypatch, capsys
):
    async with World(tmp_path) as world:
        await world.start()
        world.coze.fail("/v3/chat", JsonError(4000, "bad"))
        world.telegram.say("hello")
        text = await world.telegram_answer(1)
        turn = text.rpartition("(ref ")[2].rstrip(")")
        world.telegram.say("error, please")
        later = (await world.telegram_answer(2)).rpartition("(ref ")[2].rstrip(")")
        told = await looked_up(world, tmp_path, monkeypatch, capsys, turn)
        assert "status: failed" in told
        assert "Coze 4000: bad" in told
        assert "log id" in told
        told = await looked_up(world, tmp_path, monkeypatch, capsys, later)
        assert "at Coze now:\n  status: failed" in told
        assert f"conversation_id: {world.coze.asked[-1].conversation_id or ''}" in told


async def looked_up(world, tmp_path, monkeypatch, capsys, turn: str) -> str:
    """What `coze-bridge turn` prints."""
    file = tmp_path / "bridge.yaml"
    file.write_text(
        f"coze: {{api_base: '{world.urls[2]}', token: '{world.coze.token}'}}\n"
        f"store: {{state_dir: '{world.state_dir}'}}\n"
        f"bots: {{assistant: {{bot_id: '{world.coze.bot_id}'}}}}\n"
    )
    monkeypatch.chdir(tmp_path)
    assert await asyncio.to_thread(main, ["turn", turn, "-c", str(file)]) == 0
    return str(capsys.readouterr().out)


async def test_shortcuts_of_the_bot_are_commands(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        await world.telegram.changes.until(lambda: "sc_demo" in world.telegram.menu(chat=ANN))
        world.telegram.say("/sc_demo rivers")
        await world.telegram_answer(1)
        [asked] = world.coze.asked
        assert asked.body["shortcut_command"]["command_id"] == world.coze.bot.shortcuts[0].id
        assert asked.text == "Sum up what was said about rivers"
        world.slack.command("sc_demo lakes")
        await world.coze.changes.until(lambda: len(world.coze.asked) == 2)
        assert "shortcut_command" in world.coze.asked[1].body


async def test_a_shortcut_that_is_gone_at_coze_is_something_said(tmp_path):
    async with World(tmp_path) as world:
        world.coze.bot.shortcuts = ()
        await world.start()
        world.telegram.say("/sc_demo rivers")
        await world.telegram_answer()
        assert [asked.text for asked in world.coze.asked] == ["/sc_demo rivers"]
