"""Names that are part of an address."""

import re
from collections.abc import Iterator

Fault = tuple[str, str, str, str]  # where, found, expected, remedy

_IN_A_PATH = re.compile(r"[A-Za-z0-9_.-]+")


def addressable(name: str) -> bool:
    """Whether a channel of this name can be called by its platform."""
    return bool(_IN_A_PATH.fullmatch(name))


def unaddressable(path: str, name: str) -> Iterator[Fault]:
    """A fault, where a channel's name is not fit for the address at which it is called."""
    if not addressable(name):
        expected = "letters, digits, -, _ and . in a name that is part of an address"
        yield path, f'"{name}"', expected, "rename it"
