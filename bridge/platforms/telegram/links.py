"""Which links Telegram takes: one that it does not refuses a whole message. Pure."""

import re
from urllib.parse import urlsplit

# After td/telegram/LinkManager.cpp, get_checked_link, tdlib/td 022d6020; stricter than that.
_HOST = re.compile(r"(?:[^\s.<>\"'\\^`{|}@:/?#%]+\.)+[^\W\d_]{2,}|\d{1,3}(?:\.\d{1,3}){3}")
_USER = re.compile(r"tg://user\?id=\d{1,15}")
_FORBIDDEN = re.compile(r"[\s<>\"\x00-\x20\x7f]")

LONGEST = 2048  # characters


def acceptable(url: str) -> bool:
    """Whether Telegram makes a link of this address."""
    if _USER.fullmatch(url):
        return True
    if _FORBIDDEN.search(url) or len(url) > LONGEST:
        return False
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(_HOST.fullmatch(parts.hostname or ""))
