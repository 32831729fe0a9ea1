"""What users send along goes to Coze, and what cannot is told."""

import asyncio
from typing import BinaryIO

import pytest

from bridge.core.errors import (
    BridgeError,
    Denied,
    Gone,
    NothingToAsk,
    RateLimited,
    Rejected,
    TooLarge,
    Unavailable,
    Uncertain,
)
from bridge.core.model import FileRef, Kind, Noted, Prompt, Upload
from bridge.core.texts import say
from bridge.flow import preparing as preparing_module
from bridge.flow.preparing import AT_ONCE, LARGEST, LONGEST_PAUSE, LONGEST_RECORDING, PAUSE, TRIES
from tests.flow.clock import now
from tests.flow.kitchen import CAT, REPORT, VOICE, Kitchen, sent


class Rejection(Rejected):
    """What Coze says of a file that it does not take."""

    say = "file.type"


async def test_files_go_to_coze_with_the_words_in_the_order_of_the_message():
    kitchen = Kitchen()
    events, prompt = await kitchen.make(sent(CAT, REPORT, text="compare"))
    assert events == []
    assert prompt.text == "compare"
    assert [(u.kind, u.name) for u in prompt.files] == [
        ("image", "cat.png"),
        ("file", "report.pdf"),
    ]
    assert [kitchen.services.uploads[u.id] for u in prompt.files] == [b"png", b"pdf"]


async def test_a_file_needs_no_words():
    _, prompt = await Kitchen().make(sent(CAT))
    assert prompt == Prompt("", (Upload("file-1", "image", "cat.png"),))


FAILURES = [
    ("download", TooLarge("20 MB"), "file.too_large"),
    ("download", Gone("expired"), "file.gone"),
    ("download", Denied("no scope"), "error.setup"),
    ("upload", Rejection("4303"), "file.type"),
    ("upload", Denied("4100"), "error.setup"),
]
LASTING = [Unavailable("502"), Uncertain("timeout"), RateLimited("busy", retry_after=1.0)]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(("step", "error", "why"), FAILURES)
async def test_why_a_file_is_left_out_is_told_and_the_rest_goes_through(
    step: str, error: BridgeError, why: str, language: str
):
    kitchen = Kitchen()
    (kitchen.chat if step == "download" else kitchen.services).faults.add(step, error)
    events, prompt = await kitchen.make(sent(CAT, text="look", language=language))
    assert events == [Noted(say(why, language, name="cat.png"))]
    assert prompt == Prompt("look")


@pytest.mark.parametrize(("step", "error", "why"), FAILURES)
async def test_where_there_is_nothing_else_only_that_is_told(
    step: str, error: BridgeError, why: str
):
    kitchen = Kitchen()
    (kitchen.chat if step == "download" else kitchen.services).faults.add(step, error)
    assert await kitchen.says(sent(CAT)) == say(why, "en", name="cat.png")


@pytest.mark.parametrize("step", ["download", "upload", "transcribe"])
@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
async def test_a_file_that_stays_out_of_reach_is_told_after_some_tries(
    step: str, error: BridgeError
):
    kitchen = Kitchen()
    faults = (kitchen.chat if step == "download" else kitchen.services).faults
    faults.add(step, *[error] * TRIES)
    file = VOICE if step == "transcribe" else CAT
    assert await kitchen.says(sent(file)) == say("file.unavailable", "en", name=file.name)
    assert now() == pytest.approx(PAUSE * (TRIES - 1))
    assert faults.take(step) is None


@pytest.mark.parametrize(("asked", "kept"), [(20.0, 20.0), (7200.0, LONGEST_PAUSE)])
async def test_a_pause_that_is_asked_for_is_kept_before_a_file_is_fetched_again(
    asked: float, kept: float
):
    kitchen = Kitchen()
    kitchen.chat.faults.add("download", RateLimited("slow down", retry_after=asked))
    _, prompt = await kitchen.make(sent(CAT))
    assert prompt.files
    assert now() == pytest.approx(kept)


