"""What stands below an answer: follow-up questions, thumbs, and what pressing them does."""

from bridge.sandbox.coze import Answer, HttpError, JsonError
from bridge.sandbox.telegram import Shown
from tests.world import ANN, BOT, GENERAL, World


def suggests(question) -> Answer:
    return Answer(((f"About {question.text}.",),), follow_ups=("And why?", "Since when?"))


def buttons(message: Shown) -> list[str]:
    return [label for row in message.buttons for label, _ in row]


async def below(world: World, count: int, chat: int = ANN) -> Shown:
    """The last message, once so many answers are complete and it has buttons."""
    await world.telegram_answer(count, chat)
    said = [m for m in world.telegram.messages(chat) if m.from_bot]
    return said[count - 1]


async def test_a_follow_up_is_asked_by_pressing_it(tmp_path):
    async with World(tmp_path, answer=suggests) as world:
        await world.start()
        world.telegram.say("rivers")
        answer = await below(world, 1)
        assert [[label for label, _ in row] for row in answer.buttons] == [
            ["And why?"],
            ["Since when?"],
            ["👍", "👎", "🔄", "✨"],
        ]
        world.telegram.press(answer.id, "And why?", chat=ANN)
        text = await world.telegram_answer(2)
        assert "And why?" in text.split("About")[0]
        assert text.endswith("About And why?.")
        assert len({asked.conversation_id for asked in world.coze.asked}) == 1


async def test_a_follow_up_works_after_a_restart(tmp_path):
    async with World(tmp_path, answer=suggests) as world:
        await world.start()
        world.telegram.say("rivers")
        answer = await below(world, 1)
        await world.stop()
        await world.start()
        world.telegram.press(answer.id, "Since when?", chat=ANN)
        await world.telegram_answer(2)
        assert [asked.text for asked in world.coze.asked] == ["rivers", "Since when?"]


async def test_follow_ups_go_when_something_newer_is_asked(tmp_path):
    async with World(tmp_path, answer=suggests) as world:
        await world.start()
        world.telegram.say("rivers")
        await below(world, 1)
        world.telegram.say("lakes")
        await world.telegram_answer(2)
        await world.telegram.changes.until(
            lambda: buttons(world.telegram.messages(ANN)[1]) == ["👍", "👎"]
        )
        assert world.telegram.messages(ANN)[1].text == "About rivers."


async def test_in_a_group_the_question_is_that_of_who_presses(tmp_path):
    team = -1001
    async with World(tmp_path, answer=suggests) as world:
        await world.start()
        world.telegram.say("@coze_sandbox_bot rivers", chat=team, user=501)
        answer = await below(world, 1, team)
        world.telegram.press(answer.id, "And why?", chat=team, user=502)
        await world.telegram_answer(2, chat=team)
        first, second = world.coze.asked
        assert first.user_id != second.user_id
        assert first.conversation_id != second.conversation_id


