import asyncio
import gc
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bridge.sandbox.coze import Cut, HttpError, JsonError, NoResponse, Refuse, Stall
from tests.sandbox.coze_talk import Talk, code, talking

UPLOAD, RETRIEVE = "/v1/files/upload", "/v1/files/retrieve"
BOUNDARY = "a-boundary"
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        yield talk


async def upload(talk: Talk, name: str, content: bytes = b"content") -> httpx.Response:
    return await talk.http.post(UPLOAD, files={"file": (name, content, "image/png")})


def part(content: bytes = b"content", name: str = "cat.png", field: str = "file") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"'
    return f"{head}\r\nContent-Type: image/png\r\n\r\n".encode() + content + b"\r\n"


def end() -> bytes:
    return f"--{BOUNDARY}--\r\n".encode()


async def in_pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]


async def test_a_file_is_uploaded_and_looked_at(talk: Talk) -> None:
    content = bytes(range(256)) * 1024
    uploaded = (await upload(talk, "小猫.PNG", content)).json()
    assert (uploaded["code"], uploaded["msg"]) == (0, "")
    told = uploaded["data"]
    assert told.keys() == {"id", "bytes", "created_at", "file_name"}
    assert (told["bytes"], told["file_name"]) == (len(content), "小猫.PNG")
    assert (await talk.call("GET", RETRIEVE, file_id=told["id"]))["data"] == told
    file = talk.coze.files[told["id"]]
    assert (file.name, file.bytes, file.content_type) == ("小猫.PNG", len(content), "image/png")
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert file.head == content[: 64 << 10]
    assert file.uploaded_by == talk.coze.token
    assert talk.coze.requests[0].body is None


async def test_an_upload_to_coze_studio_tells_where_it_lies() -> None:
    async with talking(dialect="studio") as talk:
        told = (await upload(talk, "notes.txt")).json()["data"]
        assert told.keys() == {"id", "bytes", "CreatedAt", "file_name", "url", "uri"}
        assert told["url"].endswith(told["uri"])
        assert talk.coze.files[told["id"]].name == "notes.txt"
        assert (await talk.http.get(RETRIEVE)).status_code == 404


@pytest.mark.parametrize("size", [1, 3, 20, 1000])
async def test_a_boundary_may_lie_across_two_pieces(talk: Talk, size: int) -> None:
    content = f"\r\n--{BOUNDARY[:-1]}\r\n\r\n--".encode() * 3
    body = b"preamble\r\n" + part(content) + end() + b"epilogue"
    response = await talk.http.post(UPLOAD, content=in_pieces(body, size), headers=FORM)
    assert response.json()["data"]["bytes"] == len(content)
    (file,) = talk.coze.files.values()
    assert file.head == content


async def test_fields_that_are_no_files_mean_nothing(talk: Talk) -> None:
    files = {"file": ("a.pdf", b"%PDF", "application/pdf")}
    response = await talk.http.post(UPLOAD, data={"file": "x", "purpose": "y"}, files=files)
    assert response.json()["data"]["bytes"] == 4


@pytest.mark.parametrize(
    ("request_", "cloud", "studio"),
    [
        ({"json": {"file": "cat.png"}}, 4300, 104000006),
        ({"files": {"data": ("cat.png", b"x")}}, 4300, 104000006),
        ({"files": {"file": (None, "x")}}, 4300, 104000006),
        ({"files": {"file": ("cat.png", b"")}}, 4300, 0),
        ({"files": [("file", ("cat.png", b"x"))] * 2}, 4301, 104000007),
        ({"files": {"file": ("notes.txt", b"x")}}, 4303, 0),
        ({"files": {"file": ("png", b"x")}}, 4303, 0),
        ({"content": part(), "headers": FORM}, 4304, 104000005),
        ({"content": b"", "headers": FORM}, 4304, 104000005),
        ({"content": end(), "headers": {"content-type": "multipart/form-data"}}, 4304, 104000005),
    ],
)
async def test_a_wrong_upload_is_refused(
    request_: dict[str, Any], cloud: int, studio: int
) -> None:
    for dialect, refusal in (("cloud", cloud), ("studio", studio)):
        async with talking(dialect=dialect) as talk:
            assert code(await talk.http.post(UPLOAD, **request_)) == (200, refusal)
            assert len(talk.coze.files) == (refusal == 0)


