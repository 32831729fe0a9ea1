"""Who may talk to the bot in Slack: members of the workspace, and whom the operator lets in."""

from functools import partial
from typing import Any

from msgspec.structs import replace

from bridge.config.schema import AllowSlack, Slack
from bridge.sandbox.slack.model import Shown
from tests.world import BOT, DIRECT, GENERAL, World

EVERYONE = ("U0ANN", "U0BEN", "U0EVE", "U0BOT")


async def start(world: World, **settings: Any) -> None:
    """Start the bridge where Ben is a guest and Eve is of another workspace."""
    assert world.config
    slack = world.config.channels["slack"]
    assert isinstance(slack, Slack)
    world.slack.user("U0BEN", "Ben", guest="single")
    world.slack.user("U0EVE", "Eve", team="T0OTHER")
    world.slack.channel(members=EVERYONE)
    world.slack.channel("C0PARTNER", "partner", members=EVERYONE, shared=True)
    await world.start(channels={"slack": replace(slack, **settings)})


def whispers(world: World, user: str, channel: str = GENERAL) -> list[Shown]:
    """What somebody was told for their eyes alone."""
    return [m for m in world.slack.messages(channel) if m.visible_to == user]


async def test_guests_and_other_companies_are_told_once_and_not_answered(tmp_path):
    async with World(tmp_path) as world:
        await start(world)
        for user in ("U0BEN", "U0EVE"):
            world.slack.say(f"{BOT} hello", user=user)
            [told] = await world.slack.changes.until(partial(whispers, world, user))
            assert "full members" in told.plain()
            world.slack.say(f"{BOT} hello?", user=user)
        world.slack.say(f"{BOT} hello", channel="C0PARTNER")
        await world.slack.changes.until(lambda: whispers(world, "U0ANN", "C0PARTNER"))
        thread = world.slack.say(f"{BOT} hello")
        await world.slack_answer(thread)
        world.slack.say("what of me?", user="U0BEN", thread_ts=thread)
        world.slack.say("and again", thread_ts=thread)
        await world.slack_answer(thread, 2)
        assert [asked.text for asked in world.coze.asked] == ["Ann: hello", "Ann: and again"]
        assert [len(whispers(world, user)) for user in ("U0ANN", "U0BEN", "U0EVE")] == [0, 1, 1]


async def test_whom_the_operator_lets_in_is_answered(tmp_path):
    async with World(tmp_path) as world:
        workspaces = AllowSlack(workspaces=["T0OTHER"], chats=["C0PARTNER"])
        await start(world, allow=workspaces, allow_external=True)
        for user, channel in (("U0EVE", GENERAL), ("U0BEN", "C0PARTNER")):
            thread = world.slack.say(f"{BOT} hello", user=user, channel=channel)
            await world.slack_answer(thread, channel=channel)
        world.slack.say(f"{BOT} hello")
        [told] = await world.slack.changes.until(lambda: whispers(world, "U0ANN"))
        assert "U0ANN" in told.plain()
        world.slack.say("hello", channel=DIRECT)  # was told today
        thread = world.slack.say(f"{BOT} bye", user="U0EVE")
        await world.slack_answer(thread)
        asked = [each.text for each in world.coze.asked]
        assert asked == ["Eve: hello", "Ben: hello", "Eve: bye"]


async def test_two_bridges_that_mention_each_other_do_not_talk_for_ever(tmp_path):
    async with World(tmp_path) as world:
        world.slack.robot("U0TWIN", "Twin")
        world.slack.channel(members=("U0ANN", "U0TWIN", "U0BOT"))
        await world.start()
        thread = world.slack.say(f"{BOT} <@U0TWIN> hello")
        answers = [f"{BOT} hello", f"{BOT} you said hello", "still here"]
        await world.slack_answer(thread)
        for text in answers:
            world.slack.say(text, user="U0TWIN", thread_ts=thread)
        world.slack.say(f"{BOT} in a thread of its own", user="U0TWIN")
        world.slack.say(f"{BOT} that will do", thread_ts=thread)
        await world.slack.changes.until(lambda: len(world.coze.asked) > 1)
        asked = [each.text for each in world.coze.asked]
        assert asked == ["Ann: @U0TWIN hello", "Ann: that will do"]
