"""From a reply to platform messages, and from what is shown to what to do next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from unicodedata import category

from bridge.core.growing import closed, settled
from bridge.core.links import File, Segment, linked, segments
from bridge.core.model import Answer, Button, Piece, Reply, Shown
from bridge.core.routing import turn_id
from bridge.core.splitting import Size, split
from bridge.core.texts import say

# Letters and symbols that are drawn as nothing, beside white space and control characters.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")


def layout(
    reply: Reply,
    size: Size,
    *,
    turn: str,
    language: str,
    fetched: Mapping[str, bool] | None = None,
    growth: Callable[[str], str] = settled,
    cuts: Sequence[str] = (),
) -> tuple[Piece, ...]:
    """How the reply should look now; nothing while there is nothing to show.

    All pieces but the last stay as they are while the reply grows. Buttons sit on
    the last piece of text; `turn` is the id that Stop carries. `fetched` says which links
    give way to files (`links.segments`); None: no link does. `growth` says how much of the
    last piece can be shown while it grows; `cuts`, what some of those before it say, in order.
    """
    if reply.hushed:
        return ()
    pieces = [Piece(part, aside=True) for part in split(reply.thought, size) if visible(part)]
    pieces += _said(reply, size, fetched, growth, [*cuts])
    if closing := _closing(reply, language):
        _close(pieces, closing, size)
    if reply.suggestions and reply.status == "done" and not any(map(_is_text, pieces)):
        pieces.append(Piece(say("more", language)))  # the buttons need a place
    for at in range(len(pieces) - 1, -1, -1):
        if _is_text(pieces[at]):
            pieces[at] = replace(pieces[at], buttons=_buttons(reply, turn, language))
            break
    if reply.enclosure and fetched is not None and fetched.get(reply.enclosure) is not False:
        pieces.append(Piece("", media=reply.enclosure))
    return tuple(pieces)


def _said(
    reply: Reply,
    size: Size,
    fetched: Mapping[str, bool] | None,
    growth: Callable[[str], str],
    cuts: list[str],
) -> list[Piece]:
    """The answers, the first below what there is to say of the question."""
    pieces: list[Piece] = []
    head, growing = _head(reply), reply.status == "working"
    answers = reply.answers or (Answer("", ""),)
    for answer in answers:
        cut: list[Segment] = [answer.text]
        if fetched is not None:
            cut = segments(answer.text, fetched, growing=growing)
        if head:  # what the user said has no files: its links stay links
            cut = [head + cut[0], *cut[1:]] if cut and isinstance(cut[0], str) else [head, *cut]
            head = ""
        for at, segment in enumerate(cut):
            if isinstance(segment, File):
                pieces.append(Piece(segment.label, media=segment.url))
            else:
                text = segment.lstrip("\n") if pieces and pieces[-1].media else segment
                last = growing and at == len(cut) - 1 and answer is answers[-1]
                show = growth if last else closed
                pieces += [Piece(part) for part in _parts(text, size, show, cuts)]
        if growing and fetched is not None and not fetched.keys() >= set(linked(answer.text)):
            break  # what follows a file comes after it
    return pieces


def _parts(text: str, size: Size, show: Callable[[str], str], cuts: list[str]) -> list[str]:
    """A text as the messages that it takes; `show` says what can be shown of the last."""
    *whole, last = split(text, size, cuts)
    parts = [*map(closed, whole), show(last)]
    return [part for part in parts if visible(part)]


def _head(reply: Reply) -> str:
    """What stands above the answer: what was heard, and what went wrong with the question."""
    lines = [f"📎 {note}" for note in reply.notes]
    if reply.heard:
        mark = "🎤 " if reply.heard.spoken else ""
        lines.insert(0, "> " + (mark + reply.heard.text.strip()).replace("\n", "\n> "))
    return "".join(f"{line}\n\n" for line in lines)


def _close(pieces: list[Piece], closing: str, size: Size) -> None:
    """Add a line below the last piece, or as pieces of its own."""
    if pieces and _is_text(pieces[-1]):
        text = f"{pieces[-1].text}\n\n{closing}"
        if size.of(text) <= size.most:
            pieces[-1] = replace(pieces[-1], text=text)
            return
    pieces += [Piece(part) for part in split(closing, size) if visible(part)]


def _is_text(piece: Piece) -> bool:
    return not (piece.media or piece.aside)


def visible(text: str) -> bool:
    """Whether there is anything to see; platforms refuse a message where there is not."""
    return any(
        category(char)[0] not in "ZC" and char not in _BLANKS for char in text if char != " "
    )


def _closing(reply: Reply, language: str) -> str:
    """The line below an answer that goes on, or that did not simply end."""
    match reply.status:
        case "working" if reply.doing:
            return say(f"doing.{reply.doing.what}", language, name=reply.doing.name)
        case "waiting" if reply.asked:
            return "❓ " + (reply.asked.question or say("asked", language))
        case "failed":
            return "⚠️ " + (reply.trouble or say("error.unknown", language))
        case "stopped":
            return "⏹ " + say("stopped", language)
        case "done" if not any(visible(answer.text) for answer in reply.answers):
            return say("empty", language)
        case _:
            return ""


def _buttons(reply: Reply, turn: str, language: str) -> tuple[Button, ...]:
    match reply.status:
        case "working":
            return (Button("⏹ " + say("button.stop", language), f"stop:{turn}"),)
        case "failed" | "stopped":
            retry = f"retry:{turn_id(turn)}"
            return (Button("🔄 " + say("button.retry", language), retry),)
        case "waiting" if reply.asked:
            options = enumerate(reply.asked.options)
            return tuple(
                Button(option, f"answer:{turn_id(turn)}:{at}", wide=True) for at, option in options
            )
        case "done" if reply.choices:
            return reply.choices
        case "done" if reply.turn:
            asks = enumerate(reply.suggestions)
            follow = [Button(text, f"ask:{reply.turn}:{at}", wide=True) for at, text in asks]
            again = [Button(_AFTER[name], f"{name}:{reply.turn}") for name in reply.after]
            return (*follow, *(rating(reply.turn) if reply.rateable else ()), *again)
        case _:
            return ()


_AFTER = {"retry": "🔄", "new": "✨"}  # what stands below an answer, beside 👍 and 👎


def rating(turn: str) -> tuple[Button, ...]:
    """The buttons that say how good an answer is."""
    return (Button("👍", f"up:{turn}"), Button("👎", f"down:{turn}"))


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
        if old.media != piece.media:
            return Delete(at)  # text cannot be edited into a file, nor one file into another
        if not old.media and (old.piece is None or not _look_alike(old.piece, piece)):
            return Edit(at, piece)
    if len(wanted) > len(shown):
        return Post(wanted[len(shown)])
    if len(wanted) < len(shown):
        return Delete(len(shown) - 1)
    return None


def _look_alike(one: Piece, other: Piece) -> bool:
    """Platforms trim text: a difference in outer white space alone cannot be seen."""
    return (one.buttons, one.aside, one.text.strip()) == (
        other.buttons,
        other.aside,
        other.text.strip(),
    )
