import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable

import pytest

from bridge.core.errors import Denied, LeaseLost, RateLimited, StoreUnavailable, Unavailable
from bridge.core.model import Shown
from bridge.core.ports import Progress
from bridge.flow.worker import ATTEMPTS, PAUSES, Job, Worker
from tests.flow.clock import now, settled
from tests.flow.fake_inbox import FakeInbox
from tests.flow.fake_store import FakeLease
from tests.flow.fakes import message

Handle = Callable[[Job], Awaitable[None]]


@contextlib.asynccontextmanager
async def working(inbox: FakeInbox, handle: Handle, *, slots: int = 4, renew_every: float = 5.0):
    worker = Worker(inbox, handle, slots=slots, renew_every=renew_every)
    running = asyncio.create_task(worker.run())
    yield worker
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await worker.drain(0)


def leases(*ids: str) -> list[FakeLease]:
    return [FakeLease(message(id_), lane=id_) for id_ in ids]


async def do(handle: Handle, *, attempt: int = 1) -> FakeLease:
    """Let a worker handle one job once; the lease tells how that ended."""
    inbox, lease = FakeInbox(), FakeLease(attempt=attempt)
    inbox.due = [lease]
    async with working(inbox, handle):
        await asyncio.sleep(2)
    return lease


def raising(error: BaseException) -> Handle:
    async def handle(_job: Job) -> None:
        raise error

    return handle


async def for_ever(_job: Job) -> None:
    await asyncio.sleep(10_000)


async def fine(_job: Job) -> None:
    return


async def test_a_job_that_is_done_is_finished():
    assert (await do(fine)).end == "finished"


@pytest.mark.parametrize("error", [Unavailable("away"), StoreUnavailable("full")])
async def test_a_job_that_fails_for_now_is_tried_again(error: Exception):
    lease = await do(raising(error))
    assert (lease.end, lease.pause) == ("again", PAUSES[0])


async def test_pauses_grow_up_to_the_longest():
    tries = range(1, ATTEMPTS)
    pauses = [(await do(raising(Unavailable("away")), attempt=n)).pause for n in tries]
    assert pauses[:4] == [2, 4, 8, 16]
    assert all(a <= b <= PAUSES[1] for a, b in itertools.pairwise(pauses))


async def test_a_pause_that_the_platform_names_is_kept():
    assert (await do(raising(RateLimited("slow", retry_after=77.0)))).pause == 77.0
    assert (await do(raising(RateLimited("slow", retry_after=0.1)))).pause == PAUSES[0]


async def test_a_job_is_given_up_after_so_many_attempts():
    assert (await do(raising(Unavailable("away")), attempt=ATTEMPTS - 1)).end == "again"
    assert (await do(raising(Unavailable("away")), attempt=ATTEMPTS)).end == "dead: away"


async def test_a_job_of_which_the_process_died_each_time_is_not_tried_once_more():
    begun = []

    async def handle(job: Job) -> None:
        begun.append(job)

    assert (await do(handle, attempt=ATTEMPTS + 1)).end.startswith("dead: ")
    assert begun == []


async def test_what_the_platform_refuses_for_good_is_over():
    assert (await do(raising(Denied("no")))).end == "finished"


async def test_a_fault_in_the_bridge_is_tried_again_and_then_given_up():
    assert (await do(raising(KeyError("oops")))).end == "again"
    assert (await do(raising(KeyError("oops")), attempt=ATTEMPTS)).end == "dead: KeyError('oops')"


async def test_who_lost_the_lease_leaves_the_job_alone():
    assert (await do(raising(LeaseLost("lane")))).end == ""


async def test_a_lease_that_is_lost_at_the_end_harms_nobody():
    inbox, (lost, next_) = FakeInbox(), leases("1", "2")
    lost.lost = True
    inbox.due = [lost, next_]
    async with working(inbox, fine):
        await settled()
    assert (lost.end, next_.end) == ("", "finished")


async def test_no_more_jobs_than_slots_are_worked_on_and_the_rest_stays_in_the_inbox():
    inbox, at_work = FakeInbox(), 0
    inbox.due = list(leases(*"123456789"))
    most = 0

    async def handle(_job: Job) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(1)
        at_work -= 1

    async with working(inbox, handle, slots=3):
        await settled()
        assert len(inbox.due) == 6
        await asyncio.sleep(10)
    assert most == 3
    assert not inbox.due


async def test_a_slow_job_holds_up_no_other():
    inbox, (slow, *quick) = FakeInbox(), leases(*"1234")
    inbox.due = [slow, *quick]

    async def handle(job: Job) -> None:
        await asyncio.sleep(100 if job.lease is slow else 1)

    async with working(inbox, handle):
        await asyncio.sleep(5)
        assert [lease.end for lease in quick] == ["finished"] * 3
    assert slow.end == "handed back"


