"""From the events of a workflow to what it says, does and asks. No I/O."""

from collections.abc import Iterator
from dataclasses import replace
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
        self._number = 0  # of the message that is being said
        self._begun = False  # it has parts already
        self._held = ""  # what may be a question, which an interrupt would follow
        self._said = ""  # so far
        self._usage: Usage | None = None

    def understand(self, name: str, data: bytes, log_id: str = "") -> Iterator[ReplyEvent]:
        """What one event means.

        Raises:
            CozeError: the run failed, or waits for what cannot be given in a chat.
        """
        told, name = _object(data), name.lower()
        if name == "interrupt":
            found = told.get("interrupt_data")
            found = found if isinstance(found, dict) else {}
            if found.get("type") == INPUT and self._held and not _needed({"data": self._held}):
                yield from self._whole(self._held)
            question, options = (
                asked(str(found.get("data") or "")) or asked(self._held) or ("", ())
            )
            if self._said.rstrip().endswith(question.strip()):
                question = ""  # the node has said it already, in plain words
            yield replace(interrupt(found, (question, options)), usage=self._usage)
            return
        if name in ("message", "done") and self._held:
            yield from self._whole(self._held)
            self._held = ""
            self._number += 1
        match name:
            case "message":
                yield from self._message(told)
            case "done":
                yield Finished(self._usage)
            case "error":
                text = data.decode(errors="replace")[:200]
                why = told.get("error_message") or told.get("msg") or text
                code = told.get("error_code") or told.get("code") or 5000
                raise coze_error(code, str(why), log_id=log_id)

    def _message(self, told: Json) -> Iterator[ReplyEvent]:
        self._usage = spent(told) or self._usage
        title, content = str(told.get("node_title") or ""), told.get("content")
        content = content if isinstance(content, str) else ""
        last = bool(told.get("node_is_finish"))
        if last and not self._begun and asked(content):
            self._held = content
            return
        if last and not self._begun and content:
            yield from self._whole(content)
        elif content:
            self._said += content
            yield Said(f"node-{self._number}", content)
        if title and not last:
            yield Doing("step", title)
        self._begun = not last
        self._number += last

    def _whole(self, content: str) -> Iterator[Answered]:
        """A message in one part. The end node repeats as data what others have said."""
        if text := readable(content, but=self._said):
            self._said += text
            yield Answered(f"node-{self._number}", text)


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
    needed = _needed(data) if kind == INPUT else {}
    names = tuple(map(str, needed))
    text, options = question or ("", ())
    if needed:
        text = "\n".join(_inputs(needed))
    resume = {"event_id": str(data.get("event_id")), "type": kind, "inputs": names}
    return Asked(text, options, msgspec.json.encode(resume).decode())


def _needed(data: Json) -> Json:
    """The inputs by name; Coze Studio tells them only as the fields of a form."""
    needed = data.get("required_parameters")
    if isinstance(needed, dict):
        return needed
    form = _object(str(data.get("data") or "").encode()).get("content")
    fields = _json(form) if isinstance(form, str) else ()
    listed = fields if isinstance(fields, list) else ()
    return {
        str(each["name"]): each for each in listed if isinstance(each, dict) and "name" in each
    }


def _inputs(needed: Json) -> Iterator[str]:
    """What an input node asks for, a line each."""
    for name, about in needed.items():
        told = about.get("description") if isinstance(about, dict) else ""
        yield f"{name}: {told}" if told else str(name)


def asked(content: str) -> tuple[str, tuple[str, ...]] | None:
    """The question and its options in the data of a question node; None if it is none.

    It is told as `{"question", "options"}`, in the cloud within the `content` of another
    object, in cards with other names for the same.
    """
    told = {name.lower(): value for name, value in _object(content.encode()).items()}
    if isinstance(held := told.get("messages"), list) and held:  # as Coze Studio tells it
        return asked(msgspec.json.encode(held[-1]).decode())
    inner = told.get("content")
    if isinstance(inner, str | dict):
        text = inner if isinstance(inner, str) else msgspec.json.encode(inner).decode()
        return asked(text) or ((text, ()) if isinstance(inner, str) else None)
    listed = told.get("options")
    if not isinstance(listed, list):
        return None
    options = tuple(filter(None, map(_option, listed)))
    return str(told.get("question") or told.get("title") or ""), options


def _option(told: object) -> str:
    """An option may be words, or an object that names them."""
    if isinstance(told, dict):
        told = told.get("name") or told.get("text") or told.get("content") or ""
    return str(told)


def readable(output: str, *, but: str = "") -> str:
    """The output of a workflow for a person: its one value, or a line for each.

    Values that stand in `but` are left out.
    """
    told = _json(output)
    # In a record each node stands by its name.
    if isinstance(told, dict) and isinstance(told.get("Output"), str):
        return readable(told["Output"], but=but)
    if isinstance(told, dict) and "type_for_model" in told and isinstance(told.get("data"), str):
        return str(told["data"])  # an end node that gives a text: unless streamed it is wrapped
    if isinstance(told, dict):
        told = {name: _plain(value) for name, value in told.items()}
        told = {name: text for name, text in told.items() if not (but and text.strip() in but)}
        return _lines(told, alone=not but)
    return output if told is None else _plain(told)


def _lines(told: dict[str, str], *, alone: bool) -> str:
    if len(told) == 1 and alone:
        return next(iter(told.values()))
    return "\n\n".join(f"**{name}**: {text}" for name, text in told.items())


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "\n".join(f"- {item}" for item in value)
    shown = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return f"```json\n{shown}\n```" if isinstance(value, dict | list) and value else shown


def spent(told: Json) -> Usage | None:
    """The tokens of a run; Coze Studio, and the cloud of old, tell only their number."""
    return usage(told.get("usage")) or usage({"token_count": told.get("token")})


def _json(text: str) -> Any:  # noqa: ANN401
    """The object or list that a text holds, or None."""
    try:
        return msgspec.json.decode(text) if text.lstrip()[:1] in ("{", "[") else None
    except (msgspec.DecodeError, RecursionError):
        return None


def _object(data: bytes) -> Json:
    told = _json(data.decode(errors="replace"))
    return told if isinstance(told, dict) else {}
