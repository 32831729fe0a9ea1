"""Files that the app posts to the simulated Slack."""

import hashlib
import json
from typing import Any

import aiohttp
import httpx
import pytest
from slack_sdk.errors import SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bridge.sandbox.slack import SlackSimulator, Upload
from tests.sandbox.slack_client import GENERAL, call, error, events, listening


async def begin(client: AsyncWebClient, length: int, name: str = "a.txt") -> Any:
    return await client.files_getUploadURLExternal(filename=name, length=length)


async def sent(url: str, **body: Any) -> httpx.Response:
    async with httpx.AsyncClient() as http:
        return await http.post(url, **body)


async def test_a_file_appears_in_the_thread(slack: SlackSimulator, client: AsyncWebClient) -> None:
    root = slack.say("draw me a cat")
    async with listening(client):
        answer = await client.files_upload_v2(
            channel=GENERAL,
            thread_ts=root,
            initial_comment="Here:",
            file_uploads=[
                {"content": b"\x89PNG", "filename": "cat.png", "title": "A cat", "alt_txt": "cat"},
                {"content": "two", "filename": "two.txt"},
            ],
        )
    shown = slack.messages(GENERAL, root)[1]
    assert (shown.text, shown.user, shown.bot_id) == ("Here:", "U0BOT", "B0BOT")
    cat, two = shown.files
    assert (cat.name, cat.title, cat.size, cat.data) == ("cat.png", "A cat", 4, b"\x89PNG")
    assert (cat.mimetype, cat.alt_txt) == ("image/png", "cat")
    assert cat.sha256 == hashlib.sha256(b"\x89PNG").hexdigest()
    assert two.data == b"two"
    assert [file["id"] for file in answer["files"]] == [cat.id, two.id]
    assert answer["files"][0]["shares"] == {}
    event = events(slack)[-1]
    assert (event["subtype"], event["bot_id"], event["thread_ts"]) == ("file_share", "B0BOT", root)
    known = (await client.files_info(file=cat.id))["file"]
    assert known["shares"]["public"][GENERAL][0]["ts"] == shown.ts


async def test_an_upload_ends_a_status(slack: SlackSimulator, client: AsyncWebClient) -> None:
    root = slack.say("hi", channel="D0ANN")
    await client.assistant_threads_setStatus(channel_id="D0ANN", thread_ts=root, status="draws")
    await client.files_upload_v2(channel="D0ANN", thread_ts=root, content="x", filename="x")
    assert slack.status("D0ANN", root) == ""


async def test_of_a_large_file_only_size_and_digest_are_kept(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    content = b"0123456789" * 200_000
    begun = await begin(client, len(content), "big.bin")
    await sent(begun["upload_url"], content=content)
    done = {"files": [{"id": begun["file_id"]}], "channel_id": GENERAL}
    await call(client, "files.completeUploadExternal", **done)
    file = slack.messages(GENERAL)[0].files[0]
    assert (file.size, file.data) == (len(content), None)
    assert file.sha256 == hashlib.sha256(content).hexdigest()


async def test_the_app_reads_its_own_file(slack: SlackSimulator, client: AsyncWebClient) -> None:
    async with httpx.AsyncClient(headers={"Authorization": "Bearer xoxb-sandbox"}) as http:
        for place in (None, GENERAL):
            done = await client.files_upload_v2(channel=place, content="ours", filename="y.txt")
            known = (await client.files_info(file=done["file"]["id"]))["file"]
            assert (await http.get(known["url_private_download"])).content == b"ours"
    assert len(slack.messages(GENERAL)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"content": b"four"},
        {"content": b"four", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"files": {"filename": ("a.txt", b"four", "text/plain")}},
    ],
)
async def test_content_is_taken_raw_or_as_a_form(
    slack: SlackSimulator, client: AsyncWebClient, body: dict[str, Any]
) -> None:
    begun = await begin(client, 4)
    answer = await sent(begun["upload_url"], **body)
    assert (answer.status_code, answer.text) == (200, "OK - 4")
    done = {"files": [{"id": begun["file_id"]}], "channel_id": GENERAL}
    await call(client, "files.completeUploadExternal", **done)
    assert slack.messages(GENERAL)[0].files[0].data == b"four"


async def test_content_that_was_not_announced_is_refused(client: AsyncWebClient) -> None:
    begun = await begin(client, 4)
    assert (await sent(begun["upload_url"], content=b"five!")).status_code == 400
    assert (await sent(f"{begun['upload_url']}x", content=b"four")).status_code == 404
    completing = client.files_completeUploadExternal(files=[{"id": begun["file_id"]}])
    assert await error(completing) == "file_not_found"