async def test_a_file_that_is_too_large_is_refused(talk: Talk) -> None:
    assert talk.coze.uploads.largest == 512 << 20
    talk.coze.uploads.largest = 1000
    assert code(await upload(talk, "a.png", bytes(1000))) == (200, 0)
    assert code(await upload(talk, "b.png", bytes(1001))) == (200, 4302)
    async with talking(dialect="studio") as studio:
        studio.coze.uploads.largest = 1000
        assert (await upload(studio, "b.png", bytes(1001))).status_code == 413


async def test_a_file_that_expired_is_unknown(talk: Talk) -> None:
    file_id = (await upload(talk, "cat.png")).json()["data"]["id"]
    assert talk.coze.uploads.has(file_id)
    talk.coze.expire(file_id)
    assert not talk.coze.uploads.has(file_id)
    assert code(await talk.http.get(RETRIEVE, params={"file_id": file_id})) == (200, 4200)
    assert code(await talk.http.get(RETRIEVE)) == (200, 4000)


async def test_only_who_has_the_token_uploads(talk: Talk) -> None:
    talk.http.headers["authorization"] = "Bearer pat_other"
    assert code(await upload(talk, "cat.png")) == (401, 4100)
    assert not talk.coze.files


@pytest.mark.parametrize("fault", [None, JsonError(4009, "busy", 401)])
async def test_a_refusal_reaches_a_client_that_first_sends_all(
    talk: Talk, fault: JsonError | None
) -> None:
    sent = []

    async def large() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield bytes(1 << 20)
            sent.append(1)

    if fault:
        talk.coze.fail(UPLOAD, fault)
    else:
        talk.coze.token = "pat_new"
    response = await talk.http.post(UPLOAD, content=large(), headers=FORM)
    assert response.status_code == 401
    assert len(sent) == 32


@pytest.mark.parametrize(
    ("fault", "stored"),
    [
        (JsonError(4009, "busy"), False),
        (HttpError(413), False),
        (Refuse(), False),
        (NoResponse(), True),
        (Cut(mid_event=True), True),
    ],
)
async def test_an_upload_can_fail(talk: Talk, fault: Any, stored: bool) -> None:
    talk.coze.fail(UPLOAD, fault)
    content = bytes(1 << 20)
    if isinstance(fault, JsonError | HttpError):
        response = await upload(talk, "cat.png", content)
        assert response.status_code == fault.status
    else:
        with pytest.raises(httpx.TransportError):
            await upload(talk, "cat.png", content)
    assert bool(talk.coze.files) == stored
    assert code(await upload(talk, "cat.png", content)) == (200, 0)


async def test_the_answer_to_an_upload_can_stall(talk: Talk) -> None:
    stall = Stall()
    talk.coze.fail(UPLOAD, stall)
    async with asyncio.TaskGroup() as tasks:
        uploading = tasks.create_task(upload(talk, "cat.png"))
        await talk.coze.changes.until(lambda: talk.coze.files and talk.coze.open_replies)
        assert not uploading.done()
        stall.release.set()
    assert code(uploading.result()) == (200, 0)


async def test_a_client_may_leave_in_the_middle_of_an_upload(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield part(bytes(1000))[:500]
        await talk.coze.changes.until(lambda: talk.coze.requests)
        raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await talk.http.post(UPLOAD, content=half(), headers=FORM)
    assert code(await upload(talk, "cat.png")) == (200, 0)
    assert [exchange.status for exchange in talk.coze.requests] == [None, 200]
    assert "Exception" not in caplog.text


async def test_a_large_upload_leaves_memory_flat(talk: Talk) -> None:
    block = bytes(1 << 20)

    async def large() -> AsyncIterator[bytes]:
        yield part(b"")[:-2]
        for _ in range(100):
            yield block
        yield b"\r\n" + end()

    assert code(await upload(talk, "warm.png")) == (200, 0)
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        response = await talk.http.post(UPLOAD, content=large(), headers=FORM)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert response.json()["data"]["bytes"] == 100 << 20
    assert peak - before < 20 << 20
