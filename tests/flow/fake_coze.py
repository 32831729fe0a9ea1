"""A Coze bot that keeps conversations in memory and answers as it is told."""

from asyncio import sleep
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from bridge.core.errors import Gone
from bridge.core.model import (
    Answered,
    Finished,
    Kind,
    Media,
    ReplyEvent,
    Run,
    Said,
    Started,
    Suggested,
    Thought,
    Upload,
    Usage,
)
from bridge.core.ports import About, Line, Question
from tests.flow.fakes import Fate, Faults


class FakeCoze:
    """`ports.Backend`. Runs go on, and are complete, whether or not somebody listens."""

    def __init__(self, *answer: str, pace: float = 0.5, opens: bool = True) -> None:
        self.answer = answer or ("Hello ", "there.")
        self.asked: list[Question] = []  # that arrived
        self.sent = 0
        self.runs: dict[str, Run] = {}  # by job
        self.conversations: set[str] = set()
        self.resumed: list[Run] = []
        self.cancelled: list[Run] = []
        self.looked = 0
        self.shows_late = 0  # so many looks do not find a question yet
        self.ends_well = True
        self.thinks = ""  # before it says something
        self.suggests: tuple[str, ...] = ()
        self.usage: Usage | None = None
        self.faults, self.fate = Faults(), Fate()
        self._pace, self._opens = pace, opens

    async def open(self) -> str | None:
        self.fate.before()
        if fault := self.faults.take("open"):
            raise fault.error
        id_ = self._begin() if self._opens else None
        self.fate.done()
        return id_

    def _begin(self) -> str:
        id_ = f"c{len(self.conversations) + 1}"
        self.conversations.add(id_)
        return id_

    async def ask(self, question: Question) -> AsyncGenerator[ReplyEvent, None]:
        self.fate.before()
        self.sent += 1
        fault = self.faults.take("ask")
        if fault and not fault.happened:
            raise fault.error
        conversation = question.conversation or self._begin()
        if conversation not in self.conversations:
            raise Gone(f"no conversation {conversation}")
        self.asked.append(question)
        run = Run(f"r{len(self.asked)}", conversation)
        self.runs[question.job] = run
        self.fate.done()
        if fault:
            raise fault.error
        async with aclosing(self._said(run)) as events:
            async for event in events:
                yield event

    async def _said(self, run: Run) -> AsyncGenerator[ReplyEvent, None]:
        yield Started(run)
        if self.thinks:
            await sleep(self._pace)
            yield Thought(self.thinks)
        for delta in self.answer:
            await sleep(self._pace)
            self.fate.before()
            if fault := self.faults.take("said"):
                raise fault.error
            yield Said("a1", delta)
            self.fate.done()
        await sleep(self._pace)
        if self.ends_well:
            for event in self._last():
                yield event

    async def find(self, conversation: str, job: str) -> Run | None:
        self.fate.before()
        self.looked += 1
        if fault := self.faults.take("find"):
            raise fault.error
        run = self.runs.get(job)
        self.fate.done()
        if self.looked <= self.shows_late:
            return None
        return run if run and run.conversation == conversation else None

    async def resume(self, run: Run) -> AsyncGenerator[ReplyEvent, None]:
        self.fate.before()
        self.resumed.append(run)
        if fault := self.faults.take("resume"):
            raise fault.error
        await sleep(self._pace)
        yield Answered("a1", "".join(self.answer))
        for event in self._last():
            yield event
        self.fate.done()

    def _last(self) -> list[ReplyEvent]:
        return [*map(Suggested, self.suggests), Finished(self.usage)]

    async def cancel(self, run: Run) -> None:
        self.fate.before()
        if fault := self.faults.take("cancel"):
            raise fault.error
        self.cancelled.append(run)
        self.fate.done()


class FakeServices:
    """`ports.Services`."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.uploads: dict[str, bytes] = {}
        self.words = "what I said"  # that is heard in a recording
        self.spoken: list[tuple[str, str]] = []  # text, language
        self.bot = About(name="Bot")
        self.rated: list[tuple[Run, str, bool, tuple[str, ...]]] = []
        self.remembered: dict[str, dict[str, str]] = {}  # by Coze user
        self.lines: list[Line] = []

    async def upload(self, file: BinaryIO, name: str, kind: Kind) -> Upload:
        self._fail("upload")
        file.seek(0)
        id_ = f"file-{len(self.uploads) + 1}"
        self.uploads[id_] = file.read()
        return Upload(id_, kind, name)

    async def transcribe(self, file: BinaryIO, name: str) -> str:
        self._fail("transcribe")
        return self.words

    async def speak(self, text: str, language: str) -> Media:
        self._fail("speak")
        self.spoken.append((text, language))
        with NamedTemporaryFile(delete=False) as made:
            made.write(text.encode())
        return Media(made.name, "voice", "answer.mp3", "audio/mpeg", len(text.encode()))

    async def about(self) -> About:
        self._fail("about")
        return self.bot

    async def rate(
        self, run: Run, answer: str, *, good: bool, reasons: Sequence[str] = (), words: str = ""
    ) -> None:
        self._fail("rate")
        self.rated.append((run, answer, good, (*reasons, *filter(None, [words]))))

    async def variables(self, user: str) -> Mapping[str, str]:
        self._fail("variables")
        return self.remembered.get(user, {})

    async def set_variable(self, user: str, name: str, value: str) -> None:
        self._fail("variables")
        self.remembered.setdefault(user, {})[name] = value

    async def history(self, conversation: str) -> AsyncGenerator[Line, None]:
        self._fail("history")
        for line in self.lines:
            yield line

    async def report(self, run: Run) -> Sequence[str]:
        return ["status: completed"]

    def _fail(self, kind: str) -> None:
        if fault := self.faults.take(kind):
            raise fault.error
