import asyncio
import gc
import gzip
import tempfile
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from bridge.core.errors import BridgeError, Gone, Rejected, TooLarge, Unavailable
from bridge.core.model import Media
from bridge.wire.download import AT_ONCE, Downloads
from tests.wire.internet import PDF, Site, raw, sites

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with sites() as (site,):
        yield site


@pytest.fixture
async def downloads(site: Site) -> AsyncIterator[Downloads]:
    made = Downloads(most=1000, private=["127.0.0.1"])
    yield made
    await made.aclose()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files are; fetched ones have to be removed by who asked for them."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def left(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


def taken(media: Media) -> bytes:
    """The content of a file, which then is gone."""
    content = Path(media.path).read_bytes()
    Path(media.path).unlink()
    return content


def size_of(media: Media) -> int:
    return Path(media.path).stat().st_size


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield bytes(1 << 16)
        await asyncio.sleep(0)  # who hung up is noticed in between


async def test_a_file_is_fetched(site: Site, downloads: Downloads, folder: Path) -> None:
    site.pages["/images/cat.png"] = Response(PNG, media_type="image/png")
    media = await downloads.fetch(f"{site.url}/images/cat.png?size=large#top")
    assert Path(media.path).parent == folder
    expected = Media(media.path, "image", "cat.png", "image/png", len(PNG))
    assert media == expected
    assert taken(media) == PNG
    assert left(folder) == []


@pytest.mark.parametrize(
    ("path", "content", "headers", "kind", "name", "type_"),
    [
        ("/a", PNG, {}, "image", "a.png", "image/png"),
        ("/%E7%8C%AB.png", PNG, {}, "image", "猫.png", "image/png"),
        ("/a%2Fb", PDF, {}, "file", "b.pdf", "application/pdf"),
        ("/", PDF, {"Content-Type": "nonsense"}, "file", "file.pdf", "application/pdf"),
        ("/x.csv", b"1,2", {}, "file", "x.csv", "text/csv"),
        ("/x.png", b"1,2", {"Content-Type": "image/png"}, *("file", "x.png"), "*/*"),
        ("/x", b"<svg/>", {"Content-Type": "image/svg+xml"}, "file", "x.svg", "image/svg+xml"),
        ("/x", b"hi", {"Content-Type": "Text/Plain; charset=x"}, "file", "x.txt", "text/plain"),
        ("/x", PDF, {"Content-Disposition": 'x; filename="y.pdf"'}, "file", "y.pdf", "*/*"),
        (
            "/x",
            PDF,
            {"Content-Disposition": "filename*=UTF-8''%E6%8A%A5"},
            "file",
            "报.pdf",
            "*/*",
        ),
        ("/x", PDF, {"Content-Disposition": ';;"=\udcff'}, "file", "x.pdf", "*/*"),
        ("/x", PDF, {"Content-Disposition": 'a; filename="../../y"'}, "file", "y.pdf", "*/*"),
    ],
)
async def test_what_a_file_is_shows(  # noqa: PLR0917
    site: Site,
    downloads: Downloads,
    path: str,
    content: bytes,
    headers: dict[str, str],
    kind: str,
    name: str,
    type_: str,
) -> None:
    response = Response(content)
    response.raw_headers += [
        (key.encode(), value.encode("utf-8", "surrogateescape")) for key, value in headers.items()
    ]

    async def page(request: Request) -> Response:
        return response

    site.pages = dict.fromkeys([path, "/猫.png", "/a/b"], page)
    media = await downloads.fetch(site.url + path)
    assert (media.kind, media.name) == (kind, name)
    assert type_ in (media.type, "*/*")
    assert taken(media) == content


async def test_a_request_says_nothing_of_who_asks(site: Site, downloads: Downloads) -> None:
    site.pages = {"/a": RedirectResponse("/b"), "/b": Response(PDF)}
    taken(await downloads.fetch(f"{site.url}/a"))
    for request in site.requests:
        assert dict(request.headers) == {
            "host": site.host,
            "user-agent": "coze-bridge",
            "accept": "*/*",
            "accept-encoding": "identity",
            "connection": "close",
        }


async def test_a_proxy_of_the_environment_is_not_asked(
    site: Site, downloads: Downloads, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.pages["/x"] = Response(PDF)
    taken(await downloads.fetch(f"{site.url}/x"))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, Gone),
        (410, Gone),
        (204, Rejected),
        (206, Rejected),
        (304, Rejected),
        (400, Rejected),
        (401, Rejected),
        (403, Rejected),
        (500, Rejected),
    ],
)
async def test_a_status_that_brings_no_file_is_an_error(
    site: Site, downloads: Downloads, folder: Path, status: int, error: type[BridgeError]
) -> None:
    site.pages["/x"] = Response(b"" if status in (204, 304) else PDF, status)
    with pytest.raises(error):
        await downloads.fetch(f"{site.url}/x")
    assert left(folder) == []


@pytest.mark.parametrize(
    "response",
    [
        Response(b"<!doctype html><title>No</title>", media_type="text/html"),
        Response(b"<!doctype html><title>No</title>", media_type="image/png"),
        Response(b"<!doctype html><title>No</title>"),
        Response(b"Not found", media_type="text/html"),
        Response(b"", media_type="image/png"),
        Response(b""),
    ],
)
async def test_a_page_or_nothing_is_no_file(
    site: Site, downloads: Downloads, folder: Path, response: Response
) -> None:
    site.pages["/x.png"] = response
    with pytest.raises(Rejected):
        await downloads.fetch(f"{site.url}/x.png")
    assert left(folder) == []


