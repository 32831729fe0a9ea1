"""Which links the server takes in an entity or behind a button, as TDLib's `check_link` says."""

import ipaddress
import re

from bridge.sandbox.telegram.errors import bad_request

_SCHEME = re.compile(r"([^:/?#@\[\]]*)://")
_AUTHORITY = re.compile(r"[^/?#]*")
_PORT = re.compile(r"(.+):([^:\]@]*)", re.DOTALL)
_GOOD = r"[A-Za-z0-9.\-_!$,~*'();&+={}]|%[0-9A-Fa-f]{{2}}|[^\x00-\x7f]"
_GOOD_HOST = re.compile(f"(?:{_GOOD.format('')})*")
_GOOD_USER = re.compile(f"(?:{_GOOD.format(':')})*")
_OWN_SCHEME = re.compile(r"(tg|ton|tonsite):(?://)?", re.IGNORECASE)
_OWN_HOST = re.compile(r"[A-Za-z0-9_-]*")


def check_link(link: object, *, of: str) -> None:
    """Check the link of an entity or a button (`of` names it in the refusal).

    Raises:
        ApiError: it is no link that Telegram opens.
    """
    problem = _problem(str(link))
    if problem:
        raise bad_request(f"{of} URL '{link}' is invalid: {problem}")


def _problem(link: str) -> str:
    own = _OWN_SCHEME.match(link)
    rest = link[own.end() :] if own else link
    scheme = _SCHEME.match(rest)
    if scheme and scheme[1].lower() not in {"http", "https"}:
        return "Unsupported URL protocol"
    authority = _AUTHORITY.match(rest, scheme.end() if scheme else 0)
    address = authority[0] if authority else ""
    with_port = _PORT.fullmatch(address)
    if with_port and not _is_port(with_port[2]):
        return "Wrong port number specified in the URL"
    user, _, host = (with_port[1] if with_port else address).rpartition("@")
    if problem := _host_problem(host, user):
        return problem
    if not own:
        return "" if "." in host or _is_bracketed(host) else "Wrong HTTP URL"
    name = own[1].lower()
    if scheme or with_port or user or _is_bracketed(host):
        return "Wrong tg URL" if name == "tg" else "Wrong ton URL"
    plain = host.replace(".", "") if name == "tonsite" else host
    return "" if _OWN_HOST.fullmatch(plain) else "Unallowed characters in URL host"


def _host_problem(host: str, user: str) -> str:
    if _is_bracketed(host):
        return "" if _is_ipv6(host[1:-1]) else "Wrong IPv6 address specified in the URL"
    if not host:
        return "URL host is empty"
    if host == ".":
        return "Host is invalid"
    return _part_problem(host, _GOOD_HOST, "host") or _part_problem(user, _GOOD_USER, "userinfo")


def _part_problem(part: str, good: re.Pattern[str], name: str) -> str:
    match = good.match(part)
    rest = part[match.end() if match else 0 :]
    if not rest:
        return ""
    percent = "Wrong percent-encoded symbol in URL"
    return f"{percent if rest[0] == '%' else 'Disallowed character in URL'} {name}"


def _is_port(digits: str) -> bool:
    return bool(re.fullmatch(r"0*[1-9][0-9]{0,4}", digits)) and int(digits) <= 65535


def _is_bracketed(host: str) -> bool:
    return host[:1] == "[" and host[-1:] == "]"


def _is_ipv6(address: str) -> bool:
    try:
        return "%" not in address and bool(ipaddress.IPv6Address(address))
    except ValueError:
        return False
