"""A workflow at Coze that says what it is told to, and asks what it is told to ask."""

from asyncio import sleep
from collections.abc import AsyncGenerator, Mapping, Sequence

from bridge.core.model import (
    Answered,
    Asked,
    Doing,
    Finished,
    ReplyEvent,
    Run,
    Said,
    Started,
    Usage,
)
from bridge.core.ports import Parameter
from tests.flow.fakes import Fate, Faults

NAMED = Run("e1", "w1")


class FakeWorkflow:
    """`ports.Workflow`. A run that is `named` goes on whether or not somebody listens."""

    def __init__(
        self,
        *declared: Parameter,
        says: Sequence[str] = ("In short: ", "a tale"),
        asks: Sequence[Asked] = (),
        named: bool = False,
        pace: float = 0.5,
    ) -> None:
        self.declared = declared
        self.leads_in = ""  # what it says before it asks
        self.runs: list[tuple[str, Mapping[str, object]]] = []  # that arrived: user, inputs
        self.resumed: list[tuple[str, str]] = []  # likewise: where, answer
        self.picked_up: list[Run] = []
        self.faults, self.fate = Faults(), Fate()
        self._says, self._asks, self._named, self._pace = says, asks, named, pace

    async def parameters(self) -> Sequence[Parameter]:
        self.fate.before()
        if fault := self.faults.take("parameters"):
            raise fault.error
        self.fate.done()
        return self.declared

    async def run(
        self, user: str, inputs: Mapping[str, object]
    ) -> AsyncGenerator[ReplyEvent, None]:
        self.fate.before()
        fault = self.faults.take("run")
        if fault and not fault.happened:
            raise fault.error
        self.runs.append((user, inputs))
        self.fate.done()
        if fault:
            raise fault.error
        if self._named:
            yield Started(NAMED)
        for event in self._goes_on():
            await self._step("said")
            yield event

    async def resume(self, asked: str, answer: str) -> AsyncGenerator[ReplyEvent, None]:
        self.fate.before()
        if fault := self.faults.take("resume"):
            raise fault.error
        self.resumed.append((asked, answer))
        self.fate.done()
        for event in self._goes_on():
            await self._step("said")
            yield event

    async def pick_up(self, run: Run) -> AsyncGenerator[ReplyEvent, None]:
        self.fate.before()
        if fault := self.faults.take("pick_up"):
            raise fault.error
        self.picked_up.append(run)
        await sleep(self._pace)
        self.fate.done()
        *_, last = self._goes_on()
        if not isinstance(last, Asked):
            yield Answered("node", "".join(self._says))
        yield last

    async def _step(self, kind: str) -> None:
        await sleep(self._pace)
        self.fate.before()
        if fault := self.faults.take(kind):
            raise fault.error
        self.fate.done()

    def _goes_on(self) -> list[ReplyEvent]:
        """What comes after the beginning, or after so many answers."""
        if len(self.resumed) < len(self._asks):
            lead_in = [Said("question", self.leads_in)] if self.leads_in else []
            step = Doing("step", "Thinking it over")
            return [step, *lead_in, self._asks[len(self.resumed)]]
        return [*(Said("node", part) for part in self._says), Finished(Usage(23, 20, 3))]
