"""An OAuth app for tests: its keys, and the JWTs that it signs."""

import functools
import secrets
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from bridge.sandbox.coze import OAuthApp

APP_ID, KEY_ID = "1127900106117", "_v0VjcMlLdQc3tRTD3jC5Xz29TUnKQOhtuD5k-gpyf4"


@functools.cache
def keys(owner: str) -> tuple[str, str]:
    """The private and the public key of one owner, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def app() -> OAuthApp:
    return OAuthApp(APP_ID, KEY_ID, keys("app")[1])


def signed(*, key: str = "app", header: dict[str, Any] | None = None, **changes: Any) -> str:
    """A JWT of the app; a claim that is changed to None is left out."""
    now = int(time.time())
    claims = {"iss": APP_ID, "aud": "api.coze.cn", "iat": now, "exp": now + 600}
    claims |= {"jti": secrets.token_hex(16)} | changes
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None},
        keys(key)[0],
        algorithm="RS256",
        headers={"kid": KEY_ID} | (header or {}),
    )
