"""What a bot does before it answers: thinks, uses tools, asks us to run functions."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bridge.config.schema import Tool as Mapped
from bridge.sandbox.coze import Answer, Cut, Require, Tool, ToolCall, deltas
from bridge.wire.serve import serve
from tests.world import ANN, BOT, GENERAL, World

WEATHER = ToolCall("call-1", "get_weather", '{"city": "Paris"}')


def needs_weather(_question) -> Answer:
    require = Require((WEATHER,), then=lambda outputs: f"It is {outputs['call-1']}.")
    return Answer(require=require)


class Endpoint:
    """The operator's own service behind a function."""

    def __init__(self) -> None:
        self.called: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Response = JSONResponse({"sky": "clear"})

    async def handle(self, request: Request) -> Response:
        self.called.append(await request.json())
        self.headers.append(dict(request.headers))
        return self.answer

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        async with serve(Starlette(routes=[Route("/", self.handle, methods=["POST"])])) as url:
            yield f"{url}/"


async def test_the_tool_that_runs_is_shown_and_gives_way_to_the_answer(tmp_path):
    gate = asyncio.Event()
    says = Answer((deltas("It is sunny."),), tools=(Tool("weather", gate=gate),))
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start()
        world.telegram.say("what is the weather?")
        status = await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:])
        assert status[0].text.startswith("🔧 Using weather…")
        gate.set()
        assert await world.telegram_answer() == "It is sunny."
        assert len(world.telegram.messages(ANN)) == 2


async def test_a_function_that_the_operator_mapped_is_called_and_the_answer_goes_on(tmp_path):
    endpoint = Endpoint()
    async with World(tmp_path, answer=needs_weather) as world, endpoint.served() as url:
        await world.start(tools={"get_weather": Mapped(url=url, headers={"X-Key": "s3cret"})})
        world.telegram.say("what is the weather?")
        assert await world.telegram_answer() == 'It is {"sky":"clear"}.'
        assert endpoint.called == [
            {"name": "get_weather", "arguments": {"city": "Paris"}, "tool_call_id": "call-1"}
        ]
        assert endpoint.headers[0]["x-key"] == "s3cret"
        assert len(world.coze.asked) == 1


async def test_a_function_is_called_for_a_bot_without_a_stream_too(tmp_path):
    endpoint = Endpoint()
    async with World(tmp_path, answer=needs_weather) as world, endpoint.served() as url:
        bots = world.bot(mode="blocking")
        await world.start(bots=bots, tools={"get_weather": Mapped(url=url)})
        world.telegram.say("what is the weather?")
        assert await world.telegram_answer() == 'It is {"sky":"clear"}.'


async def test_where_the_endpoint_fails_the_bot_hears_of_it_and_answers(tmp_path):
    endpoint = Endpoint()
    endpoint.answer = Response("Traceback: secrets", status_code=500)
    async with World(tmp_path, answer=needs_weather) as world, endpoint.served() as url:
        await world.start(tools={"get_weather": Mapped(url=url)})
        world.telegram.say("what is the weather?")
        text = await world.telegram_answer()
        assert "refused with HTTP 500" in text
        assert "Traceback" not in text


async def test_a_function_that_is_not_mapped_is_explained_to_the_user_and_the_operator(
    tmp_path, caplog
):
    async with World(tmp_path, answer=needs_weather) as world:
        await world.start()
        world.telegram.say("what is the weather?")
        assert "“get_weather”, which is not set up here" in await world.telegram_answer(1)
        world.telegram.say("and now?")
        await world.telegram_answer(2)
    told = [r.getMessage() for r in caplog.records if "needs the operator" in r.getMessage()]
    assert len(told) == 1
    assert "tools.get_weather.url" in told[0]


async def test_reasoning_is_a_status_unless_it_is_to_be_shown(tmp_path):
    gate = asyncio.Event()
    says = Answer((("Four.",),), reasoning=("Two and two", " make four."), gate=gate, gate_at=1)
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start()
        world.telegram.say("2+2?")
        status = await world.telegram.changes.until(lambda: world.telegram.messages(ANN)[1:])
        assert status[0].text == "💭 Thinking…"
        gate.set()
        assert await world.telegram_answer() == "Four."
        assert len(world.telegram.messages(ANN)) == 2


async def test_reasoning_is_shown_collapsed_where_it_is_wanted(tmp_path):
    says = Answer((("Four.",),), reasoning=("Two and two", " make four."))
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start(bots=world.bot(show_reasoning=True))
        world.telegram.say("2+2?")
        assert await world.telegram_answer(2) == "Four."
        thought = world.telegram.messages(ANN)[1]
        assert thought.text == "Two and two make four."
        assert [entity["type"] for entity in thought.entities] == ["expandable_blockquote"]
        thread = world.slack.say(f"{BOT} 2+2?")
        await world.slack_answer(thread, 2)
        first, second = (m for m in world.slack.messages(GENERAL, thread) if m.bot_id)
        assert [block["type"] for block in first.blocks] == ["context"]
        assert second.plain() == "Four."


async def test_reasoning_is_found_again_when_the_stream_breaks(tmp_path):
    says = Answer((("Four.",),), reasoning=("Two and two", " make four."))
    async with World(tmp_path, answer=lambda _: says) as world:
        await world.start(bots=world.bot(show_reasoning=True))
        world.coze.fail("/v3/chat", Cut(after=4))
        world.telegram.say("2+2?")
        assert await world.telegram_answer(2) == "Four."
        assert world.telegram.messages(ANN)[1].text == "Two and two make four."