async def test_every_lease_that_is_held_is_renewed_and_no_other():
    inbox = FakeInbox()
    inbox.due = list(leases("1", "2"))

    async def handle(job: Job) -> None:
        await asyncio.sleep(7 if job.lease.message.id == "1" else 100)

    async with working(inbox, handle, renew_every=5):
        await asyncio.sleep(16)
    assert inbox.renewed == [["1", "2"], ["2"], ["2"]]


async def test_renewing_goes_on_after_the_store_was_away():
    inbox = FakeInbox()
    inbox.due = list(leases("1"))
    inbox.faults.add("renew", StoreUnavailable("away"))
    async with working(inbox, for_ever, renew_every=5):
        await asyncio.sleep(11)
        assert inbox.renewed == [["1"]]


async def test_work_goes_on_after_the_store_was_away():
    inbox, (lease,) = FakeInbox(), leases("1")
    inbox.faults.add("claim", *[StoreUnavailable("away")] * 3)
    inbox.due = [lease]
    async with working(inbox, fine):
        await asyncio.sleep(5)
    assert lease.end == "finished"


async def stopped_jobs(inbox: FakeInbox, stop: Callable[[], None]) -> list[str]:
    stopped: list[str] = []
    inbox.due = list(leases("1", "2"))

    async def handle(job: Job) -> None:
        job.on_stop(lambda: stopped.append(job.lease.message.id))
        await asyncio.sleep(100)

    async with working(inbox, handle):
        await asyncio.sleep(1)
        stop()
        await asyncio.sleep(10)
    return stopped


async def test_a_stop_is_passed_on_to_its_job_at_once():
    inbox = FakeInbox()
    assert await stopped_jobs(inbox, lambda: inbox.say_stop("2")) == ["2"]


async def test_a_stop_is_heard_again_after_the_store_was_away():
    inbox = FakeInbox()
    inbox.faults.add("stops", StoreUnavailable("away"))

    def say() -> None:
        asyncio.get_running_loop().call_later(3, inbox.say_stop, "1")

    assert await stopped_jobs(inbox, say) == ["1"]


async def test_a_stop_that_was_not_heard_is_learned_at_the_next_renewal():
    inbox = FakeInbox()
    stopped = await stopped_jobs(inbox, lambda: inbox.unwanted.append("1"))
    assert set(stopped) == {"1"}


async def test_a_stop_that_comes_before_the_job_listens_is_not_lost():
    job, heard = Job(FakeLease()), []
    job.stop()
    job.on_stop(lambda: heard.append(1))
    assert heard == [1]


async def test_jobs_may_end_while_a_worker_drains():
    inbox, (lease,) = FakeInbox(), leases("1")
    inbox.due = [lease]

    async def handle(_job: Job) -> None:
        await asyncio.sleep(5)

    async with working(inbox, handle) as worker:
        await settled()
        await worker.drain(20)
        assert lease.end == "finished"
        assert now() < 6


async def test_what_does_not_end_in_time_is_handed_back():
    inbox, (lease,) = FakeInbox(), leases("1")
    inbox.due = [lease]
    async with working(inbox, for_ever) as worker:
        await settled()
        await worker.drain(20)
    assert lease.end == "handed back"


async def drained(inbox: FakeInbox, handle: Handle, during: Callable[[], None]) -> None:
    """Cancel a worker in the middle of a job, as the bridge does when told to stop; drain it."""
    worker = Worker(inbox, handle, slots=4, renew_every=5.0)
    running = asyncio.create_task(worker.run())
    await asyncio.sleep(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    asyncio.get_running_loop().call_later(2, during)
    await worker.drain(20)


async def test_leases_are_kept_while_a_worker_drains():
    inbox = FakeInbox()
    inbox.due = list(leases("1"))
    await drained(inbox, for_ever, lambda: None)
    assert inbox.renewed


async def test_a_stop_is_heard_while_a_worker_drains():
    inbox, stopped = FakeInbox(), []
    inbox.due = list(leases("1"))

    async def handle(job: Job) -> None:
        job.on_stop(lambda: stopped.append(job.lease.message.id))
        await asyncio.sleep(100)

    await drained(inbox, handle, lambda: inbox.say_stop("1"))
    assert stopped == ["1"]


async def test_a_worker_that_drains_claims_no_more():
    inbox, (first, second) = FakeInbox(), leases("1", "2")
    inbox.due = [first]

    async def handle(_job: Job) -> None:
        await asyncio.sleep(10)

    await drained(inbox, handle, lambda: inbox.due.append(second))
    assert (first.end, second.end) == ("finished", "")


async def test_progress_is_passed_on_as_it_was_stored():
    seen = []

    async def handle(job: Job) -> None:
        seen.append(job.lease.progress)

    inbox, lease = FakeInbox(), FakeLease(progress=Progress(shown=(Shown("m1"),)))
    inbox.due = [lease]
    async with working(inbox, handle):
        await settled()
    assert seen == [Progress(shown=(Shown("m1"),))]
