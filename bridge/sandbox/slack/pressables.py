"""What a user can press in the blocks of a message, and what the app is told of it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]

_TOLD = ("action_id", "text", "value", "style", "url", "icon", "confirm", "placeholder")


class Button(NamedTuple):
    """A button, or an option of a menu, that a user can press."""

    label: str
    action_id: str
    value: str


class Pressable(NamedTuple):
    """A button with its action as `block_actions` carries it; None in `users` is everybody."""

    button: Button
    action: Json
    users: frozenset[str] | None = None


def pressables(blocks: tuple[Json, ...]) -> Iterator[Pressable]:
    """All that can be pressed, in the order in which it is shown."""
    for block in blocks:
        for element in _elements(block):
            for label, value, more in _choices(element):
                told = {key: element[key] for key in _TOLD if key in element}
                action = {"type": element["type"], "block_id": block["block_id"], **told, **more}
                users = element.get("visible_to_user_ids")
                yield Pressable(
                    Button(label, element["action_id"], value),
                    action,
                    None if users is None else frozenset(users),
                )


def _elements(block: Json) -> list[Json]:
    if block["type"] in {"actions", "context_actions"}:
        return list(block["elements"])
    accessory = block.get("accessory") if block["type"] == "section" else None
    return [accessory] if accessory and accessory["type"] != "image" else []


def _choices(element: Json) -> Iterator[tuple[str, str, Json]]:
    """Label and value of each thing to press in an element, and what it adds to the action."""
    if element["type"] == "feedback_buttons":
        for kind in ("positive_button", "negative_button"):
            button = element[kind]
            more = {"text": button["text"], "value": button["value"]}
            yield button["text"]["text"], button["value"], more
    elif element["type"] in {"overflow", "static_select", "radio_buttons"}:
        for option in options(element):
            yield option["text"]["text"], option["value"], {"selected_option": option}
    elif element["type"] in {"button", "icon_button"}:
        yield element["text"]["text"], element.get("value", ""), {}


def options(element: Json) -> list[Json]:
    """The options of a menu, also those in groups."""
    groups = element.get("option_groups", [])
    return [*element.get("options", []), *(o for group in groups for o in group["options"])]
