"""What a message holds besides words and files, put into words. Pure."""

from collections.abc import Callable
from typing import TypeAlias

import telegram

from bridge.core.texts import say

Holder: TypeAlias = telegram.Message | telegram.ExternalReplyInfo


def told(holder: Holder, language: str) -> str:
    """A place, a contact, a poll, a die or a sticker as a text; nothing for what is none."""
    for kind, tell in _TOLD.items():  # a venue comes as a location, too
        if content := getattr(holder, kind):
            return tell(content, language)
    return ""


def _venue(venue: telegram.Venue, language: str) -> str:
    name = ", ".join(filter(None, (venue.title, venue.address)))
    return say("told.venue", language, name=name, place=_degrees(venue.location))


def _location(location: telegram.Location, language: str) -> str:
    return say("told.location", language, place=_degrees(location))


def _degrees(location: telegram.Location) -> str:
    return f"{location.latitude:.6g}, {location.longitude:.6g}"


def _contact(contact: telegram.Contact, language: str) -> str:
    name = " ".join(filter(None, (contact.first_name, contact.last_name)))
    return say("told.contact", language, name=name, phone=contact.phone_number)


def _poll(poll: telegram.Poll, language: str) -> str:
    options = "".join(f"\n- {option.text}" for option in poll.options)
    return say("told.poll", language, question=poll.question) + options


def _dice(dice: telegram.Dice, _: str) -> str:
    return f"{dice.emoji} {dice.value}"


def _sticker(sticker: telegram.Sticker, _: str) -> str:
    return sticker.emoji or ""


_TOLD: dict[str, Callable[..., str]] = {
    "venue": _venue,
    "location": _location,
    "contact": _contact,
    "poll": _poll,
    "dice": _dice,
    "sticker": _sticker,
}
