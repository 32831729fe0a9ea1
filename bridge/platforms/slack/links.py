"""Links whose text looks like another address than the one they lead to. Pure."""

import html
import re
from unicodedata import category, normalize
from urllib.parse import urlsplit

_TARGET = re.compile(r"(?:https?://(?![^/?#]*@)|mailto:)[^\s<>|\\`\[\]]+", re.IGNORECASE)
_LOOKS = re.compile(
    r"(?:[\w.+-]+@)?(?:[a-z0-9-]+\.)+(?P<last>[a-z]{2,}|\d+)(?![a-z0-9])|(?<=://)[^\s/?#]+",
    re.ASCII,
)
_NUMBERS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_MARKS = re.compile(r"[\\*_~`]")
_OVERRIDES = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # of the direction of writing

# What is behind the point in names of files and programs, and not at the end of any host.
_NAMES = re.compile(
    "cfg|conf|cpp|cs|css|csv|docx?|exe|gif|go|gz|html?|ini|ipynb|java|jpe?g|js|json|jsx|log|lua"
    "|mp3|mp4|pdf|png|pptx?|sql|svg|tar|toml|tsx?|txt|vue|wav|webp|xlsx?|xml|ya?ml"
)


def acceptable(target: str) -> bool:
    """Whether this is an address, and nothing besides."""
    return bool(_TARGET.fullmatch(target))


def is_disguised(label: str, target: str) -> bool:
    """Whether a label names a host that is not the one of its target, nor above it."""
    if _OVERRIDES.search(label):
        return True
    host = _host(target)
    return any(host != name and not host.endswith(f".{name}") for name in _named(label))


def _named(label: str) -> set[str]:
    """The hosts that a reader sees in a label."""
    seen = "".join(char for char in html.unescape(label) if category(char) != "Cf")
    seen = _MARKS.sub("", normalize("NFKC", seen)).lower()
    return {
        found[0].rpartition("@")[2].partition(":")[0].removeprefix("www.")
        for found in _LOOKS.finditer(seen)
        if not _is_name(found[0], found["last"])
    }


def _is_name(text: str, last: str | None) -> bool:
    """Whether it is a file, a program or a version; an address of numbers has four."""
    if last and last.isdigit():
        return not _NUMBERS.fullmatch(text)
    return bool(last and _NAMES.fullmatch(last))


def _host(target: str) -> str:
    """The host of an address; none where there may be doubt of it."""
    address = html.unescape(target)
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme == "mailto":
        host = parts.path.rpartition("@")[2].lower()
    return "" if re.search(r"[%\s]", host) else host.removeprefix("www.")
