"""The emoji with which bots can react."""

from telegram.constants import ReactionEmoji


def bare(emoji: str) -> str:
    """An emoji without the selector that some keyboards add; Telegram knows it without."""
    return emoji.replace("\ufe0f", "")


REACTIONS = frozenset(bare(emoji.value) for emoji in ReactionEmoji)