async def test_an_upload_that_slack_would_not_begin_is_refused(client: AsyncWebClient) -> None:
    begin_at = client.files_getUploadURLExternal
    assert await error(begin_at(filename="a", length=0)) == "missing_argument"
    assert await error(begin_at(filename="", length=1)) == "invalid_arguments"
    assert await error(begin_at(filename="a", length=-1)) == "invalid_arguments"
    large = begin_at(filename="a", length=(1 << 30) + 1)
    assert await error(large) == "file_upload_size_restricted"
    chatty = begin_at(filename="a", length=1, alt_txt="x" * 1001)
    assert await error(chatty) == "alt_txt_too_large"
    in_json = client.api_call("files.getUploadURLExternal", json={"filename": "a", "length": 1})
    assert await error(in_json) == "invalid_arguments"


async def test_a_completion_that_slack_would_refuse_is_refused(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    slack.channel("C0OTHER", "other", members=["U0ANN"])
    begun = await begin(client, 1)
    await sent(begun["upload_url"], content=b"1")

    async def refusal(**args: Any) -> str:
        wanted = {"files": [{"id": begun["file_id"]}], **args}
        return await error(client.api_call("files.completeUploadExternal", json=wanted))

    reply = slack.say("reply", thread_ts=slack.say("root"))
    assert await refusal(files=[]) == "invalid_arguments"
    assert await refusal(files="[{") == "invalid_arguments"
    assert await refusal(files=[{"title": "no id"}]) == "invalid_arguments"
    assert await refusal(files=[{"id": "F0NONE"}]) == "file_not_found"
    assert await refusal(channel_id="U0ANN") == "invalid_arguments"
    assert await refusal(channel_id="C0NONE") == "channel_not_found"
    assert await refusal(channel_id="C0OTHER") == "not_in_channel"
    assert await refusal(channel_id=GENERAL, thread_ts=reply) == "thread_not_found"
    both = {"channels": f"{GENERAL},D0ANN", "thread_ts": reply}
    assert await refusal(**both) == "invalid_arguments"
    many = ",".join(f"C{n}" for n in range(101))
    assert await refusal(channels=many) == "channels_limit_exceeded"
    bad = [{"type": "speech"}]
    assert await refusal(channel_id=GENERAL, blocks=json.dumps(bad)) == "invalid_blocks"
    done = {"files": [{"id": begun["file_id"]}], "initial_comment": "now", "blocks": bad}
    await call(client, "files.completeUploadExternal", channels=f"{GENERAL},U0ANN", **done)
    assert [shown.text for shown in slack.messages("D0ANN")] == ["now"]
    assert await refusal(channel_id=GENERAL) == "file_not_found"


async def test_a_file_comes_with_blocks(slack: SlackSimulator, client: AsyncWebClient) -> None:
    begun = await begin(client, 1)
    await sent(begun["upload_url"], content=b"1")
    text = {"type": "mrkdwn", "text": "*Here*"}
    await call(
        client,
        "files.completeUploadExternal",
        files=[{"id": begun["file_id"]}],
        channel_id=GENERAL,
        blocks=[{"type": "section", "text": text}],
    )
    assert slack.messages(GENERAL)[0].plain() == "*Here*"


async def test_the_app_deletes_its_own_files_only(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    await client.files_upload_v2(channel=GENERAL, content="x", filename="x")
    slack.say("", files=[Upload("mine.txt", b"mine")])
    ours, theirs = (shown.files[0] for shown in slack.messages(GENERAL))
    await client.files_delete(file=ours.id)
    assert slack.messages(GENERAL)[0].files[0].deleted
    assert await error(client.files_delete(file=ours.id)) == "file_deleted"
    assert await error(client.files_delete(file=theirs.id)) == "cant_delete_file"
    assert await error(client.files_delete(file="F0NONE")) == "file_not_found"


async def test_an_upload_fails_as_it_is_ordered(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    client.retry_handlers.clear()
    slack.fail("upload", status=500)
    with pytest.raises(SlackRequestError, match="500"):
        await client.files_upload_v2(channel=GENERAL, content="x", filename="x")
    slack.fail("upload", drop=True, after_doing=True)
    begun = await begin(client, 1)
    with pytest.raises(httpx.RemoteProtocolError):
        await sent(begun["upload_url"], content=b"1")
    done = {"files": [{"id": begun["file_id"]}], "channel_id": GENERAL}
    slack.fail("files.completeUploadExternal", drop=True)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call(client, "files.completeUploadExternal", **done)
    assert slack.messages(GENERAL) == []
    await call(client, "files.completeUploadExternal", **done)
    assert [shown.files[0].data for shown in slack.messages(GENERAL)] == [b"1"]
