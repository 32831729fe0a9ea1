"""Updates that Telegram posts: to which addresses, in which order, and when again."""

import asyncio
import contextlib
import ipaddress
import json
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from bridge.sandbox.changes import Changes
from bridge.sandbox.telegram.errors import ApiError, bad_request
from bridge.sandbox.telegram.params import Json, Params

_PORTS = (80, 88, 443, 8443)
_SECRET = re.compile(r"[A-Za-z0-9_-]*")
_LONGEST = 60  # seconds between two attempts
_ANSWER = aiohttp.ClientTimeout(total=60)


@dataclass(frozen=True)
class Hook:
    """What setWebhook was told."""

    url: str
    secret: str
    connections: int

    @classmethod
    def of(cls, params: Params) -> "Hook":
        """The webhook that a call asks for.

        Raises:
            ApiError: its secret cannot be sent.
        """
        secret = params.text("secret_token")
        if len(secret) > 256:
            raise bad_request("secret token is too long")
        if not _SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        connections = min(max(params.integer("max_connections", 40), 1), 100)
        return cls(params.text("url"), secret, connections)

    def check(self, *, anywhere: bool) -> None:
        """See that updates can be posted there; a --local server posts them `anywhere`.

        Raises:
            ApiError: they cannot.
        """
        try:
            url = urlsplit(self.url)
            port = url.port or (80 if url.scheme == "http" else 443)
        except ValueError:
            raise bad_request("invalid webhook URL specified") from None
        if url.scheme not in {"", "http", "https"}:
            raise bad_request("invalid webhook URL specified")
        if anywhere:
            return
        if url.scheme == "http":
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if port not in _PORTS:
            raise bad_request(
                "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
            )
        if _is_reserved(url.hostname or ""):
            raise bad_request(f"bad webhook: IP address {url.hostname} is reserved")


@dataclass(frozen=True)
class Post:
    """An attempt to deliver an update and the status of its answer; 0: there was none."""

    update_id: int
    status: int


class Courier:
    """Posts what is in `waiting`, and takes out what has arrived.

    Updates of one queue, which is about a chat, are delivered in order and one at a time. What
    is not answered 2xx is sent again at once, then after 2, 4, 8... of our `second`s, or after
    the time that the answer asks for. Of the answers, `lost` are not heard: what they confirm
    is sent again. Nothing is ever sent to another machine.
    """

    def __init__(self, hook: Hook, waiting: deque[Json], changes: Changes, second: float) -> None:
        self.posts: list[Post] = []
        self.lost = 0
        self.error: Json = {}  # the fields of getWebhookInfo that tell of the last one
        self._hook, self._waiting = hook, waiting
        self._changes, self._second = changes, second
        self._queues: dict[tuple[str, int], asyncio.Task[None]] = {}
        self._connections = asyncio.Semaphore(hook.connections)

    def wake(self) -> None:
        """See to what waits."""
        host = urlsplit(self._hook.url)
        if host.scheme != "http" or not _is_loopback(host.hostname or ""):
            return
        for update in self._waiting:
            queue = _queue(update)
            if queue not in self._queues:
                self._queues[queue] = asyncio.create_task(self._empty(queue))

    def stop(self) -> None:
        """Deliver nothing more."""
        for task in self._queues.values():
            task.cancel()

    async def _empty(self, queue: tuple[str, int]) -> None:
        try:
            while update := next((u for u in self._waiting if _queue(u) == queue), None):
                await self._deliver(update)
                with contextlib.suppress(ValueError):  # all of them were dropped meanwhile
                    self._waiting.remove(update)
                self._changes.notify()
        finally:
            del self._queues[queue]

    async def _deliver(self, update: Json) -> None:
        delay, failed = 1, 0
        while True:
            async with self._connections:
                status, asked = await self._post(update)
            self.posts.append(Post(update["update_id"], status))
            self._changes.notify()
            if 200 <= status < 300:
                return
            if failed and not asked:
                delay = min(2 * delay, _LONGEST)
            await asyncio.sleep((asked or (delay if failed else 0)) * self._second)
            failed += 1

    async def _post(self, update: Json) -> tuple[int, int]:
        """The status of the answer and its Retry-After; (0, 0): there was none."""
        headers = {"Content-Type": "application/json"}
        if self._hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._hook.secret
        try:
            # A session for each post: nobody has to close one at the end.
            async with (
                aiohttp.ClientSession(timeout=_ANSWER) as session,
                session.post(
                    self._hook.url, data=json.dumps(update), headers=headers, allow_redirects=False
                ) as answer,
            ):
                await answer.read()
        except TimeoutError:
            return self._failed("Read timeout expired")
        except aiohttp.ClientConnectorError:
            return self._failed("Connection refused")
        except aiohttp.ClientError:
            return 0, 0  # a connection that is closed is no error that is told
        if self.lost:
            self.lost -= 1
            return 0, 0
        if not 200 <= answer.status < 300:
            self._failed(
                f"Wrong response from the webhook: {answer.status} {_reason(answer.status)}"
            )
        asked = answer.headers.get("Retry-After", "")
        return answer.status, min(int(asked), 3600) if asked.isdigit() else 0

    def _failed(self, why: str) -> tuple[int, int]:
        self.error = {"last_error_date": int(time.time()), "last_error_message": why}
        return 0, 0


class Pace:
    """Refuses a setWebhook that comes within a second of another; with None for it, none."""

    def __init__(self, second: float | None, clock: Callable[[], float]) -> None:
        self._second, self._clock = second, clock
        self._next = float("-inf")

    def check(self) -> None:
        """Count a call.

        Raises:
            ApiError: it comes too soon.
        """
        now = self._clock()
        if self._second is not None and now < self._next:
            raise ApiError(429, "Too Many Requests: retry after 1", 1)
        self._next = now + (self._second or 0.0)


def _queue(update: Json) -> tuple[str, int]:
    """A press is in its user's queue, not in its chat's; a reaction is in one of its own."""
    kind, content = next((kind, what) for kind, what in update.items() if kind != "update_id")
    if kind == "callback_query":
        return kind, content["from"]["id"]
    chat = content.get("chat", {}).get("id", 0)
    return ("reaction" if kind.startswith("message_reaction") else "chat"), chat


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.")


def _is_reserved(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
