"""The arguments of a Web API call, however the client chose to send them."""

import contextlib
import json
from urllib.parse import parse_qsl

from starlette.requests import Request

from bridge.sandbox.slack.model import Json, SlackError


class Args(dict[str, object]):
    """Arguments by name. A form carries JSON as a string and a flag as "1"; JSON does not."""

    as_json = False  # whether they came as JSON

    def text(self, name: str) -> str:
        """The value as a string; empty when it was not given."""
        value = self.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """Whether the value is true, in JSON or in a form."""
        return self.text(name).lower() in {"1", "true"}

    def number(self, name: str, default: int) -> int:
        """The value as a whole number.

        Raises:
            SlackError: invalid_arguments.
        """
        value = self.text(name) or str(default)
        if not value.isdecimal():
            raise SlackError("invalid_arguments", f"[ERROR] must be an integer: {name}")
        return int(value)

    def need(self, *names: str) -> None:
        """See that these were given.

        Raises:
            SlackError: invalid_arguments.
        """
        missing = [name for name in names if not self.text(name)]
        if missing:
            reasons = (f"[ERROR] missing required field: {name}" for name in missing)
            raise SlackError("invalid_arguments", *reasons)

    def decoded(self, name: str, refusal: str) -> object:
        """The value with a form's JSON decoded; None when it was not given.

        Raises:
            SlackError: `refusal`, for a string that is not JSON.
        """
        value = self.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(refusal) from None


async def read(request: Request) -> tuple[Args, str]:
    """The arguments from query and body, and the token from its header or its argument.

    Raises:
        SlackError: invalid_json or invalid_post_type.
    """
    args = Args(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    body = await request.body()
    if kind == "application/json":
        args |= json_object(body or b"{}", SlackError("invalid_json"))
        args.as_json = True
    elif kind == "application/x-www-form-urlencoded":
        args |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif body:
        raise SlackError("invalid_post_type")
    token = str(args.pop("token", ""))
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    return args, bearer.strip() if scheme.lower() == "bearer" else token


def json_object(body: bytes, refusal: SlackError) -> Json:
    """The JSON object in `body`.

    Raises:
        SlackError: `refusal`, when there is none.
    """
    with contextlib.suppress(ValueError):
        value = json.loads(body)
        if isinstance(value, dict):
            return value
    raise refusal
