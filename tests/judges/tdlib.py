"""What Telegram makes of a text, according to TDLib, which the real Bot API server runs on.

The functions of TDLib that need no network check entities and links and put entities in order,
but do not trim a text. What the server does besides is stated here again from the sources of TDLib
(`fix_formatted_text`, `is_empty_string`) and of telegram-bot-api (`get_formatted_text`).
"""

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MAX_BYTES = 1 << 15
MAX_ENTITIES = 100
IN_MESSAGE, IN_CAPTION = 4096, 1024  # UTF-16 units

_STYLES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
}
_TYPES = _STYLES | {
    "code": "Code",
    "blockquote": "BlockQuote",
    "expandable_blockquote": "ExpandableBlockQuote",
    "pre": "PreCode",
    "text_link": "TextUrl",
    "text_mention": "MentionName",
    "custom_emoji": "CustomEmoji",
    "date_time": "DateTime",
}
_NAMES = {f"textEntityType{name}": kind for kind, name in _TYPES.items()} | {
    "textEntityTypePre": "pre"
}
# The server finds these by itself.
_FOUND = frozenset(
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
    | {"bank_card_number"}
)
_PARSE_MODES: dict[str, Json] = {
    "html": {"@type": "textParseModeHTML"},
    "markdown": {"@type": "textParseModeMarkdown", "version": 1},
    "markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
}
_MARKUP = "*_~|[`"  # what parseMarkdown reads as markup
_SPACE = " \n"
_INVISIBLE = re.compile(
    "[ \n\u1680\u180e\u2000-\u200a\u202e\u202f\u205f\u2800\u3000\ufffc\U000e0000-\U000e007f"
    "\u200b-\u200f\ufeff\xa0]*"
)


@dataclass(frozen=True)
class Verdict:
    """What Telegram makes of a text.

    `refusal` are the words of the Bot API behind "Bad Request: "; empty: it is taken, and shown
    are `text` and `entities` (`url`, `language` and `user_id` where they have one), save for the
    last `dropped` of them.
    """

    refusal: str = ""
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    dropped: int = 0


def judged(
    text: str,
    entities: Iterable[Mapping[str, Any]] = (),
    *,
    parse_mode: str = "",
    most: int = IN_MESSAGE,
    may_be_empty: bool = False,
) -> Verdict:
    """What Telegram makes of a text with the entities of the Bot API, or to be parsed.

    `most` is in UTF-16 units. The server counts characters, of which there are never more; the
    clients of some platforms do not.
    """
    try:
        _check_given(text, may_be_empty=may_be_empty)
        text, fixed = _fixed(*_parsed(text, entities, parse_mode.lower()))
        _check_fixed(text, most, may_be_empty=may_be_empty)
    except RefusedError as refused:
        return Verdict(_decapitalised(str(refused)))
    counted = sum(entity["type"] != "custom_emoji" for entity in fixed)
    return Verdict("", text, fixed, max(0, counted - MAX_ENTITIES))


class RefusedError(Exception):
    """TDLib's words against a text."""


def units(text: str) -> int:
    """The length of a text in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def _check_given(text: str, *, may_be_empty: bool) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise RefusedError("Strings must be encoded in UTF-8") from None
    if size > MAX_BYTES:
        raise RefusedError("Text is too long")
    if not text and not may_be_empty:
        raise RefusedError("Message text is empty")


def _check_fixed(text: str, most: int, *, may_be_empty: bool) -> None:
    if not may_be_empty and _INVISIBLE.fullmatch(text):
        raise RefusedError("Text must be non-empty")
    if units(text) > most:
        what = "Message caption" if most == IN_CAPTION else "Message"
        raise RefusedError(f"{what} is too long")


def _parsed(
    text: str, entities: Iterable[Mapping[str, Any]], parse_mode: str
) -> tuple[str, list[Json]]:
    """A text and its entities as TDLib writes them."""
    if parse_mode in {"", "none"} or not text:
        return text, [_td(entity) for entity in entities if entity["type"] not in _FOUND]
    if parse_mode not in _PARSE_MODES:
        raise RefusedError("Unsupported parse_mode")
    parsed = _execute("parseTextEntities", text=text, parse_mode=_PARSE_MODES[parse_mode])
    return parsed["text"], parsed["entities"]


def _td(entity: Mapping[str, Any]) -> Json:
    if entity["type"] not in _TYPES:
        raise RefusedError("Can't parse MessageEntity: Unsupported type specified")
    kind: Json = {"@type": f"textEntityType{_TYPES[entity['type']]}"}
    if entity["type"] == "text_mention":
        kind["user_id"] = entity["user"]["id"]
    for name in ("url", "language", "custom_emoji_id", "unix_time"):
        if name in entity:
            kind[name] = entity[name]
    return {"offset": entity["offset"], "length": entity["length"], "type": kind}


def _fixed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    # Nothing but parseMarkdown tells what TDLib makes of entities. So that it finds no markup,
    # other characters of the same width stand for those that could be some.
    spare = (char for char in map(chr, range(0xE000, 0xF900)) if char not in text)
    masks = str.maketrans(dict(zip(_MARKUP, spare, strict=False)))
    masked = {"text": text.translate(masks), "entities": entities}
    try:
        fixed = _execute("parseMarkdown", text=masked)
    except RefusedError:
        # The words may tell an offset in bytes.
        _execute("parseMarkdown", text={"text": text, "entities": entities})
        raise
    unmasked = str(fixed["text"]).translate({mask: char for char, mask in _inverse(masks)})
    return _trimmed(unmasked, [_bot_api(entity) for entity in fixed["entities"]])


def _inverse(masks: Mapping[int, str]) -> list[tuple[str, int]]:
    return [(chr(char), ord(mask)) for char, mask in masks.items()]


def _bot_api(entity: Json) -> Json:
    kind = {name: value for name, value in entity["type"].items() if name != "@type"}
    name = _NAMES[entity["type"]["@type"]]
    return {"type": name, "offset": entity["offset"], "length": entity["length"]} | kind


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    text = text.rstrip(_SPACE)
    end = units(text)
    kept = [entity for entity in entities if entity["offset"] < end]
    first = min((entity["offset"] for entity in kept), default=end)
    blank = min(first, len(text) - len(text.lstrip(_SPACE)))
    return text[blank:], [
        entity
        | {
            "offset": entity["offset"] - blank,
            "length": min(entity["length"], end - entity["offset"]),
        }
        for entity in kept
    ]


def _decapitalised(words: str) -> str:
    is_code = words[1:2] == "_" or words[1:2].isupper()
    return words if is_code else words[:1].lower() + words[1:]


def _execute(function: str, **arguments: Any) -> Json:
    answer = _library()(json.dumps({"@type": function, **arguments}).encode())
    result: Json = json.loads(answer or b"{}")
    if result["@type"] == "error":
        raise RefusedError(result["message"])
    return result


@functools.cache
def _library() -> Callable[[bytes], bytes | None]:
    from tdjson import td_execute  # noqa: PLC0415 - only tests that speak to Telegram pay for it

    td_execute(b'{"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}')
    return td_execute
