"""A client and a backend in front of a simulated Coze, without the pauses of real life."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bridge.core.model import Prompt, Reply, ReplyEvent, Run, Started
from bridge.core.ports import Question
from bridge.core.reply import fold
from bridge.coze import backends, client
from bridge.coze.asks import ChatAsks
from bridge.coze.backends import ChatBackend
from bridge.coze.client import CozeClient
from bridge.coze.decode import Event, StreamDecoder
from bridge.coze.tools import Tools
from bridge.sandbox.coze import Answer, CozeSimulator, Exchange, HttpError, Noise, Script
from bridge.wire.serve import serve

CHAT = "/v3/chat"
RETRIEVE = "/v3/chat/retrieve"
MESSAGES = "/v3/chat/message/list"
HISTORY = "/v1/conversation/message/list"
DIALECTS = ["cloud", "studio"]

BUSY_ANSWER = Answer(
    (("Hel", "lo"), ("And ", "again")),
    reasoning=("Hm",),
    follow_ups=("More?",),
    noise=(Noise("function_call", "{}"), Noise("knowledge", "{}")),
    usage=(30, 12),
)
"""Says two things among much that is not for users."""
TEXT = "Hello\n\nAnd again"
EVENTS = 15  # of the stream in which it comes; the last two are chat.completed and done


@dataclass
class Rig:
    """One simulated Coze, and the bridge's side of the conversation."""

    coze: CozeSimulator
    client: CozeClient
    url: str

    def backend(self, *, stream: bool = True, tools: Tools | None = None) -> ChatBackend:
        asks = ChatAsks(self.coze.bot_id, stream=stream)
        return ChatBackend(self.client, self.coze.bot_id, asks=asks, tools=tools)

    def made(self, path: str) -> list[Exchange]:
        """The requests to this path."""
        return [exchange for exchange in self.coze.requests if exchange.path == path]

    async def ended(self) -> None:
        """Wait until no run speaks any more."""
        stored = self.coze._memory.conversations
        await self.coze.changes.until(lambda: not any(c.busy for c in stored.values()))

    async def had(self, text: str = "Hi", conversation: str | None = None) -> Run:
        """A run that is over."""
        reply = await told(self.backend().ask(question(text, conversation)))
        assert reply.run
        return reply.run


@asynccontextmanager
async def rigged(
    *, front: Callable[[ASGIApp], ASGIApp] = lambda app: app, **settings: Any
) -> AsyncIterator[Rig]:
    """Serve a simulator; `front` may stand before it."""
    usual: dict[str, Any] = {"pace": 0.0, "answer": lambda _: BUSY_ANSWER}
    coze = CozeSimulator(**usual | settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backends, "PAUSES", (0.001, 0.01))
        patch.setattr(backends, "POLL_EVERY", 0.01)
        patch.setattr(client, "_REPEATS", (0.001, 0.001, 0.001))
        async with (
            serve(front(coze.app)) as url,
            connected(url, coze.token, idle_timeout=30) as talking,
        ):
            yield Rig(coze, talking, url)


@asynccontextmanager
async def connected(url: str, token: str, **settings: Any) -> AsyncIterator[CozeClient]:
    talking = CozeClient(url, token, **settings)
    try:
        yield talking
    finally:
        await talking.aclose()


def question(text: str = "Hi", conversation: str | None = None, job: str = "job-1") -> Question:
    return Question(job, "ada", conversation, Prompt(text), {"company": "ACME", "unset": ""})


async def first(backend: ChatBackend) -> Run:
    """Ask, and leave once the run has begun."""
    async with aclosing(backend.ask(question())) as events:
        begun = await anext(events)
    assert isinstance(begun, Started)
    return begun.run


async def heard(events: AsyncGenerator[ReplyEvent, None]) -> list[ReplyEvent]:
    async with asyncio.timeout(60), aclosing(events):
        return [event async for event in events]


async def told(events: AsyncGenerator[ReplyEvent, None]) -> Reply:
    """What a user has in the end."""
    return folded(await heard(events))


def folded(events: Iterable[ReplyEvent]) -> Reply:
    reply = Reply()
    for event in events:
        reply = fold(reply, event)
    return reply


def decoded(chunks: Iterable[bytes]) -> tuple[list[Event], bytes]:
    """The events of a whole stream, and what was none."""
    decoder = StreamDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    last, stray = decoder.end()
    return events + last, stray


def bytewise(stream: bytes) -> list[bytes]:
    return [stream[at : at + 1] for at in range(len(stream))]


def streaming(*events: tuple[str, object], after: str = "") -> HttpError:
    """A stream of one's own making; `after` follows it as it is."""
    parts = [f"event:{name}\ndata:{json.dumps(data)}\n\n" for name, data in events]
    return HttpError(200, "".join(parts) + after, "text/event-stream")


def answering(data: object, **beside: object) -> HttpError:
    """A JSON answer of one's own making."""
    body = json.dumps({"code": 0, "msg": "", "data": data, **beside})
    return HttpError(200, body, "application/json")


def saying(text: str) -> Script:
    return lambda _: text


def stuck(_: object) -> Answer:
    """Says one word and then no more."""
    return Answer((("Not ", "yet"),), gate=asyncio.Event(), gate_at=1)


def gateway_fails(*numbers: int) -> Callable[[ASGIApp], ASGIApp]:
    """A gateway that hands each question on to Coze and, for some, answers 502 by itself."""

    def front(app: ASGIApp) -> ASGIApp:
        asked = count(1)

        async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
            if scope.get("path") != CHAT or next(asked) not in numbers:
                await app(scope, receive, send)
                return

            async def lose(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send({"type": "http.response.start", "status": 502, "headers": []})
                    await send({"type": "http.response.body", "body": b"<html>Bad Gateway"})

            await app(scope, receive, lose)

        return gateway

    return front