async def test_a_file_of_the_most_bytes_is_not_too_large(site: Site, downloads: Downloads) -> None:
    site.pages["/x"] = Response(bytes(1000))
    assert (await downloads.fetch(f"{site.url}/x")).size == 1000


async def test_a_file_that_says_it_is_too_large_is_not_read(
    site: Site, downloads: Downloads, folder: Path
) -> None:
    async def page(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            yield b"x"
            await asyncio.Event().wait()  # more never comes: who reads on waits for ever

        return StreamingResponse(body(), headers={"Content-Length": "1001"})

    site.pages["/x"] = page
    with pytest.raises(TooLarge):
        await downloads.fetch(f"{site.url}/x")
    assert left(folder) == []


async def test_a_file_that_turns_out_too_large_is_not_read_further(
    site: Site, downloads: Downloads, folder: Path
) -> None:
    async def page(request: Request) -> Response:
        return StreamingResponse(endless())

    site.pages["/x"] = page
    with pytest.raises(TooLarge):
        await downloads.fetch(f"{site.url}/x")
    assert left(folder) == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
async def test_a_compressed_body_is_refused_as_it_may_grow_without_end(
    site: Site, downloads: Downloads, folder: Path, encoding: str
) -> None:
    bomb = gzip.compress(bytes(100_000))
    site.pages["/x"] = Response(bomb, headers={"Content-Encoding": encoding})
    with pytest.raises(Rejected):
        await downloads.fetch(f"{site.url}/x")
    assert left(folder) == []


async def test_a_large_file_is_never_in_memory(site: Site, folder: Path) -> None:
    part, parts = bytes(1 << 16), 1600  # 100 MB

    async def page(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            for _ in range(parts):
                yield part

        return StreamingResponse(body())

    site.pages["/x"] = page
    downloads = Downloads(most=200 << 20, within=100, private=[site.host])
    gc.collect()
    tracemalloc.start()
    try:
        media = await downloads.fetch(f"{site.url}/x")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert media.size == size_of(media) == len(part) * parts
    assert peak < 4 << 20
    await downloads.aclose()


@pytest.mark.parametrize("said", [b"", PNG])
async def test_a_file_that_does_not_come_in_time_is_given_up(
    site: Site, folder: Path, said: bytes
) -> None:
    async def page(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            yield said
            await asyncio.Event().wait()

        return StreamingResponse(body())

    site.pages["/x"] = page
    downloads = Downloads(within=0.2, private=[site.host])
    with pytest.raises(Unavailable, match="Timeout"):
        await downloads.fetch(f"{site.url}/x")
    assert left(folder) == []
    await downloads.aclose()


async def test_a_download_that_is_cancelled_leaves_nothing(
    site: Site, downloads: Downloads, folder: Path
) -> None:
    begun = asyncio.Event()

    async def page(request: Request) -> Response:
        async def body() -> AsyncIterator[bytes]:
            yield PNG
            begun.set()
            await asyncio.Event().wait()

        return StreamingResponse(body())

    site.pages["/x"] = page
    fetching = asyncio.create_task(downloads.fetch(f"{site.url}/x"))
    await begun.wait()
    assert len(left(folder)) == 1
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    assert left(folder) == []


async def test_only_so_many_are_fetched_at_a_time(
    site: Site, downloads: Downloads, folder: Path
) -> None:
    arrived, all_there = 0, asyncio.Event()
    at_once = []

    async def page(request: Request) -> Response:
        nonlocal arrived
        arrived += 1
        if arrived == AT_ONCE:
            at_once.append(len(left(folder)))  # each has its file as soon as it may begin
            all_there.set()
        await all_there.wait()
        return Response(PDF)

    site.pages["/x"] = page
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE + 2):
            group.create_task(downloads.fetch(f"{site.url}/x"))
    assert at_once == [AT_ONCE]
    assert len(left(folder)) == AT_ONCE + 2


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 10_000 + b"\r\n",
    ],
)
async def test_a_server_that_makes_no_sense_is_as_good_as_none(
    downloads: Downloads, folder: Path, said: bytes
) -> None:
    async with raw(said) as host:
        with pytest.raises(Unavailable):
            await downloads.fetch(f"http://{host}/x")
    assert left(folder) == []


async def test_a_server_that_is_not_there_is_unavailable(
    site: Site, downloads: Downloads, folder: Path
) -> None:
    with pytest.raises(Unavailable):
        await downloads.fetch("http://127.0.0.1:1/x")
    with pytest.raises(Unavailable):  # it speaks no TLS
        await downloads.fetch(f"https://{site.host}/x")
    assert left(folder) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "/etc/passwd",
        "//127.0.0.1/x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "ws://127.0.0.1/x",
        "data:text/plain,x",
        "javascript:x",
        "http://",
        "http:///x",
        "http://me@127.0.0.1/x",
        "http://me:secret@127.0.0.1/x",
        "http://:secret@127.0.0.1/x",
        "http://127.0.0.1:99999/x",
        "http://[::1/x",
        "http://example.com\\@127.0.0.1/x",
        "http://\ud800/x",
        "http://" + "a" * 300 + "/x",
        "http://" + "ä" * 300 + "/x",
    ],
)
async def test_what_is_no_address_of_a_web_server_is_refused(
    downloads: Downloads, folder: Path, url: str
) -> None:
    with pytest.raises(Rejected):
        await downloads.fetch(url)
    assert left(folder) == []
