"""The endpoint where an app of a service account exchanges a JWT that it signed for a token."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec
from msgspec import Struct

from bridge.sandbox.coze.calls import Call, Raw
from bridge.sandbox.coze.gateway import Table

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_CLAIMS = ["iss", "aud", "iat", "exp", "jti"]
_LONGEST = 86399  # seconds
_STATUS = {"invalid_client": 401, "access_deny": 403}


@dataclass(frozen=True)
class OAuthApp:
    """An app as it was registered: its id, its public key in PEM and that key's fingerprint.

    A JWT is to name as its audience the host that is called, or else `audience`.
    """

    app_id: str
    key_id: str
    public_key_pem: str
    audience: str = "api.coze.cn"


@dataclass(frozen=True)
class Issued:
    """An access token; `claims` are those of the JWT, `account_id` is from the path."""

    token: str
    claims: dict[str, Any]
    duration: int  # seconds asked for
    account_id: str | None
    at: float

    @property
    def expires(self) -> int:
        """When the client was told that it ends, as seconds of Unix time."""
        return int(self.at) + self.duration


class _TokenBody(Struct):
    grant_type: str
    duration_seconds: int = 900
    scope: dict[str, Any] | None = None


class _Refused(Exception):
    pass


class OAuth:
    """Issues tokens to one app.

    A token really lives for `lifetime` seconds, if that is set, whatever its client was told.
    The owner of the app may switch it off: then it is not `active`.
    """

    def __init__(self, app: OAuthApp | None) -> None:
        self.issued: list[Issued] = []
        self.lifetime: float | None = None
        self.active = True
        self._app = app
        self._revoked: set[str] = set()
        self._used: set[str] = set()  # jti of JWTs

    @property
    def routes(self) -> Table:
        """Where tokens are issued."""
        return [
            ("/api/permission/oauth2/token", ["POST"], self.issue),
            ("/api/permission/oauth2/account/{account_id}/token", ["POST"], self.issue),
        ]

    def admits(self, token: str) -> bool:
        """Whether a token was issued here and is still good."""
        return any(each.token == token and self._good(each) for each in self.issued)

    def revoke(self) -> None:
        """Let all tokens that were issued until now be good for nothing."""
        self._revoked |= {each.token for each in self.issued}

    def issue(self, call: Call) -> Raw:
        """POST /api/permission/oauth2/token."""
        try:
            issued = self._issue(call)
        except _Refused as refused:
            code, message = refused.args
            told = {"error_code": code, "error": code, "error_message": message}
            return _json(told, _STATUS.get(code, 400))
        self.issued.append(issued)
        told = {"access_token": issued.token, "expires_in": issued.expires}
        return _json({**told, "token_type": "Bearer"})

    def _issue(self, call: Call) -> Issued:
        try:
            body = msgspec.json.decode(call.body or b"{}", type=_TokenBody)
        except msgspec.MsgspecError as error:
            raise _Refused("invalid_request", f"invalid request: {error}") from error
        if body.grant_type != _GRANT:
            message = f"not supported grant type: {body.grant_type}"
            raise _Refused("unsupported_grant_type", message)
        if not 1 <= body.duration_seconds <= _LONGEST:
            raise _Refused("invalid_request", "invalid request: duration_seconds")
        claims = self._verified(call)
        if not self.active:
            message = f"app: {claims['iss']} is currently deactivated by the owner"
            raise _Refused("access_deny", message)
        token = "czs_" + secrets.token_urlsafe(48)
        account_id = call.path.get("account_id")
        return Issued(token, claims, body.duration_seconds, account_id, time.time())

    def _verified(self, call: Call) -> dict[str, Any]:
        """The claims of a JWT that was not seen before."""
        app = self._app
        try:
            header = jwt.get_unverified_header(call.token)
            if app is None or header.get("kid") != app.key_id:
                raise _Refused("invalid_client", "invalid jwt: kid not been registred")
            claims = jwt.decode(
                call.token,
                app.public_key_pem,
                algorithms=["RS256"],
                issuer=app.app_id,
                audience=[app.audience, call.headers.get("host", "")],
                options={"require": _CLAIMS},
            )
        except jwt.InvalidTokenError as error:
            raise _Refused("invalid_client", f"invalid jwt: {error}") from error
        if header.get("typ") != "JWT":
            raise _Refused("invalid_client", "invalid jwt: typ")
        if claims["jti"] in self._used:
            raise _Refused("invalid_client", "invalid jwt: jti has been used")
        self._used.add(claims["jti"])
        return dict(claims)

    def _good(self, issued: Issued) -> bool:
        lives = issued.duration if self.lifetime is None else min(issued.duration, self.lifetime)
        return issued.token not in self._revoked and time.time() < issued.at + lives


def _json(told: dict[str, Any], status: int = 200) -> Raw:
    return Raw(msgspec.json.encode(told), "application/json; charset=utf-8", status)
