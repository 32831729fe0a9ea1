"""What a person in Slack can expect. Reads from top to bottom."""

import pytest

from bridge.sandbox.coze import Answer
from tests.world import BOT, DIRECT, GENERAL, World


async def test_a_mention_is_answered_in_its_thread(world: World):
    thread = world.slack.say(f"{BOT} hello")
    assert "hello" in await world.slack_answer(thread)
    [answer] = [m for m in world.slack.messages(GENERAL) if m.bot_id]
    assert answer.thread_ts == thread


async def test_a_mention_that_arrives_as_two_events_is_answered_once(world: World):
    thread = world.slack.say(f"{BOT} hello")
    await world.slack_answer(thread)
    again = world.slack.say(f"{BOT} and again", thread_ts=thread)
    assert again
    await world.slack_answer(thread, 2)
    assert [asked.text for asked in world.coze.asked] == ["Ann: hello", "Ann: and again"]
    kinds = [d.envelope.payload["event"]["type"] for d in world.slack.deliveries]
    assert kinds.count("app_mention") == 2


async def test_a_thread_goes_on_without_a_mention_and_remembers(world: World):
    thread = world.slack.say(f"{BOT} I am Ann")
    await world.slack_answer(thread, 1)
    world.slack.say("who am I?", thread_ts=thread)
    assert "I am Ann" in await world.slack_answer(thread, 2)
    assert len({asked.conversation_id for asked in world.coze.asked}) == 1


async def test_what_is_said_elsewhere_is_not_the_bots_business(world: World):
    elsewhere = world.slack.say("lunch?")
    world.slack.say("yes", thread_ts=elsewhere, user="U0BEN")
    thread = world.slack.say(f"{BOT} hello")
    await world.slack_answer(thread)
    world.slack.say("<@U0BEN> what do you think?", thread_ts=thread)
    world.slack.say("go on", thread_ts=thread)
    await world.slack_answer(thread, 2)
    assert [asked.text for asked in world.coze.asked] == ["Ann: hello", "Ann: go on"]


async def test_another_thread_is_another_conversation(world: World):
    one = world.slack.say(f"{BOT} I am Ann")
    await world.slack_answer(one)
    other = world.slack.say(f"{BOT} who am I?")
    assert "I am Ann" not in await world.slack_answer(other)
    first, second = world.coze.asked
    assert first.conversation_id != second.conversation_id
    assert first.user_id == second.user_id


async def test_a_direct_message_needs_no_mention(world: World):
    thread = world.slack.say("hello", channel=DIRECT)
    assert "hello" in await world.slack_answer(thread, channel=DIRECT)


async def test_the_status_shows_that_the_bot_is_at_work(world: World):
    thread = world.slack.say(f"{BOT} hello")
    await world.slack_answer(thread)
    assert any(call.method == "assistant.threads.setStatus" for call in world.slack.calls)


async def test_stop_ends_the_answer_and_keeps_what_was_said(world: World):
    thread = world.slack.say(f"{BOT} slow, please")
    growing = await world.slack.changes.until(
        lambda: [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
    )
    world.slack.press(growing[0].ts, "Stop", channel=GENERAL)
    text = await world.slack_answer(thread)
    assert text.startswith(growing[0].plain().strip())
    assert "Stopped" in text


@pytest.mark.parametrize(("typed", "told"), [("help", "/coze new"), ("what?", "/coze stop")])
async def test_the_command_tells_its_user_alone_what_can_be_done(
    world: World, typed: str, told: str
):
    world.slack.command(typed)
    [seen] = await world.slack.changes.until(
        lambda: [m for m in world.slack.messages(GENERAL) if m.visible_to == "U0ANN"]
    )
    assert told in seen.plain()


async def test_commands_are_about_the_thread_where_their_user_spoke_last(world: World):
    thread = world.slack.say(f"{BOT} I am Ann")
    await world.slack_answer(thread, 1)
    world.slack.command("retry")
    await world.slack_answer(thread, 2)
    world.slack.command("new")
    await world.slack_answer(thread, 3)
    world.slack.say("who am I?", thread_ts=thread)
    assert "I am Ann" not in await world.slack_answer(thread, 4)
    asked = [each.text for each in world.coze.asked]
    assert asked == ["Ann: I am Ann", "Ann: I am Ann", "Ann: who am I?"]


async def test_an_answer_cannot_call_the_channel_together(tmp_path):
    hostile = "<!channel> <!here> <@U0ANN> <#C0GENERAL|x> <https://evil.example|slack.com> @here"
    async with World(tmp_path, answer=lambda _: Answer(((hostile,),))) as world:
        await world.start()
        thread = world.slack.say(f"{BOT} say it")
        assert await world.slack_answer(thread) == hostile
        [answer] = [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
        assert not answer.pings


async def test_a_long_answer_goes_on_in_new_messages_without_losing_a_character(tmp_path):
    whole = "".join(f"{n}. 一行 <b> & more of it 🎉\n" for n in range(1000))
    async with World(tmp_path, pace=0.0, answer=lambda _: Answer(((whole,),))) as world:
        await world.start()
        thread = world.slack.say(f"{BOT} everything, please")

        def shown() -> str:
            said = [m.plain() for m in world.slack.messages(GENERAL, thread) if m.bot_id]
            return "".join("".join(said).split())

        await world.slack.changes.until(lambda: shown() == "".join(whole.split()))
        assert len([m for m in world.slack.messages(GENERAL, thread) if m.bot_id]) > 2
