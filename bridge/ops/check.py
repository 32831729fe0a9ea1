"""Ask everyone the bridge depends on whether they are there, and say what to do if not."""

from collections.abc import Awaitable, Callable, Mapping

from bridge.core.errors import BridgeError

Probe = Callable[[], Awaitable[str]]
"""Asks one party; returns what it said of itself, or raises BridgeError with the remedy."""


async def check(probes: Mapping[str, Probe], tell: Callable[[str], None]) -> bool:
    """Run the probes, tell a line for each, and return whether all is well."""
    well = True
    for name, probe in probes.items():
        try:
            tell(f"ok    {name}: {await probe()}")
        except BridgeError as error:
            well = False
            tell(f"FAIL  {name}: {error}")
    return well
