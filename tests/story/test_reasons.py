"""What was wrong with an answer, as its reader tells in a form of Slack."""

from bridge.sandbox.coze.feedback import Feedback
from bridge.sandbox.slack.model import Shown
from tests.world import BOT, GENERAL, World


async def blamed(world: World) -> Shown:
    """An answer after its 👎 was pressed."""
    await world.start()
    thread = world.slack.say(f"{BOT} hello")
    await world.slack_answer(thread)
    [answer] = [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
    world.slack.press(answer.ts, "👎", channel=GENERAL)
    return answer


def told(world: World) -> list[str]:
    """What Ann was told for her eyes alone."""
    return [m.plain() for m in world.slack.messages(GENERAL) if m.visible_to == "U0ANN"]


async def test_a_form_asks_for_the_reason_and_coze_gets_it_with_the_users_own_words(tmp_path):
    async with World(tmp_path) as world:
        await blamed(world)
        [view] = await world.slack.changes.until(lambda: world.slack.views)
        given = {"reason": {"reason": "Not correct"}, "words": {"words": "It is: 42"}}
        world.slack.submit(view.id, given)
        await world.slack.changes.until(lambda: told(world) == ["Thank you!"])
        assert not world.slack.views
        [feedback] = world.coze.feedback.values()
        assert feedback == Feedback("unlike", ("Not correct",), "It is: 42")


async def test_where_no_form_can_be_opened_the_chat_asks(tmp_path):
    async with World(tmp_path) as world:
        world.slack.fail("views.open", error="expired_trigger_id")
        await blamed(world)
        [asked] = await world.slack.changes.until(lambda: told(world))
        assert "What was wrong?" in asked
        assert not world.slack.views
