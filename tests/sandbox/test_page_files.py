"""Files that people send on the sandbox's page."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import samples
from bridge.sandbox.page.uploads import MOST
from bridge.sandbox.slack import SlackSimulator
from bridge.sandbox.telegram import TelegramSimulator
from tests.sandbox import telegram_client
from tests.sandbox.page_client import ANN, BO, DIRECT, GENERAL, TEAM, File, bring, page_of, send
from tests.sandbox.telegram_client import OPUS

PICTURE = ("sun.png", "image/png", samples.png())
LETTER = ("letter.pdf", "application/pdf", samples.pdf("Hi"))
TABLE = ("день.csv", "text/csv", b"day,degrees\r\n")
HERE: dict[str, Any] = {"chat": ANN, "user": ANN}
THERE: dict[str, Any] = {"channel": GENERAL, "user": "U0ANN"}


@pytest.fixture
async def telegram() -> TelegramSimulator:
    return TelegramSimulator(limits=None)


@pytest.fixture
async def slack() -> SlackSimulator:
    return SlackSimulator(limits=None)


@pytest.fixture
async def page(
    telegram: TelegramSimulator, slack: SlackSimulator
) -> AsyncIterator[httpx.AsyncClient]:
    async with page_of(telegram, slack) as page:
        yield page


async def test_a_picture_arrives_as_a_photo_with_its_caption(
    page: httpx.AsyncClient, telegram: TelegramSimulator
) -> None:
    await send(page, "/telegram/send", PICTURE, **HERE, text="My sun")
    async with telegram_client.client_of(telegram) as bot:
        message = (await bot.updates())[0]["message"]
        largest = message["photo"][-1]
        content = (await bot.http.get(await bot.path_of(largest["file_id"]))).content
    assert (message["caption"], message["from"]["first_name"]) == ("My sun", "Ann")
    assert ((largest["width"], largest["height"]), content) == ((160, 96), PICTURE[2])


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (("a.jpg", "image/jpeg", samples.png()), "photo"),
        (("wave.gif", "image/gif", b"GIF89a"), "animation"),
        (("song.mp3", "audio/mpeg", b"ID3"), "audio"),
        (("clip.mp4", "video/mp4", b"\0\0\0\x18ftyp"), "video"),
        (LETTER, "document"),
        (TABLE, "document"),
        (("broken.png", "image/png", b"no picture"), "document"),
        (("vector.svg", "image/svg+xml", b"<svg/>"), "document"),
        (("nameless", "", b"?"), "document"),
    ],
)
async def test_a_file_is_sent_as_the_apps_send_it(
    page: httpx.AsyncClient, telegram: TelegramSimulator, file: File, kind: str
) -> None:
    await send(page, "/telegram/send", file, **HERE)
    media = telegram.messages(ANN)[0].media
    assert media is not None
    assert (media.kind, media.data) == (kind, file[2])
    assert media.name == ("" if kind == "photo" else file[0])


async def test_several_pictures_are_an_album_with_one_caption(
    page: httpx.AsyncClient, telegram: TelegramSimulator
) -> None:
    where = {"chat": TEAM, "user": BO}
    await send(page, "/telegram/send", PICTURE, PICTURE, **where, text="@coze_sandbox_bot two")
    shown = telegram.messages(TEAM)
    assert [(each.name, each.media and each.media.kind) for each in shown] == [("Bo", "photo")] * 2
    assert [each.text for each in shown] == ["@coze_sandbox_bot two", ""]
    assert shown[0].album == shown[1].album != ""


async def test_an_album_of_all_sorts_has_only_documents(
    page: httpx.AsyncClient, telegram: TelegramSimulator
) -> None:
    await send(page, "/telegram/send", PICTURE, LETTER, TABLE, **HERE)
    media = [each.media for each in telegram.messages(ANN)]
    assert [each and (each.kind, each.name, each.data) for each in media] == [
        ("document", name, data) for name, _, data in (PICTURE, LETTER, TABLE)
    ]


async def test_a_voice_message_is_a_recording_or_else_a_sample(
    page: httpx.AsyncClient, telegram: TelegramSimulator
) -> None:
    await send(page, "/telegram/speak", **HERE)
    recording = ("voice", "audio/ogg;codecs=opus", OPUS)
    await send(page, "/telegram/speak", recording, **HERE, seconds=7)
    async with telegram_client.client_of(telegram) as bot:
        sample, recorded = [update["message"]["voice"] for update in await bot.updates()]
        path = await bot.path_of(sample["file_id"])
        sound = (await bot.http.get(path)).content
        heard = (await bot.http.get(await bot.path_of(recorded["file_id"]))).content
    assert (sample["duration"], sample["mime_type"]) == (1, "audio/ogg")
    assert sound.startswith(b"OggS")
    assert b"OpusHead" in sound
    assert len(sound) < 1000
    assert (recorded["duration"], recorded["mime_type"], heard) == (7, "audio/ogg", OPUS)


async def test_files_arrive_in_slack_with_a_message_and_in_its_thread(
    page: httpx.AsyncClient, slack: SlackSimulator
) -> None:
    await send(page, "/slack/share", PICTURE, TABLE, **THERE, text="<@U0BOT> look")
    root = slack.messages(GENERAL)[0].ts
    await send(page, "/slack/share", LETTER, **THERE, thread_ts=root)
    first, second = slack.messages(GENERAL, root)
    assert (first.user, first.text) == ("U0ANN", "<@U0BOT> look")
    assert [(file.name, file.mimetype, file.data) for file in first.files] == [PICTURE, TABLE]
    assert [(file.name, file.mimetype, file.data) for file in second.files] == [LETTER]


EMPTY = ("empty.txt", "text/plain", b"")


@pytest.mark.parametrize(
    ("path", "files", "body", "why"),
    [
        ("/telegram/send", [], HERE, "there is no file"),
        ("/telegram/send", [PICTURE, EMPTY], HERE, "empty.txt is empty"),
        ("/telegram/send", [PICTURE] * 11, HERE, "two to ten"),
        ("/telegram/send", [PICTURE], {**HERE, "text": "x" * 1025}, "caption is too long"),
        ("/telegram/send", [PICTURE], {**HERE, "chat": 7}, "`$.chat`"),
        ("/slack/share", [], THERE, "there is no file"),
        ("/slack/share", [PICTURE], {**THERE, "thread_ts": "1.0"}, "no thread 1.0"),
        ("/slack/share", [PICTURE], {**THERE, "channel": DIRECT, "user": "U0BEN"}, "is not in"),
    ],
)
async def test_what_nobody_could_send_is_refused_with_a_sentence(
    page: httpx.AsyncClient, path: str, files: list[File], body: dict[str, Any], why: str
) -> None:
    response = await bring(page, path, *files, **body)
    error = response.json()["error"]
    assert response.status_code == 400
    assert why in error
    assert error.endswith(".")


@pytest.mark.parametrize("content", [b"", b"12", b"1234"])
async def test_files_that_are_not_as_long_as_was_announced_are_refused(
    page: httpx.AsyncClient, telegram: TelegramSimulator, content: bytes
) -> None:
    head = b'{"chat": 501, "user": 501, "files": [{"name": "a.txt", "size": 3}]}\n'
    headers = {"Content-Type": "application/octet-stream"}
    response = await page.post("/telegram/send", content=head + content, headers=headers)
    assert response.status_code == 400
    assert "not as long" in response.json()["error"]
    assert telegram.messages(ANN) == []


async def test_fifty_megabytes_are_taken_and_one_byte_more_is_refused(
    page: httpx.AsyncClient, slack: SlackSimulator
) -> None:
    half = ("half.bin", "", bytes(MOST // 2))
    response = await bring(page, "/slack/share", half, (*half[:2], half[2] + b"x"), **THERE)
    assert response.status_code == 413
    assert "50 MB" in response.json()["error"]
    assert slack.messages(GENERAL) == []
    await send(page, "/slack/share", half, half, **THERE)
    assert [file.size for file in slack.messages(GENERAL)[0].files] == [MOST // 2] * 2


async def test_files_are_taken_from_the_page_itself_only(
    page: httpx.AsyncClient, telegram: TelegramSimulator
) -> None:
    for headers, status in (
        ({"Host": "evil.example"}, 400),
        ({"Origin": "http://evil.example"}, 403),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "text/plain"}, 415),
    ):
        response = await bring(page, "/telegram/send", LETTER, headers=headers, **HERE)
        assert response.status_code == status
    assert telegram.messages(ANN) == []
