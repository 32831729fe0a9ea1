"""An inbox in memory."""

from asyncio import sleep
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Sequence

from bridge.core.errors import LaneFull
from bridge.core.model import Message
from bridge.core.ports import ALL, HEAD, Lease
from tests.flow.fakes import Faults


class FakeInbox:
    """`ports.Inbox`: keeps what it was given; hands out the leases that a test puts in."""

    def __init__(self, *, most: int = 50) -> None:
        self.jobs: dict[str, list[Message]] = defaultdict(list)
        self.seen: set[str] = set()
        self.due: list[Lease] = []
        self.stopped: list[tuple[str, str]] = []
        self.renewed: list[list[str]] = []
        self.unwanted: list[str] = []  # ids that the next renewal says nobody wants
        self.faults = Faults()
        self._most = most
        self._ears: list[deque[str]] = []

    async def add(self, lane: str, message: Message) -> bool:
        if fault := self.faults.take("add"):
            raise fault.error
        if message.id in self.seen:
            return False
        if len(self.jobs[lane]) >= self._most:
            raise LaneFull(lane)
        self.seen.add(message.id)
        self.jobs[lane].append(message)
        return True

    async def claim(self, most: int) -> list[Lease]:
        if fault := self.faults.take("claim"):
            raise fault.error
        claimed, self.due = self.due[:most], self.due[most:]
        return claimed

    async def wait(self) -> None:
        await sleep(1.0)

    async def renew(self, held: Sequence[Lease]) -> list[str]:
        if fault := self.faults.take("renew"):
            raise fault.error
        self.renewed.append([lease.message.id for lease in held])
        return self.unwanted

    async def stop(self, lane: str, which: str) -> int:
        self.stopped.append((lane, which))
        jobs = [job.id for job in self.jobs[lane]]
        hit = {ALL: jobs, HEAD: jobs[:1]}.get(which, [id_ for id_ in jobs if id_ == which])
        return len(hit)

    async def message(self, id_: str) -> Message | None:
        jobs = [job for jobs in self.jobs.values() for job in jobs]
        return next((job for job in jobs if job.id == id_), None)

    def say_stop(self, id_: str) -> None:
        for ear in self._ears:
            ear.append(id_)

    async def stops(self) -> AsyncGenerator[str, None]:
        if fault := self.faults.take("stops"):
            raise fault.error
        ear: deque[str] = deque()
        self._ears.append(ear)
        while True:
            while ear:
                yield ear.popleft()
            await sleep(0.1)
