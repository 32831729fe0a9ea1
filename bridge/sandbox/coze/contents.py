"""Contents of messages that are JSON themselves: tool calls, cards, and marks between messages."""

import zlib
from collections.abc import Mapping
from typing import Any

import msgspec

from bridge.sandbox.coze.script import Card, Tool, ToolCall

_CLOUDS, _CLIENTS = 1, 6  # who runs a plugin


class CloudContents:
    """As the examples in the cloud's documentation have them."""

    after_interrupt = 1  # the finish_reason

    def used(self, tool: Tool) -> str:
        """The function_call of a plugin that runs in the cloud."""
        plugin, _, name = tool.name.rpartition("-")
        return self._called(plugin or name, name, tool.arguments, _CLOUDS)

    def required(self, call: ToolCall) -> str:
        """The function_call of a plugin that runs at the client."""
        arguments = msgspec.json.decode(call.arguments)
        return self._called("local", call.name, arguments, _CLIENTS)

    def card(self, card: Card, *, enabled: bool) -> tuple[str, str]:
        """Content and content type.

        What a card holds is told by "card_type", "template_url" and "response_type" in the
        documentation, and "x_properties" of a question in the official Chat SDK.
        """
        if card.options and not enabled:
            return "\n".join((card.title, *card.options)), "text"
        held: dict[str, Any] = {
            "card_type": 3,
            "template_url": "https://example.com/card_template.json",
            "response_for_model": card.title,
            "data": _json({"elements": {"root": {"props": {"content": card.title}}}}),
            "response_type": "card",
        }
        if card.options:
            options = [{"name": option} for option in card.options]
            asked = {"Title": card.title, "Options": options}
            info = {"card_type": "QUESTION", "question_card_data": asked}
            held["x_properties"] = {"workflow_card_info": _json(info)}
        return _json(held), "card"

    def interrupt(self) -> str:
        """The mark that the run has to wait."""
        return self._mark("interrupt", "")

    def finish(self, reason: int = 0) -> str:
        """The mark after the last answer."""
        data = _json({"finish_reason": reason, "FinData": ""})
        return self._mark("generate_answer_finish", data)

    def _mark(self, kind: str, data: str) -> str:
        return _json({"msg_type": kind, "data": data, "from_module": None, "from_unit": None})

    def _called(self, plugin: str, name: str, arguments: Mapping[str, Any], runs: int) -> str:
        called = f"ts-{plugin}-{name}"
        return _json(
            {
                "name": called,
                "arguments": arguments,
                "plugin_id": _number(plugin),
                "plugin_name": plugin,
                "api_id": _number(called),
                "api_name": name,
                "plugin_type": runs,
                "thought": f"I have to call {called} for this.",
            }
        )


class StudioContents(CloudContents):
    """As Coze Studio makes them."""

    after_interrupt = 0

    def used(self, tool: Tool) -> str:
        """The function_call, as the model gave it."""
        name = tool.name.rpartition("-")[2]
        return self._model_called(f"call_{_number(tool.name)}", name, _json(tool.arguments))

    def required(self, call: ToolCall) -> str:
        """The same, though it has no plugins that run at the client."""
        return self._model_called(call.id, call.name, call.arguments)

    def card(self, card: Card, *, enabled: bool) -> tuple[str, str]:  # noqa: ARG002
        """A question; there are no other cards."""
        if not card.options:
            return card.title, "text"
        options = [{"name": option} for option in card.options]
        content = {"options": options, "question": card.title}
        return _json({"type": "question", "content_type": "option", "content": content}), "card"

    def finish(self, reason: int = 0) -> str:
        """The mark after the last answer."""
        data = _json({"finish_reason": reason, "fin_data": ""})
        return self._mark("generate_answer_finish", data)

    def _mark(self, kind: str, data: str) -> str:
        return _json({"msg_type": kind, "data": data, "from_unit": ""})

    def _model_called(self, call_id: str, name: str, arguments: str) -> str:
        function = {"name": name, "arguments": arguments}
        return _json({"id": call_id, "type": "function", "function": function})


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _number(name: str) -> int:
    """An id, which here is no string, though it has too many digits for JavaScript."""
    return 7_300_000_000_000_000_000 + zlib.crc32(name.encode())
