"""What a simulated bot is asked, and what it is to stream as its answer."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from bridge.sandbox.coze.faults import RunFails

# A model streams words, and of Chinese a character or two.
_PIECE = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]{1,2}|[^\s\u2e80-\u9fff\uff00-\uffef]*\s*")


@dataclass(frozen=True)
class Question:
    """One turn as the bot sees it; `history` holds earlier (role, text), oldest first."""

    text: str
    user_id: str
    conversation_id: str
    history: tuple[tuple[str, str], ...] = ()
    custom_variables: Mapping[str, str] = field(default_factory=dict)
    turn: int = 1


@dataclass(frozen=True)
class Noise:
    """A message that no user should see, e.g. of type function_call, knowledge or verbose."""

    type: str
    content: str
    content_type: str = "text"


@dataclass(frozen=True)
class Answer:
    """What a run streams: noise, reasoning, answers, follow-ups, in this order.

    Each of `answers` is one message, as its deltas. `final` is the completed text of the last
    one where it differs from its deltas. `pace` is in seconds a delta; `pauses` adds seconds
    before the deltas of these numbers, and `gate` is waited for before delta `gate_at`, or
    before the end if there are fewer. Deltas are numbered from 0 through the whole run.
    `usage` counts tokens in and out.
    """

    answers: tuple[tuple[str, ...], ...] = ()
    final: str | None = None
    reasoning: tuple[str, ...] = ()
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
