"""Multipart forms, however they arrive."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bridge.sandbox.telegram import TelegramSimulator
from tests.sandbox.telegram_client import TOKEN, BotClient, client_of

BODY = bytes(range(256)) * 3 + b"\r\n--cut\r\n--cu\r\r\n"


@pytest.fixture
def telegram() -> TelegramSimulator:
    simulator = TelegramSimulator(limits=None)
    simulator.say("Hello")
    return simulator


@pytest.fixture
async def bot(telegram: TelegramSimulator) -> AsyncIterator[BotClient]:
    async with client_of(telegram) as client:
        yield client


def form(*parts: tuple[str, bytes], end: bytes = b"--cutting--\r\n") -> bytes:
    return (
        b"".join(
            f"--cutting\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode()
            + body
            + b"\r\n"
            for head, body in parts
        )
        + end
    )


async def posted(bot: BotClient, body: bytes, size: int = 1 << 20) -> httpx.Response:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(body), size):
            yield body[at : at + size]

    headers = {"Content-Type": 'multipart/form-data; boundary="cutting"'}
    return await bot.http.post(f"/bot{TOKEN}/sendDocument", content=pieces(), headers=headers)


CHAT = ('name="chat_id"', b"501")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1 << 20])
async def test_a_form_may_come_in_pieces_of_any_size(
    telegram: TelegramSimulator, bot: BotClient, size: int
) -> None:
    file = ('name="document"; filename="a.bin"', BODY)
    caption = ('name="caption"', "--cutting 你好\r\n.".encode())
    answer = await posted(bot, form(caption, file, CHAT), size)
    assert answer.json()["ok"]
    shown = telegram.messages(501)[-1]
    assert shown.media
    assert (shown.media.name, shown.media.data) == ("a.bin", BODY)
    assert shown.caption == "--cutting 你好\n."


NAMES = {
    'filename="报告.txt"': "报告.txt",
    'filename="%E6%8A%A5.txt"': "报.txt",
    'filename="a\\"b.txt"': 'a"b.txt',
    "filename=a.txt": "a.txt",
}


async def test_a_file_has_the_name_that_its_part_tells(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    for told, name in NAMES.items():
        await posted(bot, form(CHAT, (f'name="document"; {told}', b"x")))
        media = telegram.messages(501)[-1].media
        assert media
        assert media.name == name


WRONG_FORMS = [
    b"",
    b"hello",
    form(CHAT, end=b""),
    form(("filename=a", b"x")),
    form(CHAT).replace(b"\r\n\r\n", b"\r\n" + b"x" * 70_000),
]


async def test_what_is_no_form_is_refused(bot: BotClient) -> None:
    for body in WRONG_FORMS:
        answer = await posted(bot, body)
        assert answer.json()["description"] == "Bad Request: can't parse the request body"
    headers = {"Content-Type": "multipart/form-data"}
    answer = await bot.http.post(f"/bot{TOKEN}/getMe", content=form(CHAT), headers=headers)
    assert answer.status_code == 400


async def test_a_call_has_fifty_files_at_most(bot: BotClient) -> None:
    files = [(f'name="f{number}"; filename="f"', b"x") for number in range(51)]
    answer = await posted(bot, form(CHAT, *files))
    assert answer.json()["description"] == "Request Entity Too Large: too many files attached"
    answer = await posted(bot, form(CHAT, *files[:50]))
    assert answer.json()["description"] == "Bad Request: there is no document in the request"


async def test_an_upload_that_breaks_off_is_no_call(
    telegram: TelegramSimulator, bot: BotClient
) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield form(CHAT, end=b"")
        raise RuntimeError

    headers = {"Content-Type": "multipart/form-data; boundary=cutting"}
    with pytest.raises(RuntimeError):
        await bot.http.post(f"/bot{TOKEN}/sendDocument", content=broken(), headers=headers)
    await telegram.changes.until(lambda: telegram.calls)
    assert (telegram.calls[0].status, len(telegram.messages(501))) == (0, 1)
