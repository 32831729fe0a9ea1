"""The parameters of a call, from whichever place and form a client sent them in."""

import json
import re
from email import message_from_bytes, policy
from typing import Any

from starlette.requests import Request

from bridge.sandbox.telegram.errors import bad_request
from bridge.sandbox.telegram.vocabulary import FLAG_PARAMS, INTEGER_PARAMS, OBJECT_PARAMS

Json = dict[str, Any]

_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")


class Params(Json):
    """The parameters of one call by name, decoded where their form is known."""

    def text(self, name: str) -> str:
        """The string of that name, or nothing."""
        value = self.get(name)
        return value if isinstance(value, str) else ""

    def integer(self, name: str, default: int = 0) -> int:
        """The number of that name, or `default`."""
        value = self.get(name)
        return value if isinstance(value, int) else default


async def read_params(request: Request) -> Params:
    """The parameters of a request: from the query, a form, a multipart form or a JSON body.

    Raises:
        ApiError: the body cannot be read.
    """
    given: dict[str, str | bytes] = dict(request.query_params)
    if request.method == "POST" and (body := await request.body()):
        try:
            given |= _body(request.headers.get("content-type", ""), body)
        except (TypeError, ValueError) as error:
            raise bad_request("can't parse the request body") from error
    return Params({name: _decoded(name, value) for name, value in given.items()})


def _body(content_type: str, body: bytes) -> dict[str, str | bytes]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return _json_fields(json.loads(body))
    if kind == "multipart/form-data":
        return _parts(content_type, body)
    return _form(body)


def _form(body: bytes) -> dict[str, str | bytes]:
    pairs = (pair.partition(b"=") for pair in body.split(b"&") if pair)
    return {_unquoted(name): _unquoted(value) for name, _, value in pairs}


def _unquoted(text: bytes) -> str:
    # urllib takes milliseconds for a long Chinese text, a pair of hex digits at a time.
    return _ESCAPES.sub(_unescaped, text.replace(b"+", b" ")).decode()


def _unescaped(escapes: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escapes[0].replace(b"%", b"").decode())


def _json_fields(value: object) -> dict[str, str | bytes]:
    if not isinstance(value, dict):
        raise TypeError("expected an object")
    return {
        name: field if isinstance(field, str) else json.dumps(field)
        for name, field in value.items()
        if field is not None
    }


def _parts(content_type: str, body: bytes) -> dict[str, str | bytes]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    form = message_from_bytes(head + body, policy=policy.HTTP)
    fields: dict[str, str | bytes] = {}
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = content if part.get_filename() else content.decode()
    return fields


def _decoded(name: str, value: str | bytes) -> object:
    if isinstance(value, bytes):
        return value
    if name in FLAG_PARAMS:
        return value.strip().lower() in {"true", "yes", "1"}
    if name in INTEGER_PARAMS:
        return _integer(value)
    if name in OBJECT_PARAMS:
        return _object(value)
    return value


def _integer(value: str) -> int | str:
    try:
        return int(value)
    except ValueError:
        return value


def _object(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value
