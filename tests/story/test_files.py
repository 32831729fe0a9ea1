"""Files that people send, and files that come with an answer."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from bridge.sandbox.coze import Answer, Cut, JsonError, deltas, samples
from bridge.sandbox.slack import Upload
from bridge.sandbox.telegram import Shown, attach
from tests.world import ANN, BOT, GENERAL, World

PNG = samples.png()


def says(text: str) -> Answer:
    return Answer((deltas(text),))


def parts(world: World) -> list[dict[str, Any]]:
    """What the last question consisted of."""
    [message] = world.coze.asked[-1].body["additional_messages"]
    told: list[dict[str, Any]] = json.loads(message["content"])
    return told


def links(message: Shown) -> list[str]:
    return [str(entity["url"]) for entity in message.entities if "url" in entity]


def spoken_to(world: World) -> list[Shown]:
    return [m for m in world.telegram.messages(ANN) if m.from_bot and m.media]


async def test_a_photo_with_its_caption_is_one_question(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.send(attach.photo(caption="what is this?"))
        assert "what is this?" in await world.telegram_answer()
        text, image = parts(world)
        assert text == {"type": "text", "text": "what is this?"}
        assert image["type"] == "image"
        assert world.coze.files[image["file_id"]].bytes > 0
        assert "file_url" not in image


async def test_a_file_without_a_word_is_a_question_too(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.send(attach.document("report.pdf", samples.pdf("Hello")))
        assert "report.pdf" in await world.telegram_answer()
        assert [part["type"] for part in parts(world)] == ["text", "file"]


async def test_an_album_is_one_question(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.send_album(
            [attach.photo(), attach.photo(), attach.photo()], caption="which?"
        )
        await world.telegram_answer()
        assert len(world.coze.asked) == 1
        assert [part["type"] for part in parts(world)] == ["text", "image", "image", "image"]


async def test_a_large_file_passes_through_without_being_held(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.send(attach.document("big.zip", 19 << 20, caption="unpack"))
        await world.telegram_answer()
        [file] = world.coze.files.values()
        assert file.bytes == 19 << 20


async def test_a_file_that_telegram_does_not_give_to_bots_is_told_and_the_text_goes_on(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.send(attach.document("huge.zip", 21 << 20, caption="unpack"))
        text = await world.telegram_answer()
        assert "huge.zip is too large for me" in text
        assert "You ask: “unpack”" in text


async def test_a_file_that_coze_does_not_take_is_told_and_the_text_goes_on(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.send(attach.document("setup.exe", b"MZ", caption="run it"))
        text = await world.telegram_answer()
        assert "I cannot read files like setup.exe" in text
        assert "You ask: “run it”" in text


async def test_where_there_is_nothing_but_a_file_that_is_not_taken_coze_is_not_asked(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.send(attach.document("setup.exe", b"MZ"))
        assert await world.telegram_answer() == "I cannot read files like setup.exe."
        assert not world.coze.asked


async def test_an_upload_that_breaks_off_is_repeated(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.coze.fail("/v1/files/upload", Cut(0))
        world.telegram.send(attach.photo(caption="what is this?"))
        await world.telegram_answer()
        assert [part["type"] for part in parts(world)] == ["text", "image"]


async def test_a_question_with_a_file_can_be_asked_again(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.telegram.send(attach.photo(caption="what is this?"))
        await world.telegram_answer(1)
        world.telegram.say("/retry")
        await world.telegram_answer(2)
        first, second = (asked.body["additional_messages"] for asked in world.coze.asked)
        assert first[0]["content"] == second[0]["content"]
        assert len(world.coze.files) == 1


@pytest.mark.parametrize("streaming", ["edits", "off"])
async def test_a_picture_in_an_answer_stands_where_it_stood(tmp_path, streaming):
    async with World(tmp_path, answer=lambda q: says(q.text)) as world:
        assert world.config
        channel = world.config.channels["telegram"]
        await world.start(channels={"telegram": replace(channel, streaming=streaming)})
        world.coze.published.address = world.urls[2]
        url = world.coze.publish("cat.png", "image/png", PNG)
        world.telegram.say(f"Look:\n\n![a cat]({url})\n\nNice, **isn't it**?")
        await world.telegram_answer(3)
        before, cat, after = world.telegram.messages(ANN)[1:]
        assert before.text == "Look:"
        assert cat.media
        assert cat.media.kind == "photo"
        assert cat.media.data == PNG
        assert after.text.startswith("Nice")
        assert [label for row in after.buttons for label, _ in row] == ["👍", "👎", "🔄", "✨"]


async def test_a_link_to_a_file_becomes_a_document(tmp_path):
    async with World(tmp_path, answer=lambda q: says(q.text)) as world:
        await world.start()
        world.coze.published.address = world.urls[2]
        url = world.coze.publish("report.pdf", "application/pdf", samples.pdf("Hello"))
        world.telegram.say(f"See [the report]({url}) for details.\nBye.")
        await world.telegram_answer(3)
        before, report, after = world.telegram.messages(ANN)[1:]
        assert (before.text, links(before)) == ("See the report for details.", [url])
        assert report.media
        assert (report.media.kind, report.media.name) == ("document", "report.pdf")
        assert after.text == "Bye."


@pytest.mark.parametrize("fault", ["missing", "page", "private"])
async def test_what_cannot_be_fetched_stays_a_link(tmp_path, fault):
    async with World(tmp_path, answer=lambda q: says(q.text)) as world:
        await world.start()
        world.coze.published.address = world.urls[2]
        url = {
            "missing": f"{world.urls[2]}/published/nothing.png",
            "page": world.coze.publish("page.png", "text/html", b"<html>sign in</html>"),
            "private": f"{world.urls[0]}/picture.png",
        }[fault]
        world.telegram.say(f"Look: ![a cat]({url}) there.")
        assert await world.telegram_answer() == "Look: 🖼 a cat there."
        assert links(world.telegram.messages(ANN)[-1]) == [url]


async def test_a_picture_that_telegram_refuses_stays_a_link(tmp_path):
    async with World(tmp_path, answer=lambda q: says(q.text)) as world:
        await world.start()
        world.coze.published.address = world.urls[2]
        url = world.coze.publish("cat.png", "image/png", PNG)
        world.telegram.fail(
            "sendPhoto", status=400, description="Bad Request: IMAGE_PROCESS_FAILED"
        )
        world.telegram.say(f"Look: ![a cat]({url}) there.")
        await world.telegram.changes.until(
            lambda: [m for m in world.telegram.messages(ANN) if m.from_bot and "there" in m.text]
        )
        [said] = [m for m in world.telegram.messages(ANN) if m.from_bot]
        assert (said.text, links(said)) == ("Look: 🖼 a cat there.", [url])


async def test_a_voice_message_is_heard_shown_and_answered(tmp_path):
    async with World(tmp_path) as world:
        world.coze.hears = "what is the weather like?"
        await world.start()
        world.telegram.send(attach.voice())
        text = await world.telegram_answer()
        assert text.startswith("🎤 what is the weather like?")
        answer = world.telegram.messages(ANN)[-1]
        assert answer.entities[0]["type"] == "blockquote"
        assert [asked.text for asked in world.coze.asked] == ["what is the weather like?"]
        assert not world.coze.spoken


async def test_a_recording_without_words_is_told(tmp_path):
    async with World(tmp_path) as world:
        world.coze.hears = ""
        await world.start()
        world.telegram.send(attach.voice())
        assert "could not hear any words" in await world.telegram_answer()
        assert not world.coze.asked


async def test_who_speaks_is_spoken_to_where_that_is_wanted(tmp_path):
    async with World(tmp_path, answer=lambda _: says("It is **sunny**.")) as world:
        await world.start(bots=world.bot(voice_replies="auto"))
        world.telegram.say("typed")
        await world.telegram_answer(1)
        assert not world.coze.spoken
        world.telegram.send(attach.voice())
        await world.telegram.changes.until(lambda: spoken_to(world))
        [spoken] = spoken_to(world)
        assert spoken.media
        assert spoken.media.kind == "voice"
        assert [body.input for body in world.coze.spoken] == ["It is sunny."]
        assert world.telegram.messages(ANN)[-2].text.endswith("It is sunny.")


async def test_an_answer_that_cannot_be_spoken_can_be_read(tmp_path):
    async with World(tmp_path, answer=lambda _: says("It is sunny.")) as world:
        await world.start(bots=world.bot(voice_replies="always"))
        world.coze.fail("/v1/audio/speech", JsonError(4028, "no more"))
        world.telegram.say("typed")
        assert await world.telegram_answer() == "It is sunny."
        world.telegram.say("again")
        await world.telegram.changes.until(lambda: spoken_to(world))
        assert len(world.telegram.messages(ANN)) == 5


async def test_a_file_shared_in_slack_is_part_of_the_question(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        files = [Upload("report.pdf", samples.pdf("Hello")), Upload("cat.png", PNG)]
        thread = world.slack.say(f"{BOT} what are these?", files=files)
        assert "report.pdf" in await world.slack_answer(thread)
        assert [part["type"] for part in parts(world)] == ["text", "file", "image"]


async def test_without_the_permission_slacks_files_are_told_and_the_text_goes_on(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        world.slack.scopes.discard("files:read")
        thread = world.slack.say(f"{BOT} what is this?", files=[Upload("report.pdf", b"%PDF")])
        text = await world.slack_answer(thread)
        assert "operator" in text.split("You ask")[0]
        assert "what is this?" in text


async def test_a_file_that_was_deleted_in_slack_meanwhile_is_told_and_the_text_goes_on(tmp_path):
    async with World(tmp_path) as world:
        await world.start()
        thread = world.slack.say(f"{BOT} what is this?", files=[Upload("report.pdf", b"%PDF")])
        [file] = world.slack.messages(GENERAL, thread)[0].files
        world.slack.delete_file(file.id)
        text = await world.slack_answer(thread)
        assert "report.pdf is no longer there" in text
        assert "what is this?" in text


async def test_without_the_permission_to_share_files_a_picture_stays_a_link(tmp_path, caplog):
    async with World(tmp_path, answer=lambda q: says(q.text)) as world:
        await world.start()
        world.slack.scopes.discard("files:write")
        world.coze.published.address = world.urls[2]
        url = world.coze.publish("cat.png", "image/png", PNG)
        thread = world.slack.say(f"{BOT} Look: ![a cat]({url}) Nice?")

        def shown() -> str:
            said = [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
            stop = any("Stop" in button.label for m in said for button in m.buttons)
            return "" if stop else "".join(m.text + str(m.blocks) for m in said)

        await world.slack.changes.until(lambda: url in shown() and "Nice?" in shown())
    assert any("files:write" in getattr(record, "error", "") for record in caplog.records)


async def test_a_picture_in_an_answer_comes_as_a_file_in_slack(tmp_path):
    async with World(tmp_path, answer=lambda q: says(q.text)) as world:
        await world.start()
        world.coze.published.address = world.urls[2]
        url = world.coze.publish("cat.png", "image/png", PNG)
        thread = world.slack.say(f"{BOT} Look:\n\n![a cat]({url})\n\nNice?")

        def shown() -> list[str]:
            said = [m for m in world.slack.messages(GENERAL, thread) if m.bot_id]
            return [m.files[0].name if m.files else m.plain().strip() for m in said]

        await world.slack.changes.until(lambda: len(shown()) == 3 and "Nice?" in shown()[-1])
        assert shown() == ["Ann: Look:", "cat.png", "Nice?"]


async def test_the_conversation_comes_as_a_file_in_slack_too(tmp_path):
    async with World(tmp_path, answer=lambda _: says("Hello.")) as world:
        await world.start()
        thread = world.slack.say(f"{BOT} hello")
        await world.slack_answer(thread)
        world.slack.command("export")
        sent = await world.slack.changes.until(
            lambda: [m for m in world.slack.messages(GENERAL, thread) if m.files]
        )
        assert sent[0].files[0].name.endswith(".md")