async def test_follow_ups_are_buttons_in_slack_too(tmp_path):
    async with World(tmp_path, answer=suggests) as world:
        await world.start()
        thread = world.slack.say(f"{BOT} rivers")
        await world.slack_answer(thread)
        [answer] = [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
        world.slack.press(answer.ts, "And why?", channel=GENERAL)
        assert "About Ann: And why?" in await world.slack_answer(thread, 2)


async def test_thumbs_go_to_coze_with_the_answer_they_are_about(tmp_path):
    async with World(tmp_path, answer=suggests) as world:
        await world.start()
        world.telegram.say("rivers")
        answer = await below(world, 1)
        world.telegram.press(answer.id, "👍", chat=ANN)
        await world.coze.changes.until(lambda: world.coze.feedback)
        [given] = world.coze.feedback.values()
        assert given.type == "like"
        [(conversation, _)] = world.coze.feedback
        assert conversation == world.coze.asked[0].conversation_id


async def test_who_dislikes_an_answer_may_say_why(tmp_path):
    async with World(tmp_path, answer=suggests) as world:
        await world.start()
        world.telegram.say("rivers")
        answer = await below(world, 1)
        world.telegram.press(answer.id, "👎", chat=ANN)
        why = await below(world, 2)
        assert "What was wrong?" in why.text
        world.telegram.press(why.id, "Not correct", chat=ANN)
        await world.telegram.changes.until(
            lambda: world.telegram.messages(ANN)[-1].text == "Thank you!"
        )
        [given] = world.coze.feedback.values()
        assert given.type == "unlike"
        assert list(given.reasons) == ["Not correct"]
        assert len(world.telegram.messages(ANN)) == 3  # the thanks took the place of the question


async def test_a_reaction_is_feedback(tmp_path):
    async with World(tmp_path, answer=suggests) as world:
        await world.start()
        world.telegram.say("rivers")
        answer = await below(world, 1)
        world.telegram.react(answer.id, "👎", chat=ANN)
        await world.coze.changes.until(lambda: world.coze.feedback)
        [given] = world.coze.feedback.values()
        assert given.type == "unlike"


async def test_thumbs_in_slack_are_answered_for_their_presser_alone(tmp_path):
    async with World(tmp_path, answer=suggests) as world:
        await world.start()
        thread = world.slack.say(f"{BOT} rivers")
        await world.slack_answer(thread)
        [answer] = [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
        world.slack.press(answer.ts, "👍", channel=GENERAL)
        thanks = await world.slack.changes.until(
            lambda: [m for m in world.slack.messages(GENERAL) if m.visible_to == "U0ANN"]
        )
        assert thanks[0].plain() == "Thank you!"
        assert [f.type for f in world.coze.feedback.values()] == ["like"]


async def test_feedback_that_does_not_arrive_is_told(tmp_path):
    async with World(tmp_path, answer=suggests) as world:
        await world.start()
        world.telegram.say("rivers")
        answer = await below(world, 1)
        path = "/v1/conversations/{conversation_id}/messages/{message_id}/feedback"
        world.coze.fail(path, HttpError(404), times=9)
        world.telegram.press(answer.id, "👍", chat=ANN)
        assert "could not be passed on" in await world.telegram_answer(2)


async def test_thumbs_can_be_turned_off(tmp_path):
    async with World(tmp_path, answer=suggests) as world:
        await world.start(bots=world.bot(feedback=False))
        world.telegram.say("rivers")
        assert buttons(await below(world, 1)) == ["And why?", "Since when?", "🔄", "✨"]


async def test_start_greets_with_the_bots_own_words_and_its_suggestions(tmp_path):
    async with World(tmp_path) as world:
        world.coze.bot.spelling = "upper"
        await world.start()
        world.telegram.say("/start")
        hello = await below(world, 1)
        assert hello.text == "Hello, Ann! I am a simulated bot. 你好！"
        assert buttons(hello) == ["What can you do?", "Tell me something long"]
        world.telegram.press(hello.id, "What can you do?", chat=ANN)
        await world.telegram_answer(2)
        assert [asked.text for asked in world.coze.asked] == ["What can you do?"]


async def test_without_a_word_from_coze_start_says_hello_all_the_same(tmp_path):
    async with World(tmp_path) as world:
        world.coze.fail("/v1/bots/{bot_id}", JsonError(4101, "no permission"), times=99)
        await world.start()
        world.telegram.say("/start")
        text = await world.telegram_answer()
        assert text.startswith("Hello!")
        assert "/new" in text


async def test_in_slacks_pane_the_suggestions_are_prompts(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        channel, thread = world.slack.open_assistant("U0ANN")
        await world.slack_answer(thread, channel=channel)
        prompts = await world.slack.changes.until(lambda: world.slack.prompts(channel, thread))
        assert [prompt.title for prompt in prompts] == [
            "What can you do?",
            "Tell me something long",
        ]


async def test_again_asks_once_more_and_a_new_conversation_begins_with_the_other_button(tmp_path):
    async with World(tmp_path, answer=lambda _: Answer((("Well.",),))) as world:
        await world.start()
        world.telegram.say("a riddle")
        first = await below(world, 1)
        assert buttons(first) == ["👍", "👎", "🔄", "✨"]
        for _ in range(2):  # in a hurry
            world.telegram.press(first.id, "🔄", chat=ANN)
        await world.telegram.changes.until(
            lambda: buttons(world.telegram.messages(ANN)[1]) == ["👍", "👎"]
        )
        second = await below(world, 2)
        world.telegram.press(second.id, "✨", chat=ANN)
        await world.telegram.changes.until(
            lambda: "New conversation" in world.telegram.messages(ANN)[-1].text
        )
        world.telegram.say("and now?")
        await world.telegram.changes.until(lambda: len(world.coze.asked) == 3)
        assert [asked.text for asked in world.coze.asked] == ["a riddle", "a riddle", "and now?"]
        conversations = [asked.conversation_id for asked in world.coze.asked]
        assert conversations[0] == conversations[1] != conversations[2]


async def test_a_stale_button_is_declined_and_nothing_is_asked(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.say("one")
        answer = await below(world, 1)
        world.telegram.say("two")
        query = world.telegram.press(answer.id, "🔄", chat=ANN)
        world.telegram.say("three")
        await world.telegram.changes.until(lambda: len(world.coze.asked) == 3)
        assert query in world.telegram.answered()
        assert [asked.text for asked in world.coze.asked] == ["one", "two", "three"]


async def test_below_an_answer_in_slack_there_is_a_button_to_ask_again(world):
    thread = world.slack.say(f"{BOT} rivers")
    await world.slack_answer(thread)
    [answer] = [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
    assert [button.label for button in answer.buttons][-3:] == ["👍", "👎", "🔄"]
    world.slack.press(answer.ts, "🔄", channel=GENERAL)
    await world.slack_answer(thread, 2)
    assert [asked.text for asked in world.coze.asked] == ["Ann: rivers", "Ann: rivers"]
