"""The checks: one line for each, whatever the others say."""

import pytest

from bridge.core.errors import BridgeError, Denied, StoreUnavailable, Unavailable
from bridge.ops.check import Probe, check


def well(said: str) -> Probe:
    async def probe() -> str:
        return said

    return probe


def ill(error: BridgeError) -> Probe:
    async def probe() -> str:
        raise error

    return probe


async def test_all_well_is_a_line_each():
    told: list[str] = []
    assert await check({"a": well("@bot"), "b": well("PONG")}, told.append)
    assert told == ["ok    a: @bot", "ok    b: PONG"]


@pytest.mark.parametrize("error", [Denied, Unavailable, StoreUnavailable])
async def test_one_failure_is_told_with_its_remedy_and_hides_no_other(error: type[BridgeError]):
    told: list[str] = []
    probes = {"a": ill(error("set A_TOKEN")), "b": well("PONG"), "c": ill(error("set C_TOKEN"))}
    assert not await check(probes, told.append)
    assert told == ["FAIL  a: set A_TOKEN", "ok    b: PONG", "FAIL  c: set C_TOKEN"]


async def test_nothing_to_check_is_well():
    told: list[str] = []
    assert await check({}, told.append)
    assert told == []


async def test_a_fault_of_ours_is_not_taken_for_a_failed_check():
    async def probe() -> str:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await check({"a": probe}, lambda _: None)
