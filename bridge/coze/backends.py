"""A Coze bot as the flow sees it: ask, find, resume, cancel."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from bridge.core.errors import BridgeError, Fatal, Retryable, Uncertain
from bridge.core.model import Doing, Finished, ReplyEvent, Run, Started
from bridge.core.ports import Question
from bridge.coze.asks import Asks, ChatAsks
from bridge.coze.client import CozeClient, CozeStream, Json, data_of
from bridge.coze.decode import (
    OVER,
    Required,
    chat_of,
    failure,
    messages,
    required,
    started,
    understand,
    usage,
)
from bridge.coze.errors import OFTEN, TWICE, CozeBusy, CozeError, unanswerable
from bridge.coze.tools import Tools

POLL_EVERY = 1.0  # seconds; Coze asks for at most one retrieve a second
POLLS_IN_VAIN = 10  # failures in a row after which a run is given up
GRACE = 0.3  # seconds for the stream to end by itself once the answer is complete
PAUSES = (0.5, 8.0)  # seconds before a refused question is asked again: first, longest

_COMPLETED = frozenset({"completed"})
_FAILED = frozenset({"failed", "expired", "deleted"})
_CANCELLED = frozenset({"canceled", "cancelled"})
_WAITING = frozenset({"requires_action", "required_action"})


class ChatBackend:
    """`ports.Backend` for a bot: `POST /v3/chat`, or the chatflow that `asks` say."""

    def __init__(
        self,
        client: CozeClient,
        bot_id: str,
        *,
        asks: Asks | None = None,
        tools: Tools | None = None,
    ) -> None:
        self._client, self._bot_id, self._tools = client, bot_id, tools
        self._asks = asks or ChatAsks(bot_id)

    async def open(self) -> str | None:
        """See `ports.Backend`. Where Coze will not, the question begins one, or tells why."""
        try:
            return await self._client.create_conversation(self._bot_id)
        except CozeError:
            return None

    async def ask(self, question: Question) -> AsyncGenerator[ReplyEvent, None]:
        """See `ports.Backend`. Asks again only what Coze did not take."""
        ask = self._ask_streaming if self._asks.stream else self._ask_blocking
        refusals, begun = 0, False
        while True:
            try:
                async with aclosing(ask(question)) as events:
                    async for event in events:
                        begun = True
                        yield event
            except Uncertain:
                raise
            except Retryable as error:
                refusals += 1
                if begun or refusals > (error.retries if isinstance(error, CozeError) else OFTEN):
                    raise
                await asyncio.sleep(_pause(refusals))
            else:
                return
            # A gateway may have failed behind a Coze that took the question.
            if question.conversation and (
                run := await self.find(question.conversation, question.job)
            ):
                yield Started(run)
                async with aclosing(self.resume(run)) as events:
                    async for event in events:
                        yield event
                return

    async def find(self, conversation: str, job: str) -> Run | None:
        """See `ports.Backend`. A token that may not list messages finds nothing."""
        with suppress(Fatal):
            for message in await self._client.list_messages(conversation):
                meta, chat = message.get("meta_data"), message.get("chat_id")
                if chat and isinstance(meta, dict) and meta.get("job") == job:
                    return Run(str(chat), conversation)
        return None

    async def resume(self, run: Run) -> AsyncGenerator[ReplyEvent, None]:
        """See `ports.Backend`. Waits for the run to end, however long that takes."""
        failures = 0
        while True:
            chat = chat_of(await self._ended(run))
            if chat.status not in _WAITING:
                break
            wanted = required(chat)
            if not wanted.calls:
                break  # a question of the bot's, which is told below
            for call in wanted.calls:
                yield Doing("tool", call.name)
            try:
                await self._client.submit(run, await self._outputs(wanted))
            except Retryable:  # the next look at the run tells whether it took them
                failures += 1
                if failures > TWICE:
                    raise
                await asyncio.sleep(POLL_EVERY)
        if chat.status in _CANCELLED:
            raise unanswerable("the run was cancelled", "error.broken_off")
        if chat.status in _FAILED:
            raise failure(chat)
        for said in messages(await self._client.messages(run)):
            yield said
        yield Finished(usage(chat.usage))

    async def cancel(self, run: Run) -> None:
        """See `ports.Backend`."""
        await self._client.cancel(run)

    async def _ask_streaming(self, question: Question) -> AsyncGenerator[ReplyEvent, None]:
        """Ask with a stream; one that breaks off is completed from what Coze stored."""
        run: Run | None = None
        try:
            async with aclosing(self._streamed(question)) as events:
                async for event in events:
                    if isinstance(event, Started):
                        run = event.run
                    yield event
                    if isinstance(event, Finished):
                        return
        except Uncertain:
            if run is None:
                raise
        if run is None:
            raise Uncertain("Coze: the stream ended before it began")
        async with aclosing(self.resume(run)) as events:
            async for event in events:
                yield event

    async def _streamed(self, question: Question) -> AsyncGenerator[ReplyEvent, None]:
        """What the streams of a run say: one, and another after each call of a function."""
        path, body, params = self._asks.request(question)
        stream: CozeStream | None = self._client.stream(path, body, params=params)
        run: Run | None = None
        while stream:
            wanted: Required | None = None
            async with aclosing(stream), aclosing(_understood(stream)) as events:
                async for event in events:
                    if isinstance(event, Required):
                        wanted = event
                        break
                    if isinstance(event, Started):
                        run = event.run
                    yield event
                    if isinstance(event, Finished):
                        await _let_end(stream)
                        return
            stream = None
            if wanted and not wanted.calls:
                yield Finished()  # the bot has asked its user something
            elif wanted and run:
                for call in wanted.calls:
                    yield Doing("tool", call.name)
                stream = self._go_on(run, wanted)

    async def _go_on(self, run: Run, wanted: Required) -> CozeStream:
        """The stream of a run that has its outputs. A look at it tells whether it took them."""
        stream = self._client.submit_streaming(run, await self._outputs(wanted))
        try:
            async with aclosing(stream):
                async for event in stream:
                    yield event
        except CozeBusy as error:
            raise Uncertain(str(error)) from error

    async def _outputs(self, wanted: Required) -> list[dict[str, str]]:
        """What the operator's endpoints say to the calls of a bot."""
        return await (self._tools or Tools({})).run(wanted.calls)

    async def _ask_blocking(self, question: Question) -> AsyncGenerator[ReplyEvent, None]:
        """Ask without a stream, then poll."""
        path, body, params = self._asks.request(question)
        chat = chat_of(data_of(await self._client.call("POST", path, params=params, json=body)))
        begun = started(chat)
        if begun is None:
            raise Uncertain("Coze: a chat without its ids")
        yield begun
        async with aclosing(self.resume(begun.run)) as events:
            async for event in events:
                yield event

    async def _ended(self, run: Run) -> Json:
        """Poll until the run is over."""
        ends = _COMPLETED | _FAILED | _CANCELLED | _WAITING
        failures = 0
        while True:
            try:
                chat = await self._client.retrieve(run)
            except Retryable:
                failures += 1
                if failures >= POLLS_IN_VAIN:
                    raise
            else:
                failures = 0
                if chat.get("status") in ends:
                    return chat
            await asyncio.sleep(POLL_EVERY)


async def _understood(stream: CozeStream) -> AsyncGenerator[ReplyEvent | Required, None]:
    """What a stream means, until Coze says that it is over; `Started` comes once."""
    begun = False
    async for (name, data), log_id in stream:
        if name in OVER:
            return
        event = understand(name, data, log_id=log_id)
        if event and not (begun and isinstance(event, Started)):
            begun = begun or isinstance(event, Started)
            yield event


async def _let_end(stream: CozeStream) -> None:
    """Give a complete stream a moment to end by itself, which keeps its connection warm."""
    with suppress(BridgeError, TimeoutError):
        async with asyncio.timeout(GRACE):
            async for _ in stream:
                pass


def _pause(refusals: int) -> float:
    """Seconds to wait after so many refusals; spread, so that not all come back at once."""
    pause = min(PAUSES[0] * 2.0 ** (refusals - 1), PAUSES[1])
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
