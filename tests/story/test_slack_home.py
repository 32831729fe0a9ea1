"""The app's home in Slack: what a user finds there."""

from tests.world import BOT, DIRECT, World


async def test_the_home_tells_of_the_bot_and_of_what_its_user_used(world: World):
    thread = world.slack.say(f"{BOT} hello")
    await world.slack_answer(thread)
    world.slack.open_home(tab="home")
    await world.slack.changes.until(world.slack.home)
    assert "/coze new – Start a new conversation" in world.slack.home()
    assert "Today: 1 answers" in world.slack.home()
    assert world.slack.home("U0BEN") == ""
    assert world.slack.messages(DIRECT) == []


async def test_a_button_there_begins_a_new_conversation_where_its_user_spoke_last(world: World):
    thread = world.slack.say("I am Ann", channel=DIRECT)
    await world.slack_answer(thread, channel=DIRECT)
    world.slack.open_home(tab="home")
    await world.slack.changes.until(world.slack.home)
    world.slack.press_at_home("New conversation")
    assert "New conversation" in await world.slack_answer(thread, 2, channel=DIRECT)
    world.slack.say("who am I?", channel=DIRECT, thread_ts=thread)
    assert "I am Ann" not in await world.slack_answer(thread, 3, channel=DIRECT)
