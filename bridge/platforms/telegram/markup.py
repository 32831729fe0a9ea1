"""From a piece's Markdown to a text with entities, which mark parts of it. Pure."""

from telegram import MessageEntity
from telegram.constants import MessageEntityType

from bridge.core.model import Piece

# What Telegram cuts off at both ends of a text: control characters count as spaces.
_TRIMMED = "".join(map(chr, range(0x21)))


def units(text: str) -> int:
    """The length of a text as Telegram counts: in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """As much of the beginning of `text` as there is room for in `most` units."""
    encoded = text.encode("utf-16-le", "surrogatepass")[: most * 2]
    return encoded.decode("utf-16-le", "ignore")


def rendered(piece: Piece) -> tuple[str, list[MessageEntity]]:
    """What Telegram shows of a piece; never longer than the piece's text.

    Reasoning is a quote that is collapsed, and lines which begin with "> " are one that is
    not, where they come first. Anything else is text as it stands.
    """
    text = _sound(piece.text)
    if piece.plain:
        return text, []
    text = text.strip(_TRIMMED)
    if piece.aside:
        return text, _over(text, MessageEntityType.EXPANDABLE_BLOCKQUOTE)
    lines = text.split("\n")
    count = next((at for at, line in enumerate(lines) if not _quoted(line)), len(lines))
    quote = "\n".join(line[2:] for line in lines[:count]).strip(_TRIMMED)
    if not quote:
        return text, []
    shown = "\n".join([quote, *lines[count:]])
    return shown, _over(quote, MessageEntityType.BLOCKQUOTE)


def _quoted(line: str) -> bool:
    return line.startswith("> ") or line.rstrip(_TRIMMED) == ">"


def _over(beginning: str, kind: MessageEntityType) -> list[MessageEntity]:
    """An entity over the beginning of a text; there is none over nothing."""
    return [MessageEntity(kind, 0, units(beginning))] if beginning else []


def _sound(text: str) -> str:
    """The text without halves of characters, which cannot be sent; as long as before."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
