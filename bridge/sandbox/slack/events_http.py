"""The Events API over HTTP: signed requests to one URL, as Slack signs them."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncGenerator
from http import HTTPStatus
from urllib.parse import urlencode

import aiohttp

from bridge.sandbox.slack.delivery import Courier, Envelope
from bridge.sandbox.slack.model import Json

_JSON = {"Content-Type": "application/json"}


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The `X-Slack-Signature` of a request."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


class HttpDelivery:
    """Posts envelopes to `url`; a 200 in time is the acknowledgement."""

    def __init__(self, url: str | None, secret: str, courier: Courier) -> None:
        self.url = url
        self._secret = secret
        self._courier = courier
        self._timeout = aiohttp.ClientTimeout(total=courier.ack_within)
        self._posts: set[asyncio.Task[None]] = set()

    def carry(self, envelope: Envelope) -> bool:
        """Start posting the envelope; always taken."""
        task = asyncio.create_task(self._post(envelope, *_request(envelope)))
        envelope.reason = "http_timeout"  # unless it turns out otherwise
        self._posts.add(task)
        task.add_done_callback(self._posts.discard)
        return True

    async def verify(self, url: str) -> None:
        """Take `url` once it returns a challenge, as it is when somebody types it in.

        Raises:
            LookupError: it does not.
        """
        challenge = secrets.token_urlsafe(32)
        body = json.dumps({"type": "url_verification", "challenge": challenge}).encode()
        with contextlib.suppress(TimeoutError, aiohttp.ClientError):
            async with self._posted(url, body, dict(_JSON)) as response:
                told = await response.text()
                if response.content_type == "application/json":
                    told = (_payload(response.content_type, told) or {}).get("challenge", "")
                if response.status == HTTPStatus.OK and told == challenge:
                    self.url = url
                    return
        raise LookupError(f"{url} does not respond with the value of the challenge")

    @contextlib.asynccontextmanager
    async def _posted(
        self, url: str, body: bytes, headers: dict[str, str]
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """The answer to a signed request."""
        timestamp = str(int(time.time()))
        headers |= {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._secret, timestamp, body),
        }
        # A session for each post: nobody has to close one at the end.
        async with (
            aiohttp.ClientSession(timeout=self._timeout) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            yield response

    async def _post(self, envelope: Envelope, body: bytes, headers: dict[str, str]) -> None:
        try:
            async with self._posted(str(self.url), body, headers) as response:
                await self._answered(envelope, response)
        except TimeoutError:
            return
        except aiohttp.ClientError:
            envelope.reason = "connection_failed"
            self._courier.failed(envelope)

    async def _answered(self, envelope: Envelope, response: aiohttp.ClientResponse) -> None:
        if response.status == HTTPStatus.OK:
            self._courier.ack(envelope.id, _payload(response.content_type, await response.text()))
            return
        envelope.reason = "http_error"
        if response.headers.get("x-slack-no-retry") == "1":
            self._courier.give_up(envelope)
        else:
            self._courier.failed(envelope)


def _request(envelope: Envelope) -> tuple[bytes, dict[str, str]]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if envelope.kind == "slash_commands":
        return urlencode(envelope.payload).encode(), headers
    if envelope.kind == "interactive":
        return urlencode({"payload": json.dumps(envelope.payload)}).encode(), headers
    headers = dict(_JSON)
    if envelope.attempt:
        headers |= {
            "X-Slack-Retry-Num": str(envelope.attempt),
            "X-Slack-Retry-Reason": envelope.reason,
        }
    return json.dumps(envelope.payload).encode(), headers


def _payload(content_type: str, body: str) -> Json | None:
    """A body in JSON, or plain text as Slack reads it: the text to show."""
    if content_type != "application/json":
        return {"text": body} if body else None
    with contextlib.suppress(ValueError):
        payload = json.loads(body)
        return payload if isinstance(payload, dict) else None
    return None
