"""Claim lanes, work on their oldest job while the lease holds, and let go of it well."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from bridge.core.errors import (
    ChatClosed,
    Fatal,
    LeaseLost,
    RateLimited,
    Retryable,
    StoreUnavailable,
)
from bridge.core.ports import Inbox, Lease

log = logging.getLogger(__name__)

ATTEMPTS = 8  # after so many failures a job is given up
PAUSES = (2.0, 300.0)  # seconds before a failed job is tried again: first (then doubled), longest


class Job:
    """A lease that is being worked on, and how to end that early."""

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self._stopped = False
        self._end: Callable[[], None] | None = None

    def stop(self) -> None:
        """The user wants no more of it."""
        self._stopped = True
        if self._end:
            self._end()

    def on_stop(self, end: Callable[[], None]) -> None:
        """Call `end` once the user wants no more; at once if that is so already."""
        self._end = end
        if self._stopped:
            end()


Handle = Callable[[Job], Awaitable[None]]


class Worker:
    """Works on the jobs of one inbox, `slots` lanes at a time."""

    def __init__(self, inbox: Inbox, handle: Handle, *, slots: int, renew_every: float) -> None:
        self._inbox, self._handle = inbox, handle
        self._slots, self._renew_every = slots, renew_every
        self._jobs: dict[asyncio.Task[None], Job] = {}
        self._helpers: list[asyncio.Task[None]] = []
        self._room = asyncio.Event()

    async def run(self) -> None:
        """Claim and work until cancelled. What runs then goes on until `drain`."""
        self._helpers = [
            asyncio.create_task(self._renew()),
            asyncio.create_task(self._pass_on_stops()),
        ]
        while True:
            await self._claim()

    async def drain(self, within: float) -> None:
        """Let running jobs finish; after `within` seconds hand the rest to a successor."""
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=within)
        ending = [*self._jobs, *self._helpers]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)

    async def _claim(self) -> None:
        """Start as many jobs as there is room for, or wait until there may be one."""
        self._room.clear()
        if len(self._jobs) >= self._slots:
            await self._room.wait()
            return
        try:
            leases = await self._inbox.claim(min(self._slots - len(self._jobs), 32))
            if not leases:
                await self._inbox.wait()
        except StoreUnavailable as error:
            log.error("the store does not answer", extra={"error": str(error)})  # noqa: TRY400
            await asyncio.sleep(1.0)
            return
        for lease in leases:
            task = asyncio.create_task(self._work(job := Job(lease)))
            self._jobs[task] = job
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._jobs[task]
        self._room.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("a job could not be put away", exc_info=error)

    async def _work(self, job: Job) -> None:
        """Do one job. However it ends, the inbox hears of it, unless Redis is away."""
        with contextlib.suppress(LeaseLost, StoreUnavailable):  # then the lease runs out
            try:
                if job.lease.attempt > ATTEMPTS:  # each of them ended with the process
                    await job.lease.give_up("the bridge died of it again and again")
                    return
                await self._handle(job)
            except asyncio.CancelledError:
                await job.lease.hand_back()
                raise
            except LeaseLost:
                raise
            except RateLimited as limit:
                await self._again(job.lease, str(limit), limit.retry_after)
            except Retryable as error:
                await self._again(job.lease, str(error))
            except ChatClosed as error:
                extra = {"turn": job.lease.message.id, "error": str(error)}
                log.info("nobody can be answered there", extra=extra)
                await job.lease.finish()
            except Fatal as error:
                log.warning(
                    "the platform refuses the answer",
                    extra={"turn": job.lease.message.id, "error": str(error)},
                )
                await job.lease.finish()
            except Exception as error:
                log.exception("a fault in the bridge", extra={"turn": job.lease.message.id})
                await self._again(job.lease, repr(error))
            else:
                await job.lease.finish()

    async def _again(self, lease: Lease, why: str, pause: float = 0.0) -> None:
        """Try the job again later, or give it up after too many times."""
        extra = {"turn": lease.message.id, "attempt": lease.attempt, "error": why}
        if lease.attempt >= ATTEMPTS:
            log.error("given up; see `coze-bridge dead list`", extra=extra)
            await lease.give_up(why)
            return
        log.warning("will be tried again", extra=extra)
        pause = max(pause, min(PAUSES[0] * 2 ** (lease.attempt - 1), PAUSES[1]))
        await lease.retry_later(pause)

    async def _renew(self) -> None:
        """Keep every lease that is held."""
        while True:
            await asyncio.sleep(self._renew_every)
            if self._jobs:
                with contextlib.suppress(StoreUnavailable):
                    held = [job.lease for job in self._jobs.values()]
                    for id_ in await self._inbox.renew(held):  # a Stop that was not heard
                        self._stop(id_)

    async def _pass_on_stops(self) -> None:
        """Tell running jobs of a Stop, whichever replica took it in."""
        while True:
            with contextlib.suppress(StoreUnavailable):
                async for id_ in self._inbox.stops():
                    self._stop(id_)
            await asyncio.sleep(1.0)

    def _stop(self, id_: str) -> None:
        for job in self._jobs.values():
            if job.lease.message.id == id_:
                job.stop()
