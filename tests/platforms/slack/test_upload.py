"""Files out: uploaded, shared, and taken back."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from bridge.core.errors import (
    BridgeError,
    ChatGone,
    Denied,
    RateLimited,
    Rejected,
    TooLarge,
    Unavailable,
    Uncertain,
)
from bridge.core.model import Address, Media, Piece
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack.faults import hang_up
from tests.platforms.slack.oddslack import OddSlack, adapter_before
from tests.platforms.slack.rig import ANN, DIRECT, GENERAL, to

ROOT = "5.000001"
BYTES = bytes(range(256)) * 2000  # more than one part
OPEN, COMPLETE = "files.getUploadURLExternal", "files.completeUploadExternal"


@pytest.fixture
def media(tmp_path: Path) -> Media:
    """A file on our disk."""
    path = tmp_path / "1.png"
    path.write_bytes(BYTES)
    return Media(str(path), "image", "cat.png", "image/png", 512_000)


async def posted(adapter: SlackAdapter, media: Media, at: Address | None = None) -> str:
    return await adapter.post(at or to(ROOT), Piece("A cat", media="x"), mark="1", media=media)


def methods(host: OddSlack) -> list[str]:
    return [method for method, _ in host.calls]


async def test_a_file_is_uploaded_and_shared_in_the_thread_with_its_caption(media: Media):
    host = OddSlack()
    async with adapter_before(host) as adapter:
        assert await posted(adapter, media) == "file:F1"
    assert methods(host) == [OPEN, COMPLETE]
    opened, shared = (params for _, params in host.calls)
    assert opened == {"filename": "cat.png", "length": "512000"}
    assert json.loads(shared.pop("files")) == [{"id": "F1", "title": "cat.png"}]
    assert shared == {"channel_id": GENERAL, "thread_ts": ROOT, "initial_comment": "A cat"}


async def test_the_bytes_go_out_as_they_are_and_without_the_token(media: Media):
    host = OddSlack()
    async with adapter_before(host) as adapter:
        await posted(adapter, media)
    assert host.bodies == [BYTES]
    [request] = host.asked
    assert request.headers["content-length"] == "512000"
    assert "authorization" not in request.headers


async def test_outside_of_threads_and_without_a_caption_there_is_neither(media: Media):
    host = OddSlack()
    async with adapter_before(host) as adapter:
        await adapter.post(to(), Piece("", media="x"), mark="1", media=media)
    assert host.calls[-1][1].keys() == {"files", "channel_id"}


async def test_a_caption_calls_nobody(media: Media):
    host = OddSlack()
    async with adapter_before(host) as adapter:
        await adapter.post(to(), Piece("<!here> & <@U0ANN>", media="x"), mark="1", media=media)
    assert host.calls[-1][1]["initial_comment"] == "&lt;!here&gt; &amp; &lt;@U0ANN&gt;"


async def test_a_file_cannot_be_for_one_user_only_where_there_are_others(media: Media):
    host = OddSlack()
    async with adapter_before(host) as adapter:
        with pytest.raises(Rejected, match="one user only"):
            await posted(adapter, media, to(ROOT, only_for=ANN))
        assert host.calls == []
        assert await posted(adapter, media, to(chat=DIRECT, only_for=ANN)) == "file:F1"


@pytest.mark.parametrize("method", [OPEN, COMPLETE])
@pytest.mark.parametrize(
    ("error", "meaning", "named"),
    [
        ("missing_scope", Denied, "files:write"),
        ("file_upload_size_restricted", TooLarge, "size"),
        ("file_type_not_allowed", Rejected, "type"),
        ("file_uploads_disabled", Rejected, "disabled"),
        ("file_not_found", Rejected, "not_found"),
        ("channel_not_found", ChatGone, "channel"),
        ("ratelimited", RateLimited, "ratelimited"),
    ],
)
async def test_each_refusal_has_a_meaning(
    media: Media, method: str, error: str, meaning: type[BridgeError], named: str
):
    host = OddSlack()
    host.refuse[method] = error
    async with adapter_before(host) as adapter:
        with pytest.raises(meaning, match=named) as caught:
            await posted(adapter, media)
        assert type(caught.value) is meaning
        assert await adapter.find(to(), mark="1") is None


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (PlainTextResponse("", 413), TooLarge),
        (PlainTextResponse("", 500), Unavailable),
        (PlainTextResponse("", 429), RateLimited),
        (PlainTextResponse("", 404), Rejected),
        (RedirectResponse("/elsewhere"), Rejected),
        (HTMLResponse("", 403), Rejected),
        (hang_up, Unavailable),
    ],
)
async def test_what_fails_on_the_way_was_seen_by_nobody(
    media: Media, answer: Response, meaning: type[BridgeError]
):
    host = OddSlack(answer)
    async with adapter_before(host) as adapter:
        with pytest.raises(meaning) as caught:
            await posted(adapter, media)
    assert type(caught.value) is meaning
    assert methods(host) == [OPEN]
    assert host.elsewhere == []


async def test_the_bytes_are_sent_to_nobody_else(media: Media):
    host = OddSlack(upload_url="http://127.0.0.1:1/upload")
    async with adapter_before(host) as adapter:
        with pytest.raises(Rejected, match="not Slack's"):
            await posted(adapter, media)
    assert methods(host) == [OPEN]


async def test_an_upload_that_cannot_begin_had_no_effect(media: Media):
    host = OddSlack()
    host.drop = OPEN
    async with adapter_before(host) as adapter:
        with pytest.raises(Unavailable):
            await posted(adapter, media)


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"channels": [GENERAL]}, "file:F1"),
        ({"groups": [GENERAL]}, "file:F1"),
        ({"channels": ["C1"], "ims": []}, None),
        ({}, None),
    ],
)
async def test_a_file_whose_sharing_got_no_answer_is_looked_for(
    media: Media, told: dict[str, Any], found: str | None
):
    host = OddSlack(**told)
    host.drop = COMPLETE
    async with adapter_before(host) as adapter:
        with pytest.raises(Uncertain):
            await posted(adapter, media)
        host.refuse["files.info"] = "internal_error"
        with pytest.raises(Uncertain):
            await adapter.find(to(), mark="1")
        del host.refuse["files.info"]
        assert await adapter.find(to(), mark="2") is None
        assert await adapter.find(to(), mark="1") == found


async def test_a_file_is_taken_back():
    host = OddSlack()
    async with adapter_before(host) as adapter:
        await adapter.delete(to(ROOT), "file:F1")
    assert host.calls == [("files.delete", {"file": "F1"})]


@pytest.mark.parametrize("error", ["file_not_found", "file_deleted"])
async def test_a_file_that_is_not_there_is_as_good_as_taken_back(error: str):
    host = OddSlack()
    host.refuse["files.delete"] = error
    async with adapter_before(host) as adapter:
        await adapter.delete(to(), "file:F1")


@pytest.mark.parametrize(
    ("error", "meaning"), [("cant_delete_file", Rejected), ("missing_scope", Denied)]
)
async def test_a_file_that_may_not_be_taken_back_stays(error: str, meaning: type[BridgeError]):
    host = OddSlack()
    host.refuse["files.delete"] = error
    async with adapter_before(host) as adapter:
        with pytest.raises(meaning):
            await adapter.delete(to(), "file:F1")
