"""How a question is put to Coze: to a bot, or to a chatflow. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from bridge.core.model import Prompt, Upload
from bridge.core.ports import Question

Json = dict[str, Any]
Request = tuple[str, Json, Mapping[str, str]]  # path, body, query


class Asks(Protocol):
    """Makes requests of questions."""

    stream: bool  # the answer comes as a stream

    def request(self, question: Question) -> Request:
        """The request that asks a question."""


class ChatAsks:
    """To a bot. Each field is said, as defaults differ between cloud and Studio."""

    def __init__(self, bot_id: str, *, stream: bool = True) -> None:
        self._bot_id, self.stream = bot_id, stream

    def request(self, question: Question) -> Request:
        """See `Asks`."""
        body: Json = {
            "bot_id": self._bot_id,
            "user_id": question.user,
            "stream": self.stream,
            "auto_save_history": True,
            "additional_messages": [_message(question)],
            "custom_variables": _variables(question),
            "meta_data": {"job": question.job},
        }
        if question.prompt.shortcut:
            body["shortcut_command"] = _shortcut(question.prompt)
        where = {"conversation_id": question.conversation} if question.conversation else {}
        return "/v3/chat", body, where


class ChatflowAsks:
    """To a chatflow, of a bot or of an app; it takes words only, and always streams."""

    stream = True

    def __init__(self, workflow_id: str, *, bot_id: str = "", app_id: str = "") -> None:
        self._workflow_id = workflow_id
        self._of = {"app_id": app_id} if app_id else {"bot_id": bot_id}

    def request(self, question: Question) -> Request:
        """See `Asks`."""
        body: Json = {
            "workflow_id": self._workflow_id,
            **self._of,
            "additional_messages": [_message(question)],
            "parameters": _variables(question),
            "ext": {"user_id": question.user},
        }
        if question.conversation:
            body["conversation_id"] = question.conversation
        return "/v1/workflows/chat", body, {}


def _message(question: Question) -> Json:
    """The words and the files of a question. Its job travels along, to be found again."""
    prompt = question.prompt
    return {
        "role": "user",
        "type": "question",
        "content": _parts(prompt) if prompt.files else prompt.context + prompt.text,
        "content_type": "object_string" if prompt.files else "text",
        "meta_data": {"job": question.job},
    }


def _parts(prompt: Prompt) -> str:
    """Files with the words to them. Coze takes none without: then their names are the words.

    Sound is a file too: with `audio` alone Coze takes no words.
    """
    words = prompt.context + (prompt.text or _names(prompt.files))
    parts = [{"type": "text", "text": words}]
    kinds = {"image": "image"}
    parts += [{"type": kinds.get(file.kind, "file"), "file_id": file.id} for file in prompt.files]
    return msgspec.json.encode(parts).decode()


def _shortcut(prompt: Prompt) -> Json:
    """The shortcut that is run, each input as an object_string of its own."""
    given = {name: [{"type": "text", "text": value}] for name, value in prompt.inputs}
    encoded = {name: msgspec.json.encode(parts).decode() for name, parts in given.items()}
    return {"command_id": prompt.shortcut, "parameters": encoded}


def _names(files: Sequence[Upload]) -> str:
    return ", ".join(file.name for file in files)


def _variables(question: Question) -> dict[str, str]:
    return {name: value for name, value in question.variables.items() if value}
