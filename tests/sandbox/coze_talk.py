"""A raw client of the simulated Coze, for its tests."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from bridge.sandbox.coze import CozeSimulator
from bridge.wire.serve import serve

Event = tuple[str, Any]


@dataclass
class Talk:
    """Speaks to one simulator as user "ada"."""

    coze: CozeSimulator
    http: httpx.AsyncClient

    def body(self, text: str = "Hi", **fields: Any) -> dict[str, Any]:
        said = {"role": "user", "type": "question", "content": text, "content_type": "text"}
        asked = {"bot_id": self.coze.bot_id, "user_id": "ada", "additional_messages": [said]}
        return asked | {"stream": True} | fields

    async def chat(
        self, text: str = "Hi", conversation: str = "", **fields: Any
    ) -> httpx.Response:
        query = {"conversation_id": conversation} if conversation else None
        return await self.http.post("/v3/chat", params=query, json=self.body(text, **fields))

    async def events(self, text: str = "Hi", conversation: str = "", **fields: Any) -> list[Event]:
        return parsed((await self.chat(text, conversation, **fields)).content)

    @contextlib.asynccontextmanager
    async def streaming(
        self, text: str = "Hi", conversation: str = ""
    ) -> AsyncIterator[httpx.Response]:
        query = {"conversation_id": conversation} if conversation else None
        async with self.http.stream(
            "POST", "/v3/chat", params=query, json=self.body(text)
        ) as response:
            yield response

    async def call(self, method: str, path: str, **query: str) -> dict[str, Any]:
        response = await self.http.request(method, path, params=query)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def look(self, conversation: str, chat: str) -> dict[str, Any]:
        found = await self.call(
            "GET", "/v3/chat/retrieve", conversation_id=conversation, chat_id=chat
        )
        return dict(found["data"])

    async def settled(self, conversation: str, chat: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                shown = await self.look(conversation, chat)
                if shown["status"] not in {"created", "in_progress"}:
                    return shown
                await asyncio.sleep(0.01)

    async def said_in(self, conversation: str, chat: str) -> list[tuple[str, str]]:
        found = await self.call(
            "GET", "/v3/chat/message/list", conversation_id=conversation, chat_id=chat
        )
        return [(message["type"], message["content"]) for message in found.get("data", [])]

    async def listed(self, conversation: str, **body: Any) -> dict[str, Any]:
        response = await self.http.post(
            "/v1/conversation/message/list", params={"conversation_id": conversation}, json=body
        )
        return dict(response.json())


@contextlib.asynccontextmanager
async def talking(**settings: Any) -> AsyncIterator[Talk]:
    """A simulator without pauses between its deltas, unless `settings` want some."""
    coze = CozeSimulator(**{"pace": 0.0} | settings)
    headers = {"Authorization": f"Bearer {coze.token}"}
    async with (
        serve(coze.app) as url,
        httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http,
    ):
        yield Talk(coze, http)


def parsed(stream: bytes) -> list[Event]:
    """A stream in the strict form that the simulator has when nothing is scripted."""
    events = []
    for block in stream.decode().removesuffix("\n\n").split("\n\n"):
        first, second = block.split("\n")
        data = second.removeprefix("data:")
        events.append((first.removeprefix("event:"), json.loads(data) if data else None))
    return events


def names(events: list[Event]) -> list[str]:
    return [name.removeprefix("conversation.") for name, _ in events]


def ids(events: list[Event]) -> tuple[str, str]:
    """The conversation and the chat that a stream belongs to."""
    return events[0][1]["conversation_id"], events[0][1]["id"]


def answer(events: list[Event]) -> str:
    """The completed answers."""
    return "\n".join(
        data["content"]
        for name, data in events
        if name == "conversation.message.completed" and data["type"] == "answer"
    )


def code(response: httpx.Response) -> tuple[int, int]:
    """HTTP status and Coze's own."""
    return response.status_code, response.json()["code"]
