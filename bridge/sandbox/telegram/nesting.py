"""How the server sorts out entities that overlap, as TDLib's `fix_entities` does."""

from bridge.sandbox.telegram.params import Json
from bridge.sandbox.telegram.vocabulary import PRE_ENTITIES, QUOTE_ENTITIES, STYLE_ENTITIES

_STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
_PRIORITY = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 10,
    "code": 20,
    "date_time": 30,
    "text_link": 49,
    "text_mention": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "custom_emoji": 99,
}


def in_order(entities: list[Json]) -> list[Json]:
    """By where they begin, the longer first."""
    return sorted(entities, key=lambda e: (e["offset"], -e["length"], _PRIORITY[e["type"]]))


def sorted_out(entities: list[Json]) -> list[Json]:
    """The entities without conflicts, in order.

    Of links, code and the like the first stays, and it loses to a quote whose edge it crosses;
    of quotes, too, the first stays. Styles are merged where they meet, cut at the edges of the
    others, and gone inside code.
    """
    entities = in_order(entities)
    if _are_consistent(entities):
        return entities
    styles = [entity for entity in entities if entity["type"] in STYLE_ENTITIES]
    quotes = _apart([entity for entity in entities if entity["type"] in QUOTE_ENTITIES])
    solid = _apart(
        [entity for entity in entities if entity["type"] not in STYLE_ENTITIES | QUOTE_ENTITIES]
    )
    solid = [entity for entity in solid if not any(_crosses(entity, quote) for quote in quotes)]
    frame = in_order(solid + quotes)
    return in_order(frame + _Styler().cut(styles, frame))


def _end(entity: Json) -> int:
    return int(entity["offset"] + entity["length"])


def _apart(entities: list[Json]) -> list[Json]:
    kept: list[Json] = []
    for entity in entities:
        if not kept or entity["offset"] >= _end(kept[-1]):
            kept.append(entity)
    return kept


def _crosses(entity: Json, quote: Json) -> bool:
    if _end(quote) <= entity["offset"]:
        return False
    return _end(quote) < _end(entity) or entity["offset"] < quote["offset"] < _end(entity)


def _are_consistent(entities: list[Json]) -> bool:
    ends = dict.fromkeys(_STYLES, -1)
    around: list[Json] = []
    for entity in entities:
        while around and entity["offset"] >= _end(around[-1]):
            around.pop()
        if around and not _may_stand_in(entity, around):
            return False
        if entity["type"] in STYLE_ENTITIES:
            if ends[entity["type"]] >= entity["offset"]:
                return False
            ends[entity["type"]] = _end(entity)
        around.append(entity)
    return True


def _may_stand_in(entity: Json, around: list[Json]) -> bool:
    kind, kinds = entity["type"], {outer["type"] for outer in around}
    solid = kinds - STYLE_ENTITIES - QUOTE_ENTITIES - PRE_ENTITIES
    return not (
        _end(entity) > _end(around[-1])
        or kind in kinds
        or kinds & (PRE_ENTITIES | STYLE_ENTITIES)
        or (kind in PRE_ENTITIES and kinds - QUOTE_ENTITIES)
        or (kind not in STYLE_ENTITIES | PRE_ENTITIES and solid)
        or (kind in QUOTE_ENTITIES and kinds & QUOTE_ENTITIES)
    )


class _Styler:
    """Cuts styles at the edges of other entities."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[int, int]] = {}
        self._cut: list[Json] = []

    def cut(self, styles: list[Json], frame: list[Json]) -> list[Json]:
        """The styles, cut at the edges of `frame` and left out where there is code."""
        self._waiting = list(reversed(styles))
        around: list[Json] = []
        for entity in frame:
            self._close(around, entity["offset"])
            around.append(entity)
        self._close(around, max(map(_end, styles + frame)) + 1)
        return self._cut

    def _close(self, around: list[Json], offset: int) -> None:
        while around and offset >= _end(around[-1]):
            before = len(self._cut)
            self._run_to(_end(around[-1]))
            if around.pop()["type"] in PRE_ENTITIES:
                del self._cut[before:]
        self._run_to(offset)

    def _run_to(self, offset: int) -> None:
        while self._waiting and self._waiting[-1]["offset"] < offset:
            style = self._waiting.pop()
            begin, end = self._open.get(style["type"], (0, -1))
            if style["offset"] <= end:
                self._open[style["type"]] = begin, max(end, _end(style))
            else:
                self._flush(style["offset"])
                self._open[style["type"]] = style["offset"], _end(style)
        self._flush(offset)

    def _flush(self, offset: int) -> None:
        for kind in _STYLES:
            begin, end = self._open.get(kind, (offset, offset))
            if begin >= offset:
                continue
            upto = min(end, offset)
            self._cut.append({"type": kind, "offset": begin, "length": upto - begin})
            if end <= offset:
                del self._open[kind]
            else:
                self._open[kind] = offset, end
