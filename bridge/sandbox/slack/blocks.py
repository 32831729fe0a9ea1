"""Block Kit, checked as strictly as Slack checks the blocks of messages and of modals."""

import itertools
import json
from collections.abc import Iterator

from bridge.sandbox.slack import elements
from bridge.sandbox.slack.check import (
    Check,
    Json,
    Rule,
    anything,
    choice,
    fields,
    flag,
    items,
    one_of,
    plain,
    string,
    text,
)
from bridge.sandbox.slack.expansion import expanded
from bridge.sandbox.slack.model import SlackError

MAX_BLOCKS = 50
MAX_IN_VIEW = 100
MAX_MARKDOWN = 12_000  # all markdown blocks of a message together
MAX_TOTAL = 13_200  # all text of a message's blocks together
MAX_VIEW = 250_000  # bytes of JSON

_serial = itertools.count(1)
_ID: dict[str, Rule] = {"block_id": elements.ID}


def checked(blocks: object) -> tuple[Json, ...]:
    """The blocks of a message as Slack stores them: with a `block_id` and `action_id` each.

    Raises:
        SlackError: invalid_blocks_format, msg_blocks_too_long, or invalid_blocks with the
            reasons in its details.
    """
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    found = Check()
    items(_IN_MESSAGES, MAX_BLOCKS, least=0)(found, blocks, "/blocks")
    _ids(found, blocks, "/blocks")
    if found.more and len(blocks) + found.more > MAX_BLOCKS:
        found.refuse(f"no more than {MAX_BLOCKS} items allowed", "/blocks")
    if found.problems:
        raise SlackError("invalid_blocks", *found.problems)
    if found.markdown > MAX_MARKDOWN or found.total > MAX_TOTAL:
        raise SlackError("msg_blocks_too_long")
    return tuple(_with_ids(json.loads(json.dumps(blocks))))


def checked_view(view: object) -> Json:
    """A modal as Slack stores it, with ids in its blocks.

    Raises:
        SlackError: view_too_large, or invalid_arguments with the reasons in its details.
    """
    if len(json.dumps(view)) > MAX_VIEW:
        raise SlackError("view_too_large")
    found = Check()
    _MODAL(found, view, "/view")
    if not found.problems and isinstance(view, dict):
        _ids(found, view["blocks"], "/view/blocks")
        if "submit" not in view and any(block["type"] == "input" for block in view["blocks"]):
            found.refuse("must define `submit` to use an `input` block", "/view/blocks")
    if found.problems or not isinstance(view, dict):
        raise SlackError("invalid_arguments", *found.problems)
    stored: Json = json.loads(json.dumps(view))
    return stored | {"blocks": [*_with_ids(stored["blocks"])]}


def checked_home(view: object) -> Json:
    """The page of an app's home as Slack stores it; see `checked_view`.

    Raises:
        SlackError: view_too_large, or invalid_arguments with the reasons in its details.
    """
    if len(json.dumps(view)) > MAX_VIEW:
        raise SlackError("view_too_large")
    found = Check()
    _HOME(found, view, "/view")
    if not found.problems and isinstance(view, dict):
        _ids(found, view["blocks"], "/view/blocks")
    if found.problems or not isinstance(view, dict):
        raise SlackError("invalid_arguments", *found.problems)
    stored: Json = json.loads(json.dumps(view))
    return stored | {"blocks": [*_with_ids(stored["blocks"])]}


def _ids(found: Check, blocks: list[Json], at: str) -> None:
    found.unique((block.get("block_id") for block in blocks), "block_id", at)
    for index, block in enumerate(blocks):
        inside = [element.get("action_id") for element in _interactive(block)]
        found.unique(inside, "action_id", f"{at}/{index}/elements")


