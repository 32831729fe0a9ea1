"""The queue of updates and the two ways to get them."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable

from bridge.sandbox.changes import Changes
from bridge.sandbox.telegram.errors import ApiError
from bridge.sandbox.telegram.params import Json, Params
from bridge.sandbox.telegram.vocabulary import DEFAULT_UPDATE_KINDS, UPDATE_KINDS
from bridge.sandbox.telegram.webhooks import Courier, Hook, Pace, Post

_OTHER_POLL = (
    "Conflict: terminated by other getUpdates request;"
    " make sure that only one bot instance is running"
)
_WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active;"
    " use deleteWebhook to delete the webhook first"
)
_WEBHOOK_SET = "Conflict: terminated by setWebhook request"
_FIRST_ID = 700_000_001


class UpdateQueue:
    """What the bot has not confirmed yet; `slowdown` is `TelegramLimits.polling`.

    Webhooks can be set `anywhere` as with a --local server; they are tried again in `second`s.
    """

    def __init__(
        self,
        changes: Changes,
        *,
        slowdown: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        anywhere: bool = False,
        second: float = 1.0,
    ) -> None:
        self._changes = changes
        self._slowdown = slowdown
        self._clock = clock
        self._waiting: deque[Json] = deque()
        self._next_id = _FIRST_ID
        self._kinds = DEFAULT_UPDATE_KINDS
        self._anywhere, self._second = anywhere, second
        self._hook: Hook | None = None
        self._courier: Courier | None = None
        self._set = Pace(None if slowdown is None else second, clock)
        self._poll: asyncio.Future[str] | None = None
        self._last_poll = (0, float("-inf"))  # its offset, and when it came
        self._calm_at = float("-inf")

    @property
    def polling(self) -> bool:
        """Whether a long poll is waiting for updates now."""
        return self._poll is not None

    @property
    def webhook(self) -> str:
        """The address that updates are posted to, if there is one."""
        return self._hook.url if self._hook else ""

    @property
    def posts(self) -> list[Post]:
        """The attempts to deliver to the webhook that is set, in order."""
        return list(self._courier.posts) if self._courier else []

    def lose_answers(self, count: int) -> None:
        """Do not hear so many answers of the webhook: what they confirm is sent again."""
        if self._courier:
            self._courier.lost = count

    def add(self, kind: str, content: Json) -> int:
        """Queue an update; returns its id, or 0 if the bot has not asked for that kind."""
        if kind not in self._kinds:
            return 0
        self._waiting.append({"update_id": self._next_id, kind: content})
        self._next_id += 1
        self._end_poll("")
        self._wake()
        return self._next_id - 1

    async def get_updates(self, params: Params) -> list[Json]:
        """The method getUpdates."""
        if self._hook:
            await self._conflict(_WEBHOOK_ACTIVE)
        offset = params.integer("offset")
        limit = min(max(params.integer("limit", 100), 1), 100)
        timeout: float = min(max(params.integer("timeout"), 0), 50)
        self._ask_for(params.get("allowed_updates"))
        now = self._clock()
        # The servers slow down a bot that asks again without confirming anything.
        last_offset, last_at = self._last_poll
        if offset == last_offset and self._slowdown and now < last_at + self._slowdown:
            timeout = max(timeout, self._slowdown)
        if offset == last_offset and now < last_at + 0.5:
            limit = 1
        self._last_poll = (offset, now)
        self._end_poll(_OTHER_POLL)
        self._forget(offset)
        if not self._waiting and timeout:
            await self._wait(timeout)
        return list(itertools.islice(self._waiting, limit))

    async def _wait(self, seconds: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        self._changes.notify()
        try:
            async with asyncio.timeout(seconds):
                conflict = await poll
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None
        if conflict:
            await self._conflict(conflict)

    def _end_poll(self, conflict: str) -> None:
        if self._poll and not self._poll.done():
            self._poll.set_result(conflict)
        self._poll = None

    async def _conflict(self, description: str) -> None:
        """Refuse; one that comes soon after another is held up first."""
        now = self._clock()
        if self._slowdown and now < self._calm_at:
            await asyncio.sleep(self._slowdown)
        else:
            self._calm_at = now + (self._slowdown or 0)
        raise ApiError(409, description)

    def _forget(self, offset: int) -> None:
        if offset > self._next_id + 10:
            return  # an offset from the future confirms nothing
        while self._waiting and (
            self._waiting[0]["update_id"] < offset or len(self._waiting) > -offset > 0
        ):
            self._waiting.popleft()

    def _ask_for(self, kinds: object) -> None:
        if isinstance(kinds, list):
            self._kinds = (
                UPDATE_KINDS & {str(kind).lower() for kind in kinds} or DEFAULT_UPDATE_KINDS
            )

    def set_webhook(self, params: Params) -> bool:
        """The method setWebhook."""
        if not params.text("url"):
            return self.delete_webhook(params)
        self._set.check()
        hook = Hook.of(params)
        if hook == self._hook and not params.get("drop_pending_updates"):
            self._ask_for(params.get("allowed_updates"))
            return True
        self._unhook()  # also where the new one turns out to be impossible
        hook.check(anywhere=self._anywhere)
        self._ask_for(params.get("allowed_updates"))
        self._drop(params)
        self._hook = hook
        self._courier = Courier(hook, self._waiting, self._changes, self._second)
        self._end_poll(_WEBHOOK_SET)
        self._wake()
        return True

    def delete_webhook(self, params: Params) -> bool:
        """The method deleteWebhook."""
        self._drop(params)
        self._unhook()
        return True

    def webhook_info(self, _: Params) -> Json:
        """The method getWebhookInfo."""
        info: Json = {
            "url": self.webhook,
            "has_custom_certificate": False,
            "pending_update_count": len(self._waiting),
        }
        if self._hook and self._courier:
            info |= {"max_connections": self._hook.connections} | self._courier.error
        if self._kinds != DEFAULT_UPDATE_KINDS:
            info["allowed_updates"] = sorted(self._kinds)
        return info

    def _wake(self) -> None:
        if self._courier:
            self._courier.wake()

    def _unhook(self) -> None:
        if self._courier:
            self._courier.stop()
        self._hook = self._courier = None

    def _drop(self, params: Params) -> None:
        if params.get("drop_pending_updates"):
            self._waiting.clear()
