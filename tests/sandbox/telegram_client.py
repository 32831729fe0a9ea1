"""Calls a simulated Bot API as any HTTP client would."""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import telegram as ptb

from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve

TOKEN = "100:sandbox-token"

OPUS = b"OggS\0\2" + bytes(22) + b"OpusHead\1\1" + bytes(100)


class BotClient:
    """Calls methods with JSON bodies, or with forms where there are files."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def __call__(self, method: str, /, **params: Any) -> Any:
        answer = (await self._post(method, params)).json()
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, /, **params: Any) -> str:
        """The status and the words of a refusal."""
        response = await self._post(method, params)
        answer = response.json()
        assert not answer["ok"]
        assert answer["error_code"] == response.status_code
        return f"{response.status_code} {answer['description']}"

    async def updates(self) -> list[dict[str, Any]]:
        """What has happened since the last call."""
        seen: list[dict[str, Any]] = []
        while new := await self("getUpdates", offset=seen[-1]["update_id"] + 1 if seen else 0):
            seen += new
        return seen

    async def path_of(self, file_id: str) -> str:
        """Where getFile says that a file can be downloaded."""
        return f"/file/bot{TOKEN}/{(await self('getFile', file_id=file_id))['file_path']}"

    async def _post(self, method: str, params: dict[str, Any]) -> httpx.Response:
        """Send `params`; bytes, and names with bytes, are files."""
        files = {name: value for name, value in params.items() if isinstance(value, bytes | tuple)}
        if not files:
            return await self.http.post(f"/bot{TOKEN}/{method}", json=params)
        fields = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in params.items()
            if name not in files
        }
        return await self.http.post(f"/bot{TOKEN}/{method}", data=fields, files=files)


@contextlib.asynccontextmanager
async def client_of(simulator: TelegramSimulator) -> AsyncIterator[BotClient]:
    """Serves `simulator` and yields a client of it."""
    async with (
        serve(simulator.app) as url,
        httpx.AsyncClient(base_url=url, timeout=30.0) as http,
    ):
        yield BotClient(http)


@contextlib.asynccontextmanager
async def ptb_of(simulator: TelegramSimulator, *, local: bool = False) -> AsyncIterator[ptb.Bot]:
    """Serves `simulator` and yields python-telegram-bot's client of it."""
    async with (
        serve(simulator.app) as url,
        ptb.Bot(
            TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot", local_mode=local
        ) as bot,
    ):
        yield bot
