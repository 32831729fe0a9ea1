"""The parameters of a call, from whichever place and form a client sent them in."""

import json
import re
from typing import Any

from starlette.requests import ClientDisconnect, Request

from bridge.sandbox.telegram.content import Upload
from bridge.sandbox.telegram.errors import bad_request, hung_up
from bridge.sandbox.telegram.multipart import read_form
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

    @property
    def uploads(self) -> list[Upload]:
        """The files that came with the call."""
        return [value for value in self.values() if isinstance(value, Upload)]


async def read_params(request: Request) -> Params:
    """The parameters of a request: from the query, a form, a multipart form or a JSON body.

    Raises:
        ApiError: the body cannot be read, or the client went away.
    """
    given: dict[str, str | Upload] = dict(request.query_params)
    if request.method == "POST":
        try:
            given |= await _body(request)
        except (TypeError, ValueError) as error:
            raise bad_request("can't parse the request body") from error
        except ClientDisconnect:
            raise hung_up() from None
    return Params({name: _decoded(name, value) for name, value in given.items()})


async def _body(request: Request) -> dict[str, str | Upload]:
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await read_form(content_type, request.stream())
    body = await request.body()
    if kind == "application/json" and body:
        return _json_fields(json.loads(body))
    return _form(body)


def _form(body: bytes) -> dict[str, str | Upload]:
    pairs = (pair.partition(b"=") for pair in body.split(b"&") if pair)
    return {_unquoted(name): _unquoted(value) for name, _, value in pairs}


def _unquoted(text: bytes) -> str:
    # urllib takes milliseconds for a long Chinese text, a pair of hex digits at a time.
    return _ESCAPES.sub(_unescaped, text.replace(b"+", b" ")).decode()


def _unescaped(escapes: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escapes[0].replace(b"%", b"").decode())


def _json_fields(value: object) -> dict[str, str | Upload]:
    if not isinstance(value, dict):
        raise TypeError("expected an object")
    return {
        name: field if isinstance(field, str) else json.dumps(field)
        for name, field in value.items()
        if field is not None
    }


def _decoded(name: str, value: str | Upload) -> object:
    if isinstance(value, Upload):
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
