"""Files in a workspace: what people share is read, and what a bot has made is shared."""

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.core.errors import Denied, Gone, Rejected, TooLarge, Unavailable, Uncertain
from bridge.core.model import FileRef, Media, Piece
from bridge.platforms.slack.adapter import SlackAdapter
from bridge.sandbox.slack import SlackSimulator, Upload
from tests.platforms.slack.rig import BOT, DIRECT, GENERAL, adapter_of, to

COMPLETE = "files.completeUploadExternal"
LARGE = 3 << 20  # bytes


@pytest.fixture
def media(tmp_path: Path) -> Media:
    """A picture on our disk."""
    path = tmp_path / "1"
    path.write_bytes(b"picture" * 100_000)
    return Media(str(path), "image", "cat.png", "image/png", 700_000)


@pytest.fixture
async def adapter(slack: SlackSimulator) -> AsyncIterator[SlackAdapter]:
    """An adapter that has made its first call: the simulator then knows its own address."""
    async with adapter_of(slack) as adapter:
        await adapter.whoami()
        yield adapter


def shared(slack: SlackSimulator, upload: Upload) -> FileRef:
    """A file that Ann shares with the bot."""
    ts = slack.say("", channel=DIRECT, files=[upload])
    [shown] = [shown for shown in slack.messages(DIRECT) if shown.ts == ts]
    return FileRef(shown.files[0].id, "file", upload.name)


async def fetched(adapter: SlackAdapter, file: FileRef, *, most: int = LARGE) -> bytes:
    into = io.BytesIO()
    await adapter.download(file, into, most=most)
    return into.getvalue()


@pytest.mark.parametrize("connect", [False, True])
async def test_a_file_arrives_whole_even_after_a_restart(slack: SlackSimulator, *, connect: bool):
    async with adapter_of(slack) as before:
        await before.whoami()
        file = shared(slack, Upload("a.bin", size=LARGE, connect=connect))
    async with adapter_of(slack) as adapter:
        content = await fetched(adapter, file)
    assert content == bytes(range(256)) * (LARGE // 256)


async def test_a_file_that_was_deleted_is_gone(slack: SlackSimulator, adapter: SlackAdapter):
    file = shared(slack, Upload("a.bin", b"hello"))
    slack.delete_file(file.id)
    with pytest.raises(Gone):
        await fetched(adapter, file)


async def test_a_file_that_is_too_large_is_not_fetched(
    slack: SlackSimulator, adapter: SlackAdapter
):
    file = shared(slack, Upload("a.bin", size=LARGE))
    with pytest.raises(TooLarge):
        await fetched(adapter, file, most=LARGE - 1)
    assert "files-pri" not in [call.method for call in slack.calls]


async def test_without_the_permission_to_read_files_it_is_named(
    slack: SlackSimulator, adapter: SlackAdapter
):
    file = shared(slack, Upload("a.bin", b"hello"))
    slack.scopes.remove("files:read")
    with pytest.raises(Denied, match="files:read"):
        await fetched(adapter, file)


async def test_a_file_that_leads_elsewhere_is_not_followed(
    slack: SlackSimulator, adapter: SlackAdapter
):
    file = shared(slack, Upload("a.bin", b"hello", redirect_to="https://evil.test/"))
    with pytest.raises(Denied):
        await fetched(adapter, file)


async def test_a_file_that_breaks_off_may_be_asked_for_again(
    slack: SlackSimulator, adapter: SlackAdapter
):
    file = shared(slack, Upload("a.bin", size=LARGE, cut_after=1000))
    with pytest.raises(Unavailable):
        await fetched(adapter, file)


async def test_a_host_that_fails_may_be_asked_again(slack: SlackSimulator, adapter: SlackAdapter):
    file = shared(slack, Upload("a.bin", b"hello"))
    slack.fail("files-pri", status=503)
    with pytest.raises(Unavailable):
        await fetched(adapter, file)
    assert await fetched(adapter, file) == b"hello"
    slack.fail("files-pri", drop=True, times=3)  # a read is repeated
    with pytest.raises(Unavailable):
        await fetched(adapter, file)


async def test_a_file_is_shared_in_its_thread_and_taken_back(
    slack: SlackSimulator, adapter: SlackAdapter, media: Media
):
    root = slack.say(f"{BOT} hi")
    piece = Piece("A <!here> cat", media="https://a.test/cat")
    id_ = await adapter.post(to(root), piece, mark="1", media=media)
    shown = slack.messages(GENERAL, root)[-1]
    assert (shown.plain(), shown.pings) == ("A <!here> cat", [])
    [file] = shown.files
    assert (id_, file.title, file.data) == (f"file:{file.id}", "cat.png", b"picture" * 100_000)
    await adapter.delete(to(root), id_)
    await adapter.delete(to(root), id_)
    with pytest.raises(Gone):
        await fetched(adapter, FileRef(file.id, "image", "cat.png"))


async def test_a_file_without_a_caption_is_shared_too(
    slack: SlackSimulator, adapter: SlackAdapter, media: Media
):
    await adapter.post(to(chat=DIRECT), Piece("", media="x"), mark="1", media=media)
    assert [file.name for file in slack.messages(DIRECT)[-1].files] == ["cat.png"]


async def test_without_the_permission_to_write_files_it_is_named(
    slack: SlackSimulator, adapter: SlackAdapter, media: Media
):
    slack.scopes.remove("files:write")
    with pytest.raises(Denied, match="files:write"):
        await adapter.post(to(), Piece("", media="x"), mark="1", media=media)


async def test_an_empty_file_is_refused(
    slack: SlackSimulator, adapter: SlackAdapter, media: Media
):
    nothing = Media(media.path, "file", "a.txt", "text/plain", 0)
    with pytest.raises(Rejected):
        await adapter.post(to(), Piece("", media="x"), mark="1", media=nothing)


@pytest.mark.parametrize("done", [True, False])
async def test_a_file_whose_sharing_got_no_answer_is_posted_once(
    slack: SlackSimulator, adapter: SlackAdapter, media: Media, *, done: bool
):
    root = slack.say(f"{BOT} hi")
    slack.fail(COMPLETE, drop=True, after_doing=done)
    with pytest.raises(Uncertain):
        await adapter.post(to(root), Piece("", media="x"), mark="1", media=media)
    found = await adapter.find(to(root), mark="1")
    assert (found is not None) == done
    if found is None:
        found = await adapter.post(to(root), Piece("", media="x"), mark="1", media=media)
    files = [file.id for shown in slack.messages(GENERAL, root) for file in shown.files]
    assert [f"file:{file}" for file in files] == [found]
