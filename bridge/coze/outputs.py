"""From the events of a workflow to what it says, does and asks. No I/O."""

from collections.abc import Iterator
from typing import Any

import msgspec

from bridge.core.model import Answered, Asked, Doing, Finished, ReplyEvent, Said, Usage
from bridge.coze.decode import usage
from bridge.coze.errors import coze_error, unanswerable

QUESTION, INPUT = 2, 5  # types of interrupts that a user can answer
Json = dict[str, Any]


class Output:
    """Folds the stream of one run: nodes speak one after another, in parts."""

    def __init__(self) -> None:
        self._node, self._number = "", 0  # who speaks, and how many messages there were
        self._begun = False  # the message that is being said has parts already
        self._usage: Usage | None = None
        self._question: tuple[str, tuple[str, ...]] = ("", ())

    def understand(self, name: str, data: bytes, log_id: str = "") -> Iterator[ReplyEvent]:
        """What one event means.

        Raises:
            CozeError: the run failed, or waits for what cannot be given in a chat.
        """
        told = _object(data)
        match name.lower():
            case "message":
                yield from self._message(told)
            case "interrupt":
                found = told.get("interrupt_data")
                found = found if isinstance(found, dict) else {}
                yield interrupt(found, asked(str(found.get("data") or "")) or self._question)
            case "done":
                yield Finished(self._usage)
            case "error":
                text = data.decode(errors="replace")[:200]
                why = told.get("error_message") or told.get("msg") or text
                code = told.get("error_code") or told.get("code") or 5000
                raise coze_error(code, str(why), log_id=log_id)

    def _message(self, told: Json) -> Iterator[ReplyEvent]:
        self._usage = usage(told.get("usage")) or self._usage
        title, content = str(told.get("node_title") or ""), told.get("content")
        if title != self._node:
            self._node = title
            yield Doing("step", title)
        if not isinstance(content, str) or not content:
            content = ""
        whole = bool(told.get("node_is_finish")) and not self._begun
        if whole and (question := asked(content)):
            self._question = question  # it is told with the interrupt that follows
        elif whole and content:
            yield Answered(f"node-{self._number}", readable(content))
        elif content:
            yield Said(f"node-{self._number}", content)
        self._begun = not told.get("node_is_finish")
        self._number += not self._begun


def interrupt(data: Json, question: tuple[str, tuple[str, ...]] | None) -> Asked:
    """What a run waits for, and how to go on with it.

    Raises:
        CozeError: no words of the user's would do.
    """
    try:
        kind = int(data.get("type") or 0)
    except (TypeError, ValueError):
        kind = 0
    if kind not in (QUESTION, INPUT):
        raise unanswerable(f"the workflow waits for an interrupt of type {kind}", "error.action")
    needed = data.get("required_parameters") if kind == INPUT else None
    names = tuple(map(str, needed)) if isinstance(needed, dict) else ()
    text, options = question or ("", ())
    if kind == INPUT and not text:
        text = "\n".join(_inputs(needed if isinstance(needed, dict) else {}))
    resume = {"event_id": str(data.get("event_id")), "type": kind, "inputs": names}
    return Asked(text, options, msgspec.json.encode(resume).decode())


def _inputs(needed: Json) -> Iterator[str]:
    """What an input node asks for, a line each."""
    for name, about in needed.items():
        told = about.get("description") if isinstance(about, dict) else ""
        yield f"{name}: {told}" if told else str(name)


def asked(content: str) -> tuple[str, tuple[str, ...]] | None:
    """The question and its options in a question node's data, which may be just words."""
    told = _object(content.encode())
    inner = told.get("content")
    told = inner if isinstance(inner, dict) else told
    question = told.get("question") or (inner if isinstance(inner, str) else "")
    listed = told.get("options")
    options = tuple(filter(None, map(_option, listed if isinstance(listed, list) else ())))
    return (str(question or ""), options) if question or options else None


def _option(told: object) -> str:
    """An option may be words, or an object that names them."""
    if isinstance(told, dict):
        told = told.get("name") or told.get("text") or told.get("content") or ""
    return str(told)


def readable(output: str) -> str:
    """The output of a workflow for a person: its one value, or a line for each."""
    if output.lstrip()[:1] not in ("{", "["):
        return output
    try:
        told = msgspec.json.decode(output)
    except msgspec.DecodeError:
        return output
    if isinstance(told, dict) and len(told) == 1:
        told = next(iter(told.values()))
        if isinstance(told, str):
            return told
    if isinstance(told, dict):
        return "\n\n".join(f"**{name}**: {_plain(value)}" for name, value in told.items())
    if isinstance(told, list) and all(isinstance(item, str) for item in told):
        return "\n".join(f"- {item}" for item in told)
    return _plain(told)


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    shown = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return f"```json\n{shown}\n```" if isinstance(value, dict | list) and value else shown


def _object(data: bytes) -> Json:
    try:
        told = msgspec.json.decode(data) if data[:1] == b"{" else {}
    except msgspec.DecodeError:
        return {}
    return told if isinstance(told, dict) else {}
