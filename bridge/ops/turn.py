"""What the bridge stored of a turn, in words for the operator."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bridge.core.ports import Record


def told(record: Record) -> Iterator[str]:
    """A line for each thing that is known; no message's text is."""
    when = datetime.fromtimestamp(record.asked_at, UTC)
    yield f"turn: {record.turn}"
    yield f"message: {record.message}"
    yield f"where: {record.channel}, chat {record.chat}"
    yield f"bot: {record.bot}"
    if record.workflow:
        yield f"workflow: {record.workflow}"
    yield f"coze user: {record.user}"
    yield f"asked: {when:%Y-%m-%d %H:%M:%S} UTC"
    yield f"status: {record.status}"
    if record.run:
        yield f"conversation_id: {record.run.conversation}"
        yield f"chat_id: {record.run.chat}"
    if record.answers:
        yield f"answers: {', '.join(record.answers)}"
    if record.usage:
        used = record.usage
        yield f"tokens: {used.total} ({used.input} in, {used.output} out)"
    if record.error:
        yield f"error: {record.error}"
