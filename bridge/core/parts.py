"""What a message says as a whole: its parts, and what it answers. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from bridge.core.model import Message


def together(parts: Sequence[Message]) -> Message:
    """The one message whose parts these are, the first before the others."""
    first = parts[0]
    if len(parts) == 1:
        return first
    *said, last = [part for part in parts if part.text] or [first]
    return replace(
        first,
        text="".join(part.text + ("" if part.cut else "\n") for part in said) + last.text,
        files=tuple(file for part in parts for file in part.files),
        quote=next((part.quote for part in parts if part.quote), None),
    )


def quoted(message: Message) -> str:
    """What a message says, below the lines that it answers."""
    quote = message.quote
    if quote is None:
        return message.text
    who = f"{quote.by}: " if quote.by else ""
    lines = "> " + (who + quote.text).replace("\n", "\n> ")
    return f"{lines}\n\n{message.text}" if message.text else lines


def given(message: Message) -> str:
    """What a command is given: what follows it, or else what it answers."""
    if message.command and message.quote and not message.text:
        return message.quote.text
    return message.text