def _with_ids(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        if block["type"] != "markdown":
            block.setdefault("block_id", f"b{next(_serial)}")
        for element in _interactive(block):
            element.setdefault("action_id", f"a{next(_serial)}")
        yield block


def _interactive(block: Json) -> list[Json]:
    """The elements of a block that have an `action_id`; also of one that is not well formed."""
    kind = block.get("type")
    found = block.get("elements") if kind in {"actions", "context_actions"} else []
    more = [block.get({"section": "accessory", "input": "element"}.get(str(kind), ""))]
    every = [*(found if isinstance(found, list) else []), *more]
    return [each for each in every if isinstance(each, dict) and each.get("type") != "image"]


def _markdown(check: Check, value: object, at: str) -> None:
    fields({"text": string(10 * MAX_MARKDOWN, least=1)}, _ID)(check, value, at)
    written = value.get("text") if isinstance(value, dict) else None
    if isinstance(written, str):
        check.markdown += len(written)
        check.total += len(written)
        check.more += max(0, expanded(written) - 1)


_FIELDS = items(text(2000), 10)
_ASIDE: dict[str, Rule] = {**_ID, "accessory": elements.IN_SECTION, "expand": flag}
_SECTION = fields({"text": text(3000)}, {**_ASIDE, "fields": _FIELDS})
_SECTION_OF_FIELDS = fields({"fields": _FIELDS}, _ASIDE)


def _section(check: Check, value: object, at: str) -> None:
    lone = isinstance(value, dict) and "fields" in value and "text" not in value
    (_SECTION_OF_FIELDS if lone else _SECTION)(check, value, at)


_RICH = fields({"elements": anything}, {"style": anything, "indent": anything, "border": anything})
_RICH_TEXT = fields(
    {
        "elements": items(
            one_of(
                {
                    "rich_text_section": _RICH,
                    "rich_text_list": _RICH,
                    "rich_text_preformatted": _RICH,
                    "rich_text_quote": _RICH,
                }
            ),
            MAX_TOTAL,
        )
    },
    _ID,
)
_TASK = fields(
    {
        "task_id": string(255, least=1),
        "title": string(MAX_TOTAL, least=1),
        "status": choice("pending", "in_progress", "complete", "error"),
    },
    {
        **_ID,
        "details": one_of({"rich_text": _RICH_TEXT}),
        "output": one_of({"rich_text": _RICH_TEXT}),
        "sources": items(
            one_of({"url": fields({"url": string(3000), "text": string(3000)})}), MAX_BLOCKS
        ),
    },
)
_IMAGE = elements.image({**_ID, "title": plain(2000)})
_TEXT_OR_IMAGE = one_of({"plain_text": text(3000), "mrkdwn": text(3000), "image": elements.IMAGE})

_EVERYWHERE: dict[str, Rule] = {
    "actions": fields({"elements": items(elements.IN_ACTIONS, 25)}, _ID),
    "context": fields({"elements": items(_TEXT_OR_IMAGE, 10)}, _ID),
    "divider": fields({}, _ID),
    "header": fields({"text": plain(150)}, _ID),
    "image": _IMAGE,
    "rich_text": _RICH_TEXT,
    "section": _section,
}
_IN_MESSAGES = one_of(
    {
        **_EVERYWHERE,
        "context_actions": fields({"elements": items(elements.IN_CONTEXT_ACTIONS, 5)}, _ID),
        "markdown": _markdown,
        "plan": fields(
            {"title": string(MAX_TOTAL, least=1)},
            {**_ID, "tasks": items(_TASK, MAX_BLOCKS, least=0)},
        ),
        "task_card": _TASK,
    }
)
_INPUT = fields(
    {"label": plain(2000), "element": elements.IN_INPUT},
    {**_ID, "hint": plain(2000), "optional": flag, "dispatch_action": flag},
)
_MODAL = one_of(
    {
        "modal": fields(
            {
                "title": plain(24),
                "blocks": items(one_of({**_EVERYWHERE, "input": _INPUT}), MAX_IN_VIEW, least=0),
            },
            {
                "close": plain(24),
                "submit": plain(24),
                "private_metadata": string(3000),
                "callback_id": string(255),
                "external_id": string(255),
                "clear_on_close": flag,
                "notify_on_close": flag,
            },
        )
    }
)
_HOME = one_of(
    {
        "home": fields(
            {"blocks": items(one_of({**_EVERYWHERE, "input": _INPUT}), MAX_IN_VIEW, least=0)},
            {
                "private_metadata": string(3000),
                "callback_id": string(255),
                "external_id": string(255),
            },
        )
    }
)
