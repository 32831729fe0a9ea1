"""When something goes wrong: a sentence in the user's language, and a button to try again."""

import pytest

from bridge.core.texts import CHINESE, ENGLISH
from bridge.sandbox.coze import Answer, JsonError, Question, RunFails
from bridge.sandbox.telegram import Shown
from tests.world import ANN, World

TEAM = -1001


def labels(message: Shown) -> list[str]:
    return [label for row in message.buttons for label, _ in row]


@pytest.mark.parametrize(
    ("language", "texts"),
    [("en", ENGLISH), ("zh-hans", CHINESE), ("zh-hant", CHINESE), ("de", ENGLISH)],
)
async def test_what_coze_refuses_is_told_and_can_be_tried_again(
    world: World, language: str, texts: dict[str, str]
):
    world.coze.fail("/v3/chat", JsonError(4011, "balance=0, token=s3cret"))
    world.telegram.say("hello", language=language)
    text = await world.telegram_answer()
    assert text.startswith("⚠️ " + texts["error.quota"])
    assert "4011" not in text
    assert "s3cret" not in text
    trouble = world.telegram.messages(ANN)[-1]
    assert labels(trouble) == ["🔄 " + texts["button.retry"]]
    world.telegram.press(trouble.id, "🔄", chat=ANN)
    await world.telegram.changes.until(
        lambda: (
            "👍" in labels(world.telegram.messages(ANN)[-1])
            and not world.telegram.messages(ANN)[1].buttons
        )
    )
    assert [asked.text for asked in world.coze.asked][-1] == "hello"


async def test_what_was_said_before_it_broke_off_stays_above_the_trouble(tmp_path):
    def answer(_: Question) -> Answer:
        return Answer((("Once ", "upon ", "a time"),), fails=RunFails(after=2))

    async with World(tmp_path, answer=answer) as world:
        await world.start()
        world.telegram.say("a tale")
        text = await world.telegram_answer()
        said, trouble = text.split("\n\n")
        assert said.strip() == "Once upon"
        assert trouble.startswith("⚠️")
        assert len(world.telegram.messages(ANN)) == 2


async def test_a_group_is_told_of_one_trouble_once(world: World):
    world.coze.fail("/v3/chat", JsonError(4011, "no balance"), times=3)
    for text in ("one", "two", "three", "four"):
        world.telegram.say(f"@coze_sandbox_bot {text}", chat=TEAM, user=ANN)
    await world.telegram_answer(2, chat=TEAM)
    said = [m.text for m in world.telegram.messages(TEAM) if m.from_bot]
    assert [text.startswith("⚠️") for text in said] == [True, False]
