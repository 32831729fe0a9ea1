"""How clients pass on, quote and cut what people write."""

import time

from bridge.sandbox.telegram.params import Json
from bridge.sandbox.telegram.text import MAX_UNITS, units

_LOOK_BACK = 300  # characters in which a client looks for a good place to cut


def from_user(name: str, *, user: int = 900) -> Json:
    """The origin of a message that is forwarded from a person."""
    sender = {"id": user, "is_bot": False, "first_name": name}
    return {"type": "user", "sender_user": sender, "date": int(time.time())}


def from_hidden(name: str) -> Json:
    """The origin of a message of a person who does not let others link to them."""
    return {"type": "hidden_user", "sender_user_name": name, "date": int(time.time())}


def from_channel(title: str, *, message_id: int = 7) -> Json:
    """The origin of a channel's post."""
    chat = {"id": -1000000000042, "type": "channel", "title": title}
    return {"type": "channel", "chat": chat, "message_id": message_id, "date": int(time.time())}


def elsewhere(origin: Json, quote: str = "", **holds: object) -> Json:
    """A message of another chat that is replied to: by whom, words of it, what it holds."""
    context: Json = {"external_reply": {"origin": origin, **holds}}
    if quote:
        context["quote"] = quoted(quote, quote)
    return context


def quoted(whole: str, words: str) -> Json:
    """Words that a person has chosen of a message.

    Raises:
        ValueError: it does not have these words.
    """
    if not words or words not in whole:
        raise ValueError(f"nobody can quote {words!r} of {whole!r}")
    return {"text": words, "position": units(whole[: whole.index(words)]), "is_manual": True}


def cut(text: str) -> list[str]:
    """The messages that a client makes of a text, as the official one of Android does.

    White space at a cut is lost; where there is none near the end, it cuts inside a word.
    """
    parts, text = [], text.strip()
    while units(text) > MAX_UNITS:
        end = _fitting(text)
        near = max(text.rfind(mark, end - _LOOK_BACK, end) for mark in ("\n", " "))
        end = near if near > 0 else end
        parts.append(text[:end].strip())
        text = text[end:].strip()
    return [*parts, text]


def _fitting(text: str) -> int:
    """How many characters of a text fit into one message."""
    room = MAX_UNITS
    for at, char in enumerate(text):
        room -= units(char)
        if room < 0:
            return at
    return len(text)
