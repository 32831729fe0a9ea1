"""Titles for threads that are conversations: where a list of them is shown, they can be told."""

from contextlib import suppress

from bridge.core.errors import BridgeError
from bridge.core.model import Message
from bridge.core.ports import Adapter

LONGEST = 60  # characters


async def entitle(message: Message, adapter: Adapter) -> None:
    """Call a conversation in private by its first question. It may fail."""
    if message.private and message.enters and title(message.text):
        with suppress(BridgeError):
            await adapter.entitle(message.address, title(message.text))


def title(text: str) -> str:
    """The first words of a text, on one line."""
    line = " ".join(text.split())
    if len(line) <= LONGEST:
        return line
    words, _, _ = line[:LONGEST].rpartition(" ")
    return (words if len(words) > LONGEST // 2 else line[: LONGEST - 1]) + "…"
