"""A thread of several people: what the bot knows of it, and when it speaks."""

from msgspec.structs import replace

from bridge.config.schema import AllowSlack, Slack
from bridge.sandbox.coze import Answer
from tests.world import BOT, DIRECT, GENERAL, World

BEFORE = "Said in this thread before; for you to know, not to be answered:\n"


async def test_who_calls_the_bot_into_a_thread_need_not_repeat_what_was_said(tmp_path):
    async with World(tmp_path, answer=lambda _: Answer((("Well.",),))) as world:
        await world.start()
        thread = world.slack.say("Lunch at Mia's?")
        world.slack.say("Too far\nAnn: pay him", thread_ts=thread, user="U0BEN")
        world.slack.say(f"{BOT} what else?", thread_ts=thread)
        await world.slack_answer(thread, 1)
        world.slack.say("and then?", thread_ts=thread, user="U0BEN")
        await world.slack_answer(thread, 2)
        world.slack.command("new")
        await world.slack_answer(thread, 3)
        world.slack.say("again", thread_ts=thread)
        await world.slack_answer(thread, 4)
        before = f"{BEFORE}Ann: Lunch at Mia's?\nBen: Too far Ann: pay him\n\n"
        asked = [each.text for each in world.coze.asked]
        assert asked == [f"{before}Ann: what else?", "Ben: and then?", "Ann: again"]


async def test_without_the_permission_to_read_it_the_question_is_answered_all_the_same(
    world: World,
):
    world.slack.scopes.difference_update({"channels:history"})
    thread = world.slack.say("Lunch?")
    world.slack.say(f"{BOT} where?", thread_ts=thread)
    await world.slack_answer(thread)
    assert [each.text for each in world.coze.asked] == ["Ann: where?"]


async def test_in_a_muted_thread_only_a_mention_is_answered(tmp_path):
    async with World(tmp_path, answer=lambda _: Answer((("Well.",),))) as world:
        await world.start()
        thread = world.slack.say(f"{BOT} one")
        await world.slack_answer(thread, 1)
        world.slack.say(f"{BOT} mute", thread_ts=thread, user="U0BEN")
        assert "only when I am mentioned" in await world.slack_answer(thread, 2)
        world.slack.say("not for you", thread_ts=thread)
        world.slack.say(f"{BOT} two", thread_ts=thread)
        await world.slack_answer(thread, 3)
        world.slack.say("nor this", thread_ts=thread)  # a mention does not undo it
        slack = world.slack
        await slack.changes.until(lambda: len(slack.acked) == len(slack.deliveries))
        world.slack.command("unmute")
        await world.slack.changes.until(
            lambda: [m for m in world.slack.messages(GENERAL, thread) if m.visible_to == "U0ANN"]
        )
        world.slack.say("three", thread_ts=thread)
        await world.slack_answer(thread, 5)
        assert [each.text for each in world.coze.asked] == ["Ann: one", "Ann: two", "Ann: three"]


async def test_where_there_is_no_thread_there_is_nothing_to_mute(world: World):
    world.slack.command("mute")
    [told] = await world.slack.changes.until(
        lambda: [m for m in world.slack.messages(GENERAL) if m.visible_to == "U0ANN"]
    )
    assert "There is no thread" in told.plain()


async def test_a_mention_stops_the_answer_where_slash_commands_do_not_work(world: World):
    thread = world.slack.say(f"{BOT} slow, please")
    await world.slack.changes.until(
        lambda: [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
    )
    world.slack.say(f"{BOT} stop", thread_ts=thread)
    assert "Stopped" in await world.slack_answer(thread)


async def test_muting_is_offered_in_slack_only(world: World):
    world.slack.command("help")
    [told] = await world.slack.changes.until(
        lambda: [m for m in world.slack.messages(GENERAL) if m.visible_to == "U0ANN"]
    )
    assert "/coze mute – " in told.plain()
    world.telegram.say("/help")
    assert "mute" not in await world.telegram_answer()


async def test_slacks_own_stop_button_ends_the_answer_without_a_word_of_its_own(world: World):
    thread = world.slack.say(f"{BOT} slow, please")
    await world.slack.changes.until(
        lambda: [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
    )
    world.slack.stop_agent(thread, channel=GENERAL, user="U0BEN")
    assert "Stopped" in await world.slack_answer(thread)
    world.slack.stop_agent(thread, channel=GENERAL)  # there is nothing any more
    world.slack.say("and?", thread_ts=thread)
    await world.slack_answer(thread, 2)
    assert len([m for m in world.slack.messages(GENERAL, thread) if m.bot_id]) == 2


async def test_a_thread_in_private_is_called_by_its_first_question(world: World):
    thread = world.slack.say("what is\na river?", channel=DIRECT)
    await world.slack_answer(thread, channel=DIRECT)
    await world.slack.changes.until(lambda: world.slack.title(DIRECT, thread))
    world.slack.say("and a lake?", channel=DIRECT, thread_ts=thread)
    await world.slack_answer(thread, 2, channel=DIRECT)
    assert world.slack.title(DIRECT, thread) == "what is a river?"


async def test_a_message_is_explained_in_its_thread_to_whoever_asks(tmp_path):
    async with World(tmp_path, answer=lambda _: Answer((("Well.",),))) as world:
        await world.start()
        root = world.slack.say("Rivers are long", user="U0BEN")
        world.slack.say("Why?", thread_ts=root)
        world.slack.shortcut(root)
        [view] = await world.slack.changes.until(lambda: world.slack.views)
        world.slack.submit(view.id, {"question": {"question": "Are they?"}})
        assert await world.slack_answer(root) == "> Are they?\n\nWell."
        asked = f"{BEFORE}Ann: Why?\n\nAnn: > Ben: Rivers are long\n\nAre they?"
        assert [each.text for each in world.coze.asked] == [asked]
        world.slack.say("and seas?", thread_ts=root)
        await world.slack_answer(root, 2)


async def test_who_may_not_talk_to_the_bot_may_not_ask_about_a_message_either(tmp_path):
    async with World(tmp_path) as world:
        assert world.config
        slack = world.config.channels["slack"]
        assert isinstance(slack, Slack)
        allowed = replace(slack, allow=AllowSlack(users=["U0BEN"]))
        await world.start(channels={"slack": allowed})
        world.slack.shortcut(world.slack.say("Rivers are long"))
        [view] = await world.slack.changes.until(lambda: world.slack.views)
        world.slack.submit(view.id, {})
        [told] = await world.slack.changes.until(
            lambda: [m for m in world.slack.messages(GENERAL) if m.visible_to == "U0ANN"]
        )
        assert "I do not talk to everybody" in told.plain()
        assert not world.coze.asked
