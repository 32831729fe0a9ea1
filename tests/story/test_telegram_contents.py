"""What people write, quote, pass on and attach: each is one question. Reads from top to bottom."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from bridge.sandbox.coze import Answer, Question, deltas, samples
from bridge.sandbox.telegram import Attachment, attach, origins
from tests.world import ANN, World

TEAM = -1001


def asked(world: World) -> list[str]:
    return [question.text for question in world.coze.asked]


def parts(world: World) -> list[dict[str, Any]]:
    """What the last question consisted of."""
    [message] = world.coze.asked[-1].body["additional_messages"]
    told: list[dict[str, Any]] = json.loads(message["content"])
    return told


LATER = int(time.time()) + 60  # than all that is written now


@pytest.mark.parametrize("text", ["汉" * 5000, "line\n" * 1500], ids=["one line", "lines"])
async def test_a_paste_that_the_client_cut_is_one_question(tmp_path: Path, text: str):
    async with World(tmp_path, answer=lambda _: "Long.") as world:
        await world.start()
        assert len(world.telegram.paste(text)) == 2
        await world.telegram_answer(1)
        world.telegram.say("and?", date=LATER)
        await world.telegram_answer(2)
        assert asked(world) == [text.strip(), "and?"]


async def test_a_paste_in_a_group_is_one_question_if_its_first_part_speaks_to_the_bot(
    tmp_path: Path,
):
    async with World(tmp_path, answer=lambda _: "Long.") as world:
        await world.start()
        world.telegram.privacy = False
        world.telegram.paste("@coze_sandbox_bot " + "line\n" * 1500, chat=TEAM)
        world.telegram.say("not for you", chat=TEAM, date=LATER)
        await world.telegram_answer(chat=TEAM)
        assert asked(world) == [("line\n" * 1500).strip()]


async def test_stop_drops_a_paste_that_waits(world: World):
    world.telegram.paste("line\n" * 1500)
    world.telegram.say("/stop")
    assert await world.telegram_answer() == "Stopped."
    assert not asked(world)


async def test_what_is_forwarded_is_asked_with_who_said_it(world: World):
    world.telegram.say("/new", origin=origins.from_user("Bo"))
    await world.telegram_answer(1)
    news = origins.from_channel("News")
    world.telegram.say("你好", origin=news, language="zh-hans", date=LATER)
    await world.telegram_answer(2)
    assert asked(world) == ["Forwarded from Bo:\n/new", "转发自 News：\n你好"]


async def test_a_comment_and_what_is_forwarded_with_it_are_one_question(tmp_path: Path):
    gate = asyncio.Event()

    def answer(question: Question) -> Answer:
        return Answer((deltas(f"About {question.text}"),), gate=gate)

    async with World(tmp_path, answer=answer) as world:
        await world.start()
        world.telegram.say("Is this true?")
        await world.coze.changes.until(lambda: asked(world))  # it does not wait for more
        bo = origins.from_hidden("Bo")
        world.telegram.say("The earth is flat", origin=bo)
        world.telegram.send(attach.document("proof.pdf", samples.pdf("flat")), origin=bo)
        gate.set()
        whole = "Is this true?\nForwarded from Bo:\nThe earth is flat"
        await world.telegram.changes.until(
            lambda: any(whole in m.text for m in world.telegram.messages(ANN))
        )
        assert len([m for m in world.telegram.messages(ANN) if m.from_bot]) == 1
        assert [part["type"] for part in parts(world)] == ["text", "file"]


async def test_a_reply_brings_what_it_answers(world: World):
    world.telegram.say("@coze_sandbox_bot hi", chat=TEAM, user=502, name="Bo")
    await world.telegram_answer(1, chat=TEAM)
    world.telegram.say("@coze_sandbox_bot is that polite?", chat=TEAM, name="Ann", reply_to=1)
    await world.telegram_answer(2, chat=TEAM)
    assert asked(world)[1] == "> Bo: @coze_sandbox_bot hi\n\nis that polite?"


async def test_a_reply_to_the_newest_answer_brings_only_words_that_were_chosen(world: World):
    world.telegram.say("one")
    await world.telegram_answer(1)
    world.telegram.say("more", reply_to=2)
    await world.telegram_answer(2)
    world.telegram.say("why?", reply_to=4, quote="You ask")
    await world.telegram_answer(3)
    world.telegram.say("and that?", reply_to=2)
    await world.telegram_answer(4)
    _, more, why, that = asked(world)
    assert (more, why) == ("more", "> Coze sandbox: You ask\n\nwhy?")
    assert that.startswith("> Coze sandbox: ")
    assert that.endswith("\n\nand that?")


async def test_a_reply_to_a_photo_brings_the_photo(world: World):
    world.telegram.send_photo(chat=TEAM, user=502, name="Bo")
    world.telegram.say("@coze_sandbox_bot what is this?", chat=TEAM, name="Ann", reply_to=1)
    await world.telegram_answer(chat=TEAM)
    assert [part.get("text", part["type"]) for part in parts(world)] == ["what is this?", "image"]


async def test_a_live_location_is_asked_once_however_it_moves(world: World):
    world.telegram.send(attach.location(1, 2, live=900))
    await world.telegram_answer(1)
    world.telegram.move(1, 3, 4)
    world.telegram.say("where?")
    await world.telegram_answer(2)
    assert asked(world) == ["📍 Location: 1, 2", "where?"]


@pytest.mark.parametrize("sent", [attach.story(), attach.sticker(emoji="")])
async def test_what_cannot_be_read_is_answered_with_what_can(world: World, sent: Attachment):
    world.telegram.send(sent)
    assert "places, contacts, polls and stickers" in await world.telegram_answer()


async def test_an_album_in_a_group_is_one_question_if_its_caption_speaks_to_the_bot(world: World):
    world.telegram.privacy = False
    photos = [attach.photo(), attach.photo(), attach.photo()]
    world.telegram.send_album(photos, caption="@coze_sandbox_bot which?", chat=TEAM)
    world.telegram.send_album(photos, caption="look, all", chat=TEAM)
    await world.telegram_answer(chat=TEAM)
    assert len(world.coze.asked) == 1
    assert [part.get("text", part["type"]) for part in parts(world)] == ["which?", *["image"] * 3]
