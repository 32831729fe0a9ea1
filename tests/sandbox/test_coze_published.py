from collections.abc import AsyncIterator

import httpx
import pytest

from bridge.sandbox.coze import Answer, CozeSimulator, Cut, Fill, NoResponse, Question, Stall
from tests.sandbox.coze_talk import Talk, answer, talking


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    async with talking() as talk:
        talk.coze.published.address = str(talk.http.base_url)
        yield talk


@pytest.fixture
async def stranger() -> AsyncIterator[httpx.AsyncClient]:
    """Someone without a token."""
    async with httpx.AsyncClient(timeout=30) as http:
        yield http


async def test_a_published_file_is_for_everyone(talk: Talk, stranger: httpx.AsyncClient) -> None:
    content = bytes(range(256)) * 1024
    url = talk.coze.publish("a/cat.png", "image/png", content)
    response = await stranger.get(url)
    assert response.content == content
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-length"] == str(len(content))
    (download,) = talk.coze.published.downloads
    assert (download.name, download.method, download.sent) == ("a/cat.png", "GET", len(content))
    assert "authorization" not in download.headers
    await talk.coze.changes.until(lambda: not download.open)
    assert talk.coze.requests == []


async def test_an_answer_can_point_at_a_file_that_it_publishes(
    stranger: httpx.AsyncClient,
) -> None:
    coze = CozeSimulator()
    with pytest.raises(RuntimeError):
        coze.publish("cat.png")

    def script(_: Question) -> Answer:
        return Answer(((showing.coze.publish("cat.txt", "text/plain", b"meow"),),))

    async with talking(answer=script) as showing:
        url = answer(await showing.events())
        assert (await stranger.get(url)).text == "meow"


async def test_a_file_can_be_filled(talk: Talk, stranger: httpx.AsyncClient) -> None:
    url = talk.coze.publish("big", body=Fill(200_001, b"x"))
    response = await stranger.get(url)
    assert response.content == b"x" * 200_001
    assert response.headers["content-length"] == "200001"


async def test_a_file_may_keep_its_size_to_itself(talk: Talk, stranger: httpx.AsyncClient) -> None:
    response = await stranger.get(talk.coze.publish("a", body=b"meow", sized=False))
    assert response.content == b"meow"
    assert "content-length" not in response.headers


async def test_a_file_can_be_without_end(talk: Talk, stranger: httpx.AsyncClient) -> None:
    url = talk.coze.publish("endless", "video/mp4", Fill())
    read = 0
    async with stranger.stream("GET", url) as response:
        assert "content-length" not in response.headers
        async for chunk in response.aiter_raw():
            read += len(chunk)
            if read > 5_000_000:
                break
    await talk.coze.changes.until(lambda: not talk.coze.published.downloads[0].open)


async def test_only_the_head_of_a_file_can_be_asked_for(
    talk: Talk, stranger: httpx.AsyncClient
) -> None:
    response = await stranger.head(talk.coze.publish("big", "text/plain", Fill(1_000_000)))
    assert (response.headers["content-length"], response.content) == ("1000000", b"")
    assert (await stranger.head(talk.coze.publish("endless", body=Fill()))).status_code == 200
    downloads = talk.coze.published.downloads
    await talk.coze.changes.until(lambda: not any(each.open for each in downloads))
    assert [(each.method, each.sent) for each in downloads] == [("HEAD", 0)] * 2


async def test_a_file_can_be_elsewhere(talk: Talk, stranger: httpx.AsyncClient) -> None:
    cat = talk.coze.publish("cat", "text/plain", b"meow")
    moved = talk.coze.publish("moved", location=cat)
    response = await stranger.get(moved)
    assert (response.status_code, response.headers["location"]) == (302, cat)
    assert (await stranger.get(moved, follow_redirects=True)).text == "meow"
    talk.coze.publish("moved", location="file:///etc/passwd", status=307)
    response = await stranger.get(moved)
    assert (response.status_code, response.headers["location"]) == (307, "file:///etc/passwd")


async def test_a_file_can_be_missing_or_broken(talk: Talk, stranger: httpx.AsyncClient) -> None:
    url = talk.coze.publish("gone", "text/html", b"<p>Gone", status=410)
    assert ((await stranger.get(url)).status_code, (await stranger.get(url)).text) == (
        410,
        "<p>Gone",
    )
    assert (await stranger.get(url + "?x=1")).status_code == 410
    assert (await stranger.get(url.replace("gone", "never"))).status_code == 404
    assert [each.open for each in talk.coze.published.downloads] == [False] * 4
    silent = talk.coze.publish("silent", fault=NoResponse())
    with pytest.raises(httpx.RemoteProtocolError):
        await stranger.get(silent)


async def test_a_file_can_break_off(talk: Talk, stranger: httpx.AsyncClient) -> None:
    url = talk.coze.publish("half", body=b"0123456789", fault=Cut(2))
    async with stranger.stream("GET", url) as response:
        pieces = response.aiter_raw(3)
        assert [await anext(pieces), await anext(pieces)] == [b"012", b"345"]
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(pieces)


async def test_a_file_can_stall(talk: Talk, stranger: httpx.AsyncClient) -> None:
    stall = Stall(1)
    url = talk.coze.publish("stalled", body=b"0123456789", fault=stall)
    async with stranger.stream("GET", url) as response:
        pieces = response.aiter_raw()
        assert await anext(pieces) == b"012"
        (download,) = talk.coze.published.downloads
        assert download.open
        stall.release.set()
        assert b"".join([piece async for piece in pieces]) == b"3456789"


async def test_a_file_can_come_slowly(talk: Talk, stranger: httpx.AsyncClient) -> None:
    url = talk.coze.publish("slow", body=Fill(8), pace=0.001)
    async with stranger.stream("GET", url) as response:
        assert b"".join([piece async for piece in response.aiter_raw()]) == b"." * 8
    forever = talk.coze.publish("forever", body=Fill(1_000_000), pace=3600.0)
    async with stranger.stream("GET", forever) as response:
        assert await anext(response.aiter_raw())
    download = talk.coze.published.downloads[1]
    await talk.coze.changes.until(lambda: not download.open)
    assert download.sent <= 65536
