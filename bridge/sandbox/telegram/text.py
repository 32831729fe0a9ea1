"""Texts and their entities, as the server keeps them. Offsets count UTF-16 units."""

import re

from bridge.sandbox.telegram.errors import bad_request
from bridge.sandbox.telegram.links import check_link
from bridge.sandbox.telegram.nesting import in_order, sorted_out
from bridge.sandbox.telegram.params import Json
from bridge.sandbox.telegram.vocabulary import FOUND_ENTITIES, PLAIN_ENTITIES, STYLE_ENTITIES

MAX_BYTES = 32_768
MAX_UNITS = 4096
MAX_CAPTION_UNITS = 1024
MAX_ENTITIES = 100

_SPACE = " \n"
# Control characters become spaces; carriage returns, direction overrides and vertical lines go.
_SCRUB: dict[int, str | None] = (
    {code: " " for code in range(32) if code != ord("\n")}
    | {ord("\r"): None}
    | dict.fromkeys(range(0x2028, 0x202F))
    | dict.fromkeys((0x30A, 0x333, 0x33F))
)
_INVISIBLE = (
    " \n\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200c\u200d\u200e\u200f\u202f\u205f\u2800\u3000\ufeff\ufffc"
) + "".join(map(chr, range(0xE0000, 0xE0080)))
_FIELDS = {
    "pre": "language",
    "text_link": "url",
    "text_mention": "user",
    "custom_emoji": "custom_emoji_id",
    "date_time": "unix_time",
}
_DATE_FORMAT = re.compile(r"[rR]|[tTdDwW]*")
_MIDDLE = "a middle of a UTF-16 symbol at byte offset"
_BEYOND = "after the end of the text at UTF-16 offset"
_COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>@])")
_MENTION = re.compile(r"(?<!\w)@[A-Za-z0-9_]{4,32}(?!\w)")


def units(text: str) -> int:
    """The length of a text as Telegram counts offsets."""
    return len(text.encode("utf-16-le")) // 2


def clean(text: str, given: object) -> tuple[str, list[Json]]:
    """The text and the entities that the server makes of those a bot sends.

    Raises:
        ApiError: the server would not take them.
    """
    if not text:
        raise bad_request("message text is empty")
    text, entities = _cleaned(text, given)
    if not text.strip(_INVISIBLE):
        raise bad_request("text must be non-empty")
    if units(text) > MAX_UNITS:
        raise bad_request("message is too long")
    return text, entities


def clean_caption(text: str, given: object) -> tuple[str, list[Json]]:
    """Likewise for what stands below a file, which may be nothing.

    Raises:
        ApiError: the server would not take them.
    """
    text, entities = _cleaned(text, given)
    if units(text) > MAX_CAPTION_UNITS:
        raise bad_request("message caption is too long")
    return text, entities


def _cleaned(text: str, given: object) -> tuple[str, list[Json]]:
    if _size(text) > MAX_BYTES:
        raise bad_request("text is too long")
    entities = sorted_out(_entities(given))
    _check_bounds(text, entities)
    text, entities = _scrubbed(text, entities)
    text, entities = _trimmed(text, sorted_out(entities))
    return text, _kept(entities)


def found(text: str) -> list[Json]:
    """The commands and mentions in what a person wrote."""
    matches = [("bot_command", match) for match in _COMMAND.finditer(text)]
    matches += [("mention", match) for match in _MENTION.finditer(text)]
    return [
        {"type": kind, "offset": units(text[: match.start()]), "length": len(match[0])}
        for kind, match in sorted(matches, key=lambda pair: pair[1].start())
    ]


def piece(text: str, entity: Json) -> str:
    """The part of `text` that an entity covers."""
    raw = text.encode("utf-16-le")
    begin = entity["offset"] * 2
    return raw[begin : begin + entity["length"] * 2].decode("utf-16-le")


