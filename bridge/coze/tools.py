"""Functions that a bot may call here: the operator maps each to an HTTP endpoint."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx
import msgspec

from bridge.coze.decode import ToolCall
from bridge.coze.errors import unanswerable
from bridge.wire import transport

log = logging.getLogger(__name__)

LONGEST = 65_536  # bytes of a result


@dataclass(frozen=True, slots=True)
class Tool:
    """The endpoint behind one function."""

    url: str
    timeout: float = 30.0  # seconds
    headers: Mapping[str, str] = field(default_factory=dict)


class Tools:
    """Calls what a bot asks for.

    An endpoint gets `POST {"name", "arguments", "tool_call_id"}`, with the id as its
    `Idempotency-Key` too, since a call is made again after a crash. Its answer goes to the
    bot as it is; where there is none, the bot is told so and can go on.
    """

    def __init__(self, tools: Mapping[str, Tool]) -> None:
        self._tools = tools
        self._http = httpx.AsyncClient(transport=transport(), follow_redirects=False)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def run(self, calls: Sequence[ToolCall]) -> list[dict[str, str]]:
        """The outputs of all calls, as Coze takes them.

        Raises:
            CozeRefused: one is not mapped.
        """
        for call in calls:
            if call.name not in self._tools:
                error = unanswerable(
                    f"the bot calls the function {call.name}, which is not mapped; "
                    f"add tools.{call.name}.url to the configuration",
                    "error.tool",
                )
                error.alert, error.values = f"tool {call.name}", {"name": call.name}
                raise error
        outputs = await asyncio.gather(*(self._call(call) for call in calls))
        return [
            {"tool_call_id": call.id, "output": output}
            for call, output in zip(calls, outputs, strict=True)
        ]

    async def _call(self, call: ToolCall) -> str:
        tool = self._tools[call.name]
        body = {
            "name": call.name,
            "arguments": _arguments(call.arguments),
            "tool_call_id": call.id,
        }
        headers = {**tool.headers, "Idempotency-Key": call.id}
        try:
            async with asyncio.timeout(tool.timeout):
                return await self._answer(tool, body, headers)
        except (httpx.HTTPError, TimeoutError) as error:
            why = f"{type(error).__name__} {error}".strip()
            log.warning("a tool failed", extra={"tool": call.name, "error": why})
            return msgspec.json.encode({"error": "the tool did not answer"}).decode()

    async def _answer(self, tool: Tool, body: object, headers: Mapping[str, str]) -> str:
        async with self._http.stream(
            "POST", tool.url, json=body, headers=headers, timeout=tool.timeout
        ) as response:
            told = b""
            async for chunk in response.aiter_bytes():
                told += chunk
                if len(told) > LONGEST:
                    break
            if response.is_success:
                return told[:LONGEST].decode(errors="replace") or "{}"
            about = {"url": tool.url, "status": response.status_code}
            log.warning("a tool refused", extra=about)
            refusal = {"error": f"the tool refused with HTTP {response.status_code}"}
            return msgspec.json.encode(refusal).decode()


def _arguments(text: str) -> object:
    """The arguments, which come as text that should be JSON."""
    try:
        return msgspec.json.decode(text or "{}")
    except (msgspec.DecodeError, RecursionError):
        return text
