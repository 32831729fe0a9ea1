"""Which links the server takes in an entity or behind a button."""

import re

from bridge.sandbox.telegram.errors import bad_request

_SCHEME = re.compile(r"([^:/?#@\[\]]*)://")
_ADDRESS = re.compile(r"(?:[^/?#]*@)?(\[[^/?#]*\](?=[:/?#]|$)|[^/?#:]*)(?::([^/?#]*))?")
_HOST = re.compile(r"(?:[A-Za-z0-9.\-_!$,~*'();&+=]|%[0-9A-Fa-f]{2}|[^\x00-\x7f])+")
_IPV6 = re.compile(r"\[[0-9A-Fa-f:.]+\]")
_OWN_SCHEME = re.compile(r"(?:tg|ton|tonsite):(?://)?", re.IGNORECASE)


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
    if scheme := _SCHEME.match(rest):
        if scheme[1].lower() not in {"http", "https"}:
            return "Unsupported URL protocol"
        if own:
            return "Wrong tg URL"
        rest = rest[scheme.end() :]
    address = _ADDRESS.match(rest)
    host, port = address.groups() if address else ("", None)
    if port is not None and not (port.isdecimal() and 0 < int(port) <= 65535):
        return "Wrong port number specified in the URL"
    return _host_problem(host, dotted=not own)


def _host_problem(host: str, *, dotted: bool) -> str:
    if not host:
        return "URL host is empty"
    if host == ".":
        return "Host is invalid"
    if _IPV6.fullmatch(host):
        return ""
    if not _HOST.fullmatch(host):
        return "Disallowed character in URL host"
    return "Wrong HTTP URL" if dotted and "." not in host else ""
