"""From a reply to platform messages, and from what is shown to what to do next."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from unicodedata import category

from bridge.core.model import Button, Piece, Reply, Shown
from bridge.core.texts import say

# Where a message that is `share` full may end: the first of these marks behind that
# share ends it. Looking for the first, never the last, makes a cut final: a message
# that has been shown never gives text back to the next one as the answer grows.
_ENDS = ((0.6, "\n\n"), (0.8, "\n"), (0.9, "。"), (0.9, " "))

# Letters and symbols that are drawn as nothing, beside white space and control characters.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")


@dataclass(frozen=True, slots=True)
class Size:
    """How long a message may be, in the platform's own counting."""

    most: int
    of: Callable[[str], int]  # adds up: of(a + b) == of(a) + of(b)


def layout(reply: Reply, size: Size, *, turn: str, language: str) -> tuple[Piece, ...]:
    """How the reply should look now; nothing while there is nothing to show.

    All pieces but the last stay as they are while the reply grows. Buttons sit on
    the last piece; `turn` is the id that they carry.
    """
    parts = [part for answer in reply.answers for part in split(answer.text, size)]
    parts = [part for part in parts if visible(part)]
    if closing := _closing(reply, language, silent=not parts):
        if parts and size.of(parts[-1] + "\n\n" + closing) <= size.most:
            parts[-1] += "\n\n" + closing
        else:
            parts.append(closing)
    if not parts:
        return ()
    *body, last = parts
    return (*map(Piece, body), Piece(last, _buttons(reply, turn, language)))


def visible(text: str) -> bool:
    """Whether there is anything to see; platforms refuse a message where there is not."""
    return any(
        category(char)[0] not in "ZC" and char not in _BLANKS for char in text if char != " "
    )


def _closing(reply: Reply, language: str, *, silent: bool) -> str:
    """The line below an answer that did not simply end."""
    match reply.status:
        case "failed":
            return "⚠️ " + (reply.trouble or say("error.unknown", language))
        case "stopped":
            return "⏹ " + say("stopped", language)
        case "done" if silent:
            return say("empty", language)
        case _:
            return ""


def _buttons(reply: Reply, turn: str, language: str) -> tuple[Button, ...]:
    match reply.status:
        case "working":
            return (Button("⏹ " + say("button.stop", language), f"stop:{turn}"),)
        case "failed" | "stopped":
            return (Button("🔄 " + say("button.retry", language), "retry:"),)
        case _:
            return ()


def split(text: str, size: Size) -> list[str]:
    """Cut `text` into parts of at most `size.most`; joined, they are `text` again.

    As `text` grows, every part but the last stays and the last only grows.
    """
    parts: list[str] = []
    while (end := _cut(text, size)) < len(text):
        parts.append(text[:end])
        text = text[end:]
    return [*parts, text]


def _cut(text: str, size: Size) -> int:
    """Where the first part of `text` ends."""
    if size.of(text) <= size.most * _ENDS[0][0]:
        return len(text)
    ends = [_reach(text, size, size.most)]
    for share, mark in _ENDS:
        begin = max(0, _reach(text, size, size.most * share) - len(mark))
        found = text.find(mark, begin, ends[0])
        if found >= 0:
            ends.append(found + len(mark))
    return min(ends)


def _reach(text: str, size: Size, most: float) -> int:
    """How many characters of `text` there is room for."""
    return bisect_right(range(1, len(text) + 1), most, key=lambda end: size.of(text[:end]))


@dataclass(frozen=True, slots=True)
class Post:
    """Send a new message."""

    piece: Piece


@dataclass(frozen=True, slots=True)
class Edit:
    """Change the message at index `at`."""

    at: int
    piece: Piece


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove the message at index `at`."""

    at: int


Op: TypeAlias = Post | Edit | Delete


def next_op(shown: Sequence[Shown], wanted: Sequence[Piece]) -> Op | None:
    """The next call on the way from what is shown to what is wanted; None when there."""
    for at, (old, piece) in enumerate(zip(shown, wanted, strict=False)):
        if old.piece is None or not _look_alike(old.piece, piece):
            return Edit(at, piece)
    if len(wanted) > len(shown):
        return Post(wanted[len(shown)])
    if len(wanted) < len(shown):
        return Delete(len(shown) - 1)
    return None


def _look_alike(one: Piece, other: Piece) -> bool:
    """Platforms trim text: a difference in outer white space alone cannot be seen."""
    return one.buttons == other.buttons and one.text.strip() == other.text.strip()
