"""What a simulated bot is asked, and what it is to stream as its answer."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from bridge.sandbox.coze.faults import RunFails

# A model streams words, and of Chinese a character or two.
_PIECE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]{1,2}|[^\s\u2e80-\u9fff\uff00-\uffef]*\s*")


@dataclass(frozen=True)
class Attached:
    """A file of a question: an upload, with its name and its `size` in bytes, or a `file_url`."""

    type: str  # image, file or audio
    file_id: str | None = None
    file_url: str | None = None
    name: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Command:
    """A shortcut command that was run; `parameters` are what was typed into its components."""

    command_id: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """One turn as the bot sees it; `history` holds earlier (role, text), oldest first."""

    text: str
    user_id: str
    conversation_id: str
    history: tuple[tuple[str, str], ...] = ()
    custom_variables: Mapping[str, str] = field(default_factory=dict)
    turn: int = 1
    files: tuple[Attached, ...] = ()
    command: Command | None = None


@dataclass(frozen=True)
class Noise:
    """A message that no user should see, e.g. of type function_call, knowledge or verbose."""

    type: str
    content: str
    content_type: str = "text"


@dataclass(frozen=True)
class Tool:
    """A tool that Coze runs for the bot; `name` is "plugin-tool".

    Between the call and its `output` pass `seconds`, and the time until `gate` is set.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    output: str = ""
    seconds: float = 0.0
    gate: asyncio.Event | None = None


@dataclass(frozen=True)
class Card:
    """An answer that only Coze's own clients can draw.

    With `options` it is a workflow's question, which the cloud sends as text unless the chat
    has `enable_card`. Without, a plugin's card, which is one always.
    """

    title: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class ToolCall:
    """A call that the client is to carry out; `arguments` are JSON.

    A "reply_message" calls nothing: the user is to answer, in the next chat.
    """

    id: str
    name: str = ""
    arguments: str = "{}"
    type: Literal["function", "reply_message"] = "function"

    def shown(self) -> dict[str, Any]:
        """One of the tool_calls."""
        function = {"name": self.name, "arguments": self.arguments}
        called = function if self.type == "function" else None
        return {"id": self.id, "type": self.type, "function": called, "require_info": None}


def _echo(outputs: Mapping[str, str]) -> str:
    return "\n".join(outputs.values())


@dataclass(frozen=True)
class Require:
    """What a run stops for: `then` makes of the outputs, by the ids of `calls`, how it goes on."""

    calls: tuple[ToolCall, ...]
    then: Callable[[Mapping[str, str]], "Answer | str"] = _echo

    def action(self) -> dict[str, Any]:
        """The required_action object."""
        calls = [call.shown() for call in self.calls]
        return {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": calls}}


@dataclass(frozen=True)
class Answer:
    """What a run streams: noise, tools, cards, reasoning, answers, follow-ups, in this order.

    Each of `answers` is one message, as its deltas. `final` is the completed text of the last
    one where it differs from its deltas. `pace` is in seconds a delta; `pauses` adds seconds
    before the deltas of these numbers, and `gate` is waited for before delta `gate_at`, or
    before the end if there are fewer. Deltas are numbered from 0 through the whole run.
    The reasoning is part of the first answer, or `apart` from it, in a message of its own.
    `usage` counts tokens in and out. With `require`, the run stops in place of follow-ups.
    """

    answers: tuple[tuple[str, ...], ...] = ()
    final: str | None = None
    reasoning: tuple[str, ...] = ()
    apart: bool = False
    tools: tuple[Tool, ...] = ()
    cards: tuple[Card, ...] = ()
    require: Require | None = None
    follow_ups: tuple[str, ...] = ()
    noise: tuple[Noise, ...] = ()
    pace: float | None = None
    pauses: Mapping[int, float] = field(default_factory=dict)
    gate: asyncio.Event | None = None
    gate_at: int = 0
    usage: tuple[int, int] | None = None
    fails: RunFails | None = None

    def tokens(self, asked: int) -> dict[str, int]:
        """The usage object, invented from the lengths unless given."""
        spoken = sum(map(len, (*self.reasoning, *(d for deltas in self.answers for d in deltas))))
        into, out = self.usage or (100 + asked // 2, 1 + spoken // 2)
        return {"token_count": into + out, "output_count": out, "input_count": into}


Script: TypeAlias = Callable[[Question], Answer | str]


def deltas(text: str) -> tuple[str, ...]:
    """`text` in the pieces in which a model would stream it."""
    return tuple(filter(None, _PIECE.findall(text)))
