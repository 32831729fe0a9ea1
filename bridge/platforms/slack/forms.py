"""What forms are made of."""

from typing import Any


def plain(text: str) -> dict[str, Any]:
    """A text in which nothing is markup."""
    return {"type": "plain_text", "text": text}


def optional(name: str, label: str, **element: object) -> dict[str, Any]:
    """A field that may be left empty."""
    block = {"type": "input", "block_id": name, "label": plain(label), "optional": True}
    return block | {"element": element | {"action_id": name}}
