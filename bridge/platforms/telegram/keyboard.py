"""Buttons below a message. Pure."""

import itertools
from collections.abc import Iterator, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bridge.core.model import Button


def keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """A wide button has a row of its own, others share one; none removes what was there."""
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(each.label, callback_data=each.command) for each in row]
            for row in _rows(buttons)
        ]
    )


def _rows(buttons: Sequence[Button]) -> Iterator[Sequence[Button]]:
    for wide, group in itertools.groupby(buttons, key=lambda button: button.wide):
        if wide:
            yield from ([button] for button in group)
        else:
            yield [*group]
