"""What a card of an answer says, to those who cannot see cards."""

from collections.abc import Iterator
from typing import Any

import msgspec

_WORDS = ("title", "text", "content", "description", "subtitle", "summary")
_PICTURES = ("image", "img", "picture", "cover", "photo")
_FOR_THE_MODEL = "response_for_model"
_DEEPEST = 12


def card(content: str) -> str:
    """The text and the pictures of a card as Markdown; nothing where it has neither.

    A card is a program's data, of no documented shape but for what a workflow asks. What the
    bot's model reads of it says it best; else it is what stands under the usual names.
    """
    data = _json(content)
    if data is None:
        return ""
    if question := _question(data):
        return question
    found = list(_walk(data))
    lines = [text for kind, text in found if kind == "model"]
    lines = lines or [text for kind, text in found if kind == "words"]
    pictures = [f"![]({url})" for kind, url in found if kind == "picture"]
    told = "\n".join(lines)
    return "\n\n".join(dict.fromkeys([told, *(p for p in pictures if p not in told)])).strip()


def _question(data: Any) -> str:  # noqa: ANN401
    """What a workflow asks: its question with the options, or the inputs that it needs."""
    told = data if isinstance(data, dict) else {}
    if isinstance(properties := told.get("x_properties"), dict):  # else bare, by Coze Studio
        info = _json(str(properties.get("workflow_card_info")))
        told = info if isinstance(info, dict) else {}
    asks = told.get("content") if told.get("type") == "question" else None
    asks = told.get("question_card_data") or asks or {"options": told.get("input_card_data")}
    named = {name.lower(): value for name, value in asks.items()} if isinstance(asks, dict) else {}
    title, options = named.get("title") or named.get("question"), named.get("options")
    listed = options if isinstance(options, list) else []
    names = (each.get("name") for each in listed if isinstance(each, dict))
    return "\n".join([*([str(title)] if title else []), *(f"- {name}" for name in names if name)])


def _walk(data: Any, key: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """What there is to read and to see, in the order in which it stands."""
    if depth > _DEEPEST:
        return
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _walk(value, str(name).lower(), depth + 1)
    elif isinstance(data, list):
        for value in data:
            yield from _walk(value, key, depth + 1)
    elif isinstance(data, str) and data.strip():
        yield from _leaf(data.strip(), key, depth)


def _leaf(text: str, key: str, depth: int) -> Iterator[tuple[str, str]]:
    if key == _FOR_THE_MODEL:
        yield "model", text
    elif (inner := _json(text)) is not None:  # data within data
        yield from _walk(inner, key, depth + 1)
    elif text.startswith(("http://", "https://")):
        if any(word in key for word in _PICTURES) and " " not in text:
            yield "picture", text
    elif key in _WORDS:
        yield "words", text


def _json(text: str) -> Any:  # noqa: ANN401
    """The object or list that a text holds, or None."""
    if text[:1] not in "{[":
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