def _size(text: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error


def _entities(given: object) -> list[Json]:
    items = given if isinstance(given, list) else []
    return [entity for item in items if (entity := _entity(item))]


def _entity(item: object) -> Json | None:
    if not isinstance(item, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    for field in ("offset", "length", "type"):
        if field not in item:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{field}\"")
    for field in ("offset", "length"):
        if not isinstance(item[field], int):
            raise bad_request(
                f'can\'t parse MessageEntity: Field "{field}" must be of type Number'
            )
        if not 0 <= item[field] <= 1_000_000:
            raise bad_request(f"receive an entity with incorrect {field} {item[field]}")
    if str(item["type"]) in FOUND_ENTITIES:
        return None
    entity = {field: item[field] for field in ("type", "offset", "length")} | _own_field(item)
    return entity if item["length"] else None


def _own_field(item: Json) -> Json:
    kind = str(item["type"])
    if kind in PLAIN_ENTITIES:
        return {}
    if kind not in _FIELDS:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    field = _FIELDS[kind]
    if field not in item:
        if kind == "pre":
            return {}
        raise bad_request(f"can't parse MessageEntity: Can't find field \"{field}\"")
    if kind == "text_link":
        check_link(item["url"], of="entity")
    if kind != "date_time" or "date_time_format" not in item:
        return {field: item[field]}
    if not _DATE_FORMAT.fullmatch(str(item["date_time_format"])):
        raise bad_request("can't parse MessageEntity: Invalid date-time format specified")
    return {name: item[name] for name in (field, "date_time_format")}


def _check_bounds(text: str, entities: list[Json]) -> None:
    if not entities:
        return
    length, middles = units(text), _middles(text)
    spans = [(entity["offset"], entity["offset"] + entity["length"]) for entity in entities]
    # The server reads the text from begin to end, and where several entities end, the innermost
    # is the first it complains of.
    complaints = [
        ((end, 0, -begin), f"beginning at UTF-16 offset {begin} ends in {_MIDDLE} {middles[end]}")
        for begin, end in spans
        if end in middles
    ]
    complaints += [
        ((begin, 1, 0), f"begins in {_MIDDLE} {middles[begin]}")
        for begin, _ in spans
        if begin in middles
    ]
    complaints += [
        ((length + 1, 0, begin), f"begins {_BEYOND} {begin}")
        for begin, _ in spans
        if begin > length
    ]
    complaints += [
        ((length + 1, 1, -begin), f"beginning at UTF-16 offset {begin} ends {_BEYOND} {end}")
        for begin, end in spans
        if end > length
    ]
    if complaints:
        raise bad_request(f"entity {min(complaints)[1]}")


def _middles(text: str) -> dict[int, int]:
    """The offsets inside a surrogate pair, each with the byte offset just behind the pair."""
    if units(text) == len(text):
        return {}
    middles, offset, size = {}, 0, 0
    for char in text:
        size += len(char.encode())
        if char > "\uffff":
            middles[offset + 1] = size
            offset += 1
        offset += 1
    return middles


def _scrubbed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    kept = text.translate(_SCRUB)
    if not entities or len(kept) == len(text):
        return kept, entities
    moved, now = [], 0
    for char in text:
        width = units(char)
        moved += [now] * width
        now += width if _SCRUB.get(ord(char), char) else 0
    moved.append(now)
    spans = [(moved[e["offset"]], moved[e["offset"] + e["length"]]) for e in entities]
    return kept, [
        _between(entity, begin, end)
        for entity, (begin, end) in zip(entities, spans, strict=True)
        if begin < end
    ]


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    text = text.rstrip(_SPACE)
    blank = len(text) - len(text.lstrip(_SPACE))
    if not entities:
        return text[blank:], entities
    end = units(text)
    # The server keeps the blanks before the text that an entity covers.
    blank = min(blank, entities[0]["offset"])
    clipped = [
        _between(
            entity,
            entity["offset"] - blank,
            min(entity["offset"] + entity["length"], end) - blank,
        )
        for entity in entities
    ]
    return text[blank:], in_order([entity for entity in clipped if entity["length"] > 0])


def _between(entity: Json, begin: int, end: int) -> Json:
    return entity | {"offset": begin, "length": end - begin}


def _kept(entities: list[Json]) -> list[Json]:
    """The first hundred: styles are the first to be lost, without a word."""
    if len(entities) <= MAX_ENTITIES:
        return entities
    by_weight = sorted(entities, key=lambda entity: entity["type"] in STYLE_ENTITIES)
    return in_order(by_weight[:MAX_ENTITIES])
