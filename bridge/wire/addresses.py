"""Which addresses anybody on the Internet could reach, and which only a neighbour can."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast. Spelled out, as
# `is_global` of Python 3.11 does not know all of them.
_INNER = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # of carriers; also the metadata server of Alibaba Cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # the metadata server of Azure, which is nobody else's
        "169.254.0.0/16",  # the metadata servers of all others
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
)
_OUTER_6 = IPv6Network("2000::/3")
_INNER_6 = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # Teredo among others
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")  # how networks without IPv4 reach the rest of the world
_NAME = re.compile(r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+\.?")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")


def public(address: str) -> bool:
    """Whether this is an address in its usual spelling, and one that anybody could reach."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        return _public_6(parsed)
    return not any(parsed in network for network in _INNER)


def _public_6(address: IPv6Address) -> bool:
    embedded = address.ipv4_mapped
    if address in _NAT64:
        embedded = IPv4Address(int(address) & 0xFFFF_FFFF)
    if embedded:
        return public(str(embedded))
    return address in _OUTER_6 and not any(address in network for network in _INNER_6)


def is_name(host: str) -> bool:
    """Whether a host is a name, which has to be resolved; what ends in a number is an address."""
    last = host.rstrip(".").rpartition(".")[2]
    return bool(_NAME.fullmatch(host)) and not _NUMBER.fullmatch(last)
