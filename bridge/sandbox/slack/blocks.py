"""Block Kit, checked as strictly as Slack checks the blocks of a message."""

import itertools
import json
from collections.abc import Callable, Iterable

from bridge.sandbox.slack.model import Json, SlackError

MAX_BLOCKS = 50
MAX_MARKDOWN = 12_000  # all markdown blocks of a message together
MAX_TOTAL = 13_200  # all text of a message's blocks together
MAX_ID = 255
INPUTS = {"overflow", "static_select", "users_select", "datepicker", "checkboxes", "radio_buttons"}

_serial = itertools.count(1)


def checked(blocks: object) -> tuple[Json, ...]:
    """The blocks as Slack stores them: with a `block_id` and `action_id` each.

    Raises:
        SlackError: invalid_blocks_format, msg_blocks_too_long, or invalid_blocks with the
            reasons in its details.
    """
    found = _Check()
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    if len(blocks) > MAX_BLOCKS:
        found.refuse(f"no more than {MAX_BLOCKS} items allowed", "/blocks")
    found.unique((block.get("block_id") for block in blocks), "block_id", "/blocks")
    for index, block in enumerate(blocks):
        found.block(block, f"/blocks/{index}")
    if found.problems:
        raise SlackError("invalid_blocks", *found.problems)
    if found.markdown > MAX_MARKDOWN or found.total > MAX_TOTAL:
        raise SlackError("msg_blocks_too_long")
    return tuple(_with_ids(json.loads(json.dumps(block))) for block in blocks)


def _with_ids(block: Json) -> Json:
    if block["type"] != "markdown":
        block.setdefault("block_id", f"b{next(_serial)}")
    if block["type"] == "actions":
        for element in block["elements"]:
            element.setdefault("action_id", f"a{next(_serial)}")
    return block


def _anything(_block: Json, _at: str) -> None:
    """Nothing in such a block is checked here."""


class _Check:
    """Collects what is wrong, in the words and with the pointers that Slack uses."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.markdown = 0
        self.total = 0
        self._kinds: dict[str, Callable[[Json, str], None]] = {
            "actions": self._actions,
            "context": self._context,
            "context_actions": self._context_actions,
            "divider": _anything,
            "header": self._header,
            "image": self._image,
            "markdown": self._markdown,
            "rich_text": _anything,
            "section": self._section,
        }

    def refuse(self, what: str, at: str) -> None:
        self.problems.append(f"[ERROR] {what} [json-pointer:{at}]")

    def unique(self, values: Iterable[object], name: str, at: str) -> None:
        given = [str(value) for value in values if value is not None]
        if len(given) != len(set(given)):
            self.refuse(f"`{name}` must be unique", at)

    def length(self, holder: Json, key: str, at: str, *, most: int, needed: bool = False) -> str:
        value = holder.get(key)
        if value is None and not needed:
            return ""
        if not isinstance(value, str):
            self.refuse(f"missing required field: {key}", at)
            return ""
        if needed and not value:
            self.refuse("must be more than 0 characters", f"{at}/{key}")
        if len(value) > most:
            self.refuse(f"must be less than {most + 1} characters", f"{at}/{key}")
        return value

    def text(self, value: object, at: str, *, most: int, plain: bool = False) -> None:
        if not isinstance(value, dict):
            self.refuse("missing required field", at)
            return
        if value.get("type") not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
            self.refuse(f"unsupported type: {value.get('type')}", f"{at}/type")
        self.total += len(self.length(value, "text", at, most=most, needed=True))

    def block(self, block: Json, at: str) -> None:
        check = self._kinds.get(str(block.get("type")))
        if check is None:
            self.refuse(f"unsupported type: {block.get('type')}", f"{at}/type")
            return
        self.length(block, "block_id", at, most=MAX_ID)
        check(block, at)

    def _items(self, block: Json, key: str, at: str, most: int) -> list[Json]:
        items = block.get(key)
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            self.refuse(f"missing required field: {key}", at)
            return []
        if not items:
            self.refuse("no less than 1 items allowed", f"{at}/{key}")
        if len(items) > most:
            self.refuse(f"no more than {most} items allowed", f"{at}/{key}")
        return items

    def _markdown(self, block: Json, at: str) -> None:
        text = self.length(block, "text", at, most=10 * MAX_MARKDOWN, needed=True)
        self.markdown += len(text)
        self.total += len(text)

    def _header(self, block: Json, at: str) -> None:
        self.text(block.get("text"), f"{at}/text", most=150, plain=True)

    def _image(self, block: Json, at: str) -> None:
        self.length(block, "image_url", at, most=3000, needed=True)
        self.length(block, "alt_text", at, most=2000, needed=True)

    def _section(self, block: Json, at: str) -> None:
        if "text" in block or "fields" not in block:
            self.text(block.get("text"), f"{at}/text", most=3000)
        fields = self._items(block, "fields", at, 10) if "fields" in block else []
        for index, item in enumerate(fields):
            self.text(item, f"{at}/fields/{index}", most=2000)

    def _context(self, block: Json, at: str) -> None:
        for index, item in enumerate(self._items(block, "elements", at, 10)):
            if item.get("type") == "image":
                self._image(item, f"{at}/elements/{index}")
            else:
                self.text(item, f"{at}/elements/{index}", most=3000)

    def _actions(self, block: Json, at: str) -> None:
        items = self._items(block, "elements", at, 25)
        self.unique((item.get("action_id") for item in items), "action_id", f"{at}/elements")
        for index, item in enumerate(items):
            here = f"{at}/elements/{index}"
            self.length(item, "action_id", here, most=MAX_ID)
            if item.get("type") == "button":
                self._button(item, here)
            elif item.get("type") not in INPUTS:
                self.refuse(f"unsupported type: {item.get('type')}", f"{here}/type")

    def _button(self, item: Json, at: str) -> None:
        self.text(item.get("text"), f"{at}/text", most=75, plain=True)
        self.length(item, "value", at, most=2000)
        self.length(item, "url", at, most=3000)
        if item.get("style") not in {None, "primary", "danger"}:
            self.refuse("must be a valid enum value", f"{at}/style")

    def _context_actions(self, block: Json, at: str) -> None:
        for index, item in enumerate(self._items(block, "elements", at, 5)):
            if item.get("type") not in {"feedback_buttons", "icon_button"}:
                self.refuse(f"unsupported type: {item.get('type')}", f"{at}/elements/{index}/type")
            self.length(item, "action_id", f"{at}/elements/{index}", most=MAX_ID)
