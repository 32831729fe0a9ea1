"""Calls a simulated Bot API as any HTTP client would."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx

from bridge.sandbox.telegram import TelegramSimulator
from bridge.wire.serve import serve

TOKEN = "100:sandbox-token"


class BotClient:
    """Calls methods with JSON bodies."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def __call__(self, method: str, /, **params: Any) -> Any:
        answer = (await self.http.post(f"/bot{TOKEN}/{method}", json=params)).json()
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, /, **params: Any) -> str:
        """The status and the words of a refusal."""
        response = await self.http.post(f"/bot{TOKEN}/{method}", json=params)
        answer = response.json()
        assert not answer["ok"]
        assert answer["error_code"] == response.status_code
        return f"{response.status_code} {answer['description']}"


@contextlib.asynccontextmanager
async def client_of(simulator: TelegramSimulator) -> AsyncIterator[BotClient]:
    """Serves `simulator` and yields a client of it."""
    async with (
        serve(simulator.app) as url,
        httpx.AsyncClient(base_url=url, timeout=30.0) as http,
    ):
        yield BotClient(http)
