"""Tokens for Coze: one of the operator's, or ones that are signed for as needed."""

import asyncio
import time
import uuid
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx
import jwt
import msgspec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bridge.core.errors import Denied, Unavailable
from bridge.wire import never_sent

LIFETIME = 86_399  # seconds; the longest that Coze grants
EARLY = 30.0  # seconds before a token expires in which another is fetched
PROOF = 600  # seconds for which the signed request for a token is good
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Tokens(Protocol):
    """Where the client has its tokens from."""

    async def token(self) -> str:
        """A token that is good now. Raises Denied and Unavailable."""

    def refused(self, token: str) -> bool:
        """Coze does not take this token; returns whether there may be another one."""


class FixedToken:
    """A personal or a service token: there is no other."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self) -> str:
        """See `Tokens`."""
        return self._token

    def refused(self, token: str) -> bool:  # noqa: ARG002 - as in `Tokens`
        """See `Tokens`."""
        return False


class SignedToken:
    """OAuth by a signed JWT (https://www.coze.cn/open/docs/developer_guides/oauth_jwt).

    Each request for a token is signed anew, as Coze takes a signature only once. However
    many ask at a time, one request is made.
    """

    def __init__(
        self, http: httpx.AsyncClient, *, app_id: str, key_id: str, private_key: str
    ) -> None:
        self._http, self._app_id, self._key_id = http, app_id, key_id
        self._private_key = private_key  # PEM
        self._token, self._until = "", 0.0  # Unix time
        self._asking = asyncio.Lock()

    async def token(self) -> str:
        """See `Tokens`."""
        if time.time() < self._until - EARLY:
            return self._token
        async with self._asking:
            if time.time() >= self._until - EARLY:
                await self._fetch()
        return self._token

    def refused(self, token: str) -> bool:
        """See `Tokens`."""
        if token == self._token:
            self._until = 0.0
        return True

    async def _fetch(self) -> None:
        headers = {"Authorization": f"Bearer {self._proof()}"}
        body = {"grant_type": GRANT, "duration_seconds": LIFETIME}
        try:
            path = "/api/permission/oauth2/token"
            response = await self._http.post(path, headers=headers, json=body)
        except httpx.HTTPError as error:
            lost = "cannot be reached" if never_sent(error) else f"broke off: {error}"
            raise Unavailable(f"Coze: the request for a token {lost}") from error
        told = _object(response.content)
        token = told.get("access_token")
        if not isinstance(token, str) or not token:
            raise _refusal(response.status_code, told)
        self._token = token
        self._until = _until(told.get("expires_in"))

    def _proof(self) -> str:
        """What shows Coze that we have the key."""
        now = int(time.time())
        claims = {
            "iss": self._app_id,
            "aud": urlsplit(str(self._http.base_url)).netloc,
            "iat": now,
            "exp": now + PROOF,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self._private_key, "RS256", headers={"kid": self._key_id})


def read_key(file: str) -> str:
    """The private key in a PEM file.

    Raises:
        Denied: there is none.
    """
    try:
        text = Path(file).read_text(encoding="utf-8")
        load_pem_private_key(text.encode(), None)  # jwt would take a public key too
        jwt.get_algorithm_by_name("RS256").prepare_key(text)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "no text"
        raise Denied(f"coze.oauth.private_key_file: {file}: {str(why).lower()}") from error
    except (ValueError, TypeError, jwt.InvalidKeyError) as error:
        raise Denied(
            f"coze.oauth.private_key_file: {file} holds no RSA key in PEM; "
            "download it from the OAuth app's page at Coze"
        ) from error
    return text


def _until(expires: object) -> float:
    """When a token ends. Coze tells the moment, though the name says a duration."""
    try:
        told = float(str(expires))
    except ValueError:
        return time.time() + 900  # what Coze grants unless it is asked for more
    return told if told > 1_000_000_000 else time.time() + told  # noqa: PLR2004 - the year 2001


def _refusal(status: int, told: dict[str, object]) -> Denied | Unavailable:
    code = told.get("error_code") or told.get("code") or f"HTTP {status}"
    why = told.get("error_message") or told.get("msg") or "no reason given"
    if status == 429 or status >= 500 or code == "internal_error":  # noqa: PLR2004 - HTTP
        return Unavailable(f"Coze gives no token: {code}: {why}")
    return Denied(
        f"Coze gives no token: {code}: {why}; check coze.oauth: app_id, key_id, the key, "
        "and this machine's clock"
    )


def _object(body: bytes) -> dict[str, object]:
    try:
        told = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return told if isinstance(told, dict) else {}
