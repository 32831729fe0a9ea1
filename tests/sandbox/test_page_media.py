"""What the sandbox's page tells of the files in its chats, and how it hands them out."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import samples
from bridge.sandbox.page.snapshot import snapshot
from bridge.sandbox.slack import SlackSimulator, Upload
from bridge.sandbox.telegram import TelegramSimulator, attach
from tests.sandbox import telegram_client
from tests.sandbox.page_client import ANN, GENERAL, page_of
from tests.sandbox.telegram_client import OPUS

PICTURE = samples.png()
SCRIPT = b"<script>alert(1)</script>"


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


def told(telegram: TelegramSimulator) -> list[Any]:
    """The messages of Ann's chat."""
    messages: list[Any] = snapshot(telegram, SlackSimulator())["telegram"]["501"]["messages"]
    return messages


def told_files(slack: SlackSimulator) -> list[Any]:
    """The files of the first message in the channel."""
    threads = snapshot(TelegramSimulator(), slack)["slack"][GENERAL]["threads"]
    files: list[Any] = threads[0]["root"]["files"]
    return files


async def test_what_a_bot_sends_is_told_in_the_form_in_which_it_is_seen(
    telegram: TelegramSimulator,
) -> None:
    telegram.say("Hi")
    async with telegram_client.client_of(telegram) as bot:
        await bot("sendPhoto", chat_id=ANN, photo=("sun.png", PICTURE), caption="Sun")
        await bot("sendDocument", chat_id=ANN, document=("sun.png", PICTURE))
        await bot("sendVoice", chat_id=ANN, voice=("v.ogg", OPUS), duration=4)
    photo, document, voice = [message["media"][0] for message in told(telegram)[1:]]
    assert told(telegram)[1]["text"] == "Sun"
    assert (photo["form"], photo["name"], photo["size"]) == ("image", "sun.png", len(PICTURE))
    assert (document["form"], document["name"]) == ("file", "sun.png")
    assert (voice["form"], voice["seconds"]) == ("audio", 4)


async def test_an_album_is_one_message_with_its_files(telegram: TelegramSimulator) -> None:
    telegram.send_album([attach.photo(), attach.photo()], caption="Two")
    telegram.send_album([attach.photo(), attach.photo(), attach.photo()])
    telegram.send_photo()
    albums = [(each["id"], each["text"], len(each["media"])) for each in told(telegram)]
    assert albums == [(1, "Two", 2), (3, "", 3), (6, "", 1)]


async def test_pictures_and_sound_are_handed_out_to_be_shown(
    page: httpx.AsyncClient, telegram: TelegramSimulator, slack: SlackSimulator
) -> None:
    telegram.send_photo()
    telegram.send_voice(OPUS)
    slack.say("look", files=[Upload("sun.png", PICTURE)])
    photo, voice = [message["media"][0]["url"] for message in told(telegram)]
    for url, kind, content in (
        (photo, "image/jpeg", None),
        (voice, "audio/ogg", OPUS),
        (told_files(slack)[0]["url"], "image/png", PICTURE),
    ):
        answer = await page.get(url)
        assert answer.headers["content-type"] == kind
        assert answer.headers["content-disposition"].startswith("inline")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert content is None or answer.content == content
        assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("evil.html", "text/html"),
        ("evil.svg", "image/svg+xml"),
        ("evil.xml", "application/xml"),
        ("evil.js", "text/javascript"),
        ("letter.pdf", "application/pdf"),
        ("evil.png", "text/html"),
        ("день\n.txt", "text/plain"),
    ],
)
async def test_what_could_run_in_a_browser_can_only_be_saved(
    page: httpx.AsyncClient,
    telegram: TelegramSimulator,
    slack: SlackSimulator,
    name: str,
    kind: str,
) -> None:
    telegram.send_document(name, SCRIPT, mime=kind)
    slack.say("look", files=[Upload(name, SCRIPT, mimetype=kind)])
    for file in (told(telegram)[0]["media"][0], told_files(slack)[0]):
        assert (file["form"], file["name"]) == ("file", name)
        answer = await page.get(file["url"])
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.content == SCRIPT


async def test_a_file_that_is_gone_or_not_kept_is_told_without_an_address(
    page: httpx.AsyncClient, telegram: TelegramSimulator, slack: SlackSimulator
) -> None:
    telegram.say("Hi")
    async with telegram_client.client_of(telegram) as bot:
        big = await bot("sendDocument", chat_id=ANN, document=("big.bin", bytes((1 << 20) + 1)))
    slack.say("look", files=[Upload("a.txt", b"a")])
    deleted = slack.messages(GENERAL)[0].files[0].id
    slack.delete_file(deleted)
    told_big = told(telegram)[1]["media"][0]
    assert (told_big["url"], told_big["size"]) == (None, (1 << 20) + 1)
    assert told_files(slack)[0]["url"] is None
    for path in (
        f"/telegram/media/{big['document']['file_id']}",
        f"/slack/media/{deleted}",
        "/telegram/media/x",
        "/slack/media/x",
        "/telegram/media/",
    ):
        assert (await page.get(path)).status_code == 404


async def test_files_are_handed_out_to_the_page_itself_only(
    page: httpx.AsyncClient, telegram: TelegramSimulator
) -> None:
    telegram.send_photo()
    url = told(telegram)[0]["media"][0]["url"]
    foreign = [await page.get(url, headers={"Host": "evil.example"})]
    foreign += [await page.get(url, headers={"Origin": "http://evil.example"})]
    assert [answer.status_code for answer in foreign] == [400, 403]
    own = await page.get(url)
    assert own.headers["cross-origin-resource-policy"] == "same-origin"
