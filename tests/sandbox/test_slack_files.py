"""Files that people share in the simulated Slack, and how the app gets at them."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import SlackSimulator, Upload
from bridge.sandbox.slack.files import CHUNK
from tests.sandbox.slack_client import GENERAL, client_of, error, events, listening

TOKEN = {"Authorization": "Bearer xoxb-sandbox"}
NOTE = Upload("Note one.txt", b"kittens", title="A note")


@pytest.fixture
def slack() -> SlackSimulator:
    return SlackSimulator(limits=None, redeliver_after=(1000.0,))


@pytest.fixture
async def client(slack: SlackSimulator) -> AsyncIterator[AsyncWebClient]:
    async with client_of(slack) as client:
        await client.auth_test()  # from here the simulator knows its own address
        yield client


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(headers=TOKEN, timeout=30) as http:
        yield http


async def url_of(client: AsyncWebClient, slack: SlackSimulator, upload: Upload) -> str:
    """Where the app can download a file that Ann has just shared."""
    slack.say("look", files=[upload])
    file = slack.messages(GENERAL)[-1].files[0]
    return str((await client.files_info(file=file.id))["file"]["url_private_download"])


async def download(http: httpx.AsyncClient, url: str, received: bytearray) -> None:
    """Adds to `received` what comes, as long as it comes."""
    async with http.stream("GET", url) as answer:
        async for part in answer.aiter_raw():
            received += part


def login_page(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and answer.headers["content-type"].startswith("text/html")


async def test_a_shared_file_comes_with_the_message_and_the_mention(
    slack: SlackSimulator, client: AsyncWebClient, http: httpx.AsyncClient
) -> None:
    async with listening(client):
        ts = slack.say("<@U0BOT> read this", files=[NOTE, Upload("猫.png", size=3)])
    mention, message = events(slack)
    assert (mention["type"], "subtype" in mention) == ("app_mention", False)
    assert (message["type"], message["subtype"]) == ("message", "file_share")
    assert mention["files"] == message["files"]
    assert (message["ts"], message["text"]) == (ts, "<@U0BOT> read this")
    assert message["upload"]
    note, cat = message["files"]
    assert (note["name"], note["title"], note["size"]) == ("Note one.txt", "A note", 7)
    assert (note["mimetype"], note["filetype"]) == ("text/plain", "text")
    assert (note["mode"], note["file_access"], note["user"]) == ("hosted", "visible", "U0ANN")
    assert (cat["mimetype"], cat["filetype"], cat["title"]) == ("image/png", "png", "猫.png")
    assert note["url_private"].endswith("/note_one.txt")
    assert (await http.get(note["url_private"])).content == b"kittens"
    answer = await http.get(note["url_private_download"])
    assert (answer.content, answer.headers["content-type"]) == (b"kittens", "text/plain")
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_file_is_shared_in_a_thread_and_listed_without_a_subtype(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    root = slack.say("root", channel="D0ANN")
    ts = slack.say("", channel="D0ANN", thread_ts=root, files=[NOTE])
    thread = await client.conversations_replies(channel="D0ANN", ts=root)
    listed = thread["messages"][1]
    assert (listed["ts"], listed["text"], listed["files"][0]["size"]) == (ts, "", 7)
    assert "subtype" not in listed
    slack.edit(ts, "now with words", channel="D0ANN")
    edited = slack.messages("D0ANN", root)[1]
    assert (edited.text, [file.name for file in edited.files]) == (
        "now with words",
        ["Note one.txt"],
    )


async def test_who_may_not_read_a_file_gets_a_page_to_sign_in_at(
    slack: SlackSimulator, client: AsyncWebClient, http: httpx.AsyncClient
) -> None:
    url = await url_of(client, slack, NOTE)
    async with httpx.AsyncClient() as stranger:
        assert login_page(await stranger.get(url))
    assert login_page(await http.get(url, headers={"Authorization": "Bearer xoxb-stolen"}))
    slack.scopes.discard("files:read")
    assert login_page(await http.get(url))
    slack.scopes.add("files:read")
    assert (await http.get(url)).content == b"kittens"
    assert [call.error for call in slack.calls if call.method == "files-pri"] == [
        *["login_page"] * 3,
        None,
    ]


async def test_a_file_in_a_channel_without_the_bot_is_not_for_it(
    slack: SlackSimulator, client: AsyncWebClient, http: httpx.AsyncClient
) -> None:
    slack.channel("C0OTHER", "other", members=["U0ANN"])
    slack.say("ours", channel="C0OTHER", files=[NOTE])
    file = slack.messages("C0OTHER")[0].files[0]
    assert await error(client.files_info(file=file.id)) == "not_visible"
    url = f"{client.base_url.removesuffix('api/')}files-pri/T0SANDBOX-{file.id}/x.txt"
    assert login_page(await http.get(url))


async def test_a_deleted_file_leaves_a_tombstone(
    slack: SlackSimulator, client: AsyncWebClient, http: httpx.AsyncClient
) -> None:
    url = await url_of(client, slack, NOTE)
    before = slack.messages(GENERAL)[0]
    async with listening(client):
        slack.delete_file(before.files[0].id)
    assert (await http.get(url)).status_code == 404
    assert await error(client.files_info(file=before.files[0].id)) == "file_deleted"
    history = await client.conversations_history(channel=GENERAL)
    assert history["messages"][0]["files"] == [{"id": before.files[0].id, "mode": "tombstone"}]
    assert [event["file_id"] for event in events(slack, "file_deleted")] == [before.files[0].id]
    assert not before.files[0].deleted
    assert await error(client.files_info(file="F0NONE")) == "file_not_found"
    assert (await http.get(url.replace(before.files[0].id, "F0NONE"))).status_code == 404


async def test_of_a_file_from_slack_connect_events_tell_only_the_id(
    slack: SlackSimulator, client: AsyncWebClient, http: httpx.AsyncClient
) -> None:
    slack.channel("C0SHARED", "shared", shared=True)
    async with listening(client):
        slack.say("ours", channel="C0SHARED", files=[NOTE])
        slack.say("forwarded", files=[Upload("b.txt", b"b", connect=True), NOTE])
    shared, forwarded = (event["files"] for event in events(slack))
    assert shared[0].keys() == {"id", "mode", "file_access", "created", "timestamp", "user"}
    assert (shared[0]["mode"], shared[0]["file_access"]) == ("file_access", "check_file_info")
    assert [file["file_access"] for file in forwarded] == ["check_file_info", "visible"]
    known = (await client.files_info(file=shared[0]["id"]))["file"]
    assert (known["name"], known["file_access"]) == ("Note one.txt", "visible")
    assert (await http.get(known["url_private_download"])).content == b"kittens"


async def test_an_external_file_lives_elsewhere(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    elsewhere = "https://docs.test/d/1"
    slack.say("see", files=[Upload("Plan", mode="external", url=elsewhere)])
    file = (await client.conversations_history(channel=GENERAL))["messages"][0]["files"][0]
    assert (file["mode"], file["is_external"], file["url_private"]) == (
        "external",
        True,
        elsewhere,
    )
    assert "url_private_download" not in file


async def test_a_snippet_is_editable(slack: SlackSimulator, client: AsyncWebClient) -> None:
    url = await url_of(client, slack, Upload("x.py", b"print()", mode="snippet"))
    file = (await client.conversations_history(channel=GENERAL))["messages"][0]["files"][0]
    assert (file["mode"], file["editable"], file["filetype"]) == ("snippet", True, "python")
    assert url == file["url_private_download"]


async def test_what_is_known_of_a_file_tells_where_it_is_shared(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    root = slack.say("root")
    ts = slack.say("", thread_ts=root, files=[NOTE])
    file = slack.messages(GENERAL, root)[1].files[0]
    known = (await client.files_info(file=file.id))["file"]
    share = known["shares"]["public"][GENERAL][0]
    assert (share["ts"], share["thread_ts"]) == (ts, root)
    assert (known["channels"], known["ims"]) == ([GENERAL], [])


async def test_a_large_file_is_made_while_it_is_sent(
    slack: SlackSimulator, client: AsyncWebClient, http: httpx.AsyncClient
) -> None:
    size = 20_000_001
    url = await url_of(client, slack, Upload("film.mp4", size=size))
    received = bytearray()
    await download(http, url, received)
    file = slack.messages(GENERAL)[0].files[0]
    assert (len(received), file.data) == (size, None)
    assert hashlib.sha256(received).hexdigest() == file.sha256


async def test_a_download_can_break_off_dawdle_or_lead_away(
    slack: SlackSimulator, client: AsyncWebClient, http: httpx.AsyncClient
) -> None:
    url = await url_of(client, slack, Upload("a.bin", size=500_000, cut_after=100_000))
    received = bytearray()
    with pytest.raises(httpx.RemoteProtocolError):
        await download(http, url, received)
    assert len(received) == 100_000
    url = await url_of(client, slack, Upload("b.bin", size=500_000, pause=1000.0))
    received = bytearray()
    http.timeout = httpx.Timeout(30, read=0.5)
    with pytest.raises(httpx.ReadTimeout):
        await download(http, url, received)
    assert len(received) <= CHUNK
    url = await url_of(client, slack, Upload("c.bin", b"c", redirect_to="https://cdn.test/c"))
    answer = await http.get(url, timeout=30)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://cdn.test/c")


async def test_a_download_fails_as_it_is_ordered(
    slack: SlackSimulator, client: AsyncWebClient, http: httpx.AsyncClient
) -> None:
    url = await url_of(client, slack, NOTE)
    slack.fail("files-pri", status=429, error="ratelimited", retry_after=3)
    slack.fail("files-pri", drop=True)
    answer = await http.get(url)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    with pytest.raises(httpx.RemoteProtocolError):
        await http.get(url)
    assert (await http.get(url)).content == b"kittens"


@pytest.mark.parametrize(
    ("method", "args", "scope"),
    [
        ("files.info", {"file": "F1"}, "files:read"),
        ("files.getUploadURLExternal", {"filename": "a", "length": 1}, "files:write"),
        ("users.info", {"user": "U0ANN"}, "users:read"),
        ("conversations.replies", {"channel": "D0ANN", "ts": "1.000000"}, "im:history"),
        ("conversations.history", {"channel": GENERAL}, "channels:history"),
        ("chat.postMessage", {"channel": GENERAL, "text": "hi"}, "chat:write"),
    ],
)
async def test_a_method_without_its_scope_says_what_is_missing(
    slack: SlackSimulator, client: AsyncWebClient, method: str, args: dict[str, Any], scope: str
) -> None:
    slack.scopes.discard(scope)
    async with httpx.AsyncClient(base_url=client.base_url, headers=TOKEN) as http:
        told = (await http.get(method, params=args)).json()
        assert (told["ok"], told["error"], told["needed"]) == (False, "missing_scope", scope)
        assert scope not in told["provided"].split(",")
        whoami = await http.get("auth.test")
        assert scope not in whoami.headers["x-oauth-scopes"].split(",")
