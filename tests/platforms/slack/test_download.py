"""Files in: their bytes, and what stands in the way of them."""

import asyncio
import io
from collections.abc import AsyncIterator

import pytest
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.types import Receive, Scope, Send

from bridge.core.errors import (
    BridgeError,
    Denied,
    Gone,
    RateLimited,
    Rejected,
    TooLarge,
    Unavailable,
)
from bridge.core.model import FileRef
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.platforms.slack.transfer import Transfer
from bridge.sandbox.slack.faults import hang_up
from tests.platforms.slack.oddslack import FILE, OddSlack, adapter_before
from tests.platforms.slack.rig import adapter_at
from tests.platforms.waiting import free_port

MOST = 1 << 20


async def fetched(adapter: SlackAdapter, *, most: int = MOST) -> bytes:
    """What there is of the file, at most so many bytes."""
    into = io.BytesIO()
    await adapter.download(FILE, into, most=most)
    return into.getvalue()


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield bytes(10_000)
        await asyncio.sleep(0)  # to see that nobody listens any more


async def broken_off(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Promise more than there is."""
    headers = [(b"content-length", b"100"), (b"content-type", b"image/png")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello", "more_body": False})


async def test_a_file_arrives_whole_and_the_token_is_told_in_the_header_alone():
    whole = bytes(range(256)) * 2000
    host = OddSlack(Response(whole), size=len(whole))
    async with adapter_before(host) as adapter:
        assert await fetched(adapter) == whole
    [request] = host.asked
    assert request.headers["authorization"] == "Bearer xoxb-sandbox"
    assert "xoxb" not in str(request.url)


async def test_a_file_with_another_address_only_is_read_there():
    host = OddSlack(url_private_download=None)
    async with adapter_before(host) as adapter:
        host.told["url_private"] = adapter._client.base_url.replace("/api/", "/files/b")
        assert await fetched(adapter) == b"hello"


async def test_a_file_that_is_told_to_be_too_large_is_not_even_asked_for():
    host = OddSlack(size=6)
    async with adapter_before(host) as adapter:
        with pytest.raises(TooLarge):
            await fetched(adapter, most=5)
    assert host.asked == []


@pytest.mark.parametrize("told", [{}, {"size": 5}])
async def test_a_file_is_not_read_beyond_what_is_wanted(told: dict[str, int]):
    host = OddSlack(StreamingResponse(endless(), media_type="video/mp4"), **told)
    async with adapter_before(host) as adapter:
        with pytest.raises(TooLarge):
            await fetched(adapter, most=100_000)


async def test_a_file_that_just_fits_is_read():
    async with adapter_before(OddSlack()) as adapter:
        assert await fetched(adapter, most=5) == b"hello"
        with pytest.raises(TooLarge):
            await fetched(adapter, most=4)


@pytest.mark.parametrize(
    "answer",
    [
        HTMLResponse("<h1>Sign in</h1>"),
        RedirectResponse("/elsewhere"),
        PlainTextResponse("", 401),
        PlainTextResponse("", 403),
    ],
)
async def test_a_page_to_sign_in_names_the_missing_permission_and_is_not_followed(
    answer: Response,
):
    host = OddSlack(answer, mimetype="image/png")
    async with adapter_before(host) as adapter:
        with pytest.raises(Denied, match="files:read"):
            await fetched(adapter)
    assert host.elsewhere == []


async def test_a_file_that_is_a_page_is_no_page_to_sign_in():
    host = OddSlack(HTMLResponse("<p>hello"), mimetype="text/html")
    async with adapter_before(host) as adapter:
        assert await fetched(adapter) == b"<p>hello"


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (PlainTextResponse("", 404), Gone),
        (PlainTextResponse("", 410), Gone),
        (PlainTextResponse("", 500), Unavailable),
        (PlainTextResponse("", 503), Unavailable),
        (PlainTextResponse("", 418), Rejected),
        (PlainTextResponse("", 429), RateLimited),
        (hang_up, Unavailable),
        (broken_off, Unavailable),
    ],
)
async def test_each_refusal_has_a_meaning_and_tells_no_token(
    answer: Response, meaning: type[BridgeError]
):
    async with adapter_before(OddSlack(answer)) as adapter:
        with pytest.raises(meaning) as caught:
            await fetched(adapter)
    assert type(caught.value) is meaning
    assert "xoxb" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        ("missing_scope", Denied),
        ("file_not_found", Gone),
        ("file_deleted", Gone),
        ("not_visible", Rejected),
        ("ratelimited", RateLimited),
        ("internal_error", Unavailable),
    ],
)
async def test_a_file_that_slack_does_not_tell_of_is_not_asked_for(
    error: str, meaning: type[BridgeError]
):
    host = OddSlack()
    host.refuse["files.info"] = error
    async with adapter_before(host) as adapter:
        with pytest.raises(meaning) as caught:
            await fetched(adapter)
    assert type(caught.value) is meaning
    assert ("files:read" in str(caught.value)) == (meaning is Denied)
    assert host.asked == []


@pytest.mark.parametrize("told", [{"mode": "tombstone"}, {"mode": "hidden_by_limit"}])
async def test_a_file_that_was_deleted_meanwhile_is_gone(told: dict[str, str]):
    host = OddSlack(**told)
    async with adapter_before(host) as adapter:
        with pytest.raises(Gone):
            await fetched(adapter)
    assert host.asked == []


ELSEWHERE = [
    "https://evil.test/a",
    "http://files.slack.com/a",
    "https://files.slack.com.evil.test/a",
    "https://evilslack.com/a",
    "https://files.slack.com@evil.test/a",
    "https://evil.test\\@files.slack.com/a",
    "https://files.slack.com:8443/a",
    "https://user:secret@files.slack.com/a",
    "https://files.slack.com./a",
    "https://files.slack.com.",
    "https://files.slack.co\u043c/a",
    "https://xfiles.slack.com/a",
    "https://a.files.slack.com/a",
    "https://slack.com/api/api.test",
    "https://acme.slack.com/a",
    "https://slack-files.com/a",
    "https://35.186.224.25/a",
    "//files.slack.com/a",
    "http://127.0.0.1:1/a",
    "file:///etc/hosts",
    "http://[",
    "",
]


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_the_token_is_sent_to_nobody_else(address: str):
    host = OddSlack(url_private_download=address)
    async with adapter_before(host) as adapter:
        with pytest.raises(Rejected, match="not Slack's"):
            await fetched(adapter)
    assert host.asked == []


@pytest.mark.parametrize("address", [*ELSEWHERE, "https://[::1]/a", "https://localhost/a"])
async def test_slack_itself_has_files_nowhere_else(address: str):
    async with adapter_at("https://slack.com") as adapter:
        with pytest.raises(Rejected):
            Transfer(adapter._client)._trusted(address)


@pytest.mark.parametrize(
    "base", ["https://slack.com", "https://slack-gov.com", "http://slack.com"]
)
@pytest.mark.parametrize("host", ["files.slack.com", "FILES.Slack.com:443", "files.slack-gov.com"])
async def test_slack_has_files_at_home(host: str, base: str):
    async with adapter_at(base) as adapter:
        url = Transfer(adapter._client)._trusted(f"https://{host}/files-pri/T1-F1/a%20b.png")
    assert str(url) == f"https://{host.lower().removesuffix(':443')}/files-pri/T1-F1/a%20b.png"


async def test_what_stands_in_for_slack_is_told_no_other_name():
    async with adapter_at("http://127.0.0.1:8800") as adapter:
        transfer = Transfer(adapter._client)
        assert transfer._trusted("http://127.0.0.1:8800/files-pri/T1-F1/a")
        for address in ("http://a:b@127.0.0.1:8800/a", "http://127.0.0.1:8801/a"):
            with pytest.raises(Rejected):
                transfer._trusted(address)


async def test_a_slack_out_of_reach_may_be_asked_again():
    async with adapter_at(f"http://127.0.0.1:{free_port()}") as adapter:
        with pytest.raises(Unavailable):
            await fetched(adapter)


async def test_what_a_message_does_not_tell_of_a_file_is_asked_for():
    async with adapter_before(OddSlack(mimetype="image/png", size=5)) as adapter:
        told = await Transfer(adapter._client).told(
            [FileRef("F1", "file", ""), FileRef("F2", "voice", "b.m4a")]
        )
    assert told == (FileRef("F1", "image", "a.bin", 5), FileRef("F2", "voice", "b.m4a"))


@pytest.mark.parametrize("error", ["missing_scope", "file_not_found", "internal_error"])
async def test_a_file_of_which_nothing_is_told_goes_by_its_id(error: str):
    host = OddSlack()
    host.refuse["files.info"] = error
    async with adapter_before(host) as adapter:
        [told] = await Transfer(adapter._client).told([FileRef("F1", "file", "")])
    assert told == FileRef("F1", "file", "F1")
