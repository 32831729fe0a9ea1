"""From a piece's Markdown to a text with entities, which mark parts of it. Pure."""

import logging
import re
from bisect import bisect_left
from collections.abc import Sequence

from telegram import MessageEntity
from telegram.constants import MessageEntityType, MessageLimit
from telegramify_markdown import MessageEntity as Marked
from telegramify_markdown import RenderConfig, convert

from bridge.core.emphasis import PAD
from bridge.core.model import Piece
from bridge.platforms.telegram.links import acceptable
from bridge.platforms.telegram.markdown import tidied

log = logging.getLogger(__name__)

# What Telegram cuts off at both ends of a text: control characters count as spaces.
_TRIMMED = "".join(map(chr, range(0x21)))
# Where there is none of these, Markdown is the text itself.
_MARKUP = re.compile(
    r"[\\`*_~\[\]<>|$&#]|^[ \t]*(?:[-+=]|\d+[.)])|^ {2,}|[ \t]$|\n{3,}", re.MULTILINE
)

# Of more than a hundred entities Telegram keeps the first: tdlib/td MessageEntity.cpp,
# get_input_message_entities. Those without which a text reads wrong go first.
_MOST = 100
_QUOTES = ("blockquote", "expandable_blockquote")
_HALF = "\udc00"  # stands for the second unit of a character that has two
_FIRST = ("expandable_blockquote", "blockquote", "pre", "text_link", "code", "bold")


def units(text: str) -> int:
    """The length of a text as Telegram counts: in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """As much of the beginning of `text` as there is room for in `most` units."""
    encoded = text.encode("utf-16-le", "surrogatepass")[: most * 2]
    return encoded.decode("utf-16-le", "ignore")


def rendered(
    piece: Piece, most: int = MessageLimit.MAX_TEXT_LENGTH
) -> tuple[str, list[MessageEntity]]:
    """What Telegram shows of a piece, in at most `most` units.

    Reasoning is a quote that is collapsed. What cannot be read as Markdown, or would be too
    long drawn as it should be, is text as it stands.
    """
    text = _sound(piece.text)
    if piece.plain:
        return cut(text, most), []
    text = cut(text.strip(_TRIMMED), most) if piece.aside else text.strip(_TRIMMED)
    if piece.aside:
        return text, _over(text, MessageEntityType.EXPANDABLE_BLOCKQUOTE)
    if not _MARKUP.search(text):
        return cut(text, most), []
    try:
        shown, marked = _converted(text)
    except Exception:  # whatever a parser trips over: the text matters more than its looks
        log.exception("a text cannot be read as Markdown")
        return cut(text, most), []
    if units(shown) > most or not shown:
        return cut(text, most), []
    return shown, marked


def _symbols() -> RenderConfig:
    """How things look for which Telegram has no entity."""
    config = RenderConfig.isolated()
    for level in range(1, 7):
        setattr(config.markdown_symbol, f"heading_level_{level}", "")
    config.markdown_symbol.image = ""
    config.markdown_symbol.unordered_list_item = "•"
    config.markdown_symbol.task_completed = "☑"
    config.markdown_symbol.task_uncompleted = "☐"
    config.markdown_symbol.horizontal_rule = "———"
    return config


_CONFIG = _symbols()


def _converted(text: str) -> tuple[str, list[MessageEntity]]:
    shown, marked = convert(tidied(text), latex_escape=False, config=_CONFIG)
    kept = [each for each in marked if each.type != "text_link" or acceptable(each.url or "")]
    shown, places = _without_pads(shown, kept)
    lead = units(shown) - units(shown.lstrip(_TRIMMED))
    shown = shown.strip(_TRIMMED)
    letters = _units_of(shown)
    made = [_entity(each, begin - lead, end - lead, letters) for each, begin, end in places]
    return shown, _most_important([each for each in made if each])


def _without_pads(
    text: str, marked: Sequence[Marked]
) -> tuple[str, list[tuple[Marked, int, int]]]:
    """The text without the spaces that only the parser needed; entities, from where to where."""
    ends = [(each, each.offset, each.offset + each.length) for each in marked]
    if PAD not in text:
        return text, ends
    pads = [at for at, unit in enumerate(_units_of(text)) if unit == PAD]
    moved = [
        (each, begin - sum(at < begin for at in pads), end - sum(at < end for at in pads))
        for each, begin, end in ends
    ]
    return text.replace(PAD, ""), moved


def _units_of(text: str) -> str:
    """The text with two characters for each that Telegram counts twice."""
    return "".join(char if ord(char) < 0x10000 else char + _HALF for char in text)  # noqa: PLR2004


def _entity(each: Marked, begin: int, end: int, units: str) -> MessageEntity | None:
    """An entity that begins and ends with something to see; None where there is nothing."""
    begin, end = max(0, begin), min(end, len(units))
    while begin < end and units[begin] in _TRIMMED:
        begin += 1
    while begin < end and units[end - 1] in _TRIMMED:
        end -= 1
    if begin >= end:
        return None
    return MessageEntity(each.type, begin, end - begin, url=each.url, language=each.language)


def _most_important(marked: list[MessageEntity]) -> list[MessageEntity]:
    """As many as Telegram keeps. Of quotes within quotes it keeps none but the outer."""
    kept: list[MessageEntity] = []
    order = {kind: at for at, kind in enumerate(_FIRST)}
    for each in sorted(marked, key=lambda each: (order.get(each.type, len(order)), each.offset)):
        if each.type in _QUOTES and any(_holds(o, each) for o in kept if o.type in _QUOTES):
            continue
        kept.append(each)
    while _parts(kept) > _MOST:
        del kept[-max(1, (_parts(kept) - _MOST) // 4) :]
    return sorted(kept, key=lambda each: (each.offset, -each.length))


def _parts(marked: Sequence[MessageEntity]) -> int:
    """How many entities Telegram makes of these: it cuts each where another begins or ends."""
    edges = sorted({edge for each in marked for edge in (each.offset, each.offset + each.length)})
    return sum(
        bisect_left(edges, each.offset + each.length) - bisect_left(edges, each.offset)
        for each in marked
    )


def _holds(outer: MessageEntity, inner: MessageEntity) -> bool:
    end = inner.offset + inner.length
    return outer.offset <= inner.offset and end <= outer.offset + outer.length


def _over(beginning: str, kind: MessageEntityType) -> list[MessageEntity]:
    """An entity over the beginning of a text; there is none over nothing."""
    return [MessageEntity(kind, 0, units(beginning))] if beginning else []


def _sound(text: str) -> str:
    """The text without halves of characters, which cannot be sent; no longer than before."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
