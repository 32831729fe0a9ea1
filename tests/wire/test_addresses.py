import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yarl import URL

from bridge.core.errors import Rejected
from bridge.wire.addresses import is_name, public
from bridge.wire.download import Downloads

INNER = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
]


def within(network: str) -> st.SearchStrategy[IPv4Address]:
    first = IPv4Network(network)
    return st.integers(0, first.num_addresses - 1).map(lambda at: first[at])


inner = st.sampled_from(INNER).flatmap(within)
numbers = st.sampled_from(["{}", "0{:o}", "{:#x}", "{:#X}"])


@st.composite
def spelled(draw: st.DrawFn) -> str:
    """An inner address as `inet_aton` reads it: one to four numbers, each in any base."""
    value = int(draw(inner))
    count = draw(st.integers(1, 4))
    leading = [value >> 24, value >> 16 & 255, value >> 8 & 255][: count - 1]
    last = value & (1 << 8 * (5 - count)) - 1
    return ".".join(draw(numbers).format(number) for number in [*leading, last])


@st.composite
def embedded(draw: st.DrawFn) -> str:
    """An IPv6 address that leads to an inner IPv4 address."""
    value = int(draw(inner))
    rest = draw(st.integers(0, (1 << 80) - 1))
    made = IPv6Address(
        draw(
            st.sampled_from(
                [
                    0xFFFF << 32 | value,  # IPv4-mapped
                    value,  # IPv4-compatible
                    0x2002 << 112 | value << 80 | rest,  # 6to4
                    0x2001 << 112 | rest & ~0xFFFF_FFFF | value ^ 0xFFFF_FFFF,  # Teredo
                    0x64_FF9B << 96 | value,  # NAT64
                ]
            )
        )
    )
    dotted = f"::ffff:{IPv4Address(value)}"
    return f"[{draw(st.sampled_from([made.compressed, made.exploded, dotted]))}]"


def refused(host: str, **known: list[str]) -> bool:
    """Whether an address with this host is refused without a look-up."""
    try:
        Downloads(**known)._vet(URL(f"http://{host}/x.png"))  # type: ignore[arg-type]
    except (Rejected, ValueError):
        return True
    return False


@settings(deadline=None)
@given(spelled() | embedded() | inner.map(str), st.sampled_from(["", ".", "..", ":80", ":8080"]))
@example("127.0.0.1", "")
def test_an_inner_address_is_refused_in_any_spelling(host: str, tail: str) -> None:
    assert refused(host + tail)


@settings(deadline=None)
@given(inner.map(str), st.data())
def test_an_inner_address_is_refused_in_letters_that_are_taken_for_others(
    host: str, data: st.DataObject
) -> None:
    wide = {str(digit): chr(0xFF10 + digit) for digit in range(10)} | {".": "。"}
    encoded = {char: f"%{ord(char):02x}" for char in "0123456789."}
    tables = st.sampled_from([{}, wide, encoded])
    assert refused("".join(data.draw(tables).get(char, char) for char in host))


@pytest.mark.parametrize(
    "host",
    [
        "[::]",
        "[::1]",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fec0::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
        "[2001:db8::1]",
        "[64:ff9b:1::a00:1]",
        "168.63.129.16",  # Azure
        "100.100.100.200",  # Alibaba Cloud
        "192.0.0.192",  # Oracle
        "[::ffff:169.254.169.254]",
        "255.255.255.255",
        "0",
        "0x",
        "1.2.3.4.5",
        "999.1.1.1",
        "x.1",
        "",
        "a b",
        "a%00b",
        "[v1.a]:b",
        "a..b",
        ".",
    ],
)
def test_what_is_not_for_everybody_or_no_host_at_all_is_refused(host: str) -> None:
    assert refused(host)


@pytest.mark.parametrize(
    "host",
    [
        "8.8.8.8",
        "8.8.8.8:8080",
        "[2606:4700::1111]",
        "[::ffff:8.8.8.8]",
        "[64:ff9b::808:808]",
        "example.com",
        "example.com.:8443",
        "EXAMPLE.com",
        "例子.测试",
        "1.2.3.4.example",
        "127.0.0.1.nip.io",  # a name: where it leads is seen when it is looked up
        "0xfeed.example",
        "a_b-c.example",
    ],
)
def test_what_may_be_for_everybody_is_not_refused_yet(host: str) -> None:
    assert not refused(host)


@pytest.mark.parametrize(
    ("known", "host", "allowed"),
    [
        ("10.0.0.5", "10.0.0.5", True),
        ("10.0.0.5", "10.0.0.5:9000", True),
        ("10.0.0.5:9000", "10.0.0.5:9000", True),
        ("10.0.0.5:9000", "10.0.0.5", False),
        ("10.0.0.5:9000", "10.0.0.5:9001", False),
        ("10.0.0.5:80", "10.0.0.5", True),
        ("10.0.0.5", "10.0.0.6", False),
        ("[fd00::1]:9000", "[fd00::1]:9000", True),
        ("[fd00::1]:9000", "[fd00::1]:9001", False),
        ("fd00::1", "[fd00::1]:9000", True),
        ("[FD00::1]", "[fd00::1]", True),
    ],
)
def test_a_private_host_that_is_listed_may_be_fetched_from(
    known: str, host: str, *, allowed: bool
) -> None:
    assert refused(host, private=[known]) is not allowed


@settings(deadline=None)
@given(st.text("0123456789abcdefx.-", min_size=1, max_size=20))
def test_a_name_is_nothing_that_the_system_reads_as_an_address(host: str) -> None:
    if is_name(host):
        with pytest.raises(OSError):
            socket.inet_aton(host)


@settings(deadline=None)
@given(st.ip_addresses().map(str) | inner.map(str))
def test_a_public_address_is_one_of_the_whole_world(address: str) -> None:
    parsed = ip_address(address)
    if public(address):
        outer = getattr(parsed, "ipv4_mapped", None) or parsed
        assert outer.is_global or address.startswith("64:ff9b::")
        assert not outer.is_multicast
