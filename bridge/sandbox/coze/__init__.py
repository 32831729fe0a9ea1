"""A simulated Coze, cloud or self-hosted, with a scripted bot and scripted faults."""

from bridge.sandbox.coze.chats import Asked
from bridge.sandbox.coze.conversations import Bot
from bridge.sandbox.coze.faults import (
    Cut,
    Fault,
    Framing,
    HttpError,
    JsonError,
    NoResponse,
    Refuse,
    RunFails,
    Stall,
)
from bridge.sandbox.coze.friendly import friendly
from bridge.sandbox.coze.gateway import Exchange
from bridge.sandbox.coze.script import Answer, Noise, Question, Script, deltas
from bridge.sandbox.coze.server import CozeSimulator

__all__ = [
    "Answer",
    "Asked",
    "Bot",
    "CozeSimulator",
    "Cut",
    "Exchange",
    "Fault",
    "Framing",
    "HttpError",
    "JsonError",
    "NoResponse",
    "Noise",
    "Question",
    "Refuse",
    "RunFails",
    "Script",
    "Stall",
    "deltas",
    "friendly",
]