@pytest.mark.parametrize("step", ["download", "upload"])
async def test_a_file_that_breaks_off_is_repeated_from_its_beginning(step: str):
    kitchen = Kitchen()
    download, broken = kitchen.chat.download, [Unavailable("cut")] * (TRIES - 1)

    async def half(file: FileRef, into: BinaryIO, *, most: int) -> None:
        if step == "download" and broken:
            into.write(b"a part of it, longer than the whole")
            raise broken.pop()
        await download(file, into, most=most)

    kitchen.chat.download = half  # type: ignore[method-assign]
    if step == "upload":
        kitchen.services.faults.add("upload", *broken)
    _, prompt = await kitchen.make(sent(CAT))
    assert kitchen.services.uploads == {prompt.files[0].id: b"png"}


async def test_what_is_refused_is_not_tried_again():
    kitchen = Kitchen()
    kitchen.services.faults.add("upload", Rejection("4303"), Rejection("4303"))
    await kitchen.says(sent(CAT))
    assert now() == 0
    assert kitchen.services.faults.take("upload")


async def test_of_several_files_those_that_can_be_read_are_asked_about():
    kitchen = Kitchen()
    del kitchen.chat.uploads["cat"]
    events, prompt = await kitchen.make(sent(CAT, REPORT))
    assert events == [Noted(say("file.gone", "en", name="cat.png"))]
    assert [upload.name for upload in prompt.files] == ["report.pdf"]


async def test_where_none_of_several_can_be_read_coze_is_not_asked():
    kitchen = Kitchen()
    kitchen.chat.uploads.clear()
    assert await kitchen.says(sent(CAT, REPORT)) == say("file.none", "en")


@pytest.mark.parametrize(("file", "most"), [(CAT, LARGEST), (VOICE, LONGEST_RECORDING)])
async def test_no_more_is_fetched_than_coze_takes(file: FileRef, most: int):
    kitchen, asked = Kitchen(), []

    async def download(file: FileRef, into: BinaryIO, *, most: int) -> None:
        asked.append(most)
        into.write(b"x")

    kitchen.chat.download = download  # type: ignore[method-assign]
    await kitchen.make(sent(file))
    assert asked == [most]


async def test_only_so_many_files_are_on_their_way_at_a_time():
    kitchen, at_work, most = Kitchen(), 0, 0

    async def upload(file: BinaryIO, name: str, kind: Kind) -> Upload:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(1)
        at_work -= 1
        return Upload(name, kind, name)

    kitchen.services.upload = upload  # type: ignore[method-assign]
    files = [FileRef("cat", "image", f"{number}.png") for number in range(10)]
    _, prompt = await kitchen.make(sent(*files))
    assert [upload.name for upload in prompt.files] == [file.name for file in files]
    assert most == AT_ONCE


async def test_a_large_file_is_not_in_memory_and_nothing_is_left_of_it(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(preparing_module, "IN_MEMORY", 8)
    kitchen, copies = Kitchen(), []
    kitchen.chat.uploads["cat"] = b"x" * 1000
    upload = kitchen.services.upload

    async def uploading(file: BinaryIO, name: str, kind: Kind) -> Upload:
        copies.append(file)
        assert file._rolled, "in memory as a whole"  # type: ignore[attr-defined]
        if len(copies) == 1:
            raise Unavailable("cut")
        return await upload(file, name, kind)

    kitchen.services.upload = uploading  # type: ignore[method-assign]
    _, prompt = await kitchen.make(sent(CAT))
    assert kitchen.services.uploads[prompt.files[0].id] == b"x" * 1000
    assert [copy.closed for copy in copies] == [True, True]


async def test_a_file_for_a_workflow_is_uploaded():
    kitchen = Kitchen()
    assert await kitchen.preparing.upload(CAT) == Upload("file-1", "image", "cat.png")


@pytest.mark.parametrize(("step", "error", "why"), [f for f in FAILURES if f[2] != "error.setup"])
async def test_why_a_file_is_no_input_of_a_workflow_is_told(
    step: str, error: BridgeError, why: str
):
    kitchen = Kitchen()
    (kitchen.chat if step == "download" else kitchen.services).faults.add(step, error)
    with pytest.raises(NothingToAsk) as nothing:
        await kitchen.preparing.upload(CAT)
    assert (nothing.value.say, nothing.value.values) == (why, {"name": "cat.png"})


async def test_a_recording_is_no_input_of_a_workflow():
    with pytest.raises(NothingToAsk) as nothing:
        await Kitchen().preparing.upload(VOICE)
    assert nothing.value.say == "file.type"
